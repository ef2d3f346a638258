"""办理流程 / Playbooks: what happens to a case, who may do what, by when, whose figure it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from bihuan.base.errors import BadInputError
from bihuan.console import words
from bihuan.console.playbooks.drawing import draw, staying
from bihuan.console.shown import is_english, kind_word, role_word
from bihuan.console.visit import signed_in
from bihuan.loop.playbook import Act, Limit, Playbook, playbook_of
from bihuan.loop.scenario import installed

PROOFS = {"photo": _("照片"), "words": _("文字说明"), "file": _("文件")}
LIMITS = (
    ("answer", _("应答时限")),
    ("progress", _("处置时限")),
    ("confirmation", _("回访时限")),
    ("repeat", _("末级重复呼叫")),
    ("late_after", _("超过多久算迟到的来件")),
)


@signed_in
def playbooks(request: HttpRequest) -> HttpResponse:
    """The playbooks of the installed scenarios, the newest of each; older ones behind it."""
    rows = [
        {"scenario": _pick(scenario.title), "books": _newest(scenario.playbooks)}
        for scenario in installed().values()
        if scenario.playbooks
    ]
    return render(request, "console/playbooks.html", {"rows": rows})


def _newest(books: Iterable[Playbook]) -> list[dict[str, Any]]:
    """The newest version of each; `older`: those that cases opened before still follow."""
    found: dict[str, list[Playbook]] = {}
    for book in books:
        found.setdefault(book.name, []).append(book)
    heads = []
    for versions in found.values():
        newest, *older = sorted(versions, key=lambda book: -book.version)
        heads.append(_head(newest) | {"older": [_head(book) for book in older]})
    return heads


@signed_in
def playbook(request: HttpRequest, key: str) -> HttpResponse:
    """One playbook: its drawing, and the same as lists."""
    return render(request, "console/playbook.html", described(book_or_404(key)))


def book_or_404(key: str) -> Playbook:
    """A playbook of an installed scenario; old versions too, for cases that pinned them."""
    try:
        book = playbook_of(key)
    except BadInputError:
        raise Http404 from None
    if book.scenario not in installed():
        raise Http404
    return book


def described(book: Playbook) -> dict[str, Any]:
    """A playbook in the reader's words: drawing, acts by arrow, ladder, limits with source."""
    drawing = draw(book)
    return {
        **_head(book),
        "drawing": drawing,
        "boxes": [(box, words.STATES.get(box.state, box.state)) for box in drawing.boxes],
        "arrows": [
            {
                "arrow": arrow,
                "from": words.STATES.get(arrow.source, arrow.source),
                "to": words.STATES.get(arrow.target, arrow.target),
                "acts": [_act(book, act) for act in arrow.acts],
            }
            for arrow in drawing.arrows
        ],
        "staying": [_act(book, act) for act in staying(book)],
        "ladder": [
            {
                "title": _pick(step.title),
                "roles": [_role(book, role) for role in step.roles],
                "wait_s": step.wait.seconds,
            }
            for step in book.ladder
        ],
        "limits": [_limit(word, limit) for word, limit in limits_of(book)],
        "watches": [
            {
                "word": words.CLOCKS.get(clock.kind, clock.kind),
                "percent": round(watch.share * 100),
                "level": words.LEVELS.get(watch.level, watch.level),
                "roles": [_role(book, role) for role in watch.roles],
            }
            for clock in book.clocks
            for watch in clock.watches
        ],
        "signals": [kind_word(book.scenario, signal) for signal in book.signals],
        "book": book,
    }


def limits_of(book: Playbook) -> list[tuple[str, Limit]]:
    """(its word, the limit) of every limit and clock that a playbook has."""
    named = [(str(word), getattr(book, name)) for name, word in LIMITS]
    clocks = [(str(words.CLOCKS.get(c.kind, c.kind)), c.limit) for c in book.clocks]
    return [(word, limit) for word, limit in (*named, *clocks) if limit is not None]


def sources(book: Playbook) -> set[Limit]:
    """Every limit of a playbook, those of its ladder too."""
    return {limit for _word, limit in limits_of(book)} | {s.wait for s in book.ladder}


def _limit(word: str, limit: Limit) -> dict[str, Any]:
    return {"word": word, "limit": limit, "days": _days(limit)}


def _days(limit: Limit) -> str:
    """A length in days in the reader's words; empty where it is told in hours."""
    if not limit.days:
        return ""
    if limit.unit == "working":
        return ngettext("%(n)s 个工作日", "%(n)s 个工作日", limit.days) % {"n": limit.days}
    return ngettext("%(n)s 天", "%(n)s 天", limit.days) % {"n": limit.days}


def _head(book: Playbook) -> dict[str, Any]:
    return {
        "key": book.key,
        "title": _pick(book.title),
        "version": book.version,
        "severity": words.SEVERITIES.get(book.severity, book.severity),
        "level": book.severity,
    }


def _act(book: Playbook, act: Act) -> dict[str, Any]:
    return {
        "word": words.ACTS.get(act.name, act.name) if act.title is None else _pick(act.title),
        "roles": [_role(book, role) for role in act.roles],
        "proof": [PROOFS.get(kind, kind) for kind in act.proof],
        "not_owner": "owner" in act.not_by,
    }


def _role(book: Playbook, role: str) -> str:
    return role_word(book.scenario, role)


def _pick(title: tuple[str, str]) -> str:
    return title[1] if is_english() else title[0]

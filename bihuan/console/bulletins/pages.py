"""简报: drafted from figures, edited with bound numbers, issued, taken out as Word, PDF or HTML."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.time import CHINA, datetime_of
from bihuan.console.bulletins import words
from bihuan.console.bulletins.shown import paper_of
from bihuan.console.bulletins.visit import (
    bulletin_or_404,
    bulletins_of,
    may_edit,
    may_issue,
    text_or_404,
    texts_of,
)
from bihuan.console.home import clock
from bihuan.console.press import reach
from bihuan.console.press.pages import actor, county_or_404
from bihuan.console.press.shown import language
from bihuan.console.shift.given import form_moment, moment_us
from bihuan.console.visit import person_of, signed_in, whole_or_404
from bihuan.figures.bulletins import text
from bihuan.figures.bulletins.acts import (
    PERIOD,
    Desk,
    Draft,
    NewBulletin,
    bound_of,
    changed,
    writers,
)
from bihuan.figures.bulletins.export import FORMATS, TYPES, can_pdf, exported
from bihuan.figures.bulletins.models import Bulletin, BulletinText
from bihuan.figures.bulletins.source import offered
from bihuan.figures.bulletins.spoken import Language
from bihuan.loop.act import TakenError
from bihuan.register.models import Area

PER_PAGE = 50
MOST_FIGURES = 200


@signed_in
def bulletins(request: HttpRequest) -> HttpResponse:
    """Every bulletin that may be seen, newest first; editors begin one here."""
    if not reach.paths(request, "see"):
        raise Http404
    if request.method == "POST":
        return _begin(request)
    return _list(request)


def _begin(request: HttpRequest) -> HttpResponse:
    area, said = county_or_404(request), request.POST
    if said.get("kind") not in words.KINDS:
        raise Http404
    titles = (said.get("title_zh", "").strip(), said.get("title_en", "").strip())
    chosen = said.getlist("figures")[:MOST_FIGURES]
    kind: Any = said["kind"]
    new = NewBulletin(area.id, kind, said.get("period", "").strip(), titles, chosen)
    try:
        made = Desk(clock()).begin(new, actor(request, area.path))
    except BadInputError as error:
        return _list(request, error)
    return redirect("bulletin", made)


def _list(request: HttpRequest, error: BadInputError | None = None) -> HttpResponse:
    found = bulletins_of(request)
    if before := request.GET.get("before"):
        found = found.filter(id__lt=whole_or_404(before))
    rows = list(found.order_by("-id")[: PER_PAGE + 1])
    is_editor = bool(reach.paths(request, "edit"))
    said = request.POST if error else request.GET
    period = said.get("period", "").strip() or _last_month()
    context = {
        "rows": [(row, words.KINDS[row.kind]) for row in rows[:PER_PAGE]],
        "more": rows[PER_PAGE - 1].id if len(rows) > PER_PAGE else None,
        "is_editor": is_editor,
        "kinds": words.KINDS.items(),
        "period": period,
        "offered": _offered(county_or_404(request), period) if is_editor else [],
        "chosen": request.POST.getlist("figures") if error else [],
        **_refused(request, error),
    }
    return render(request, "console/bulletins.html", context, status=422 if error else 200)


def _offered(area: Area, period: str) -> list[tuple[str, str]]:
    """(id, title) of the figures that know this period; none where it is no period."""
    if not PERIOD.fullmatch(period):
        return []
    at = 0 if language() == "zh" else 1
    return [(figure, title[at]) for figure, title in offered(area.code, period)]


def _last_month() -> str:
    here = datetime_of(clock().now_us()).astimezone(CHINA)
    month = here.month - 1 or 12
    return f"{here.year - (here.month == 1)}-{month:02}"


@signed_in
def bulletin(request: HttpRequest, bulletin_id: int, version: int | None = None) -> HttpResponse:
    """A bulletin, each number a link to its figure; an editor also sees what to do next."""
    row = bulletin_or_404(request, bulletin_id)
    return _page(request, row, text_or_404(request, row, version))


def _page(
    request: HttpRequest,
    row: Bulletin,
    shown: BulletinText,
    error: BadInputError | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = texts_of(request, row)
    issued = [one for one in rows if one.version is not None]
    paper = paper_of(row, shown, issued, language())
    is_newest = shown.n == row.saves and shown.version is None
    edits = may_edit(request, row) and row.withdrawn_us is None
    hrefs = {key: bound.told.href for key, bound in bound_of(shown).items()}
    context = {
        "bulletin": row,
        "shown": shown,
        "kind": words.KINDS[row.kind],
        "paper": paper,
        "lines": [
            [(one.text, hrefs.get(one.token.key, "") if one.token else None) for one in line]
            for line in paper.paragraphs
        ],
        # drawn by us from numbers and escaped titles
        "pictures": [(one.title, mark_safe(one.svg)) for one in paper.pictures],  # noqa: S308 - the same
        "has_provisional": any(one.is_provisional for one in paper.figures),
        "has_published": any(one.is_published for one in paper.figures),
        "edits": edits,
        "is_newest": is_newest,
        "issues": may_issue(request, row) and person_of(request) not in writers(rows),
        "moved": changed(shown) if edits and is_newest else [],
        "now_field": form_moment(clock().now_us()),
        "is_ahead": bool(shown.release_us and shown.release_us > clock().now_us()),
        "issued": issued,
        "was_taken": status == 409,
        "can_pdf": can_pdf(),
        **_refused(request, error),
    }
    return render(request, "console/bulletin.html", context, status=422 if error else status)


@signed_in
def bulletin_edit(request: HttpRequest, bulletin_id: int) -> HttpResponse:
    """The words of a bulletin, its numbers as chips that cannot be changed."""
    row = _mine_or_404(request, bulletin_id)
    last = text_or_404(request, row, None)
    if request.method != "POST":
        return _edit(request, row, last)
    said, bound = request.POST, bound_of(last)
    whole = dict[Language, str]()
    faults = list[Fault]()
    for face, before in (("zh", last.zh), ("en", last.en)):
        spoken: Any = face
        edited = said.get(f"text_{face}", "").replace("\r\n", "\n")
        back, wrong = text.from_chips(edited, before, bound, spoken)
        whole[spoken] = back
        faults += [Fault(f"text_{face}", one.got, one.want) for one in wrong]
    if str(last.n) != said.get("based_on", ""):
        return _page(request, row, last, status=409)
    try:
        if faults:
            raise BadInputError(*faults)
        draft = Draft(whole["zh"], whole["en"], last.n)
        Desk(clock()).write(row.id, draft, actor(request, row.area_path))
    except BadInputError as error:
        return _edit(request, row, last, error)
    except TakenError:
        return _page(request, row, text_or_404(request, row, None), status=409)
    return redirect("bulletin", row.id)


def _edit(
    request: HttpRequest, row: Bulletin, last: BulletinText, error: BadInputError | None = None
) -> HttpResponse:
    bound = bound_of(last)
    context = {
        "bulletin": row,
        "last": last,
        "text_zh": request.POST.get("text_zh") if error else text.as_chips(last.zh, bound, "zh"),
        "text_en": request.POST.get("text_en") if error else text.as_chips(last.en, bound, "en"),
        "chips": [
            (n, str(one), text.shown(one, bound, language()))
            for n, one in enumerate(text.tokens(last.zh), 1)
        ],
        "exact": [str(fault) for fault in error.faults] if error else [],
        **_refused(request, error),
    }
    return render(request, "console/bulletin_edit.html", context, status=422 if error else 200)


@signed_in
@require_POST
def bulletin_do(request: HttpRequest, bulletin_id: int, what: str) -> HttpResponse:
    """Issue the newest text as a locked version, or take the bulletin back."""
    row, said = _mine_or_404(request, bulletin_id), request.POST
    if what == "issue" and not may_issue(request, row):
        raise Http404
    desk, by = Desk(clock()), actor(request, row.area_path)
    try:
        if what == "issue":
            release_us = moment_us("release", said.get("release", ""), clock().now_us())
            n = whole_or_404(said.get("n", ""))
            desk.issue(row.id, n, release_us, said.get("reason", ""), by)
        elif what == "withdraw":
            desk.withdraw(row.id, said.get("reason", ""), by)
        else:
            raise Http404
    except BadInputError as error:
        return _page(request, row, text_or_404(request, row, None), error)
    except TakenError:
        now = bulletin_or_404(request, bulletin_id)
        return _page(request, now, text_or_404(request, now, None), status=409)
    return redirect("bulletin", row.id)


def _mine_or_404(request: HttpRequest, bulletin_id: int) -> Bulletin:
    row = bulletin_or_404(request, bulletin_id)
    if not may_edit(request, row):
        raise Http404
    return row


@signed_in
def bulletin_file(request: HttpRequest, bulletin_id: int, version: int, form: str) -> HttpResponse:
    """A version as Word, PDF or HTML; version 0 = the draft, for its editors.

    Where PDF cannot be made here, HTML comes with a header and a name that say so.
    """
    row = bulletin_or_404(request, bulletin_id)
    if form not in FORMATS or (version == 0 and not may_edit(request, row)):
        raise Http404
    shown = text_or_404(request, row, version or None)
    if version == 0 and shown.version is not None:
        raise Http404
    wanted = request.GET.get("language", "")
    spoken: Any = wanted if wanted in words.FACES else language()
    issued = [one for one in texts_of(request, row) if one.version is not None]
    made = exported(paper_of(row, shown, issued, spoken), form)
    response = HttpResponse(made.content, content_type=TYPES[made.form])
    ending = f"instead-of-pdf.{made.form}" if made.instead_of else made.form
    name = f"{row.title_zh if spoken == 'zh' else row.title_en}-v{version}.{ending}"
    plain = f"bulletin-{row.id}-v{version}.{ending}"
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    response["Content-Disposition"] = disposition
    if made.instead_of:
        response["X-Instead-Of"] = made.instead_of
    return response


def _refused(request: HttpRequest, error: BadInputError | None) -> dict[str, Any]:
    if error is None:
        return {}
    faults = list(dict.fromkeys(_word(fault) for fault in error.faults))
    return {"form": {"said": request.POST.dict(), "faults": faults}}


def _word(fault: Fault) -> Any:
    """A fault of a text by what it wants; others by their field."""
    if not fault.field.startswith("text"):
        return words.FAULTS.get(fault.field, str(fault))
    for mark, word in (
        ("bound to {", words.TOUCHED),
        ("a number bound", words.UNBOUND),
        ("earlier periods", words.CLAIM),
        ("quotation", words.QUOTED),
        ("other language", words.MISSING),
    ):
        if mark in fault.want:
            return word
    return str(fault)

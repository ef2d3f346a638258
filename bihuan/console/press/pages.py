"""报刊数据核录: a page is read, its statistics are confirmed, corrected or rejected one by one."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError
from bihuan.base.time import CHINA, datetime_of
from bihuan.console.home import clock, keys
from bihuan.console.press import given, reach, shown, words
from bihuan.console.visit import person_of, rights_of, signed_in
from bihuan.figures.published.acts import NewPage, Publisher, Statement
from bihuan.figures.published.entries import Said, Source
from bihuan.figures.published.models import PressPage, PressProposal
from bihuan.journal.storage import MAIN
from bihuan.loop.act import TakenError
from bihuan.register.entries import Actor
from bihuan.register.models import Area

PER_PAGE = 30
UNSAID = Source(kind="press", paper="", issued="")  # the page says it


def publisher() -> Publisher:
    """The acts, by this process's clock and keys."""
    return Publisher(clock(), keys())


def actor(request: HttpRequest, path: str, via: str = "page") -> Actor:
    """Who acts, in a role that may edit figures there."""
    held = rights_of(request).held
    roles = sorted(role for role, above in held if path.startswith(above))
    return Actor(person_id=person_of(request), role=roles[0] if roles else "", via=via)


def county_or_404(request: HttpRequest) -> Area:
    """The widest area for which this person may edit figures; a stranger finds none."""
    paths = reach.paths(request, "edit")
    found = Area.objects.using(MAIN).filter(path__in=paths, until_us=None).order_by("path").first()
    if found is None:
        raise Http404
    return found


@signed_in
def press(request: HttpRequest) -> HttpResponse:
    """The pages that were read, and the form by which one is handed in."""
    area = county_or_404(request)
    if request.method != "POST":
        return _list(request, area)
    try:
        text = given.text_of(request.FILES.get("file"), request.POST.get("text", ""))
        said = request.POST
        page = NewPage(area.id, said.get("paper", ""), said.get("issued", ""), text)
        made = publisher().read(page, actor(request, area.path))
    except BadInputError as error:
        return _list(request, area, error)
    return redirect("press_page", made)


def _list(request: HttpRequest, area: Area, error: BadInputError | None = None) -> HttpResponse:
    pages = PressPage.objects.using(MAIN).filter(area_path__startswith=area.path)
    rows = list(pages.order_by("-id")[:PER_PAGE])
    counts: dict[int, list[int]] = {row.id: [0, 0] for row in rows}
    proposals = PressProposal.objects.using(MAIN).filter(page_id__in=list(counts))
    for page_id, verdict in proposals.values_list("page_id", "verdict"):
        counts[page_id][0] += 1
        counts[page_id][1] += verdict is None
    today = datetime_of(clock().now_us()).astimezone(CHINA).date().isoformat()
    context = {
        "rows": [(row, *counts[row.id]) for row in rows],
        "today": today,
        **refused(request, error),
    }
    return render(request, "console/press.html", context, status=422 if error else 200)


@signed_in
def press_page(request: HttpRequest, page_id: int) -> HttpResponse:
    """One page: its articles, each proposal beside its characters."""
    return _page(request, page_or_404(request, page_id))


def page_or_404(request: HttpRequest, page_id: int) -> PressPage:
    """A page of an area for which this person may edit figures."""
    page = PressPage.objects.using(MAIN).filter(id=page_id).first()
    if page is None or not reach.may(request, "edit", page.area_path):
        raise Http404
    return page


def _page(
    request: HttpRequest,
    page: PressPage,
    error: BadInputError | None = None,
    at: int | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = list(PressProposal.objects.using(MAIN).filter(page_id=page.id).order_by("n"))
    context = {
        "page": page,
        "articles": shown.articles(page, rows),
        "waiting": sum(row.verdict is None for row in rows),
        "total": len(rows),
        "periods": words.PERIODS.items(),
        "statuses": words.STATUSES.items(),
        "bases": words.BASES.items(),
        "at": at,
        "was_taken": status == 409,
        **refused(request, error),
    }
    return render(request, "console/press_page.html", context, status=422 if error else status)


@signed_in
@require_POST
def press_decide(request: HttpRequest, page_id: int, n: int) -> HttpResponse:
    """Confirm as proposed, put right, or reject. 409 where somebody was faster."""
    page, verdict = page_or_404(request, page_id), request.POST.get("verdict", "")
    if verdict not in ("confirm", "correct", "reject"):
        raise Http404
    by, acts = actor(request, page.area_path), publisher()
    try:
        if verdict == "reject":
            acts.reject(page.id, n, request.POST.get("reason", ""), by)
        else:
            statement = _said(page, n, request.POST, is_as_proposed=verdict == "confirm")
            acts.confirm(page.id, n, statement, by)
    except BadInputError as error:
        return _page(request, page, error, n)
    except TakenError:
        return _page(request, page, at=n, status=409)
    return redirect(f"/press/{page.id}/#p{n}")


def _said(page: PressPage, n: int, post: QueryDict, *, is_as_proposed: bool) -> Statement:
    """What is confirmed: the proposal itself, or the form's fields."""
    row = PressProposal.objects.using(MAIN).filter(page_id=page.id, n=n).first()
    if row is None:
        raise Http404
    revises, reason = bool(post.get("revises")), post.get("reason", "").strip() or None
    if is_as_proposed:
        said = msgspec.json.decode(row.said, type=Said)
        return Statement(said, UNSAID, revises, reason)
    given_now = given.statement_of({**post.dict(), "reason": ""}, "press")
    return Statement(given_now.said, UNSAID, revises, reason)


@signed_in
@require_POST
def press_add(request: HttpRequest, page_id: int) -> HttpResponse:
    """State what the reader missed, by quoting it."""
    page = page_or_404(request, page_id)
    try:
        said = given.statement_of(request.POST.dict() | {"quote": ""}, "press")
        made = publisher()
        made.add(page.id, request.POST.get("quote", ""), said, actor(request, page.area_path))
    except BadInputError as error:
        return _page(request, page, error, 0)
    return redirect("press_page", page.id)


def refused(request: HttpRequest, error: BadInputError | None) -> dict[str, Any]:
    """Every fault in words, and what was typed, so that nothing is typed twice."""
    if error is None:
        return {}
    faults = [words.FAULTS.get(fault.field, str(fault)) for fault in error.faults]
    return {"form": {"said": request.POST.dict(), "faults": list(dict.fromkeys(faults))}}

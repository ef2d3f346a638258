"""值班日志, 交接班, 信息快报 / the three sheets of a shift: written here, signed, printed."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError
from bihuan.base.time import HOUR_US
from bihuan.console.home import clock, keys
from bihuan.console.shift import drafting, given, shown
from bihuan.console.shift.places import actor_of, area_or_404, areas_of, is_held, reports_of
from bihuan.console.shown import Reader
from bihuan.console.visit import case_or_404, log_first_view, person_of, signed_in, whole_or_404
from bihuan.console.words_shift import FIELDS, STAGES
from bihuan.journal.storage import MAIN
from bihuan.loop.act import TakenError
from bihuan.loop.models import Case
from bihuan.loop.shift.acts import Line, Shifts
from bihuan.loop.shift.models import FlashReport, Handover, LogLine
from bihuan.register.areas.spans import path_today
from bihuan.register.models import Area
from bihuan.register.rights import areas_under

PER_PAGE = 50
MOST_CARRIED = 200
SHIFT_US = 12 * HOUR_US


@signed_in
def log(request: HttpRequest) -> HttpResponse:
    """值班日志: what happened on this duty, newest first; a line is corrected, never changed."""
    return _log_page(request, area_or_404(request, request.GET.get("area", "")))


@signed_in
@require_POST
def log_write(request: HttpRequest) -> HttpResponse:
    """One line for the log, or the correction of one."""
    said = request.POST
    area = area_or_404(request, said.get("area", ""))
    try:
        line = Line(
            at_us=given.moment_us("at", said.get("at", ""), clock().now_us()),
            text=said.get("text", ""),
            about=_visible_case(request, given.whole("about", said.get("about", ""))),
            corrects=given.whole("corrects", said.get("corrects", "")),
        )
        by = actor_of(request, area.path)
        Shifts(clock(), keys()).write(area.id, line, by, said.get("key", "")[:64])
    except BadInputError as error:
        return _log_page(request, area, error)
    return redirect(f"/shift/?area={area.id}")


def _visible_case(request: HttpRequest, about: int | None) -> int | None:
    """A line names only a case that its writer may see."""
    return None if about is None else int(case_or_404(request, about).id)


def _log_page(request: HttpRequest, area: Area, error: BadInputError | None = None) -> HttpResponse:
    found = LogLine.objects.using(MAIN).filter(area_id__in=areas_under([area.path]))
    if before := request.GET.get("before"):
        found = found.filter(id__lt=whole_or_404(before))
    rows = list(found.order_by("-id")[: PER_PAGE + 1])
    now_us = clock().now_us()
    context = {
        **_common(request, area, "log"),
        "lines": shown.lines(rows[:PER_PAGE]),
        "more": rows[PER_PAGE - 1].id if len(rows) > PER_PAGE else None,
        "now_field": given.form_moment(now_us),
        "key": str(uuid.uuid4()),
        **_refused(request, error),
    }
    status = 422 if error else 200
    return render(request, "console/shift_log.html", context, status=status)


@signed_in
def handovers(request: HttpRequest) -> HttpResponse:
    """交接班: what this shift hands to the next, and what was handed over before."""
    return _handover_list(request, area_or_404(request, request.GET.get("area", "")))


@signed_in
@require_POST
def handover_offer(request: HttpRequest) -> HttpResponse:
    """Sign what is handed over; every open case goes with it."""
    said = request.POST
    area, now_us = area_or_404(request, said.get("area", "")), clock().now_us()
    try:
        times = (
            given.moment_us("from", said.get("from", ""), now_us - SHIFT_US),
            given.moment_us("until", said.get("until", ""), now_us),
        )
        by = actor_of(request, area.path)
        made = Shifts(clock(), keys()).offer(area.id, times, said.get("text", ""), by)
    except BadInputError as error:
        return _handover_list(request, area, error)
    return redirect("handover", made)


def _handover_list(
    request: HttpRequest, area: Area, error: BadInputError | None = None
) -> HttpResponse:
    now_us = clock().now_us()
    within = Handover.objects.using(MAIN).filter(area_id__in=areas_under([area.path]))
    rows = list(within.order_by("-id")[:PER_PAGE])
    last = next((row for row in rows if row.area_id == area.id), None)
    from_us = last.until_us if last and now_us - last.until_us < SHIFT_US else now_us - SHIFT_US
    is_open = Case.objects.using(MAIN).filter(area_id__in=areas_under([area.path]))
    cases = list(is_open.exclude(state="closed").order_by("id")[:MOST_CARRIED])
    reader = Reader(cases, keys(), now_us)
    context = {
        **_common(request, area, "handovers"),
        "rows": shown.handovers(rows, now_us),
        "carried": [reader.show(case) for case in cases],
        "from_field": given.form_moment(from_us),
        "until_field": given.form_moment(now_us),
        "waits": any(row.accepted_us is None and row.area_id == area.id for row in rows),
        **_refused(request, error),
    }
    status = 422 if error else 200
    return render(request, "console/shift_handovers.html", context, status=status)


@signed_in
def handover(request: HttpRequest, handover_id: int) -> HttpResponse:
    """One handover as the sheet that both sign."""
    return _handover_page(request, _handover_or_404(request, handover_id))


@signed_in
@require_POST
def handover_accept(request: HttpRequest, handover_id: int) -> HttpResponse:
    """Take over what was offered. 409 where somebody else was faster, with who and when."""
    row = _handover_or_404(request, handover_id)
    by, remark = actor_of(request, path_today(row.area_path)), request.POST.get("remark", "")
    try:
        Shifts(clock(), keys()).accept(row.id, remark, by)
    except TakenError:
        return _handover_page(request, _handover_or_404(request, handover_id), status=409)
    except BadInputError as error:
        return _handover_page(request, row, error, status=422)
    return redirect("handover", row.id)


def _handover_or_404(request: HttpRequest, handover_id: int) -> Handover:
    row = Handover.objects.using(MAIN).filter(id=handover_id).first()
    if row is None or not is_held(request, path_today(row.area_path)):
        raise Http404
    return row


def _handover_page(
    request: HttpRequest, row: Handover, error: BadInputError | None = None, status: int = 200
) -> HttpResponse:
    now_us = clock().now_us()
    one = shown.handovers([row], now_us)[0]
    is_mine = row.offered_by == person_of(request)
    context = {
        "now_us": now_us,
        "one": one,
        "may_accept": row.accepted_us is None and not is_mine,
        "is_mine": is_mine,
        "was_taken": status == 409,
        **_refused(request, error),
    }
    return render(request, "console/shift_handover.html", context, status=status)


@signed_in
def reports(request: HttpRequest) -> HttpResponse:
    """信息快报: those that were signed, and the open cases about which one can be written."""
    area, now_us = area_or_404(request, request.GET.get("area", "")), clock().now_us()
    signed = reports_of(area)
    if before := request.GET.get("before"):
        signed = signed.filter(id__lt=whole_or_404(before))
    rows = list(signed.order_by("-id")[: PER_PAGE + 1])
    is_open = Case.objects.using(MAIN).filter(area_id__in=areas_under([area.path]))
    cases = list(is_open.exclude(state="closed").order_by("id")[:MOST_CARRIED])
    reader = Reader(cases, keys(), now_us)
    context = {
        **_common(request, area, "reports"),
        "reports": [(one, STAGES[one.row.stage]) for one in shown.reports(rows[:PER_PAGE])],
        "more": rows[PER_PAGE - 1].id if len(rows) > PER_PAGE else None,
        "cases": [reader.show(case) for case in cases],
    }
    return render(request, "console/shift_reports.html", context)


@signed_in
def report_draft(request: HttpRequest, case_id: int) -> HttpResponse:
    """One key from the case: the draft, to be edited and signed."""
    return _draft_page(request, _case_of_mine(request, case_id))


@signed_in
@require_POST
def report_sign(request: HttpRequest, case_id: int) -> HttpResponse:
    """Sign the text as it stands in the form."""
    case, said = _case_of_mine(request, case_id), request.POST
    stage = said.get("stage", "")
    if stage not in STAGES:
        raise Http404
    try:
        by = actor_of(request, path_today(case.area_path))
        text = said.get("text", "").replace("\r\n", "\n")
        made = Shifts(clock(), keys()).sign_report(case.id, stage, text, by)  # type: ignore[arg-type]  # checked above
    except BadInputError as error:
        return _draft_page(request, case, error)
    return redirect("report", made)


def _case_of_mine(request: HttpRequest, case_id: int) -> Case:
    case = case_or_404(request, case_id)
    if not is_held(request, path_today(case.area_path)):
        raise Http404  # a relative sees the case and signs nothing for the county
    return case


def _draft_page(
    request: HttpRequest, case: Case, error: BadInputError | None = None
) -> HttpResponse:
    log_first_view(request, case, "report")
    now_us, number = clock().now_us(), drafting.next_number(case)
    asked, wanted = request.GET.get("language", ""), request.GET.get("stage", "")
    language: Any = asked if asked in drafting.LANGUAGES else drafting.language_here()
    stage: Any = wanted if wanted in STAGES else drafting.stage_for(case, number)
    text = request.POST.get("text") if error else None
    context = {
        "case": case,
        "now_us": now_us,
        "number": number,
        "language": language,
        "stage": request.POST.get("stage", stage) if error else stage,
        "stages": [(n, w) for n, w in STAGES.items() if (n == "first") == (number == 1)],
        "text": text or drafting.drafted(case, stage, language, person_of(request), now_us),
        **_refused(request, error),
    }
    status = 422 if error else 200
    return render(request, "console/shift_draft.html", context, status=status)


@signed_in
def report(request: HttpRequest, report_id: int) -> HttpResponse:
    """A signed report as the sheet that goes out."""
    row = FlashReport.objects.using(MAIN).filter(id=report_id).first()
    if row is None or not is_held(request, path_today(row.area_path)):
        raise Http404
    case = Case.objects.using(MAIN).filter(id=row.about).first()
    if case is not None:
        log_first_view(request, case, "report")
    context = {"one": shown.reports([row])[0], "stage": STAGES[row.stage]}
    return render(request, "console/shift_report.html", context)


def _common(request: HttpRequest, area: Area, tab: str) -> dict[str, Any]:
    return {"now_us": clock().now_us(), "area": area, "areas": areas_of(request), "tab": tab}


def _refused(request: HttpRequest, error: BadInputError | None) -> dict[str, Any]:
    """Every fault in words, and what was typed, so that nothing is typed twice."""
    if error is None:
        return {}
    return {
        "form": {
            "said": request.POST.dict(),
            "faults": [FIELDS.get(fault.field, str(fault)) for fault in error.faults],
        }
    }

"""The pages of sheets and overviews."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse

from bihuan.base.errors import BadInputError, Fault
from bihuan.console.pages import common
from bihuan.console.register.reach import Reach
from bihuan.console.register.wording import scenario_title, word
from bihuan.console.shows import overviews, pdf, sheets
from bihuan.console.shows.drawn import draw
from bihuan.console.shows.period import Period
from bihuan.console.visit import signed_in
from bihuan.loop.shows import Sheet


@signed_in
def sheet_page(request: HttpRequest, scenario: str, name: str, thing_id: int) -> HttpResponse:
    """A sheet; one that opens what is sealed asks first why, and keeps the answer."""
    reach, sheet = Reach(request), sheets.sheet_or_404(scenario, name)
    thing = sheets.thing_or_404(request, reach, scenario, sheet, thing_id)
    said = request.POST if request.method == "POST" else request.GET
    form = said.get("form", "page")
    faults: list[Fault] = []
    period: Period | None = None
    try:
        period = sheets.period_for(sheet, said.get("period", ""), reach.now_us)
        if sheet.opens and request.method != "POST":
            return _asked(request, (sheet, thing, period), faults, said.get("period", ""))
        reason = sheets.reason_of(sheet, said.get("reason", ""))
    except BadInputError as error:
        return _asked(request, (sheet, thing, period), list(error.faults), said.get("period", ""))
    sheets.log_sheet(reach, sheet, thing, "pdf" if form == "pdf" else "page", reason)
    facts = sheets.facts_for(request, reach, sheet, thing, period)
    context = _context(sheet, thing, period) | {
        "body": draw(scenario, sheet.template, facts),
        "now_us": reach.now_us,
        "reason": reason,
    }
    if form == "pdf":
        return _as_pdf(request, sheet, context)
    return render(request, "console/shows/sheet.html", context)


def _context(sheet: Sheet, thing: sheets.Thing, period: Period | None) -> dict[str, Any]:
    place = thing.place
    return {
        "sheet": sheet,
        "heading": word(sheet.title),
        "scenario_word": scenario_title(place.scenario),
        "here": reverse("show_sheet", args=[place.scenario, sheet.name, place.id]),
        "back": thing.back,
        "period": period,
        "period_word": period.title if period is not None else "",
    }


def _asked(
    request: HttpRequest,
    what: tuple[Sheet, sheets.Thing, Period | None],
    faults: list[Fault],
    typed: str,
) -> HttpResponse:
    """The form before a sheet: why it is opened, and which period. What was typed stays."""
    context = _context(*what) | {"faults": faults, "typed": typed}
    context["said"] = request.POST.get("reason", "")
    context["wrong"] = {fault.field for fault in faults}
    status = 422 if faults else 200
    return render(request, "console/shows/sheet_asked.html", context, status=status)


def _as_pdf(request: HttpRequest, sheet: Sheet, context: dict[str, Any]) -> HttpResponse:
    whole = {**common(request), **context, "styles": pdf.styles()}
    content = pdf.written(render_to_string("console/shows/sheet_paper.html", whole))
    if content is None:
        return render(request, "console/shows/sheet.html", context | {"has_no_pdf": True})
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{sheet.name}.pdf"'
    return response


@signed_in
def overview_page(request: HttpRequest, scenario: str, name: str) -> HttpResponse:
    """A page over many rows."""
    reach = Reach(request)
    overview = overviews.overview_or_404(reach, scenario, name)
    facts = overviews.facts_for(request, reach, scenario, overview)
    context = {
        "title": word(overview.title),
        "scenario_word": scenario_title(scenario),
        "body": draw(scenario, overview.template, facts),
        "now_us": reach.now_us,
        "others": overviews.links(reach, scenario),
        "here": request.path,
    }
    return render(request, "console/shows/overview.html", context)

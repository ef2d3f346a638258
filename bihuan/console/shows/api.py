"""The API of what scenarios show: the facts of panels, sheets and overviews as JSON."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from bihuan.console.access.answers import ErrorOut, FaultsOut
from bihuan.console.register.api_shared import Id, reach_of
from bihuan.console.register.reach import log_row, row_or_404
from bihuan.console.register.wording import word
from bihuan.console.shows import overviews, panels, sheets
from bihuan.console.shows.drawn import plain
from bihuan.console.visit import case_or_404, log_view
from bihuan.loop.scenario import installed
from bihuan.register.records.rows import subject_of

router = Router(tags=["shows"])
REFUSALS = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 422: FaultsOut}
Period = Annotated[str, Query(max_length=20)]
Reason = Annotated[str, Query(max_length=200)]


class PanelOut(Schema):
    """A panel: its title and what its function found; facts None: it could not be worked out."""

    title: str
    facts: dict[str, Any] | None


class PanelsOut(Schema):
    panels: list[PanelOut]


class FactsOut(Schema):
    """What a sheet or overview holds. period: from-to as dates, the second one outside."""

    title: str
    period: list[str] | None
    facts: dict[str, Any]


class OverviewOut(Schema):
    """An overview that this caller may open."""

    scenario: str
    name: str
    title: str


class OverviewsOut(Schema):
    overviews: list[OverviewOut]


@router.get("/cases/{case_id}/panels", response={200: PanelsOut, **REFUSALS})
def case_panels(request: HttpRequest, case_id: Id) -> dict[str, Any]:
    """Panels of a case; who looked is recorded."""
    reach_of(request)
    case = case_or_404(request, case_id)
    log_view(request, case, "api")
    return {"panels": _panels(panels.of_case(request, case))}


@router.get("/rows/{row_id}/panels", response={200: PanelsOut, **REFUSALS})
def row_panels(request: HttpRequest, row_id: Id) -> dict[str, Any]:
    """Panels of a subject or record; who looked is recorded."""
    reach = reach_of(request)
    row = row_or_404(reach, row_id)
    log_row(reach, "row", row.id, subject_of(row))
    return {"panels": _panels(panels.of_row(request, reach, row))}


@router.get("/sheets/{scenario}/{name}/{thing_id}", response={200: FactsOut, **REFUSALS})
def sheet_facts(
    request: HttpRequest,
    scenario: str,
    name: str,
    thing_id: Id,
    period: Period = "",
    reason: Reason = "",
) -> dict[str, Any]:
    """A sheet of one thing. One that opens what is sealed wants a reason, which is kept."""
    reach = reach_of(request)
    sheet = sheets.sheet_or_404(scenario, name)
    thing = sheets.thing_or_404(request, reach, scenario, sheet, thing_id)
    span = sheets.period_for(sheet, period, reach.now_us)
    why = sheets.reason_of(sheet, reason)
    sheets.log_sheet(reach, sheet, thing, "api", why)
    facts = sheets.facts_for(request, reach, sheet, thing, span)
    ends = None if span is None else [span.starts.isoformat(), span.ends.isoformat()]
    return {"title": word(sheet.title), "period": ends, "facts": plain(facts)}


@router.get("/overviews", response={200: OverviewsOut, **REFUSALS})
def list_overviews(request: HttpRequest) -> dict[str, Any]:
    """Every overview that this caller may open."""
    reach = reach_of(request)
    found = [
        {"scenario": name, "name": one.name, "title": word(one.title)}
        for name, declared in sorted(installed().items())
        for one in declared.overviews
        if overviews.paths_of(reach, name, one)
    ]
    return {"overviews": found}


@router.get("/overviews/{scenario}/{name}", response={200: FactsOut, **REFUSALS})
def overview_facts(request: HttpRequest, scenario: str, name: str) -> dict[str, Any]:
    """One overview, for the areas that this caller may look at."""
    reach = reach_of(request)
    overview = overviews.overview_or_404(reach, scenario, name)
    facts = overviews.facts_for(request, reach, scenario, overview)
    return {"title": word(overview.title), "period": None, "facts": plain(facts)}


def _panels(found: list[panels.Shown]) -> list[dict[str, Any]]:
    return [
        {"title": one.title, "facts": None if one.html is None else plain(one.facts)}
        for one in found
    ]

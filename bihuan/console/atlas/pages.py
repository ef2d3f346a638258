"""地图 and 大屏: where cases are open, and a wall that everybody in the room may read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from bihuan.base.time import CHINA, datetime_of, us_of
from bihuan.console import words
from bihuan.console.atlas.read import atlas, standing
from bihuan.console.home import clock
from bihuan.console.shift.places import area_or_404
from bihuan.console.shown import area_name, kind_word
from bihuan.console.visit import cases_of, person_of, rights_of, signed_in
from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case, CaseClock
from bihuan.loop.scenario import installed
from bihuan.register.accounts.offices import office_of
from bihuan.register.models import Area, Subject

MOST_ROWS = 8


@signed_in
def map_page(request: HttpRequest) -> HttpResponse:
    """Open cases, subjects and standing warnings by area; each area opens the ones below it."""
    under = area_or_404(request, request.GET.get("area", ""))
    now_us = clock().now_us()
    drawn = atlas(under, cases_of(request), _subjects(request), now_us)
    held = Area.objects.using(MAIN).filter(id__in=_ids(under.path)).order_by("path")
    context = {
        "now_us": now_us,
        "under": area_name(under),
        "crumbs": [(area.id, area_name(area)) for area in held if _is_mine(request, area)],
        "atlas": drawn,
        "places": [(place, area_name(place.area)) for place in drawn.places],
        "warned": drawn.warned,
    }
    return render(request, "console/map_page.html", context)


@signed_in
def wall(request: HttpRequest) -> HttpResponse:
    """The wall of a duty room: counts, what waits and where, never whom."""
    return render(request, "console/wall.html", _on_the_wall(request))


@signed_in
def wall_live(request: HttpRequest) -> HttpResponse:
    """The part of the wall that changes."""
    return render(request, "console/wall_live.html", _on_the_wall(request))


def _on_the_wall(request: HttpRequest) -> dict[str, Any]:
    if not rights_of(request).held or office_of(person_of(request)):
        raise Http404
    now_us = clock().now_us()
    mine = cases_of(request)
    counts = dict.fromkeys(words.STATES, 0)
    is_open = list(mine.exclude(state="closed").order_by("opened_us")[:2000])
    for case in is_open:
        counts[case.state] = counts.get(case.state, 0) + 1
    waiting = [case for case in is_open if case.state == "awaiting_answer"]
    return {
        "now_us": now_us,
        "clock": datetime_of(now_us).astimezone(CHINA),
        "awaiting": len(waiting),
        "over": sum(case.is_past_limit for case in waiting),
        "in_hand": counts["in_progress"],
        "asked": counts["awaiting_confirmation"],
        "today": mine.filter(opened_us__gte=_midnight_us(now_us)).count(),
        "rows": list(_rows([*waiting, *(c for c in is_open if c not in waiting)], now_us)),
        "warned": standing(now_us)[:3],
    }


def _rows(cases: list[Case], now_us: int) -> Iterator[dict[str, Any]]:
    """What, where and how long is left; no name, and no village smaller than a town says."""
    shown = cases[:MOST_ROWS]
    towns = {
        area.id: area_name(area)
        for area in Area.objects.using(MAIN).filter(
            id__in={step for case in shown for step in _ids(case.area_path)},
            level__in=("county", "town"),
        )
    }
    due = _due(shown)
    for case in shown:
        where = [towns[step] for step in _ids(case.area_path) if step in towns]
        left_us = due.get(case.id)
        yield {
            "case": case,
            "what": kind_word(case.scenario, case.kind),
            "where": where[-1] if where else "",
            "state": words.STATES.get(case.state, case.state),
            "due_us": left_us,
            "left_s": None if left_us is None else (left_us - now_us) // 1_000_000,
        }


def _due(shown: list[Case]) -> dict[int, int]:
    """When each case's next clock is out, or was: a missed answer goes on counting."""
    clocks = CaseClock.objects.using(MAIN).filter(case_id__in=[case.id for case in shown])
    waits = {case.id for case in shown if case.state == "awaiting_answer"}
    running: dict[int, int] = {}
    missed: dict[int, int] = {}
    for one in clocks:
        if one.state == "running":
            running[one.case_id] = min(running.get(one.case_id, one.due_us), one.due_us)
        elif one.kind == "answer" and one.case_id in waits:
            missed[one.case_id] = max(missed.get(one.case_id, one.due_us), one.due_us)
    return missed | running


def _subjects(request: HttpRequest) -> Any:
    wanted = rights_of(request).where_area("see", list(installed()), ("scenario", "area_id", "id"))
    if office_of(person_of(request)):
        return Subject.objects.none()
    return Subject.objects.using(MAIN).filter(wanted)


def _is_mine(request: HttpRequest, area: Area) -> bool:
    return any(area.path.startswith(path) for _role, path in rights_of(request).held)


def _ids(path: str) -> list[int]:
    return [int(step) for step in path.strip(".").split(".") if step]


def _midnight_us(now_us: int) -> int:
    here = datetime_of(now_us).astimezone(CHINA)
    return us_of(here.replace(hour=0, minute=0, second=0, microsecond=0))

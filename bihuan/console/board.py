"""值守台 / Duty board: one queue of what waits for a person, and what is in hand."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from bihuan.base.time import CHINA, DAY_US, MINUTE_US, datetime_of, us_of
from bihuan.console import words
from bihuan.console.home import clock, keys
from bihuan.console.models import Listener
from bihuan.console.people import People
from bihuan.console.shown import Reader, area_name, ordered
from bihuan.console.visit import cases_of, person_of, signed_in, whole_or_404
from bihuan.journal.models import Parked
from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case, Happening, SetAside
from bihuan.loop.rights import is_official, visible_cases
from bihuan.register.models import Area

MOST_OPEN = 200
NEWEST = 8
URGENT = ("sos", "fall")


@signed_in
def board(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return render(request, "console/board.html", board_context(request))


@signed_in
def board_live(request: HttpRequest) -> HttpResponse:
    """The part of the page that changes, for an open page to morph in."""
    return render(request, "console/board_live.html", board_context(request))


def board_context(request: HttpRequest) -> dict[str, Any]:
    """Everything that the board shows to this person now."""
    now_us = clock().now_us()
    visible, acts = cases_of(request), is_official(person_of(request), now_us)
    is_open = visible.exclude(state="closed")
    cases = list(is_open.order_by("opened_us")[:MOST_OPEN])
    reader = Reader(cases, keys(), now_us)
    shown = ordered([reader.show(case) for case in cases])
    groups = {state: [s for s in shown if s.case.state == state] for state in words.STATES}
    today = list(visible.filter(opened_us__gte=_midnight_us(now_us)).values_list("id", flat=True))
    return {
        "now_us": now_us,
        "waiting": groups["awaiting_answer"],
        "in_hand": groups["in_progress"],
        "asked": groups["awaiting_confirmation"],
        "over": sum(1 for s in groups["awaiting_answer"] if s.is_over),
        "today": len(today),
        "time_held": acts and (settings.BIHUAN_DATA / "run" / "time-held").exists(),
        "parked": _parked() if acts else [],
        "unheard": _unheard(now_us) if acts else [],
        "newest": _newest(visible),
        "map": _map(cases),
        "nobody_listens": _is_silent({s.case.id for s in groups["awaiting_answer"]}, now_us),
        "person_id": person_of(request),
    }


def somebody_listens(now_us: int) -> bool:
    """Whether any duty board is open and can be heard."""
    fresh_us = now_us - MINUTE_US
    return Listener.objects.filter(is_audible=True, seen_us__gte=fresh_us).exists()


def _is_silent(waiting: set[int], now_us: int) -> bool:
    """Whether a case waits that no audible board shows: a board rings for what it shows only."""
    fresh = Listener.objects.filter(is_audible=True, seen_us__gte=now_us - MINUTE_US)
    left = set(waiting)
    for person_id in fresh.values_list("person_id", flat=True).distinct() if left else ():
        shown = visible_cases(person_id, now_us).filter(id__in=left)
        left -= set(shown.values_list("id", flat=True))
        if not left:
            break
    return bool(left)


def _midnight_us(now_us: int) -> int:
    here = datetime_of(now_us).astimezone(CHINA)
    return us_of(here.replace(hour=0, minute=0, second=0, microsecond=0))


def _unheard(now_us: int) -> list[SetAside]:
    """Calls for help that could open no case today: of a band that nobody adopted, say."""
    urgent = SetAside.objects.using(MAIN).filter(kind__in=URGENT, at_us__gte=now_us - DAY_US)
    return list(urgent.order_by("-at_us")[:NEWEST])


def _parked() -> list[Parked]:
    """Cases that wait for a mended projector: one line each, the first reason."""
    found: dict[int, Parked] = {}
    for parked in Parked.objects.using(MAIN).order_by("id")[:MOST_OPEN]:
        found.setdefault(parked.stream, parked)
    return list(found.values())


def _newest(visible: Any) -> list[dict[str, Any]]:
    """What happened last, without naming whom it is about."""
    since = visible.order_by("-changed").values("id")[:50]
    lines = list(
        Happening.objects.using(MAIN)
        .filter(case_id__in=list(since.values_list("id", flat=True)))
        .order_by("-id")[:NEWEST]
    )
    people = People(keys(), (line.person_id for line in lines))
    return [
        {
            "at_us": line.at_us,
            "case_id": line.case_id,
            "who": people.name(line.person_id) if line.person_id else _("系统"),
            "word": words.HAPPENINGS.get(line.kind, line.kind),
            "tone": _tone(line.kind),
        }
        for line in lines
    ]


def _tone(kind: str) -> str:
    if kind in (
        "opened",
        "found",
        "pressed_again",
        "ladder_out",
        "clock_missed",
        "lapsed",
        "not_solved",
    ):
        return "crit"
    return "ok" if kind in ("taken", "solved", "closed") else ""


def _map(cases: list[Case]) -> dict[str, Any] | None:
    """The county's own drawing: towns, and how many open cases are in each."""
    areas = list(Area.objects.using(MAIN).filter(level__in=("county", "town")))
    county = next((area for area in areas if area.level == "county"), None)
    if county is None or len(json.loads(county.outline)) < 3:
        return None
    towns = []
    for area in areas:
        ring = json.loads(area.outline)
        if area.level != "town" or len(ring) < 3:
            continue
        inside = [case for case in cases if case.area_path.startswith(area.path)]
        x, y = (sum(p[k] for p in ring[:-1]) / (len(ring) - 1) for k in (0, 1))
        waits = sum(1 for case in inside if case.state == "awaiting_answer")
        towns.append(
            {
                "name": area_name(area),
                "points": " ".join(f"{px},{py}" for px, py in ring),
                "x": round(x, 1),
                "y": round(y, 1),
                "open": len(inside),
                "waits": waits,
            }
        )
    xs, ys = zip(*json.loads(county.outline), strict=True)
    box = (min(xs) - 8, min(ys) - 8, max(xs) - min(xs) + 16, max(ys) - min(ys) + 16)
    return {"box": " ".join(f"{v:.0f}" for v in box), "towns": towns, "name": area_name(county)}


@signed_in
def cases(request: HttpRequest) -> HttpResponse:
    """事件 / Cases: the list behind every number; the filter is in the URL."""
    found = cases_of(request)
    state, day = request.GET.get("state", ""), request.GET.get("day", "")
    now_us = clock().now_us()
    if state in words.STATES:
        found = found.filter(state=state)
    elif state in words.OUTCOMES:
        found = found.filter(outcome=state)
    elif state == "over":
        found = found.filter(state="awaiting_answer", is_past_limit=True)
    elif state:
        raise Http404
    if day == "today":
        found = found.filter(opened_us__gte=_midnight_us(now_us))
    elif day:
        raise Http404
    if before := request.GET.get("before"):
        found = found.filter(id__lt=whole_or_404(before))
    page = list(found.order_by("-id")[:51])
    reader = Reader(page[:50], keys(), now_us)
    context = {
        "now_us": now_us,
        "rows": [reader.show(case) for case in page[:50]],
        "more": page[49].id if len(page) > 50 else None,
        "state": state,
        "day": day,
        "states": [
            ("", _("全部")),
            *words.STATES.items(),
            ("false_alarm", words.OUTCOMES["false_alarm"]),
        ],
    }
    return render(request, "console/cases.html", context)

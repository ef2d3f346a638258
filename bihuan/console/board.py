"""值守台 / Duty board: one queue of what waits for a person, and what is in hand."""

from __future__ import annotations

import json
import uuid
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from bihuan.base.time import CHINA, DAY_US, MINUTE_US, datetime_of, us_of
from bihuan.console import words
from bihuan.console.case.batch_page import ACTS as BATCH_ACTS
from bihuan.console.happened import happened
from bihuan.console.home import clock, keys
from bihuan.console.models import Listener
from bihuan.console.people import People
from bihuan.console.scoped import part, position, shared
from bihuan.console.shift.places import paths_for
from bihuan.console.shown import Reader, area_name, kind_word, ordered
from bihuan.console.tonight import Noticed, noticed, notices, tonight
from bihuan.console.visit import person_of, rights_of, signed_in, whole_or_404
from bihuan.journal.models import Parked
from bihuan.journal.storage import MAIN
from bihuan.loop.cases.sealed import NOBODY, hidden_of, is_hidden
from bihuan.loop.models import Case, Happening, SetAside
from bihuan.loop.rights import cases_for, is_official, listed_for, visible_cases
from bihuan.register.models import Area
from bihuan.register.rights import Rights, areas_under

LIVE = "console/board_live.html"
MOST_OPEN = 200
NEWEST = 8
URGENT = ("sos", "fall")
UNTAKEN = ("new", "accepted", "awaiting_receipt", "received")  # nobody works on it yet


@signed_in
def board(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return render(request, "console/board.html", board_context(request))


@signed_in
def board_live(request: HttpRequest) -> HttpResponse:
    """The part of the page that changes, for an open page to morph in; made once for a scope."""
    now_us = clock().now_us()
    scope = scope_of(rights_of(request), now_us)
    return HttpResponse(part(request, LIVE, scope.decides, now_us, lambda: _shown(scope, now_us)))


def pushed(rights: Rights, now_us: int) -> tuple[str, frozenset[int], bool]:
    """The same for an open board without a request: its text for all who see the same (`shared`),
    the cases on it, and whether one of them rings.
    """
    scope = scope_of(rights, now_us)
    text = shared(LIVE, scope.decides, now_us, lambda: _shown(scope, now_us))
    rings = any(case.state == "awaiting_answer" for case in scope.cases)
    return text, frozenset(case.id for case in scope.cases), rings


def board_context(request: HttpRequest) -> dict[str, Any]:
    """Everything that the board shows to this person now."""
    now_us = clock().now_us()
    shown = _shown(scope_of(rights_of(request), now_us), now_us)
    return {**shown, "person_id": person_of(request)}


class Changed(NamedTuple):
    """Of a case that changed: what the list of news says of it, and nobody's name."""

    id: int
    is_sealed: bool
    origin_id: int | None
    scenario: str
    kind: str
    playbook: str
    cause: str


class Scope(NamedTuple):
    """What decides what a board shows; whoever has the same sees the same.

    position  of lane 0 before anything else was read: what is shown is of it or newer
    changed  what is said of the cases that changed last
    paths    of the reader's posts and duties
    """

    cases: list[Case]
    position: int
    today: int
    changed: list[Changed]
    acts: bool
    paths: list[str]
    noticed: list[Noticed]
    nobody_listens: bool
    time_held: bool

    @property
    def decides(self) -> tuple[object, ...]:
        return (tuple(case.id for case in self.cases), *self[1:])


def scope_of(rights: Rights, now_us: int) -> Scope:
    """What somebody with these rights sees on a board now."""
    at = position()
    visible, acts = cases_for(rights), is_official(rights)
    cases = list(visible.exclude(state="closed").order_by("opened_us")[:MOST_OPEN])
    changed = listed_for(rights).order_by("-changed").values_list(*Changed._fields)
    return Scope(
        cases=cases,
        position=at,
        today=visible.filter(opened_us__gte=_midnight_us(now_us)).count(),
        changed=[Changed(*one) for one in changed[:50]],
        acts=acts,
        paths=sorted({path for _role, path in paths_for(rights)}) if acts else [],
        noticed=noticed(rights) if acts else [],
        nobody_listens=_is_silent(
            {case.id for case in cases if case.state == "awaiting_answer"}, now_us
        ),
        time_held=acts and (settings.BIHUAN_DATA / "run" / "time-held").exists(),
    )


def _shown(scope: Scope, now_us: int) -> dict[str, Any]:
    reader = Reader(scope.cases, keys(), now_us)
    shown = ordered([reader.show(case) for case in scope.cases])
    groups = {state: [s for s in shown if s.case.state == state] for state in words.STATES}
    acts = scope.acts
    return {
        "now_us": now_us,
        "waiting": groups["awaiting_answer"],
        "untaken": [one for one in shown if one.case.state in UNTAKEN],
        "in_hand": groups["in_progress"],
        "to_check": groups["awaiting_check"],
        "asked": groups["awaiting_confirmation"],
        "over": sum(1 for s in groups["awaiting_answer"] if s.is_over),
        "today": scope.today,
        "time_held": scope.time_held,
        "parked": _parked() if acts else [],
        "unheard": _unheard(now_us) if acts else [],
        "notices": notices(scope.noticed),
        "on_duty": tonight(scope.paths, now_us) if acts else [],
        "newest": _newest(scope.changed),
        "map": _map(scope.cases),
        "nobody_listens": scope.nobody_listens,
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


def _newest(since: list[Changed]) -> list[dict[str, Any]]:
    """What happened last, without naming whom it is about; a call that is repeated is no news."""
    hidden = hidden_of(one.id for one in since if one.is_sealed)
    cases = {one.id: one for one in since}
    lines = list(
        Happening.objects.using(MAIN)
        .filter(case_id__in=list(cases))
        .exclude(kind="called_again")
        .order_by("-id")[:NEWEST]
    )
    people = People(keys(), (line.person_id for line in lines))
    return [
        {
            "at_us": line.at_us,
            "case_id": line.case_id,
            "who": _who(line, people, hidden),
            "word": happened(line.kind, about.playbook, about.cause),
            "about": kind_word(about.scenario, about.kind),
            "tone": _tone(line.kind),
        }
        for line in lines
        for about in (cases[line.case_id],)
    ]


def _who(line: Happening, people: People, hidden: dict[int, frozenset[int]]) -> Any:
    """Who did it; of a sealed origin nobody learns the name, here neither."""
    if is_hidden(hidden.get(line.case_id, NOBODY), line.person_id, line.role):
        return words.SEALED
    return people.name(line.person_id) if line.person_id else _("系统")


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
    every = list(Area.objects.using(MAIN).filter(level__in=("county", "town")))
    areas = [area for area in every if area.until_us is None]
    county = next((area for area in areas if area.level == "county"), None)
    if county is None or len(json.loads(county.outline)) < 3:
        return None
    towns = []
    for area in areas:
        ring = json.loads(area.outline)
        if area.level != "town" or len(ring) < 3:
            continue
        # a town that was merged into this one counts here: its path is below this one's
        ids = {str(old.id) for old in every if old.path.startswith(area.path)}
        inside = [case for case in cases if not ids.isdisjoint(case.area_path.split("."))]
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


def _in_area(area_id: int) -> Q:
    """The cases of an area and of everything in it, areas that were merged into it included."""
    area = Area.objects.using(MAIN).filter(id=area_id).first()
    if area is None:
        raise Http404
    return Q(area_id__in=areas_under([area.path]))


def _in_state(found: QuerySet[Case], state: str) -> QuerySet[Case]:
    if state in words.STATES:
        found = found.filter(state=state)
    elif state in words.OUTCOMES:
        found = found.filter(outcome=state)
    elif state == "over":
        found = found.filter(state="awaiting_answer", is_past_limit=True)
    elif state:
        raise Http404
    return found


def _asked_for(request: HttpRequest, now_us: int) -> QuerySet[Case]:
    """The cases that the address filters: by state, outcome, day, area, and how far the page is."""
    found = listed_for(rights_of(request))
    state, day = request.GET.get("state", ""), request.GET.get("day", "")
    found = _in_state(found, state)
    if day == "today":
        found = found.filter(opened_us__gte=_midnight_us(now_us))
    elif day:
        raise Http404
    if area := request.GET.get("area", ""):
        found = found.filter(_in_area(whole_or_404(area)))
    if before := request.GET.get("before"):
        found = found.filter(id__lt=whole_or_404(before))
    return found


@signed_in
def cases(request: HttpRequest) -> HttpResponse:
    """事件 / Cases: the list behind every number; the filter is in the URL."""
    now_us = clock().now_us()
    found = _asked_for(request, now_us)
    state, day = request.GET.get("state", ""), request.GET.get("day", "")
    page = list(found.order_by("-id")[:51])
    reader = Reader(page[:50], keys(), now_us)
    context = {
        "now_us": now_us,
        "rows": [reader.show(case) for case in page[:50]],
        "more": page[49].id if len(page) > 50 else None,
        "state": state,
        "day": day,
        "area": request.GET.get("area", ""),
        "key": str(uuid.uuid4()),
        "batch_acts": [(name, words.ACTS[name]) for name in BATCH_ACTS],
        "states": [
            ("", _("全部")),
            *words.STATES.items(),
            ("false_alarm", words.OUTCOMES["false_alarm"]),
        ],
    }
    return render(request, "console/cases.html", context)

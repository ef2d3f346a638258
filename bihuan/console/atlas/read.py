"""What the map tells: areas below one area, their open cases, subjects, and standing warnings.

Everything is counted by area; where a person is right now is health and location data, and is
opened on the case alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

import shapely
from django.db.models import Count, QuerySet

from bihuan.console.atlas.drawing import Ring, Sheet, middle, sheet
from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case
from bihuan.register.areas.models import AreaBoundary
from bihuan.register.models import Area, Subject
from bihuan.register.warnings.models import STANDING, OfficialWarning

MOST_WARNINGS = 50
SHORTEST_RING = 3


@dataclass(slots=True)
class Place:
    """One area of the map: its rings, and what is open in it and below."""

    area: Area
    rings: list[Ring] = field(default_factory=list)
    open: int = 0
    waiting: int = 0
    subjects: int = 0
    points: list[str] = field(default_factory=list)
    at: tuple[float, float] | None = None


@dataclass(slots=True)
class Warned:
    """A standing warning, its areas in its own words and its polygons in degrees."""

    row: OfficialWarning
    areas: list[str]
    rings: list[Ring]
    points: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Atlas:
    """A map ready to be drawn. is_sketch: a drawing of the county's own, not a survey."""

    places: list[Place]
    warned: list[Warned]
    sheet: Sheet | None
    is_sketch: bool


def atlas(under: Area, cases: QuerySet[Case], subjects: QuerySet[Subject], now_us: int) -> Atlas:
    """The areas right below one, with what is open in them."""
    places = [Place(area) for area in _below(under)]
    _count(under, places, cases, subjects)
    warned = standing(now_us)
    bounds = _bounds([place.area.id for place in places])
    if bounds:
        for place in places:
            place.rings = bounds.get(place.area.id, [])
    else:
        for place in places:
            ring = [(float(x), float(y)) for x, y in json.loads(place.area.outline)]
            place.rings = [ring] if len(ring) >= SHORTEST_RING else []
    drawn = sheet((ring for place in places for ring in place.rings), is_degrees=bool(bounds))
    if drawn is not None:
        for place in places:
            place.points = [drawn.points(ring) for ring in place.rings]
            if place.rings:
                place.at = drawn.at(*middle(max(place.rings, key=_size)))
        for one in warned if bounds else ():
            one.points = [drawn.points(ring) for ring in one.rings]
    return Atlas(places, warned, drawn, not bounds)


def standing(now_us: int) -> list[Warned]:
    """Official warnings that stand now, the newest first."""
    rows = OfficialWarning.objects.using(MAIN).filter(state=STANDING).order_by("-sent_us")
    found = []
    for row in rows[:MOST_WARNINGS]:
        if row.state_at(now_us) != STANDING:
            continue
        areas = [area for info in json.loads(row.infos)[:1] for area in info["areas"]]
        # CAP says latitude before longitude
        rings: list[Ring] = [
            [(lon, lat) for lat, lon in ring] for a in areas for ring in a["polygons"]
        ]
        found.append(Warned(row, [a["description"] for a in areas], rings))
    return found


def _below(under: Area) -> list[Area]:
    rows = Area.objects.using(MAIN).filter(parent_id=under.id, until_us=None)
    return sorted(rows, key=lambda area: (area.code, area.id))


def _bounds(ids: Iterable[int]) -> dict[int, list[Ring]]:
    """Area → its rings in degrees, of those that have a boundary now."""
    found: dict[int, list[Ring]] = {}
    rows = AreaBoundary.objects.using(MAIN).filter(area_id__in=list(ids), until_us=None)
    for row in rows:
        shape = shapely.from_wkb(bytes(row.wkb))
        parts = getattr(shape, "geoms", [shape])
        found[row.area_id] = [[(x, y) for x, y, *_z in part.exterior.coords] for part in parts]
    return found


def _count(
    under: Area, places: list[Place], cases: QuerySet[Case], subjects: QuerySet[Subject]
) -> None:
    """What is open in each: one read of areas, one of cases, one of subjects."""
    of_path = {place.area.path: place for place in places}
    depth = under.path.count(".") + 1
    where: dict[int, Place] = {}  # merged areas too: their paths lead to where they lie now
    below = Area.objects.using(MAIN).filter(path__startswith=under.path)
    for area_id, path in below.values_list("id", "path"):
        place = of_path.get(".".join(path.split(".")[:depth]) + ".")
        if place is not None:
            where[area_id] = place
    for path, state in cases.exclude(state="closed").values_list("area_path", "state"):
        steps = (int(step) for step in reversed(path.strip(".").split(".")))
        place = next((where[step] for step in steps if step in where), None)
        if place is not None:
            place.open += 1
            place.waiting += state == "awaiting_answer"
    counted = subjects.filter(ended_us=None).order_by().values_list("area_id").annotate(Count("id"))
    for area_id, count in counted:
        if area_id in where:
            where[area_id].subjects += count


def _size(ring: Ring) -> float:
    xs, ys = [p[0] for p in ring], [p[1] for p in ring]
    return (max(xs) - min(xs)) * (max(ys) - min(ys))

"""Boundaries of areas: GeoJSON with a declared datum in, and which area a point lies in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon, shape
from shapely.validation import explain_validity

from bihuan.base.errors import BadInputError, Fault, bad, shown
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.areas.checks import when_faults
from bihuan.register.areas.codes import RANKS
from bihuan.register.areas.datum import DATUMS, to_wgs84
from bihuan.register.areas.entries import AreaBounded
from bihuan.register.areas.models import AreaBoundary, AreaSpan
from bihuan.register.areas.spans import area_at, current
from bihuan.register.entries import Actor

Shape = Polygon | MultiPolygon
_UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    shapely.errors.ShapelyError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryFile:
    """A GeoJSON FeatureCollection. code: the property that names the area by its code.

    source  who published it, as it stands beside every boundary
    at_us   from when on they hold
    """

    text: str
    datum: str
    source: str
    at_us: int
    code: str = "code"


def import_boundaries(file: BoundaryFile, clock: Clock, by: Actor | None = None) -> list[int]:
    """Give areas their boundaries, all or none; ids of the areas whose boundary is new.

    A rerun changes nothing. Raises BadInputError with every fault of every feature: an unknown or
    repeated code, a ring that crosses itself, coordinates outside the degrees.
    """
    if file.datum not in DATUMS:
        raise bad("datum", file.datum or "none", " or ".join(DATUMS))
    drawn, faults = _drawn(file)  # before the lane is held: a large file takes seconds
    with Appender(FACTS_LANE, clock) as lane:
        wanted: dict[int, Shape] = {}
        for n, code, outline in drawn:
            area_id = _area_of_code(lane.rows, code)
            if area_id is None:
                faults.append(_fault(n, file.code, code or "nothing", "the code of an area here"))
                continue
            if area_id in wanted:
                faults.append(_fault(n, file.code, code, "each area once"))
            if outline is not None:
                wanted[area_id] = outline
            found = when_faults(lane.rows, area_id, file.at_us, lane.now_us)
            faults += [_fault(n, fault.field, fault.got, fault.want) for fault in found]
        if faults:
            raise BadInputError(*faults)
        new = {k: v for k, v in wanted.items() if not _has(lane.rows, k, shapely.to_wkb(v))}
        for area_id, outline in new.items():
            said = AreaBounded(
                area_id=area_id,
                wkb=shapely.to_wkb(outline),
                datum=file.datum,
                source=file.source,
                at_us=file.at_us,
                by=by,
            )
            lane.append(said)
        return list(new)


def areas_of(lat: float, lon: float, at_us: int | None = None) -> list[int]:
    """Ids of every area whose boundary holds a WGS-84 point, the smallest first.

    at_us  as the boundaries and areas were at a time; None: as they are now, where a merged area
           counts as what it was merged into.
    """
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise bad("lat, lon", f"{lat}, {lon}", "latitude within 90, longitude within 180 degrees")
    rows, point = Rows(MAIN), Point(lon, lat)
    boxes = AreaBoundary.objects.using(MAIN).filter(
        west__lte=lon, east__gte=lon, south__lte=lat, north__gte=lat
    )
    found: list[tuple[int, float, int]] = []
    for box in boxes:
        if not _holds_at(box, at_us):
            continue
        drawn = shapely.from_wkb(bytes(box.wkb))
        if drawn.covers(point):
            area_id = current(rows, box.area_id) if at_us is None else box.area_id
            found.append((-_rank(rows, area_id), drawn.area, area_id))
    return list(dict.fromkeys(area_id for _rank_, _size, area_id in sorted(found)))


def area_of(lat: float, lon: float, at_us: int | None = None) -> int | None:
    """The smallest area in which a WGS-84 point lies; None outside every boundary."""
    return next(iter(areas_of(lat, lon, at_us)), None)


def _holds_at(box: AreaBoundary, at_us: int | None) -> bool:
    if at_us is None:
        return box.until_us is None
    span = area_at(Rows(MAIN), box.area_id, at_us)
    is_standing = span is not None and not span.is_led
    return is_standing and box.from_us <= at_us and (box.until_us is None or at_us < box.until_us)


def _rank(rows: Rows, area_id: int) -> int:
    spans = rows.where(AreaSpan, area_id=area_id)
    return RANKS[spans[-1].level]


def _features(text: str) -> list[object]:
    try:
        said = json.loads(text)
    except ValueError as error:
        raise bad("geojson", error, "JSON") from error
    except RecursionError as error:
        raise bad("geojson", "nesting without end", "a FeatureCollection") from error
    if not isinstance(said, dict) or said.get("type") != "FeatureCollection":
        raise bad("geojson", shown(text, 40), "a FeatureCollection")
    features = said.get("features")
    if not isinstance(features, list) or not features:
        raise bad("features", shown(features, 40), "at least one feature")
    if "crs" in said:
        # its meaning was never agreed on, and it contradicts the declared datum as often as not
        raise bad("crs", shown(said["crs"]), "no crs: the datum is declared at the import")
    return list(features)


def _drawn(file: BoundaryFile) -> tuple[list[tuple[int, str, Shape | None]], list[Fault]]:
    """(number, code, outline) of every feature, and what is wrong with outlines."""
    found: list[tuple[int, str, Shape | None]] = []
    faults: list[Fault] = []
    for n, feature in enumerate(_features(file.text)):
        said = feature if isinstance(feature, dict) else {}
        properties = said.get("properties")
        code = str(properties.get(file.code, "")) if isinstance(properties, dict) else ""
        outline: Shape | None = None
        try:
            outline = _shape_of(said, file.datum)
        except BadInputError as error:
            faults += [_fault(n, fault.field, fault.got, fault.want) for fault in error.faults]
        found.append((n, code, outline))
    return found, faults


def _shape_of(feature: dict[str, Any], datum: str) -> Shape:
    try:
        drawn = shape(feature["geometry"])
        is_open = _is_open(feature["geometry"])
    except _UNREADABLE as error:
        raise bad("geometry", shown(feature, 60), "a Polygon or MultiPolygon") from error
    if not isinstance(drawn, Polygon | MultiPolygon) or drawn.is_empty:
        raise bad("geometry", drawn.geom_type, "a Polygon or MultiPolygon")
    points = shapely.get_coordinates(drawn)
    if not np.isfinite(points).all() or (np.abs(points) > (180, 90)).any():
        raise bad("geometry", "coordinates outside the degrees", "longitude, latitude in degrees")
    if is_open:
        raise bad("geometry", "a ring that is not closed", "rings that end where they begin")
    if not drawn.is_valid:
        raise bad("geometry", explain_validity(drawn), "rings that do not cross themselves")
    if drawn.area == 0:
        raise bad("geometry", "a line", "a ring with an inside")
    return shapely.transform(shapely.force_2d(drawn), lambda xy: _moved(xy, datum))


def _is_open(geometry: dict[str, Any]) -> bool:
    """Whether a ring ends elsewhere than it began (RFC 7946, 3.1.6): a point may be missing."""
    said = geometry["coordinates"]
    polygons = said if geometry["type"] == "MultiPolygon" else [said]
    return geometry["type"] in ("Polygon", "MultiPolygon") and any(
        list(ring[0]) != list(ring[-1]) for polygon in polygons for ring in polygon
    )


def _moved(points: Any, datum: str) -> Any:
    moved = [to_wgs84(lat, lon, datum)[::-1] for lon, lat in points]
    return np.round(np.asarray(moved, dtype=float).reshape(-1, 2), 8)


def _area_of_code(rows: Rows, code: str) -> int | None:
    spans = [s for s in rows.where(AreaSpan, code=code) if s.until_us is None and not s.is_led]
    return int(spans[0].area_id) if spans else None


def _has(rows: Rows, area_id: int, wkb: bytes) -> bool:
    held = rows.where(AreaBoundary, area_id=area_id)
    return any(b.until_us is None and bytes(b.wkb) == wkb for b in held)


def _fault(n: int, field: str, got: str, want: str) -> Fault:
    return Fault(f"features[{n}].{field}", got, want)

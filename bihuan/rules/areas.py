"""Areas as people write them: WKT, GeoJSON or `lon,lat;lon,lat;…`, checked before any use."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.validation import explain_validity

from bihuan.base.errors import bad
from bihuan.rules.kernels.records import Floats

HOME = "home"  # each subject's own area, drawn for it; who has none has none to leave
WANTED = "a polygon in degrees as WKT, GeoJSON or lon,lat;lon,lat;lon,lat"


@dataclass(frozen=True, slots=True)
class Area:
    """A polygon, or several, with or without holes; degrees WGS-84, x = longitude."""

    shape: Polygon | MultiPolygon

    def edges(self) -> Floats:
        """float64[m, 4]: lon, lat, lon, lat of every edge of every ring."""
        parts = self.shape.geoms if isinstance(self.shape, MultiPolygon) else [self.shape]
        found: list[Floats] = []
        for part in parts:
            for ring in (part.exterior, *part.interiors):
                points = np.asarray(ring.coords)[:, :2]
                found.append(np.hstack((points[:-1], points[1:])))
        return np.concatenate(found)


EVERYWHERE = Area(shapely.box(-180, -90, 180, 90))


def area_of(given: object) -> Area:
    """The area that a text or a GeoJSON object describes; raises BadInputError."""
    if isinstance(given, Area):
        return given
    drawn = _drawn(given)
    if not isinstance(drawn, Polygon | MultiPolygon) or drawn.is_empty:
        raise bad("polygon", given, WANTED)
    if not np.isfinite(shapely.get_coordinates(drawn)).all():
        raise bad("polygon", given, "finite coordinates")
    if not drawn.is_valid:
        raise bad("polygon", explain_validity(drawn), "rings that do not cross themselves")
    west, south, east, north = drawn.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise bad("polygon", drawn.bounds, "longitudes within 180, latitudes within 90 degrees")
    if drawn.area == 0:
        raise bad("polygon", given, "a polygon with an inside")
    return Area(drawn)


def _drawn(given: object) -> object:
    if isinstance(given, Polygon | MultiPolygon):
        return given
    try:
        if isinstance(given, dict):
            return shape(given.get("geometry", given))
        text = str(given).strip()
        if text.startswith("{"):
            return _drawn(json.loads(text))
        if text[:1].isalpha():
            return shapely.from_wkt(text)
        pairs = [pair.split(",") for pair in text.strip("; ").split(";")]
        points = [(float(lon), float(lat)) for lon, lat in pairs]
        return Polygon(points) if np.isfinite(points).all() else None
    except (ValueError, TypeError, KeyError, AttributeError, shapely.errors.ShapelyError) as error:
        raise bad("polygon", given, WANTED) from error

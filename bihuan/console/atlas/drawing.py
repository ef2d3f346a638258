"""Areas as a drawing: rings in degrees or in a sketch's own units become points of one SVG. Pure.

Degrees are WGS-84, drawn on an equirectangular sheet that is true at its own middle latitude; a
county is small enough that no eye sees the difference.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH, MARGIN = 720.0, 14.0
MOST_HEIGHT = 900.0
Ring = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """How a place becomes a point: x = (across - west) · scale, y = (top - up) · scale."""

    west: float
    top: float
    across_scale: float
    up_scale: float
    width: float
    height: float

    def at(self, across: float, up: float) -> tuple[float, float]:
        """The point of a place; across is the longitude, up the latitude, or a sketch's x and y."""
        x = MARGIN + (across - self.west) * self.across_scale
        return round(x, 1), round(MARGIN + (self.top - up) * self.up_scale, 1)

    def points(self, ring: Ring) -> str:
        """A ring as the `points` of a polygon."""
        return " ".join(f"{x},{y}" for x, y in (self.at(*place) for place in ring))

    @property
    def box(self) -> str:
        return f"0 0 {self.width:.0f} {self.height:.0f}"


def sheet(rings: Iterable[Ring], *, is_degrees: bool) -> Sheet | None:
    """The sheet on which all rings find room; None where they span no surface."""
    places = [place for ring in rings for place in ring]
    if not places:
        return None
    west, east = min(p[0] for p in places), max(p[0] for p in places)
    low, high = min(p[1] for p in places), max(p[1] for p in places)
    # a degree of longitude is shorter than one of latitude, by the cosine of where one is
    narrow = math.cos(math.radians((low + high) / 2)) if is_degrees else 1.0
    wide, tall = (east - west) * narrow, high - low
    if wide <= 0 or tall <= 0:
        return None
    scale = min((WIDTH - 2 * MARGIN) / wide, (MOST_HEIGHT - 2 * MARGIN) / tall)
    size = (wide * scale + 2 * MARGIN, tall * scale + 2 * MARGIN)
    if is_degrees:
        return Sheet(west, high, scale * narrow, scale, *size)
    # a sketch counts downwards, as pages do
    return Sheet(west, low, scale, -scale, *size)


def middle(ring: Ring) -> tuple[float, float]:
    """The centroid of a ring's surface; of one without a surface, the mean of its places."""
    doubled, across, up = 0.0, 0.0, 0.0
    x0, y0 = ring[0]  # near the places, so that degrees do not cancel each other out
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = (ax - x0) * (by - y0) - (bx - x0) * (ay - y0)
        doubled += cross
        across += (ax + bx - 2 * x0) * cross
        up += (ay + by - 2 * y0) * cross
    if abs(doubled) < 1e-15:
        return sum(p[0] for p in ring) / len(ring), sum(p[1] for p in ring) / len(ring)
    return x0 + across / (3 * doubled), y0 + up / (3 * doubled)

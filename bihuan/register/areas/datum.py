"""Coordinates of other datums into WGS-84, in which everything is kept.

WGS-84     as it is
CGCS2000   taken as WGS-84: the two differ by less than a metre, mostly by centimetres
GCJ-02     the datum of Chinese public maps: WGS-84 shifted by a few hundred metres within a box
           around China. There is no published inverse; ours repeats the forward shift until it
           meets the point, to 1e-9 degrees (0.1 mm), within a few rounds.
Others (BD-09, Beijing 1954, Xi'an 1980) are refused: they need a transformation of their own.

The forward shift is the polynomial with sines that public map interfaces apply: on the ellipsoid
of Krasovsky, a = 6,378,245 m, e² = 0.00669342162296594323, from the point 35° N 105° E.
"""

from __future__ import annotations

from math import cos, pi, radians, sin, sqrt
from typing import Final

from bihuan.base.errors import bad

DATUMS: Final = ("WGS-84", "CGCS2000", "GCJ-02")
_A: Final = 6378245.0
_EE: Final = 0.00669342162296594323
_ROUNDS: Final = 30


def to_wgs84(lat: float, lon: float, datum: str) -> tuple[float, float]:
    """(lat, lon) in degrees of a declared datum as WGS-84; raises BadInputError for another."""
    if datum in ("WGS-84", "CGCS2000"):
        return lat, lon
    if datum != "GCJ-02":
        raise bad("datum", datum or "none", " or ".join(DATUMS))
    found = (lat, lon)
    for _round in range(_ROUNDS):
        there = gcj02_of(*found)
        off = (lat - there[0], lon - there[1])
        found = (found[0] + off[0], found[1] + off[1])
        if max(abs(off[0]), abs(off[1])) < 1e-9:
            break
    return found


def gcj02_of(lat: float, lon: float) -> tuple[float, float]:
    """(lat, lon) in GCJ-02 of a point in WGS-84; outside the box around China the same."""
    if not (0.8293 <= lat <= 55.8271 and 72.004 <= lon <= 137.8347):
        return lat, lon
    x, y = lon - 105.0, lat - 35.0
    magic = 1 - _EE * sin(radians(lat)) ** 2
    north = _north_m(x, y) * 180 / ((_A * (1 - _EE)) / (magic * sqrt(magic)) * pi)
    east = _east_m(x, y) * 180 / (_A / sqrt(magic) * cos(radians(lat)) * pi)
    return lat + north, lon + east


def _north_m(x: float, y: float) -> float:
    flat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    waves = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    waves += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    waves += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    return flat + waves


def _east_m(x: float, y: float) -> float:
    flat = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    waves = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    waves += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    waves += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    return flat + waves

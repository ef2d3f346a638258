"""Positions marked as outside or inside an area: the measure of `outside`."""

from __future__ import annotations

import numpy as np

from bihuan.rules.kernels.compiled import compiled, inner
from bihuan.rules.kernels.records import Floats, Int32s


@compiled
def mark(
    latitude: Floats, longitude: Floats, area: Int32s, starts: Int32s, edges: Floats
) -> Floats:
    """1 outside, 0 inside or on the edge, NaN for no position; float64[n].

    latitude   float64[n]    degrees WGS-84; beyond 90, NaN or infinite = no position
    longitude  float64[n]    degrees; beyond 180, NaN or infinite = no position
    area       int32[n]      which area holds for the row
    starts     int32[a + 1]  where each area's edges start
    edges      float64[m, 4] lon, lat, lon, lat of each edge of every ring, holes included

    Degrees are taken as a plane: exact for the edges as drawn, not for great circles.
    """
    marks = np.empty(len(latitude))
    for i in range(len(latitude)):
        x, y = longitude[i], latitude[i]
        if not (abs(y) <= 90.0 and abs(x) <= 180.0):
            marks[i] = np.nan
        else:
            begin, end = starts[area[i]], starts[area[i] + 1]
            marks[i] = 0.0 if is_within(x, y, edges, begin, end) else 1.0
    return marks


@inner
def is_within(x: float, y: float, edges: Floats, begin: int, end: int) -> bool:
    """Whether the point lies inside by the even-odd rule, or on an edge."""
    is_in = False
    for k in range(begin, end):
        x1, y1, x2, y2 = edges[k, 0], edges[k, 1], edges[k, 2], edges[k, 3]
        turn = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
        is_beside = min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2)
        if turn == 0.0 and is_beside:
            return True
        if (y1 > y) != (y2 > y) and (turn > 0.0) == (y2 > y1):
            is_in = not is_in
    return is_in

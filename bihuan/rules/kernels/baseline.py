"""Distance from a series' own median in scaled median deviations: the measure of `baseline`."""

from __future__ import annotations

import numpy as np

from bihuan.rules.kernels.compiled import compiled
from bihuan.rules.kernels.records import Floats, Int64s, Records

LEAST = 10  # readings without which a median deviation says nothing
SCALE = 1.4826  # makes the median deviation of normal noise its standard deviation


@compiled
def measure(log: Records, starts: Int64s, firsts: Int64s, lasts: Int64s, by: Records) -> None:
    """Fill `m` of log entries first to last of each series; NaN while the baseline is unknown.

    Arguments as in exposure.measure. The baseline is of the readings in [t - within, t); it is
    known once the series reaches back to t - within and the window holds LEAST readings.
    """
    for k in range(len(starts)):
        for place in range(firsts[k], lasts[k] + 1):
            t = log[place].t
            begin = t - by[k].within
            j = place - 1
            while j >= starts[k] and log[j].t == t:
                j -= 1
            end = j + 1
            while j >= starts[k] and log[j].t >= begin:
                j -= 1
            known = j >= starts[k] or (j + 1 < end and log[j + 1].t == begin)
            log[place].m = np.nan
            if known and end - j - 1 >= LEAST:
                log[place].m = distance(log, j + 1, end, log[place].v)


@compiled
def distance(log: Records, first: int, end: int, v: float) -> float:
    """Distance of `v` from the median of log values first to end - 1, in scaled deviations."""
    window: Floats = np.empty(end - first)
    for j in range(first, end):
        window[j - first] = log[j].v
    middle = np.median(window)
    for j in range(len(window)):
        window[j] = abs(window[j] - middle)
    scale = SCALE * np.median(window)
    away = abs(v - middle)
    if scale > 0.0:
        return float(away / scale)
    return np.inf if away > 0.0 else 0.0

"""The increase of one counter by that of another within a window: the measure of `rate`."""

from __future__ import annotations

import numpy as np

from bihuan.rules.kernels.compiled import compiled, inner
from bihuan.rules.kernels.records import Bools, Floats, Records, Scalar

LEAST = 5e-324  # stands for 0 of the other counter: the smallest number has a sign that compares


@compiled
def coded(value: Floats, is_other: Bools) -> Floats:
    """Readings of both counters as one column, float64[n]; NaN for what is not a count.

    value     float64[n] 0 or more; less, NaN or infinite = not a count
    is_other  bool[n]    the other counter's readings are kept below zero
    """
    codes = np.empty(len(value))
    for i in range(len(value)):
        codes[i] = np.nan
        if 0.0 <= value[i] < np.inf:
            codes[i] = -max(value[i], LEAST) if is_other[i] else value[i] + 0.0
    return codes


@inner
def ratio_at(h: Scalar, log: Records, start: Scalar, place: Scalar) -> Scalar:
    """One increase by the other within [t - within, t], both ends in it, of the entry at `place`.

    `h.low` is the sign that it gets: -1 when too small a rate is looked for. NaN while the other
    counter has not increased. A counter that falls began anew: its value is its increase.
    """
    begin = log[place].t - h.within
    mine = others = 0.0
    my_next = other_next = np.nan
    j = place
    while j >= start and log[j].t >= begin:
        v = log[j].v
        if v < 0.0:
            v = 0.0 if v == -LEAST else -v
            others += increase(v, other_next)
            other_next = v
        else:
            mine += increase(v, my_next)
            my_next = v
        j -= 1
    return h.low * mine / others if others > 0.0 else np.nan


@inner
def increase(v: float, following: float) -> float:
    """From one count to the following one; 0 when there is none."""
    if following >= v:
        return following - v
    return following if following < v else 0.0

"""Time spent in a dangerous band within a window: the measure of `exposure`."""

from __future__ import annotations

from bihuan.rules.kernels.compiled import compiled
from bihuan.rules.kernels.records import Int64s, Records


@compiled
def measure(log: Records, starts: Int64s, firsts: Int64s, lasts: Int64s, by: Records) -> None:
    """Fill `m` and `p` of log entries first to last of each series.

    log      LOG      per series sorted by time; p = µs in the band since the log began
    starts   int64[k] where each series' log starts
    firsts   int64[k] first place to fill, lasts int64[k] last place to fill
    by       WINDOW[k] low, high: the band, both ends outside it; within: window µs
    m        µs in the band within the last `within`; a value holds until the next reading

    Source: time above refrigeration and below hot holding is summed, GB 31654-2021.
    """
    for k in range(len(starts)):
        low, high, within = by[k].low, by[k].high, by[k].within
        for place in range(firsts[k], lasts[k] + 1):
            e = log[place]
            e.p = 0
            if place > starts[k]:
                f = log[place - 1]
                e.p = f.p + (e.t - f.t if low < f.v < high else 0)
            e.m = float(e.p)
            begin = e.t - within
            a, b = starts[k], place
            while a < b:  # first place after the window's begin
                middle = (a + b) // 2
                if log[middle].t > begin:
                    b = middle
                else:
                    a = middle + 1
            if a > starts[k]:
                f = log[a - 1]
                e.m = float(e.p - f.p - (begin - f.t if low < f.v < high else 0))

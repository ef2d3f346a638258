"""How many readings within a window lie beyond a limit: the measure of `count`."""

from __future__ import annotations

from bihuan.rules.kernels.compiled import compiled
from bihuan.rules.kernels.records import Int64s, Records


@compiled
def measure(log: Records, starts: Int64s, firsts: Int64s, lasts: Int64s, by: Records) -> None:
    """Fill `m` and `p` of log entries first to last of each series.

    Arguments as in exposure.measure; p = readings beyond since the log began, this one included,
    m = those in [t - within, t], both ends in it. Beyond is below `low` or above `high`.
    """
    for k in range(len(starts)):
        low, high = by[k].low, by[k].high
        for place in range(firsts[k], lasts[k] + 1):
            e = log[place]
            e.p = 1 if e.v < low or e.v > high else 0
            if place > starts[k]:
                e.p += log[place - 1].p
            begin = e.t - by[k].within
            a, b = starts[k], place
            while a < b:  # first place in the window
                middle = (a + b) // 2
                if log[middle].t >= begin:
                    b = middle
                else:
                    a = middle + 1
            before = (
                log[a - 1].p
                if a > starts[k]
                else log[a].p - (1 if log[a].v < low or log[a].v > high else 0)
            )
            e.m = float(e.p - before)

"""The range of a series within a window: the measure of `change`."""

from __future__ import annotations

from bihuan.rules.kernels.compiled import compiled
from bihuan.rules.kernels.records import Int64s, Records


@compiled
def measure(log: Records, starts: Int64s, firsts: Int64s, lasts: Int64s, by: Records) -> None:
    """Fill `m` of log entries first to last of each series: highest less lowest value.

    Arguments as in exposure.measure; the window is [t - within, t], both ends in it.
    """
    for k in range(len(starts)):
        for place in range(firsts[k], lasts[k] + 1):
            begin = log[place].t - by[k].within
            lowest = highest = log[place].v
            j = place - 1
            while j >= starts[k] and log[j].t >= begin:
                lowest = min(lowest, log[j].v)
                highest = max(highest, log[j].v)
                j -= 1
            log[place].m = highest - lowest

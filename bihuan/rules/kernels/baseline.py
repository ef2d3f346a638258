"""Distance from a series' own median in scaled median deviations: the measure of `baseline`.

Each series keeps the values of its window sorted. A reading moves one value out and one in, and
the median deviation is found by halving: the values nearest the median stand side by side.

Most readings need not even that. While at most c of n values went and at most c came, the median
lies between the values c ranks beside it, and the median deviation is at least the deviation c
ranks below it, less that shift. Within the band that follows nothing can depart, whatever came
and went: such a reading costs one look. What is concluded is exact all the same.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bihuan.rules.kernels.compiled import compiled
from bihuan.rules.kernels.records import Floats, Int64s, Records, Scalar

LEAST = 10  # readings without which a median deviation says nothing
SCALE = 1.4826  # makes the median deviation of normal noise its standard deviation
UNKNOWN = -1
SHARE = 20  # the band holds until a window has changed by one value in SHARE
MARGIN = 1.0 - 1e-9  # of the band: rounding may not decide
BAND = np.dtype(
    [
        ("low", "f8"),
        ("high", "f8"),
        ("until_us", "i8"),  # last event time for which it holds
        ("left", "i8"),  # readings for which it holds
    ],
    align=True,
)


class Sorted(NamedTuple):
    """The window of each series as it was last measured, sorted; made anew when not known."""

    values: Floats  # float64[n * capacity] ascending
    used: Int64s  # int64[n] values in it; UNKNOWN = to be made anew
    upto_us: Int64s  # int64[n] the window ends before this event time
    band: Records  # BAND[n] values that surely do not depart


@compiled
def measure(
    log: Records, starts: Int64s, firsts: Int64s, lasts: Int64s, by: Records, kept: Sorted
) -> None:
    """Fill `m` of log entries first to last of each series; NaN while the baseline is unknown.

    Arguments as in exposure.measure; the window of a series is kept at starts // capacity. The
    baseline is of the readings in [t - within, t); it is known once the series reaches back to
    t - within and the window holds LEAST readings. `low` of WINDOW is the limit that `m` is held
    against; of a value that surely is not beyond it, `m` is 0 instead of the distance.
    """
    capacity = len(kept.values) // len(kept.used)
    for k in range(len(starts)):
        slot = starts[k] // capacity
        values = kept.values[slot * capacity : (slot + 1) * capacity]
        band = kept.band[slot]
        for place in range(firsts[k], lasts[k] + 1):
            e = log[place]
            begin = e.t - by[k].within
            if band.left > 0 and e.t <= band.until_us and band.low <= e.v <= band.high:
                band.left -= 1
                e.m = 0.0
            elif log[starts[k]].t > begin:  # the series does not reach back far enough
                e.m, kept.used[slot], band.left = np.nan, UNKNOWN, 0
            else:
                first = slide(kept, values, log, starts[k], place, begin)
                e.m = judge(band, values, kept.used[slot], e.v, by[k].low)
                if band.left > 0:
                    band.until_us = log[first + band.left].t + by[k].within
                    band.left -= place - first - kept.used[slot]  # at this instant, to come


@compiled
def judge(band: Scalar, values: Floats, n: Scalar, v: Scalar, limit: Scalar) -> Scalar:
    """The distance of `v` in a window of `n` readings, NaN of too few; and a new band."""
    changes = n // SHARE
    band.left = changes if n - changes >= LEAST else 0
    if band.left > 0:
        set_band(band, values, n, changes, limit)
    return distance(values, n, v) if n >= LEAST else np.nan


@compiled
def set_band(band: Scalar, values: Floats, n: Scalar, changes: Scalar, limit: Scalar) -> None:
    """The values that do not depart while so many values went and so many came."""
    middle = (values[(n - 1) // 2] + values[n // 2]) / 2.0
    lowest, highest = values[(n - 1) // 2 - changes], values[n // 2 + changes]
    nearest = (n - 1) // 2 - changes + 1
    first = nearest_from(values, n, middle, nearest)
    deviation = max(middle - values[first], values[first + nearest - 1] - middle)
    reach = SCALE * limit * (deviation - max(middle - lowest, highest - middle)) * MARGIN
    band.low, band.high = highest - reach, lowest + reach


@compiled
def slide(
    kept: Sorted, values: Floats, log: Records, start: Scalar, place: Scalar, begin: Scalar
) -> Scalar:
    """Make the kept window that of the entry at `place`; the place of its first reading."""
    slot, t = start // (len(kept.values) // len(kept.used)), log[place].t
    n, end = kept.used[slot], place
    upto = t if n < 0 else kept.upto_us[slot]
    while end > start and log[end - 1].t >= upto:
        end -= 1
    first = end - max(n, 0)
    if n < 0:
        first = gather(values, log, start, end, begin)
        n = end - first
    while first > start and log[first - 1].t >= begin:
        first -= 1
        replace(values, n, np.inf, log[first].v)
        n += 1
    while end < place and log[end].t < t:
        old = np.inf
        if first < end and log[first].t < begin:
            old = log[first].v
            first += 1
        replace(values, n, old, log[end].v)
        end += 1
        n = end - first
    while first < end and log[first].t < begin:
        replace(values, n, log[first].v, np.inf)
        first += 1
        n -= 1
    kept.used[slot], kept.upto_us[slot] = n, t
    return first


@compiled
def gather(values: Floats, log: Records, start: Scalar, end: Scalar, begin: Scalar) -> Scalar:
    """Sort the values of the entries before `end` not older than `begin`; the first's place."""
    first = end
    while first > start and log[first - 1].t >= begin:
        first -= 1
        values[end - first - 1] = log[first].v
    values[: end - first].sort()
    return first


@compiled
def replace(values: Floats, n: Scalar, old: Scalar, new: Scalar) -> None:
    """Take `old` out of the first `n` sorted values and put `new` in, in one shift.

    Infinity as `old` takes nothing out, as `new` puts nothing in: no reading is infinite.
    """
    i, j = place_of(values, n, old), place_of(values, n, new)
    if i < j:
        for k in range(i, j - 1):
            values[k] = values[k + 1]
        j -= 1
    else:
        for k in range(i, j, -1):
            values[k] = values[k - 1]
    if new < np.inf:
        values[j] = new


@compiled
def place_of(values: Floats, n: Scalar, v: Scalar) -> Scalar:
    """How many of the first `n` sorted values are below `v`."""
    low = 0
    while n > 0:
        half = n // 2
        if values[low + half] < v:
            low += half + 1
            n -= half + 1
        else:
            n = half
    return low


@compiled
def retract(kept: Sorted, log: Records, starts: Int64s, useds: Int64s, upto: Int64s) -> None:
    """Before late readings are merged: end the kept windows before the earliest of them.

    starts   int64[k] where each series' log starts, useds int64[k] entries in it
    upto     int64[k] event time of the earliest late reading
    """
    capacity = len(kept.values) // len(kept.used)
    for k in range(len(starts)):
        slot = starts[k] // capacity
        kept.band[slot].left = 0
        n, end = kept.used[slot], starts[k] + useds[k]
        while end > starts[k] and log[end - 1].t >= kept.upto_us[slot]:
            end -= 1
        while n > 0 and log[end - 1].t >= upto[k]:
            end -= 1
            replace(kept.values[slot * capacity : (slot + 1) * capacity], n, log[end].v, np.inf)
            n -= 1
        if n > 0:
            kept.used[slot], kept.upto_us[slot] = n, min(upto[k], kept.upto_us[slot])
        else:
            kept.used[slot] = UNKNOWN


@compiled
def nearest_from(values: Floats, n: Scalar, middle: Scalar, nearest: Scalar) -> Scalar:
    """Where the so many values nearest to `middle` begin among `n` sorted ones."""
    low, high = 0, n - nearest
    while low < high:
        half = (low + high) // 2
        if middle - values[half] > values[half + nearest] - middle:
            low = half + 1
        else:
            high = half
    return low


@compiled
def distance(values: Floats, n: Scalar, v: Scalar) -> Scalar:
    """Distance of `v` from the median of `n` sorted values, in scaled median deviations."""
    middle = (values[(n - 1) // 2] + values[n // 2]) / 2.0
    nearest = n // 2 + 1  # these lie side by side; the farthest of them is an end
    first = nearest_from(values, n, middle, nearest)
    last = first + nearest - 1
    left, right = middle - values[first], values[last] - middle
    deviation = max(left, right)
    if n % 2 == 0:
        if left > right:
            inner = max(middle - values[first + 1], right)
        else:
            inner = max(left, values[last - 1] - middle)
        deviation = (deviation + inner) / 2.0
    scale = SCALE * deviation
    away = abs(v - middle)
    if scale > 0.0:
        return away / scale
    return np.inf if away > 0.0 else 0.0

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

from bihuan.rules.kernels.compiled import inner
from bihuan.rules.kernels.records import Floats, Int64s, Records, Scalar

LEAST = 10  # readings without which a median deviation says nothing
SCALE = 1.4826  # makes the median deviation of normal noise its standard deviation
UNKNOWN = -1
SHARE = 20  # the band holds until a window has changed by one value in SHARE
MARGIN = 1.0 - 1e-9  # of the band: rounding may not decide


class Sorted(NamedTuple):
    """The window of each series as it was last measured, sorted; made anew when not known."""

    values: Floats  # float64[n * capacity] ascending
    used: Int64s  # int64[n] values in it; UNKNOWN = to be made anew
    upto_us: Int64s  # int64[n] the window ends before this event time


@inner
def distance_at(kept: Sorted, h: Scalar, log: Records, start: Scalar, place: Scalar) -> Scalar:
    """Of the entry at `place` in the window [t - within, t); NaN while the baseline is unknown.

    It is known once the series reaches back to t - within and the window holds LEAST readings.
    The band is that of `h`: low and high, up to event time `sum`, for `floor` readings.
    """
    capacity = len(kept.values) // len(kept.used)
    slot, t = start // capacity, log[place].t
    begin = t - h.within
    h.floor = 0.0
    if log[start].t > begin:  # the series does not reach back far enough
        kept.used[slot] = UNKNOWN
        return np.nan
    values = kept.values[slot * capacity : (slot + 1) * capacity]
    first = slide(kept, values, log, start, place, begin)
    n = kept.used[slot]
    changes = n // SHARE
    if n - changes >= LEAST and changes > 0:
        set_band(h, values, n, changes)
        h.sum = float(log[first + changes].t + h.within)
        h.floor = float(changes - (place - first - n))  # at this instant, to come
    return distance(values, n, log[place].v) if n >= LEAST else np.nan


@inner
def renewed_at(kept: Sorted, h: Scalar, log: Records, start: Scalar, place: Scalar) -> Scalar:
    """As distance_at, in the window that ends at the last multiple of `floor` µs, not at t.

    `low` and `high` of `h` are where nothing departs, up to event time `sum`.
    """
    every = np.int64(h.floor)
    end_us = log[place].t // every * every
    h.sum = -np.inf
    begin = end_us - h.within
    if log[start].t > begin:
        return np.nan
    last = place
    while last > start and log[last - 1].t >= end_us:
        last -= 1
    first = last
    while first > start and log[first - 1].t >= begin:
        first -= 1
    n = last - first
    if n < LEAST:
        return np.nan
    values = kept.values[:n]
    for j in range(n):
        values[j] = log[first + j].v
    middle = median_of(values, n)
    for j in range(n):
        values[j] = abs(values[j] - middle)
    scale = SCALE * median_of(values, n)
    h.low = middle - scale * h.limit * MARGIN
    h.high = middle + scale * h.limit * MARGIN
    h.sum = float(end_us + every)
    away = abs(log[place].v - middle)
    if scale > 0.0:
        return away / scale
    return np.inf if away > 0.0 else 0.0


@inner
def median_of(values: Floats, n: Scalar) -> Scalar:
    """The median of the first `n` values, which are put in some other order."""
    upper = select(values, n, n // 2)
    if n % 2 == 1:
        return upper
    lower = values[0]
    for j in range(1, n // 2):
        lower = max(lower, values[j])
    return (lower + upper) / 2.0


@inner
def select(values: Floats, n: Scalar, rank: Scalar) -> Scalar:
    """The value of that rank among the first `n`; those of lower rank stand before it."""
    low, high = 0, n - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if rank <= j:
            high = j
        elif rank >= i:
            low = i
        else:
            return values[rank]
    return values[rank]


@inner
def set_band(h: Scalar, values: Floats, n: Scalar, changes: Scalar) -> None:
    """The values that do not depart while so many values went and so many came."""
    middle = (values[(n - 1) // 2] + values[n // 2]) / 2.0
    lowest, highest = values[(n - 1) // 2 - changes], values[n // 2 + changes]
    nearest = (n - 1) // 2 - changes + 1
    first = nearest_from(values, n, middle, nearest)
    deviation = max(middle - values[first], values[first + nearest - 1] - middle)
    reach = SCALE * h.limit * (deviation - max(middle - lowest, highest - middle)) * MARGIN
    h.low, h.high = highest - reach, lowest + reach


@inner
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


@inner
def gather(values: Floats, log: Records, start: Scalar, end: Scalar, begin: Scalar) -> Scalar:
    """Sort the values of the entries before `end` not older than `begin`; the first's place."""
    first = end
    while first > start and log[first - 1].t >= begin:
        first -= 1
        replace(values, end - first - 1, np.inf, log[first].v)
    return first


@inner
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


@inner
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


@inner
def let_go(kept: Sorted, h: Scalar, log: Records, start: Scalar, n: Scalar) -> None:
    """Before the first `n` entries of a log are dropped: a kept window that has them is unknown.

    The band may have held for so long that the window was last measured far behind.
    """
    slot, end = start // (len(kept.values) // len(kept.used)), start + h.used
    while end > start and log[end - 1].t >= kept.upto_us[slot]:
        end -= 1
    if end - kept.used[slot] < start + n:
        kept.used[slot], h.floor = UNKNOWN, 0.0


@inner
def retract(kept: Sorted, log: Records, slot: Scalar, used: Scalar, upto: Scalar) -> None:
    """Before late readings are merged: end the kept window before the earliest of them, `upto`."""
    capacity = len(kept.values) // len(kept.used)
    start = slot * capacity
    n, end = kept.used[slot], start + used
    while end > start and log[end - 1].t >= kept.upto_us[slot]:
        end -= 1
    while n > 0 and log[end - 1].t >= upto:
        end -= 1
        replace(kept.values[start : start + capacity], n, log[end].v, np.inf)
        n -= 1
    if n > 0:
        kept.used[slot], kept.upto_us[slot] = n, min(upto, kept.upto_us[slot])
    else:
        kept.used[slot] = UNKNOWN


@inner
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


@inner
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

"""Measures over a window of time: a look at a series' 64 bytes, exact where that is not enough.

Each series keeps a log of its last readings in event order. What its record knows of the window is
never too little: so long as even that does not reach the limit, a reading is only put into the
log. Else the window itself is measured, by the words of its kind, and the record is exact again.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bihuan.rules.kernels import baseline
from bihuan.rules.kernels.compiled import bare, inlined, inner
from bihuan.rules.kernels.rate import ratio_at
from bihuan.rules.kernels.records import MOST_FIXES, NEVER, SHIFT, Int64s, Records, Scalar
from bihuan.rules.kernels.total import add_anew, first_after, is_short, total_at

CHANGE, COUNT, EXPOSURE, RATE, BASELINE, RENEWED, AMOUNTS, RUNNING = range(8)
SUMMED = (COUNT, EXPOSURE, AMOUNTS, RUNNING)  # `m` of an entry: what was summed since the log began


class LogState(NamedTuple):
    """State of one windowed rule over n series with logs of equal capacity."""

    kind: Scalar  # int64, one of the above
    near_us: Scalar  # int64: lateness that the logs themselves can mend
    hot: Records  # WIDE[n]
    cold: Records  # COLD[n]
    tail: Records  # TAIL[n]
    log: Records  # LOG[n * capacity], each series sorted by time
    late: Records  # LATE[room] readings that wait for the end of their tick
    kept: baseline.Sorted


@inlined
def is_quiet(kind: Scalar, h: Scalar, e: Scalar) -> bool:
    """Whether a reading in order surely opens nothing in a series where nothing is open.

    Brings the record `h` up to it if so; `h.t` is still the reading before.
    """
    t, v = e.t, e.v
    e.m = 0.0
    if kind == CHANGE:
        low, high = min(h.low, v), max(h.high, v)
        if high - low > h.limit:
            return False
        h.low, h.high = low, high
        return True
    if kind in (COUNT, EXPOSURE):
        return is_little(kind, h, e)
    if kind == RENEWED:
        return bool((float(t) < h.sum) & (h.low <= v) & (v <= h.high))
    if kind == BASELINE:
        is_near = (h.floor > 0.0) & (float(t) <= h.sum) & (h.low <= v) & (v <= h.high)
        h.floor -= 1.0  # below 0 it says as much as at 0
        return bool(is_near)
    return bool(kind >= AMOUNTS and is_short(kind == RUNNING, h, e))


@inlined
def is_little(kind: Scalar, h: Scalar, e: Scalar) -> bool:
    """Whether all that was summed since before the window began is not enough."""
    total = h.sum
    if kind == COUNT:
        total += 1.0 if e.v < h.low or e.v > h.high else 0.0
    elif h.was != 0:
        total += float(e.t - h.t)
    if not total - h.floor <= h.limit:
        return False
    e.m = h.sum = total
    h.was = h.low < e.v < h.high
    return True


@inlined
def measure(state: LogState, h: Scalar, start: Scalar, place: Scalar) -> Scalar:
    """The measure of the entry at `place` of a log that begins at `start`; `h` becomes exact.

    `m` of an entry is its measure or, of a sum, what was summed since the log began. `h.used`
    entries are the log's.
    """
    kind, log = state.kind, state.log
    if kind == CHANGE:
        m = range_at(h, log, start, place)
    elif kind in (COUNT, EXPOSURE):
        set_sum(kind, h, log, start, place)
        return sum_at(kind, h, log, start, place)
    elif kind == RATE:
        m = ratio_at(h, log, start, place)
    elif kind >= AMOUNTS:
        return total_at(kind == RUNNING, h, log, start, place)
    elif kind == RENEWED:
        m = baseline.renewed_at(state.kept, h, log, start, place)
    else:
        m = baseline.distance_at(state.kept, h, log, start, place)
    log[place].m = m
    return m


@inner
def range_at(h: Scalar, log: Records, start: Scalar, place: Scalar) -> Scalar:
    """Highest less lowest value in [t - within, t], both ends in it.

    `h.floor` +1 = the entry itself less the lowest (a rise), -1 = the highest less it (a fall).
    """
    begin = log[place].t - h.within
    lowest = highest = log[place].v
    j = place - 1
    while j >= start and log[j].t >= begin:
        lowest = min(lowest, log[j].v)
        highest = max(highest, log[j].v)
        j -= 1
    h.low, h.high = lowest, highest
    if h.floor > 0.0:
        return log[place].v - lowest
    return highest - (log[place].v if h.floor < 0.0 else lowest)


@inner
def set_sum(kind: Scalar, h: Scalar, log: Records, start: Scalar, place: Scalar) -> None:
    """Sum up to an entry: readings beyond since the log began, or µs in the band."""
    e = log[place]
    e.m = 0.0
    if place > start:
        f = log[place - 1]
        e.m = f.m
        if kind == EXPOSURE and h.low < f.v < h.high:
            e.m += float(e.t - f.t)
    if kind == COUNT and (e.v < h.low or e.v > h.high):
        e.m += 1.0
    h.sum, h.was = e.m, h.low < e.v < h.high


@bare
def sum_at(kind: Scalar, h: Scalar, log: Records, start: Scalar, place: Scalar) -> Scalar:
    """The sum within the window alone: [t - within, t] counts both ends, exposure has none.

    Source: time above refrigeration and below hot holding is summed, GB 31654-2021.
    """
    begin = log[place].t - h.within - (1 if kind == COUNT else 0)
    a = first_after(log, start, place, begin)
    if a == start:
        f = log[start]
        h.floor = f.m - (1.0 if kind == COUNT and (f.v < h.low or f.v > h.high) else 0.0)
        return log[place].m - h.floor
    f = log[a - 1]
    h.floor = f.m
    m = log[place].m - f.m
    if kind == EXPOSURE and h.low < f.v < h.high:
        m -= float(begin - f.t)
    return m


@inner
def forget(kind: Scalar, h: Scalar) -> None:
    """Let the record know nothing: the next reading is measured in its window."""
    if kind == CHANGE:
        h.low, h.high = -np.inf, np.inf
    elif kind in SUMMED:
        h.floor = -np.inf
    elif kind == RENEWED:
        h.sum = -np.inf
    else:
        h.floor = 0.0


@inner
def step(h: Scalar, s: Scalar, x: Scalar, t: Scalar) -> Scalar:
    """State token after one measure: opens beyond the limit for so many readings in a row.

    A measure without value keeps what is open, and ends a row that has not opened yet.
    """
    if s & 1:
        return NEVER if x <= h.limit else s
    if not x > h.limit:
        return NEVER
    since, row = t, np.int64(1)
    if s != NEVER:
        since, row = s >> SHIFT, ((s >> 1) & MOST_FIXES) + 1
    return (t << SHIFT) | 1 if row >= h.fixes else (since << SHIFT) | (row << 1)


@bare
def judge_again(state: LogState, h: Scalar, start: Scalar, first: Scalar, s: Scalar) -> bool:
    """Measure and judge entries from place `first` on again; True = a token changed.

    `s` is the token before the first of them; the log begins at `start`.
    """
    is_changed = False
    for place in range(first, start + h.used):
        e = state.log[place]
        s = step(h, s, measure(state, h, start, place), e.t)
        is_changed = is_changed or e.s != s
        e.s = s
    h.is_on = s & 1
    return is_changed


@bare
def reach(kind: Scalar, h: Scalar) -> Scalar:
    """How far before a reading the log must go to measure it, µs."""
    return h.within + np.int64(h.floor) if kind == RENEWED else h.within


@inner
def drop_old(state: LogState, slot: Scalar) -> Scalar:
    """Drop of one log what no window can reach any more; the entries that remain.

    Cuts only between different instants, and always keeps an entry at or before the horizon.
    """
    h, q, log = state.hot[slot], state.tail[slot], state.log
    base = slot * (len(log) // len(state.hot))
    if h.used == 0 or q.is_merged != 0:  # what changed in it is still to be told
        return h.used
    horizon = log[base + h.used - 1].t - reach(state.kind, h) - state.near_us
    n = 0
    while n + 1 < h.used and log[base + n + 1].t <= horizon:
        n += 1
    while n > 0 and log[base + n - 1].t == log[base + n].t:
        n -= 1
    if n > 0:
        if state.kind == BASELINE:
            baseline.let_go(state.kept, h, log, base, n)
        q.before_t, q.before_s = log[base + n - 1].t, log[base + n - 1].s
        for j in range(n, h.used):
            e, f = log[base + j - n], log[base + j]
            e.t, e.v, e.m, e.s = f.t, f.v, f.m, f.s
        h.used -= n
        if state.kind >= AMOUNTS:
            add_anew(state.kind == RUNNING, h, log, base)
    return h.used


@bare
def drop_all_old(state: LogState) -> int:
    """Drop what no window reaches of every log; the fullest log's entries that remain."""
    fullest = 0
    for slot in range(len(state.hot)):
        fullest = max(fullest, drop_old(state, slot))
    return fullest


@bare
def checkpoints(state: LogState, times: Int64s, tokens: Int64s) -> None:
    """Fill for each series a moment from which its log tells all, and the token there.

    times  int64[n] the first that its window does not reach beyond the log; NEVER = there is none
    """
    capacity = len(state.log) // len(state.hot)
    for slot in range(len(state.hot)):
        base, h = slot * capacity, state.hot[slot]
        reached = state.log[base].t + reach(state.kind, h)
        times[slot] = NEVER
        for j in range(base, base + h.used - 1):
            e = state.log[j]
            # of two readings at one instant the first is no checkpoint
            if e.t >= reached and state.log[j + 1].t > e.t:
                times[slot], tokens[slot] = e.t, e.s
                break

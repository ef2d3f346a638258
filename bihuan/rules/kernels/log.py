"""Series with a log of their last readings: for measures over a window of time.

A reading in order is appended, measured by its kind and judged; a late one waits for the end of
its tick, is merged into the log, and what follows it is measured and judged again.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bihuan.rules.kernels.compiled import compiled
from bihuan.rules.kernels.records import (
    CHANGED,
    CLEARED,
    DUPLICATE,
    INTERRUPT,
    KEPT,
    MOST_FIXES,
    N_AHEAD,
    N_BAD,
    N_DIRTY,
    N_LATE,
    N_OUT,
    N_SAME,
    N_TAIL,
    N_TOO_LATE,
    NEVER,
    OPEN,
    OPENED,
    SHIFT,
    TOO_DEEP,
    Bools,
    Bounds,
    Floats,
    Int32s,
    Int64s,
    Out,
    Records,
    Rows,
    Scalar,
)

N_TOUCHED = N_TAIL + 1


class LogState(NamedTuple):
    """State of one windowed rule over n series with logs of equal capacity."""

    hot: Records  # WIDE[n]
    cold: Records  # COLD[n]
    log: Records  # LOG[n * capacity], each series sorted by time
    late_slot: Int32s  # int32[room] readings that wait for the end of their tick
    late_t: Int64s
    late_v: Floats
    row: Int64s  # int64[room] rows appended by the last call
    place: Int64s  # int64[room] where in the log they stand


class Late(NamedTuple):
    """Readings that waited, of one series after another, as they came."""

    times: Int64s
    values: Floats


@compiled
def take(state: LogState, rows: Rows, bounds: Bounds, out: Out, start: int) -> int:
    """Append rows in order from `start` on; the index of the first row not taken.

    Stops at a full log and before the first row of a series whose past changed in an earlier
    tick. The waiting room holds at least one place per row.
    """
    capacity = len(state.log) // len(state.hot)
    room = min(len(state.row), len(out.emissions))
    touched = 0
    stop = len(rows.slot)
    for i in range(start, len(rows.slot)):
        slot, t, v = rows.slot[i], rows.time_us[i], rows.measure[i]
        h = state.hot[slot]
        is_plain = t <= rows.arrival_us[i] + bounds.ahead_us and v - v == 0.0
        found = KEPT
        if not (is_plain and t > h.t):
            found = irregular(state, rows, bounds, out, i)
        if found == INTERRUPT or (found == KEPT and (h.used == capacity or touched == room)):
            stop = i
            break
        if found == KEPT:
            place = slot * capacity + h.used
            e = state.log[place]
            e.t, e.v = t, v
            h.t = t
            h.used += 1
            state.row[touched] = i
            state.place[touched] = place
            touched += 1
    out.counts[N_TOUCHED] = touched
    return stop


@compiled
def irregular(state: LogState, rows: Rows, bounds: Bounds, out: Out, i: Scalar) -> Scalar:
    """Sort out a row that is not plainly in order; KEPT = append it after all."""
    slot, t, v, arrival = rows.slot[i], rows.time_us[i], rows.measure[i], rows.arrival_us[i]
    h, q = state.hot[slot], state.cold[slot]
    if q.tick != NEVER and arrival // bounds.tick_us > q.tick:
        return INTERRUPT
    last = h.t if q.tick == NEVER else q.last
    counted = N_BAD if v - v != 0.0 else -1
    if counted < 0 and t > arrival + bounds.ahead_us:
        counted = N_AHEAD
    if counted < 0 and t < last and t < arrival - bounds.bound_us:
        counted = N_TOO_LATE
    if counted < 0 and t == last and q.tick == NEVER:
        found = seen_at(state.log, slot * (len(state.log) // len(state.hot)), h.used, t, v)
        if found == KEPT:
            return KEPT
        counted = N_SAME
    if counted >= 0:
        out.counts[counted] += 1
        return DUPLICATE
    wait(state, rows, bounds, out, i)
    return CHANGED


@compiled
def wait(state: LogState, rows: Rows, bounds: Bounds, out: Out, i: Scalar) -> None:
    """Keep a late reading, and all that follow it in its series, until the tick is over."""
    slot, t = rows.slot[i], rows.time_us[i]
    h, q = state.hot[slot], state.cold[slot]
    n = out.counts[N_TAIL]
    state.late_slot[n] = slot
    state.late_t[n] = t
    state.late_v[n] = rows.measure[i]
    out.counts[N_TAIL] += 1
    out.counts[N_LATE] += 1
    if q.tick == NEVER:
        q.tick = rows.arrival_us[i] // bounds.tick_us
        q.last = h.t
        h.t = OPEN
        out.dirty[out.counts[N_DIRTY]] = slot
        out.counts[N_DIRTY] += 1
    q.last = max(q.last, t)
    if t <= q.next_t:
        q.next_t = NEVER


@compiled
def seen_at(log: Records, base: Scalar, used: Scalar, t: Scalar, v: Scalar) -> Scalar:
    """DUPLICATE when `v` stands at instant `t` at the end of the first `used` entries."""
    for j in range(used - 1, -1, -1):
        e = log[base + j]
        if e.t != t:
            return KEPT
        if e.v == v:
            return DUPLICATE
    return KEPT


@compiled
def step(h: Scalar, s: Scalar, x: Scalar, t: Scalar) -> Scalar:
    """State token after one measure, by the words of kernels/beyond.py."""
    if s & 1:
        return NEVER if x <= h.clear else s
    if not x > h.limit:  # not "<=", so that a measure without value resets
        return NEVER
    if s == NEVER:
        s = t << SHIFT
    seen = min(((s >> 1) & MOST_FIXES) + 1, h.fixes)
    if seen >= h.fixes and t - (s >> SHIFT) >= h.hold:
        return (t << SHIFT) | 1
    return ((s >> SHIFT) << SHIFT) | (seen << 1)


@compiled
def judge(state: LogState, rows: Rows, out: Out) -> None:
    """Judge the appended rows, measured by now, and tell what they bring."""
    capacity = len(state.log) // len(state.hot)
    for k in range(out.counts[N_TOUCHED]):
        place = state.place[k]
        slot = place // capacity
        h = state.hot[slot]
        e = state.log[place]
        before = h.before_s if place == slot * capacity else state.log[place - 1].s
        e.s = step(h, before, e.m, e.t)
        if (e.s ^ before) & 1:
            tell(state, rows, k, before, out)


@compiled
def tell(state: LogState, rows: Rows, k: Scalar, before: Scalar, out: Out) -> None:
    """Emit the opening or clearing that an appended reading brought."""
    entry = state.log[state.place[k]]
    slot = rows.slot[state.row[k]]
    q = state.cold[slot]
    e = out.emissions[out.counts[N_OUT]]
    out.counts[N_OUT] += 1
    if entry.s & 1:
        q.finding = q.minted
        q.minted += 1
        q.n = 1
        q.opened = entry.t
        q.since = entry.t if before == NEVER else before >> SHIFT
        q.measure = entry.m
        e.what = OPENED
        e.cleared_us = OPEN
    else:
        q.n += 1
        e.what = CLEARED
        e.cleared_us = entry.t
    e.label_us = rows.arrival_us[state.row[k]]
    e.opened_us = q.opened
    e.since_us = q.since
    e.measure = q.measure
    e.slot = slot
    e.finding = q.finding
    e.n = q.n
    e.phase = 1


@compiled
def merge(
    state: LogState, slots: Int64s, late: Late, starts: Int64s, ends: Int64s, reach_us: Int64s
) -> Int64s:
    """Merge waiting readings, as they came, into logs with room for them; int64[k].

    slots     int64[k] series, each once; its readings are late[starts to ends)
    reach_us  int64[k] how far before a reading its log must reach

    Returns for each the first place in its log that changed, `used` when all were known
    already, or -TOO_DEEP when the log does not reach; then nothing is merged.
    """
    firsts = np.empty(len(slots), np.int64)
    for k in range(len(slots)):
        base = slots[k] * (len(state.log) // len(state.hot))
        h = state.hot[slots[k]]
        earliest = late.times[starts[k] : ends[k]].min()
        if h.before_t != NEVER and earliest - reach_us[k] <= state.log[base].t:
            firsts[k] = -TOO_DEEP
            continue
        first = h.used + ends[k] - starts[k]
        for i in range(starts[k], ends[k]):
            first = min(first, put(h, state.log, base, late.times[i], late.values[i]))
        firsts[k] = min(first, h.used)
    return firsts


@compiled
def put(h: Scalar, log: Records, base: Scalar, t: Scalar, v: Scalar) -> Scalar:
    """Put a reading into its place in a log; the place, or past the end when it was known."""
    j = h.used
    while j > 0 and log[base + j - 1].t > t:
        j -= 1
    if seen_at(log, base, j, t, v) == DUPLICATE:
        return OPEN
    for m in range(h.used, j, -1):
        e, f = log[base + m], log[base + m - 1]
        e.t, e.v, e.m, e.s, e.p = f.t, f.v, f.m, f.s, f.p
    e = log[base + j]
    e.t, e.v = t, v
    e.s = log[base + j - 1].s if j > 0 else h.before_s  # as if it changed nothing
    h.used += 1
    return j


@compiled
def judge_merged(state: LogState, slots: Int64s, firsts: Int64s) -> Bools:
    """Judge each log again from the first place that changed on; True = a token changed."""
    changed = np.empty(len(slots), np.bool_)
    for k in range(len(slots)):
        base = slots[k] * (len(state.log) // len(state.hot))
        h, first = state.hot[slots[k]], firsts[k]
        before = state.log[base + first - 1].s if first > 0 else h.before_s
        changed[k] = judge_again(h, state.log, base, first, before)
    return changed


@compiled
def judge_again(h: Scalar, log: Records, base: Scalar, first: Scalar, s: Scalar) -> bool:
    """Judge the entries of one log from `first` on again; True = a token changed.

    `s` is the token before the first of them.
    """
    is_changed = False
    for j in range(first, h.used):
        e = log[base + j]
        s = step(h, s, e.m, e.t)
        is_changed = is_changed or e.s != s
        e.s = s
    return is_changed


@compiled
def compact(state: LogState, keep_us: Scalar) -> Scalar:
    """Drop what no window can reach any more; the fullest log's entries that remain.

    Cuts only between different instants, and always keeps an entry at or before the horizon.
    """
    capacity = len(state.log) // len(state.hot)
    fullest = 0
    for slot in range(len(state.hot)):
        h = state.hot[slot]
        base = slot * capacity
        horizon = state.log[base + h.used - 1].t - keep_us if h.used else 0
        n = 0
        while n + 1 < h.used and state.log[base + n + 1].t <= horizon:
            n += 1
        while n > 0 and state.log[base + n - 1].t == state.log[base + n].t:
            n -= 1
        if n > 0:
            h.before_t = state.log[base + n - 1].t
            h.before_s = state.log[base + n - 1].s
            for j in range(n, h.used):
                e, f = state.log[base + j - n], state.log[base + j]
                e.t, e.v, e.m, e.s, e.p = f.t, f.v, f.m, f.s, f.p
            h.used -= n
        fullest = max(fullest, h.used)
    return fullest

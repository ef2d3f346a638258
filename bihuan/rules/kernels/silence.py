"""Series not heard from for longer than their limit, found by time passing.

A gap is silence when it is strictly longer than the limit: it opened at last + limit and is
cleared by the next reading. Time passing is the recorded time of the lane. Each series stands
once in a wheel of buckets, at a time when it may be due; when that time has passed it is fired
or moved on. A series costs the wheel one look per limit, not one per reading.
"""

from __future__ import annotations

from typing import NamedTuple

from bihuan.rules.kernels.compiled import compiled, inlined
from bihuan.rules.kernels.records import (
    CHANGED,
    CLEARED,
    DUPLICATE,
    INTERRUPT,
    KEPT,
    N_AHEAD,
    N_BAD,
    N_DEEP,
    N_DIRTY,
    N_LATE,
    N_OUT,
    N_SAME,
    N_TOO_LATE,
    NEVER,
    OPEN,
    OPENED,
    RING,
    TOO_DEEP,
    WITHDRAWN,
    Bounds,
    Int32s,
    Int64s,
    Out,
    Records,
    Rows,
    Scalar,
)

BUCKETS = 1024
CURSOR, SOONEST, GRANULE = range(3)


class QuietState(NamedTuple):
    """State of one silence rule over n series."""

    hot: Records  # QUIET[n]
    cold: Records  # COLD[n]
    ring: Int64s  # int64[n * RING] event times
    bucket: Int32s  # int32[BUCKETS] first slot of each bucket, -1 = none
    follows: Int32s  # int32[n] next slot in the same bucket, -1 = last
    wheel: Int64s  # int64[3] cursor, soonest due time in its bucket, µs per bucket


@compiled
def run(state: QuietState, rows: Rows, bounds: Bounds, out: Out, start: int) -> int:
    """Take rows from `start` on; the index of the first row not taken, as in beyond.run."""
    hot, ring = state.hot, state.ring
    slots, times, arrivals, measures = rows.slot, rows.time_us, rows.arrival_us, rows.measure
    ahead_us, room = bounds.ahead_us, len(out.emissions) - len(hot) - 2
    is_full = False
    for i in range(start, len(slots)):
        t, v, a = times[i], measures[i], arrivals[i]
        h = hot[slots[i]]
        if t > h.t and t <= a + ahead_us and v - v == 0.0:
            if not h.is_due or max(t, a) - h.t > h.limit:
                after_gap(state, rows, bounds, out, i)
                is_full = out.counts[N_OUT] >= room
            h.t = t
            h.heard = a
            ring[slots[i] * RING + h.head] = t
            h.head = h.head + 1 if h.head + 1 < RING else 0
            if h.used < RING:
                h.used += 1
        elif irregular(state, rows, bounds, out, i) == INTERRUPT:
            return i
        else:
            is_full = out.counts[N_OUT] >= room
        if is_full:
            return i + 1
    return len(slots)


@compiled
def due_label(h: Scalar, q: Scalar, tick_us: Scalar) -> Scalar:
    """Recorded time from which the series is silent: past its limit, and its tick over."""
    if q.tick != NEVER:
        return max(q.last + h.limit + 1, (max(h.heard // tick_us, q.tick) + 1) * tick_us)
    return max(h.t + h.limit + 1, (h.heard // tick_us + 1) * tick_us)


@compiled
def after_gap(state: QuietState, rows: Rows, bounds: Bounds, out: Out, i: Scalar) -> None:
    """End, or take back, what the wheel said or should have said before this reading."""
    slot, t, a = rows.slot[i], rows.time_us[i], rows.arrival_us[i]
    h, q = state.hot[slot], state.cold[slot]
    if h.t != NEVER:
        fire_if_due(state, slot, bounds, out, a)
        is_gap = t - h.t > h.limit
        if is_gap and not h.is_fired:
            tell(out, q, slot, a, OPENED, h.t + h.limit)
        if is_gap:
            tell(out, q, slot, a, CLEARED, t)
        elif h.is_fired:
            tell(out, q, slot, a, WITHDRAWN, OPEN)
    h.is_fired = 0
    if not h.is_due:
        set_due(state, slot, max(t + h.limit, a), a)


@compiled
def fire_if_due(state: QuietState, slot: Scalar, bounds: Bounds, out: Out, now_us: Scalar) -> None:
    """Open the silence that time has brought by `now_us`, if it is not open yet."""
    h, q = state.hot[slot], state.cold[slot]
    label = due_label(h, q, bounds.tick_us)
    if not h.is_fired and q.tick == NEVER and label <= now_us:
        tell(out, q, slot, label, OPENED, h.t + h.limit)
        out.emissions[out.counts[N_OUT] - 1].phase = 0
        h.is_fired = 1


@compiled
def tell(out: Out, q: Scalar, slot: Scalar, label: Scalar, what: Scalar, at_us: Scalar) -> None:
    """Emit one statement; `at_us` is the opening or the clearing time."""
    e = out.emissions[out.counts[N_OUT]]
    out.counts[N_OUT] += 1
    if what == OPENED:
        q.finding = q.minted
        q.minted += 1
        q.n = 0
        q.opened = at_us
        q.since = at_us
    q.n += 1
    e.what = what
    e.cleared_us = at_us if what == CLEARED else OPEN
    e.label_us = label
    e.opened_us = q.opened
    e.since_us = q.since
    e.measure = 0.0
    e.slot = slot
    e.finding = q.finding
    e.n = q.n
    e.phase = 1


@inlined
def irregular(state: QuietState, rows: Rows, bounds: Bounds, out: Out, i: Scalar) -> Scalar:
    """Take a row that is late, twice, bad, ahead of time, or of a series being mended."""
    slot = rows.slot[i]
    h, q = state.hot[slot], state.cold[slot]
    t, v, arrival = rows.time_us[i], rows.measure[i], rows.arrival_us[i]
    if q.tick != NEVER and arrival // bounds.tick_us > q.tick:
        return INTERRUPT
    last = h.t if q.tick == NEVER else q.last
    counted = N_BAD if v - v != 0.0 else -1
    if counted < 0 and t > arrival + bounds.ahead_us:
        counted = N_AHEAD
    if counted < 0 and t < last and t < arrival - bounds.bound_us:
        counted = N_TOO_LATE
    if counted >= 0:
        out.counts[counted] += 1
        return KEPT
    late(state, rows, bounds, out, i)
    return KEPT


@inlined
def late(state: QuietState, rows: Rows, bounds: Bounds, out: Out, i: Scalar) -> None:
    """Put a late reading into its place; a changed past is told when the tick is over."""
    slot, t, arrival = rows.slot[i], rows.time_us[i], rows.arrival_us[i]
    h, q = state.hot[slot], state.cold[slot]
    if q.tick == NEVER:
        fire_if_due(state, slot, bounds, out, arrival)
    found = KEPT if q.is_deep else insert(state.ring, slot, h, t)
    if found == DUPLICATE:
        out.counts[N_SAME] += 1
        return
    out.counts[N_LATE] += 1
    if t <= q.next_t:
        q.next_t = NEVER
    if q.tick == NEVER:
        if found == KEPT:
            return
        q.tick = arrival // bounds.tick_us
        q.last = h.t
        q.from_us = t
        h.t = OPEN
        out.dirty[out.counts[N_DIRTY]] = slot
        out.counts[N_DIRTY] += 1
    q.from_us = min(q.from_us, t)
    if t > q.last:
        q.last = t
        h.heard = arrival
        h.is_fired = 0
    if found == TOO_DEEP:
        q.is_deep = 1
        out.counts[N_DEEP] += 1


@compiled
def insert(ring: Int64s, slot: Scalar, h: Scalar, t: Scalar) -> Scalar:
    """Insert an event time; KEPT when no silence can have changed, else as in beyond.insert."""
    base = slot * RING
    d = 0
    while d < h.used and ring[base + (h.head - 1 - d) % RING] > t:
        d += 1
    if d < h.used and ring[base + (h.head - 1 - d) % RING] == t:
        return DUPLICATE
    if d == h.used and h.used == RING:
        return TOO_DEEP
    # a series begins with its first reading: before that there is no gap
    before = ring[base + (h.head - 1 - d) % RING] if d < h.used else t
    after = ring[base + (h.head - d) % RING] if d > 0 else t
    is_changed = after - before > h.limit
    h.head = h.head + 1 if h.head + 1 < RING else 0
    h.used = min(h.used + 1, RING)
    for j in range(d):
        ring[base + (h.head - 1 - j) % RING] = ring[base + (h.head - 2 - j) % RING]
    ring[base + (h.head - 1 - d) % RING] = t
    return CHANGED if is_changed else KEPT


@compiled
def set_due(state: QuietState, slot: Scalar, at_us: Scalar, now_us: Scalar) -> None:
    """Put a slot into the wheel, to be looked at when `at_us` has passed."""
    wheel = state.wheel
    if wheel[CURSOR] == NEVER:
        wheel[CURSOR] = now_us // wheel[GRANULE]
    b = min(max(at_us // wheel[GRANULE], wheel[CURSOR]), wheel[CURSOR] + BUCKETS - 1)
    if b == wheel[CURSOR]:
        wheel[SOONEST] = min(wheel[SOONEST], at_us)
    state.follows[slot] = state.bucket[b % BUCKETS]
    state.bucket[b % BUCKETS] = slot
    state.hot[slot].is_due = 1


@compiled
def pass_time(state: QuietState, bounds: Bounds, out: Out, now_us: Scalar) -> None:
    """Fire every series that is silent at recorded time `now_us`.

    The output needs room for one emission per series.
    """
    wheel = state.wheel
    target = now_us // wheel[GRANULE]
    first = wheel[CURSOR]
    if first == NEVER or target < first or (target == first and wheel[SOONEST] > now_us):
        return
    hot, bucket, follows, granule = state.hot, state.bucket, state.follows, wheel[GRANULE]
    wheel[CURSOR] = target
    wheel[SOONEST] = OPEN
    for passed in range(max(first, target - BUCKETS + 1), target + 1):
        slot = bucket[passed & (BUCKETS - 1)]
        bucket[passed & (BUCKETS - 1)] = -1
        while slot >= 0:
            follower = follows[slot]
            h = hot[slot]
            due = h.t + h.limit + 1
            # heard since: moves on. In full here: as a function it cost ten times as much
            if h.t != OPEN and due > now_us:
                b = min(due // granule, target + BUCKETS - 1)
                if b == target:
                    wheel[SOONEST] = min(wheel[SOONEST], due)
                follows[slot] = bucket[b & (BUCKETS - 1)]
                bucket[b & (BUCKETS - 1)] = slot
            else:
                look(state, slot, bounds, out, now_us)
            slot = follower


@compiled
def look(state: QuietState, slot: Scalar, bounds: Bounds, out: Out, now_us: Scalar) -> None:
    """Fire a slot taken from the wheel if it is due, else put it back."""
    h = state.hot[slot]
    h.is_due = 0
    fire_if_due(state, slot, bounds, out, now_us)
    if not h.is_fired:
        set_due(state, slot, due_label(h, state.cold[slot], bounds.tick_us), now_us)

"""A measure beyond its limit, held for a time, with hysteresis: judged at once, exact in the end.

Opens at the first reading that is strictly beyond the limit, is at least the `fixes`-th such
reading in a row, and lies at least `hold` after the first of them. Clears at the first reading
at or past `clear`. A reading in order costs one step; a late one is put into its place in the
series' ring and the entries after it are judged again until old and new state agree.

A cooling is judged by the same loop with other steps: see cool.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bihuan.rules.kernels.compiled import compiled, inlined
from bihuan.rules.kernels.records import (
    CHANGED,
    CLEARED,
    DUPLICATE,
    INTERRUPT,
    KEPT,
    MOST_FIXES,
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
    SHIFT,
    TOO_DEEP,
    Bounds,
    Floats,
    Int64s,
    Out,
    Records,
    Rows,
    Scalar,
)

FIRST_LEG, SECOND_LEG = 1, 2


class HoldState(NamedTuple):
    """State of one rule over n series."""

    hot: Records  # HOT[n]
    cold: Records  # COLD[n]
    ring: Records  # ENTRY[n * RING]


@compiled
def run(state: HoldState, rows: Rows, bounds: Bounds, out: Out, start: int) -> int:
    """Judge rows from `start` on; the index of the first row not judged.

    Stops early when the output is full, or before the first row of a series whose past changed
    in an earlier tick: the caller tells that change first and calls again.
    The common case stands here in full: called as a function it ran at a tenth of the speed.
    """
    hot, ring = state.hot, state.ring
    slots, times, arrivals, measures = rows.slot, rows.time_us, rows.arrival_us, rows.measure
    sign, ahead_us, room = bounds.sign, bounds.ahead_us, len(out.emissions) - 1
    is_full = False
    for i in range(start, len(slots)):
        t, v = times[i], measures[i]
        h = hot[slots[i]]
        # v - v is NaN for NaN and infinities: they take the slow path and are only counted
        if t > h.t and t <= arrivals[i] + ahead_us and v - v == 0.0:
            s = h.s
            if s != NEVER or sign * v > h.limit:
                s = step(h, s, sign * v, t)
                if (s ^ h.s) & 1:
                    tell(state, rows, i, s, out)
                h.s = s
                is_full = out.counts[N_OUT] >= room
            h.t = t
            e = ring[slots[i] * RING + h.head]
            e.t, e.v, e.s = t, v, s
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
def step(h: Scalar, s: Scalar, x: Scalar, t: Scalar) -> Scalar:
    """State token after one value `x` (times sign) at event time `t`."""
    if h.more > 0:
        return cool(h, s, x, t)
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
def cool(h: Scalar, s: Scalar, x: Scalar, t: Scalar) -> Scalar:
    """State token of a cooling after temperature `x` at event time `t`.

    An even token holds when the leg began and which it is. Beyond `limit` is hot, at or below
    `middle` the first leg is done, at or below `clear` the second; `hold` and `more` are how
    long they may take.
    """
    if x <= h.clear:
        return NEVER
    if x > h.limit:
        return (t << SHIFT) | (FIRST_LEG << 1)
    if s == NEVER or s & 1:
        return s
    began, leg = s >> SHIFT, (s >> 1) & MOST_FIXES
    if t - began > (h.hold if leg == FIRST_LEG else h.more):
        return (t << SHIFT) | 1
    if leg == FIRST_LEG and x <= h.middle:
        return (t << SHIFT) | (SECOND_LEG << 1)
    return s


@compiled
def advance(state: HoldState, rows: Rows, bounds: Bounds, out: Out, i: Scalar) -> None:
    """Judge a reading at the same instant as the newest of its series."""
    h = state.hot[rows.slot[i]]
    t, v = rows.time_us[i], rows.measure[i]
    s = step(h, h.s, bounds.sign * v, t)
    if (s ^ h.s) & 1:
        tell(state, rows, i, s, out)
    h.s = s
    make_room(state.ring, rows.slot[i] * RING, h, 0)
    e = state.ring[rows.slot[i] * RING + (h.head - 1) % RING]
    e.t, e.v, e.s = t, v, s


@compiled
def tell(state: HoldState, rows: Rows, i: Scalar, s: Scalar, out: Out) -> None:
    """Emit the opening or clearing that a reading in order brought."""
    slot = rows.slot[i]
    t = rows.time_us[i]
    q = state.cold[slot]
    before = state.hot[slot].s
    e = out.emissions[out.counts[N_OUT]]
    out.counts[N_OUT] += 1
    if s & 1:
        q.finding = q.minted
        q.minted += 1
        q.n = 1
        q.opened = s >> SHIFT
        q.since = t if before == NEVER else before >> SHIFT
        q.measure = rows.measure[i]
        e.what = OPENED
        e.cleared_us = OPEN
    else:
        q.n += 1
        e.what = CLEARED
        e.cleared_us = t
    e.label_us = rows.arrival_us[i]
    e.opened_us = q.opened
    e.since_us = q.since
    e.measure = q.measure
    e.slot = slot
    e.finding = q.finding
    e.n = q.n
    e.phase = 1


@inlined
def irregular(state: HoldState, rows: Rows, bounds: Bounds, out: Out, i: Scalar) -> Scalar:
    """Judge a row that is late, twice, bad, ahead of time, or of a series being mended."""
    h, q = state.hot[rows.slot[i]], state.cold[rows.slot[i]]
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
    found = TOO_DEEP
    if t == last and q.tick == NEVER:
        found = seen_at(state.ring, rows.slot[i], h, 0, t, v)
    if found == DUPLICATE:
        out.counts[N_SAME] += 1
    elif found == KEPT:
        advance(state, rows, bounds, out, i)
    else:
        late(state, rows, bounds, out, i)
    return KEPT


@inlined
def late(state: HoldState, rows: Rows, bounds: Bounds, out: Out, i: Scalar) -> None:
    """Put a late reading into its place; a changed past is told when the tick is over."""
    slot, t = rows.slot[i], rows.time_us[i]
    h, q = state.hot[slot], state.cold[slot]
    found = KEPT
    if not q.is_deep:
        found = insert(state.ring, slot, h, t, rows.measure[i], bounds.sign)
    if found == DUPLICATE:
        out.counts[N_SAME] += 1
        return
    out.counts[N_LATE] += 1
    if t <= q.next_t:
        q.next_t = NEVER
    if q.tick != NEVER:
        q.last = max(q.last, t)
    elif found != KEPT:
        q.tick = rows.arrival_us[i] // bounds.tick_us
        q.last = h.t
        q.from_us = t
        h.t = OPEN
        out.dirty[out.counts[N_DIRTY]] = slot
        out.counts[N_DIRTY] += 1
    q.from_us = min(q.from_us, t) if q.tick != NEVER else q.from_us
    if found == TOO_DEEP:
        q.is_deep = 1
        out.counts[N_DEEP] += 1


@compiled
def seen_at(ring: Records, slot: Scalar, h: Scalar, d: Scalar, t: Scalar, v: Scalar) -> Scalar:
    """Whether `v` stands among the entries at instant `t`, the newest of them at depth `d`.

    KEPT = no, DUPLICATE = yes, TOO_DEEP = the ring is full and begins at that same instant.
    """
    for j in range(d, h.used):
        e = ring[slot * RING + (h.head - 1 - j) % RING]
        if e.t != t:
            return KEPT
        if e.v == v:
            return DUPLICATE
    return TOO_DEEP if h.used == RING else KEPT


@compiled
def insert(ring: Records, slot: Scalar, h: Scalar, t: Scalar, v: Scalar, sign: Scalar) -> Scalar:
    """Insert into the ring behind all entries not younger, and judge again from there.

    Returns KEPT when no interval changed, CHANGED, DUPLICATE, or TOO_DEEP when the state before
    the place is gone: a full ring does not know what stood before its first entry.
    """
    base = slot * RING
    d = 0
    while d < h.used and ring[base + (h.head - 1 - d) % RING].t > t:
        d += 1
    found = seen_at(ring, slot, h, d, t, v)
    if found != KEPT:
        return found
    before = NEVER
    if d < h.used:
        before = ring[base + (h.head - 1 - d) % RING].s
    s = step(h, before, sign * v, t)
    make_room(ring, base, h, d)
    e = ring[base + (h.head - 1 - d) % RING]
    e.t, e.v, e.s = t, v, s
    is_changed = (s | before) & 1 == 1 and s != before
    return CHANGED if judge_again(ring, base, h, d, sign) or is_changed else KEPT


@compiled
def make_room(ring: Records, base: Scalar, h: Scalar, d: Scalar) -> None:
    """Move the `d` newest entries up by one; of a full ring the oldest goes."""
    h.head = h.head + 1 if h.head + 1 < RING else 0
    h.used = min(h.used + 1, RING)
    for j in range(d):
        e = ring[base + (h.head - 1 - j) % RING]
        f = ring[base + (h.head - 2 - j) % RING]
        e.t, e.v, e.s = f.t, f.v, f.s


@compiled
def judge_again(ring: Records, base: Scalar, h: Scalar, d: Scalar, sign: Scalar) -> bool:
    """Judge the `d` newest entries again until the states agree; True = an interval changed."""
    s = ring[base + (h.head - 1 - d) % RING].s
    is_changed = False
    for j in range(d - 1, -1, -1):
        e = ring[base + (h.head - 1 - j) % RING]
        s = step(h, s, sign * e.v, e.t)
        if s == e.s:
            return is_changed
        if (s | e.s) & 1:
            is_changed = True
        e.s = s
    h.s = s
    return is_changed


@compiled
def fold(h: Scalar, times: Int64s, measure: Floats, s: Scalar, sign: Scalar) -> Int64s:
    """State token int64[n] after each reading of one series in event order, from token `s`."""
    after = np.empty(len(times), np.int64)
    for i in range(len(times)):
        s = step(h, s, sign * measure[i], times[i])
        after[i] = s
    return after

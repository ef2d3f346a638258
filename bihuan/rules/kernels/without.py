"""One event without another within a time: found by time passing, exact in the end.

Readings come as marks: STARTS begins a wait unless one runs already, ENDS ends it, anything else
is heard and no more. A wait that is not ended within `gap` opens a finding at its beginning + gap,
cleared by the next ENDS; an ENDS that comes late, but lies in time, takes it back. At one instant
an ENDS follows any STARTS. A state token is the beginning of the wait that runs, or NEVER.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bihuan.rules.kernels.compiled import bare, compiled, inner
from bihuan.rules.kernels.records import (
    CHANGED,
    CLEARED,
    DUPLICATE,
    INTERRUPT,
    KEPT,
    N_DEEP,
    N_DIRTY,
    N_LATE,
    N_OUT,
    N_SAME,
    NEVER,
    OPEN,
    OPENED,
    RING,
    TOO_DEEP,
    WITHDRAWN,
    Bounds,
    Floats,
    Int64s,
    Out,
    Records,
    Rows,
    Scalar,
    Waiting,
)
from bihuan.rules.kernels.ring import refused
from bihuan.rules.kernels.wheel import BUCKETS, GRANULE, due_label, fire, set_due, tell, turn

HEARD, STARTS, ENDS = 0.0, 1.0, 2.0


class WithoutState(NamedTuple):
    """State of one rule over n series; the rings hold its events only."""

    hot: Records  # SPOT[n]; `gap` is how long a wait may last
    cold: Records  # COLD[n]
    ring: Records  # ENTRY[n * RING]
    waiting: Waiting


@bare
def run(state: WithoutState, rows: Rows, bounds: Bounds, out: Out, start: int) -> int:
    """Take rows from `start` on; the index of the first row not taken, as in watch.run."""
    room = len(out.emissions) - len(state.hot) - 4
    for i in range(start, len(rows.slot)):
        slot, t, v, a = rows.slot[i], rows.time_us[i], rows.measure[i], rows.arrival_us[i]
        h = state.hot[slot]
        if t > h.t and t <= a + bounds.ahead_us and v - v == 0.0:
            if v != HEARD:
                event(state, rows, bounds, out, i)
            h.t = t
        elif irregular(state, rows, bounds, out, i) == INTERRUPT:
            return i
        if out.counts[N_OUT] > room:
            return i + 1
    return len(rows.slot)


@inner
def newest(h: Scalar, ring: Records, slot: Scalar, d: Scalar) -> Scalar:
    """The entry at depth `d`; 0 is the newest."""
    place = np.int64(h.head) - 1 - d
    return ring[slot * RING + (place if place >= 0 else place + RING)]


@inner
def token(h: Scalar, ring: Records, slot: Scalar) -> Scalar:
    """When the wait that runs began; NEVER = none does."""
    return newest(h, ring, slot, 0).s if h.used > 0 else NEVER


@inner
def step(s: Scalar, v: Scalar, t: Scalar) -> Scalar:
    """State token after the event `v` at `t`."""
    if v == ENDS:
        return NEVER
    return t if s == NEVER else s


@inner
def push(h: Scalar, ring: Records, slot: Scalar, d: Scalar) -> Scalar:
    """Make room at depth `d`, the newest moving up; the entry to fill. The oldest goes."""
    h.head = h.head + 1 if h.head + 1 < RING else 0
    h.used = min(h.used + 1, RING)
    for j in range(d):
        e, f = newest(h, ring, slot, j), newest(h, ring, slot, j + 1)
        e.t, e.v, e.s, e.a = f.t, f.v, f.s, f.a
    return newest(h, ring, slot, d)


@inner
def event(state: WithoutState, rows: Rows, bounds: Bounds, out: Out, i: Scalar) -> None:
    """Take an event in order: it begins a wait, or ends one, or comes too late for it."""
    slot, t, v, a = rows.slot[i], rows.time_us[i], rows.measure[i], rows.arrival_us[i]
    h, q = state.hot[slot], state.cold[slot]
    began = token(h, state.ring, slot)
    fire_if_due(h, state, bounds, out, slot, a)
    if began != NEVER and v == ENDS:
        is_over = t - began > h.gap
        if is_over and h.is_fired == 0:
            tell(out, q, slot, a, OPENED, began + h.gap)
        if is_over:
            tell(out, q, slot, a, CLEARED, t)
        elif h.is_fired != 0:
            tell(out, q, slot, a, WITHDRAWN, OPEN)
        h.is_fired = 0
    s = step(began, v, t)
    e = push(h, state.ring, slot, 0)
    e.t, e.v, e.s, e.a = t, v, s, a
    if s != NEVER and h.is_due == 0 and h.is_fired == 0:
        h.limit = set_due(h, state.waiting, slot, max(s + h.gap, a), a)


@inner
def irregular(state: WithoutState, rows: Rows, bounds: Bounds, out: Out, i: Scalar) -> Scalar:
    """Take a row that is late, twice, bad, ahead of time, or of a series being mended."""
    slot, t, v, a = rows.slot[i], rows.time_us[i], rows.measure[i], rows.arrival_us[i]
    h, q = state.hot[slot], state.cold[slot]
    if q.tick != NEVER and a // bounds.tick_us > q.tick:
        return INTERRUPT
    last = h.t if q.tick == NEVER else q.last
    counted = refused(bounds, t, v, a, last)
    if counted < 0:
        fire_if_due(h, state, bounds, out, slot, a)
        found = insert(state, rows, slot, i) if v != HEARD else KEPT
        counted = N_SAME if found == DUPLICATE else N_LATE if t < last else -1
        if found > DUPLICATE:
            soil(state, rows, bounds, out, i)
        if found == TOO_DEEP:
            q.is_deep = 1
            out.counts[N_DEEP] += 1
        q.next_t = NEVER if t <= q.next_t else q.next_t
        if q.tick != NEVER:
            q.last = max(last, t)
    if counted >= 0:
        out.counts[counted] += 1
    return KEPT


@inner
def insert(state: WithoutState, rows: Rows, slot: Scalar, i: Scalar) -> Scalar:
    """Put an event into its place in the ring and take the younger ones again from there.

    KEPT = it changes nothing, CHANGED = it may, DUPLICATE, or TOO_DEEP: the state before it is
    gone.
    """
    t, v, h, ring = rows.time_us[i], rows.measure[i], state.hot[slot], state.ring
    d = 0
    while d < h.used and is_after(newest(h, ring, slot, d), t, v):
        d += 1
    before = NEVER
    if d < h.used:
        f = newest(h, ring, slot, d)
        if f.t == t and f.v == v:
            return DUPLICATE
        before = f.s
    elif h.used == RING:
        return TOO_DEEP
    s = step(before, v, t)
    e = push(h, ring, slot, d)
    e.t, e.v, e.s, e.a = t, v, s, rows.arrival_us[i]
    for j in range(d - 1, -1, -1):
        f = newest(h, ring, slot, j)
        s = step(s, f.v, f.t)
        f.s = s
    return KEPT if (v == ENDS) == (before == NEVER) else CHANGED


@inner
def is_after(e: Scalar, t: Scalar, v: Scalar) -> bool:
    """Whether an entry stands behind the event `v` at `t`: later, or ending at its instant."""
    return bool(e.t > t or (e.t == t and e.v > v))


@inner
def soil(state: WithoutState, rows: Rows, bounds: Bounds, out: Out, i: Scalar) -> None:
    """The past of a series changed, or may have: it is told when the tick is over."""
    slot, t = rows.slot[i], rows.time_us[i]
    h, q = state.hot[slot], state.cold[slot]
    if q.tick == NEVER:
        q.tick = rows.arrival_us[i] // bounds.tick_us
        q.last = h.t
        q.from_us = t
        h.t = OPEN
        out.dirty[out.counts[N_DIRTY]] = slot
        out.counts[N_DIRTY] += 1
    q.from_us = min(q.from_us, t)


@inner
def fire_if_due(
    h: Scalar, state: WithoutState, bounds: Bounds, out: Out, slot: Scalar, now_us: Scalar
) -> None:
    """Open what the wait that runs has brought by `now_us`, if it is not open yet."""
    q, began = state.cold[slot], token(h, state.ring, slot)
    if began != NEVER and h.is_fired == 0 and q.tick == NEVER and began + h.gap < now_us:
        heard = newest(h, state.ring, slot, 0).a
        label = due_label(began + h.gap + 1, heard, NEVER, bounds.tick_us)
        if label <= now_us:
            fire(out, q, slot, label, began + h.gap)
            h.is_fired = 1


@bare
def pass_time(state: WithoutState, bounds: Bounds, out: Out, now_us: Scalar) -> None:
    """Fire every wait that is over at recorded time `now_us`; room as in watch.pass_time."""
    wheel, bucket = state.waiting.wheel, state.waiting.bucket
    for passed in range(turn(wheel, now_us), now_us // wheel[GRANULE] + 1):
        slot = bucket[passed & (BUCKETS - 1)]
        bucket[passed & (BUCKETS - 1)] = -1
        while slot >= 0:
            follower = state.waiting.follows[slot]
            h = state.hot[slot]
            h.is_due = 0
            fire_if_due(h, state, bounds, out, slot, now_us)
            began = token(h, state.ring, slot)
            if began != NEVER and h.is_fired == 0:
                e, tick = newest(h, state.ring, slot, 0), state.cold[slot].tick
                label = due_label(began + h.gap + 1, e.a, tick, bounds.tick_us)
                h.limit = set_due(h, state.waiting, slot, label, now_us)
            slot = follower


@bare
def wait_anew(state: WithoutState, slot: Scalar, now_us: Scalar) -> None:
    """Stand in the wheel at the right time for the wait that runs after a mended past."""
    h, waiting = state.hot[slot], state.waiting
    if h.is_due != 0:  # a late beginning may be due before its place in the wheel comes up
        b = np.int64(h.limit) % BUCKETS
        if waiting.bucket[b] == slot:
            waiting.bucket[b] = waiting.follows[slot]
        else:
            before = waiting.bucket[b]
            while waiting.follows[before] != slot:
                before = waiting.follows[before]
            waiting.follows[before] = waiting.follows[slot]
        h.is_due = 0
    began = token(h, state.ring, slot)
    if began != NEVER and h.is_fired == 0:
        h.limit = set_due(h, waiting, slot, began + h.gap, now_us)


@compiled
def fold(times: Int64s, marks: Floats, s: Scalar) -> Int64s:
    """State token int64[n] after each event of one series in order, from token `s`."""
    after = np.empty(len(times), np.int64)
    for i in range(len(times)):
        s = step(s, marks[i], times[i])
        after[i] = s
    return after

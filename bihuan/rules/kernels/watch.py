"""A condition held for a time, and silence, of the same series in one pass over the readings.

Held: opens at the first reading that is strictly beyond the limit, is at least the `fixes`-th such
reading in a row, and lies at least `hold` after the first of them; clears at the first reading at
or past `clear`. A cooling is judged by the same loop with other steps: see cool. Silent: a gap
strictly longer than `gap`, opened at last + gap and cleared by the next reading; what brings it is
recorded time passing.

Either part may be absent, and says the same alone as beside the other: the ring depends on the
readings only, and each part has its own COLD. A reading in order costs one look at the series'
32 bytes and one ring entry. A late one is put into its place in the ring and the entries after it
are judged again until old and new state agree.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bihuan.rules.kernels.compiled import bare, inlined, inner, prefetch
from bihuan.rules.kernels.held import judge_again, step, tell_held
from bihuan.rules.kernels.records import (
    BLOCK,
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
    NEWEST,
    OPEN,
    OPENED,
    RING,
    WITHDRAWN,
    Bounds,
    Due,
    Int32s,
    Int64s,
    Out,
    Records,
    Rows,
    Scalar,
)
from bihuan.rules.kernels.ring import at, make_room, refused, seen_at
from bihuan.rules.kernels.wheel import due_label, fire, tell

FAR, NEAR = 24, 12  # readings ahead at which a series' record, and its ring, are asked for
IN_HELD, IN_GAPS, NO_PLACE = 8, 16, 32  # not DUPLICATE


class WatchState(NamedTuple):
    """State of a held rule, of a silence rule, or of both, over n series."""

    hot: Records  # SPOT[n]; `gap` OPEN = no silence rule
    by: Records  # HOLD[n]
    ring: Records  # ENTRY[n * RING]
    held: Records  # COLD[n] of the held rule; without one, that of the silence rule
    quiet: Records  # COLD[n] of the silence rule; without one, that of the held rule
    due: Due


@inner
def run(state: WatchState, rows: Rows, bounds: Bounds, out: Out, hush: Out, start: int) -> int:
    """Judge rows from `start` on; the index of the first row not judged.

    `out` is the held rule's, `hush` the silence rule's, one and the same where either is absent;
    the counters of readings are in `out`. `sign` 0 = no held rule. Stops early when an output is
    full, or before the first row of a series whose past changed in an earlier tick: the caller
    tells that change first and calls again. The common case stands here in full.
    """
    hot, ring = state.hot, state.ring
    slots, times, arrivals, measures = rows.slot, rows.time_us, rows.arrival_us, rows.measure
    sign, ahead_us = bounds.sign, bounds.ahead_us
    room, hush_room = len(out.emissions) - 4, len(hush.emissions) - len(hot) - 4
    is_full, last_far = False, len(slots) - FAR
    for i in range(start, len(slots)):
        if i < last_far:
            ask_for(state, slots, times, i)
        slot = np.uint64(slots[i])
        t, v, a = times[i], measures[i], arrivals[i]
        h = hot[slot]
        # v - v is NaN for NaN and infinities: they take the slow path and are only counted
        if (t > h.t) & (t <= a + ahead_us) & (v - v == 0.0):
            s = NEVER
            if (h.is_held != 0) | (sign * v > h.limit):
                s = in_order(h, state, out, i, rows, sign)
                is_full |= out.counts[N_OUT] > room
            if (h.is_due == 0) | (max(t, a) - h.t > h.gap):
                after_gap(state, rows, bounds, hush, i)
                is_full |= hush.counts[N_OUT] > hush_room
            head = np.uint64(h.head)
            e = ring[slot * np.uint64(RING) + head]
            e.t, e.v, e.s, e.a = t, v, s, a
            h.t = t
            h.head = head + np.uint64(1) if head < np.uint64(RING - 1) else np.uint64(0)
            h.used += h.used < RING
        elif irregular(state, rows, bounds, out, hush, i) == INTERRUPT:
            return i
        else:
            is_full = (out.counts[N_OUT] > room) | (hush.counts[N_OUT] > hush_room)
        if is_full:
            return i + 1
    return len(slots)


@inlined
def ask_for(state: WatchState, slots: Int32s, times: Int64s, i: Scalar) -> None:
    """Prefetch what the readings after row `i` look at; a late one looks at more."""
    prefetch(state.hot, slots[i + FAR])
    near = np.uint64(slots[i + NEAR])
    h, base = state.hot[near], near * np.uint64(RING)
    prefetch(state.ring, base + np.uint64(h.head))
    if times[i + NEAR] <= h.t:
        prefetch(state.held, near)
        prefetch(state.quiet, near)
        prefetch(state.ring, base)
        prefetch(state.ring, base + np.uint64(RING - 2))


@inner
def in_order(h: Scalar, state: WatchState, out: Out, i: Scalar, rows: Rows, sign: Scalar) -> Scalar:
    """State token after a reading newer than all of its series; tells what it brings."""
    slot, t, v = rows.slot[i], rows.time_us[i], rows.measure[i]
    before = state.ring[slot * RING + at(h, NEWEST)].s if h.used > 0 else NEVER
    s = step(state.by[slot], h.limit, before, sign * v, t)
    h.is_held = s != NEVER
    if (s ^ before) & 1:
        e = out.emissions[out.counts[N_OUT]]
        out.counts[N_OUT] += 1
        tell_held(e, state.held[slot], s, before, t, v)
        e.label_us, e.slot = rows.arrival_us[i], slot
    return s


@inner
def irregular(
    state: WatchState, rows: Rows, bounds: Bounds, out: Out, hush: Out, i: Scalar
) -> Scalar:
    """Judge a row that is late, twice, bad, ahead of time, or of a series being mended."""
    slot, t, arrival = np.int64(rows.slot[i]), rows.time_us[i], rows.arrival_us[i]
    h, p, q = state.hot[slot], state.held[slot], state.quiet[slot]
    if h.t == OPEN and arrival // bounds.tick_us > max(p.tick, q.tick):
        return INTERRUPT
    last = h.t if h.t != OPEN else state.ring[slot * RING + at(h, NEWEST)].t
    counted = refused(bounds, t, rows.measure[i], arrival, last)
    if counted < 0:
        if h.gap != OPEN and q.tick == NEVER:
            if t > last:
                after_gap(state, rows, bounds, hush, i)
            else:
                fire_if_due(h, state, bounds, hush, slot, arrival)
        counted = place(state, rows, bounds, out, hush, i)
    if counted >= 0:
        out.counts[counted] += 1
    return KEPT


@inlined
def place(state: WatchState, rows: Rows, bounds: Bounds, out: Out, hush: Out, i: Scalar) -> Scalar:
    """Put a reading into its series; the counter it adds to, or -1.

    A past that changed is told when the tick is over: until then its part is dirty.
    """
    slot, t, tick = rows.slot[i], rows.time_us[i], rows.arrival_us[i] // bounds.tick_us
    h, p, q = state.hot[slot], state.held[slot], state.quiet[slot]
    last = state.ring[slot * RING + at(h, NEWEST)].t
    found = put(state, rows, bounds, out, i)
    if found == DUPLICATE:
        return N_SAME
    p.next_t = NEVER if t <= p.next_t else p.next_t
    q.next_t = NEVER if t <= q.next_t else q.next_t
    if bounds.sign != 0.0 and (found & IN_HELD or p.tick != NEVER):
        soil(p, out, slot, t, tick, found)
    if h.gap != OPEN and (found & IN_GAPS or q.tick != NEVER):
        soil(q, hush, slot, t, tick, found)
        h.is_fired = 0 if t > last else h.is_fired
    h.t = max(t, last) if p.tick == NEVER and q.tick == NEVER else OPEN
    if found & NO_PLACE:
        out.counts[N_DEEP] += 1
    return N_LATE if t < last else -1


@inlined
def put(state: WatchState, rows: Rows, bounds: Bounds, out: Out, i: Scalar) -> Scalar:
    """Put a reading into its place in the ring and judge again from there.

    DUPLICATE, or a sum: IN_HELD where the held rule's past changed, IN_GAPS where the gaps did,
    NO_PLACE and both when the ring does not reach back to it. What the newest of a clean series
    brings is told at once.
    """
    slot, t, v, arrival = rows.slot[i], rows.time_us[i], rows.measure[i], rows.arrival_us[i]
    h, by, ring, base = state.hot[slot], state.by[slot], state.ring, slot * RING
    d = 0
    while d < h.used and ring[base + at(h, d)].t > t:
        d += 1
    seen = seen_at(ring, base, h, d, t, v)
    if seen != KEPT:
        return DUPLICATE if seen == DUPLICATE else NO_PLACE | IN_HELD | IN_GAPS
    before, was_t = NEVER, t
    if d < h.used:
        before, was_t = ring[base + at(h, d)].s, ring[base + at(h, d)].t
    # a series begins with its first reading: before that there is no gap
    is_gap = d > 0 and (d == h.used or was_t < t)
    is_gap = is_gap and ring[base + at(h, d - 1)].t - was_t > h.gap
    s = step(by, h.limit, before, bounds.sign * v, t)
    make_room(ring, base, h, d)
    e = ring[base + at(h, d)]
    e.t, e.v, e.s, e.a = t, v, s, arrival
    is_held = judge_again(ring, base, h, by, d, bounds.sign)
    is_held = d > 0 and (is_held or ((s | before) & 1 == 1 and s != before))
    if d == 0 and state.held[slot].tick == NEVER and (s ^ before) & 1:
        said = out.emissions[out.counts[N_OUT]]
        out.counts[N_OUT] += 1
        tell_held(said, state.held[slot], s, before, t, v)
        said.label_us, said.slot = arrival, slot
    return IN_HELD * is_held | IN_GAPS * is_gap


@inner
def soil(q: Scalar, out: Out, slot: Scalar, t: Scalar, tick: Scalar, found: Scalar) -> None:
    """The past of one part changed at `t`, or may have: it is told when the tick is over."""
    if q.tick == NEVER:
        q.tick = tick
        q.from_us = t
        out.dirty[out.counts[N_DIRTY]] = slot
        out.counts[N_DIRTY] += 1
    q.from_us = min(q.from_us, t)
    if found & NO_PLACE:
        q.is_deep = 1


@inner
def after_gap(state: WatchState, rows: Rows, bounds: Bounds, hush: Out, i: Scalar) -> None:
    """End, or take back, what the wheel said or should have said before this reading."""
    slot, t, a = np.int64(rows.slot[i]), rows.time_us[i], rows.arrival_us[i]
    h, q = state.hot[slot], state.quiet[slot]
    if h.used > 0:
        fire_if_due(h, state, bounds, hush, slot, a)
        last = state.ring[slot * RING + at(h, NEWEST)].t
        is_gap = t - last > h.gap
        if is_gap and h.is_fired == 0:
            tell(hush, q, slot, a, np.int64(OPENED), last + h.gap)
        if is_gap:
            tell(hush, q, slot, a, np.int64(CLEARED), t)
        elif h.is_fired != 0:
            tell(hush, q, slot, a, np.int64(WITHDRAWN), OPEN)
    h.is_fired = 0
    if h.is_due == 0:
        set_due(h, state.due, slot, t + h.gap)


@inner
def fire_if_due(
    h: Scalar, state: WatchState, bounds: Bounds, hush: Out, slot: Scalar, now_us: Scalar
) -> None:
    """Open the silence that time has brought by `now_us`, if it is not open yet."""
    q = state.quiet[slot]
    e = state.ring[slot * RING + at(h, NEWEST)]
    if h.is_fired == 0 and q.tick == NEVER and e.t + h.gap < now_us:
        label = due_label(e.t + h.gap + 1, e.a, NEVER, bounds.tick_us)
        if label <= now_us:
            fire(hush, q, slot, label, e.t + h.gap)
            h.is_fired = 1


@bare
def set_due(h: Scalar, due: Due, slot: Scalar, at_us: Scalar) -> None:
    """Have a series looked at when `at_us` has passed."""
    due.blocks[slot // BLOCK] = min(due.blocks[slot // BLOCK], at_us)
    due.soonest[0] = min(due.soonest[0], at_us)
    h.is_due = 1


@inner
def pass_time(state: WatchState, bounds: Bounds, hush: Out, now_us: Scalar) -> None:
    """Fire every series that is silent at recorded time `now_us`.

    The output needs room for one emission per series. A series is looked at about once per wait,
    with its neighbours, not once per reading.
    """
    blocks = state.due.blocks
    if state.due.soonest[0] > now_us:
        return
    soonest = OPEN
    for b in range(len(blocks)):
        if blocks[b] <= now_us:
            blocks[b] = look(state, bounds, hush, b * BLOCK, now_us)
        soonest = min(soonest, blocks[b])
    state.due.soonest[0] = soonest


@inner
def look(state: WatchState, bounds: Bounds, hush: Out, begin: Scalar, now_us: Scalar) -> Scalar:
    """Fire who is silent of one block; when to look at it again."""
    soonest = OPEN
    for slot in range(begin, min(begin + BLOCK, len(state.hot))):
        h = state.hot[slot]
        due = h.t + h.gap + 1
        if h.is_due == 0 or (h.t != OPEN and due > now_us):
            soonest = min(soonest, due) if h.is_due != 0 else soonest
            continue
        fire_if_due(h, state, bounds, hush, slot, now_us)
        h.is_due = 1 - h.is_fired
        if h.is_fired == 0:
            e, tick = state.ring[slot * RING + at(h, NEWEST)], state.quiet[slot].tick
            soonest = min(soonest, due_label(e.t + h.gap + 1, e.a, tick, bounds.tick_us))
    return soonest

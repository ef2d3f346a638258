"""Series with a log of their last readings, judged in one pass: for measures over a window of time.

A reading in order is appended, measured by its kind and judged; a late one waits for the end of
its tick, is merged into the log, and what follows it is measured and judged again. Where that
changes no finding, as nearly always, the pass goes on without a word.
"""

from __future__ import annotations

import numpy as np

from bihuan.rules.kernels import baseline
from bihuan.rules.kernels.compiled import bare, inlined, inner, prefetch
from bihuan.rules.kernels.records import (
    CHANGED,
    CLEARED,
    DUPLICATE,
    INTERRUPT,
    KEPT,
    N_DIRTY,
    N_FULL,
    N_LATE,
    N_OUT,
    N_SAME,
    N_TAIL,
    NEVER,
    OPEN,
    OPENED,
    SHIFT,
    TOO_DEEP,
    Bounds,
    Int8s,
    Int32s,
    Int64s,
    Out,
    Records,
    Rows,
    Scalar,
)
from bihuan.rules.kernels.ring import refused
from bihuan.rules.kernels.window import (
    BASELINE,
    RATE,
    LogState,
    drop_old,
    forget,
    is_quiet,
    judge_again,
    measure,
    reach,
    step,
)

FAR, NEAR = 24, 12  # readings ahead at which a series' record, and its log, are asked for
NO_ROOM = 6  # not one of KEPT, CHANGED, TOO_DEEP


@bare
def run(state: LogState, rows: Rows, bounds: Bounds, out: Out, start: int) -> int:
    """Judge rows from `start` on; the index of the first row not judged.

    Stops at a full log or output, and before the first row of a series whose past changed in an
    earlier tick. The waiting room holds at least one place per row.
    """
    hot, log, slots, room = state.hot, state.log, rows.slot, len(out.emissions) - 1
    capacity = np.uint64(len(log) // len(hot))
    for i in range(start, len(slots)):
        ask_for(state, slots, i, capacity)
        slot, t, v = np.uint64(slots[i]), rows.time_us[i], rows.measure[i]
        h = hot[slot]
        if not ((t > h.t) & (t <= rows.arrival_us[i] + bounds.ahead_us) & (v - v == 0.0)):
            found = irregular(state, rows, bounds, out, i)
            if found == INTERRUPT:
                return i
            if found != KEPT:
                continue
        if np.uint64(h.used) == capacity and is_full(state, out, np.int64(slot)):
            return i
        e = log[slot * capacity + np.uint64(h.used)]
        e.t, e.v, e.s = t, v, NEVER
        if h.is_on != 0 or not is_quiet(state.kind, h, e):
            judge(state, rows, out, i)
        h.t = t
        h.used += 1
        if out.counts[N_OUT] > room:
            return i + 1
    return len(slots)


@inner
def is_full(state: LogState, out: Out, slot: Scalar) -> bool:
    """Whether a full log has little that no window reaches: then it is time for longer logs."""
    if drop_old(state, slot) > len(state.log) // len(state.hot) * 3 // 4:
        out.counts[N_FULL] = 1
    return bool(out.counts[N_FULL])


@inlined
def ask_for(state: LogState, slots: Int32s, i: Scalar, capacity: Scalar) -> None:
    """Prefetch what readings after row `i` look at; a rate looks at its whole window each time."""
    if i + FAR < len(slots):
        prefetch(state.hot, slots[i + FAR])
        near = np.uint64(slots[i + NEAR])
        place = near * capacity + np.uint64(state.hot[near].used)
        prefetch(state.log, place)
        if state.kind == RATE and place > np.uint64(8):
            for d in range(2, 10, 2):
                prefetch(state.log, place - np.uint64(d))


@inlined
def judge(state: LogState, rows: Rows, out: Out, i: Scalar) -> None:
    """Measure and judge the entry that row `i` has become, and tell what it brings."""
    slot = rows.slot[i]
    h, base = state.hot[slot], slot * (len(state.log) // len(state.hot))
    place = base + h.used
    e = state.log[place]
    before = state.log[place - 1].s if h.used > 0 else state.tail[slot].before_s
    m = measure(state, h, base, place)
    e.s = step(h, before, m, e.t)
    h.is_on = e.s & 1
    if (e.s ^ before) & 1:
        said = out.emissions[out.counts[N_OUT]]
        out.counts[N_OUT] += 1
        tell(said, state.cold[slot], e, m)
        if e.s & 1 and before != NEVER:  # a row of readings led to it
            said.since_us = state.cold[slot].since = before >> SHIFT
        said.label_us, said.slot = rows.arrival_us[i], slot


@inner
def tell(said: Scalar, q: Scalar, entry: Scalar, m: Scalar) -> None:
    """Fill an emission: the opening or clearing that an appended reading brought."""
    if entry.s & 1:
        q.finding = q.minted
        q.minted += 1
        q.n = 0
        q.opened = entry.t
        q.since = entry.t
        q.measure = m
    q.n += 1
    said.what = OPENED if entry.s & 1 else CLEARED
    said.cleared_us = OPEN if entry.s & 1 else entry.t
    said.opened_us = q.opened
    said.since_us = q.since
    said.measure = q.measure
    said.finding = q.finding
    said.n = q.n
    said.phase = 1


@inner
def irregular(state: LogState, rows: Rows, bounds: Bounds, out: Out, i: Scalar) -> Scalar:
    """Sort out a row that is not plainly in order; KEPT = append it after all."""
    slot, t, v, arrival = (
        np.int64(rows.slot[i]),
        rows.time_us[i],
        rows.measure[i],
        rows.arrival_us[i],
    )
    h, q = state.hot[slot], state.cold[slot]
    if q.tick != NEVER and arrival // bounds.tick_us > q.tick and mend(state, slot) != KEPT:
        return INTERRUPT
    last = h.t if q.tick == NEVER else q.last
    counted = refused(bounds, t, v, arrival, last)
    if counted < 0 and q.tick == NEVER:
        if t > last:
            return KEPT
        if t == last:
            found = seen_at(
                state.log, slot * (len(state.log) // len(state.hot)), np.int64(h.used), t, v
            )
            if found == KEPT:
                return KEPT
            counted = N_SAME
    if counted >= 0:
        out.counts[counted] += 1
        return DUPLICATE
    wait(state, rows, bounds, out, i)
    return CHANGED


@inner
def wait(state: LogState, rows: Rows, bounds: Bounds, out: Out, i: Scalar) -> None:
    """Keep a late reading, and all that follow it in its series, until the tick is over."""
    slot, t = rows.slot[i], rows.time_us[i]
    h, q, tail = state.hot[slot], state.cold[slot], state.tail[slot]
    w = state.late[out.counts[N_TAIL]]
    w.t, w.v, w.slot = t, rows.measure[i], slot
    hang(state, w, out.counts[N_TAIL])
    out.counts[N_TAIL] += 1
    out.counts[N_LATE] += 1
    if q.tick == NEVER:
        q.tick = rows.arrival_us[i] // bounds.tick_us
        q.last = h.t
        h.t = OPEN
        if tail.is_listed == 0:
            tail.is_listed = 1
            out.dirty[out.counts[N_DIRTY]] = slot
            out.counts[N_DIRTY] += 1
    q.last = max(q.last, t)
    if t <= q.next_t:
        q.next_t = NEVER


@inner
def hang(state: LogState, w: Scalar, k: Scalar) -> None:
    """Put what waits at `k` behind what waits of its series."""
    tail, late = state.tail[w.slot], state.late
    w.after = -1
    at = tail.late
    if at < 0:
        tail.late = k
        return
    while late[at].after >= 0:
        at = late[at].after
    late[at].after = k


@bare
def close_up(state: LogState, out: Out) -> None:
    """Take what no longer waits out of the waiting room."""
    n = np.int64(0)
    for k in range(out.counts[N_TAIL]):
        if state.late[k].slot >= 0:
            state.tail[state.late[k].slot].late = -1
    for k in range(out.counts[N_TAIL]):
        w, f = state.late[n], state.late[k]
        if f.slot >= 0:
            w.t, w.v, w.slot = f.t, f.v, f.slot
            hang(state, w, n)
            n += 1
    out.counts[N_TAIL] = n


@inner
def seen_at(log: Records, base: Scalar, used: Scalar, t: Scalar, v: Scalar) -> Scalar:
    """DUPLICATE when `v` stands at instant `t` at the end of the first `used` entries."""
    for j in range(used - 1, -1, -1):
        e = log[base + j]
        if e.t != t:
            return KEPT
        if e.v == v:
            return DUPLICATE
    return KEPT


@bare
def mend_all(state: LogState, slots: Int64s, found: Int8s) -> None:
    """Mend series whose tick is over; `found` int8[k] is what mend says of each."""
    for k in range(len(slots)):
        found[k] = mend(state, slots[k])


@inner
def mend(state: LogState, slot: Scalar) -> Scalar:
    """Merge what waits of a series into its log, and judge it again from there.

    KEPT = no finding changed: readings in order take the fast path again; CHANGED = one did;
    TOO_DEEP = the log does not reach; NO_ROOM = it is full. Of the latter two nothing is merged.
    """
    h, q, tail = state.hot[slot], state.cold[slot], state.tail[slot]
    if q.tick == NEVER or tail.is_merged != 0:
        return KEPT if q.tick == NEVER else CHANGED
    capacity = len(state.log) // len(state.hot)
    base, waiting, earliest, k = slot * capacity, 0, OPEN, tail.late
    while k >= 0:
        waiting, earliest = waiting + 1, min(earliest, state.late[k].t)
        k = state.late[k].after
    if h.used + waiting > capacity and drop_old(state, slot) + waiting > capacity:
        return NO_ROOM
    if tail.before_t != NEVER and earliest - reach(state.kind, h) <= state.log[base].t:
        return TOO_DEEP
    if state.kind == BASELINE:
        baseline.retract(state.kept, state.log, slot, h.used, earliest)
    forget(state.kind, h)
    first = merge(state, slot, base)
    before = state.log[base + first - 1].s if first > 0 else tail.before_s
    if judge_again(state, h, base, base + first, before):
        tail.is_merged = 1
        return CHANGED
    h.t, q.tick, q.last = q.last, NEVER, NEVER
    return KEPT


@inner
def merge(state: LogState, slot: Scalar, base: Scalar) -> Scalar:
    """Put all that waits of a series into its log; the first entry that changed, or `used`."""
    h, tail = state.hot[slot], state.tail[slot]
    first, k = OPEN, tail.late
    while k >= 0:
        w = state.late[k]
        first = min(first, put(h, tail, state.log, base, w))
        w.slot = -1
        k = w.after
    tail.late = -1
    return min(first, np.int64(h.used))


@inner
def put(h: Scalar, tail: Scalar, log: Records, base: Scalar, w: Scalar) -> Scalar:
    """Put a reading into its place in a log; the place, or past the end when it was known."""
    j = np.int64(h.used)
    while j > 0 and log[base + j - 1].t > w.t:
        j -= 1
    if seen_at(log, base, j, w.t, w.v) == DUPLICATE:
        return OPEN
    for m in range(h.used, j, -1):
        e, f = log[base + m], log[base + m - 1]
        e.t, e.v, e.m, e.s = f.t, f.v, f.m, f.s
    e = log[base + j]
    e.t, e.v = w.t, w.v
    e.s = log[base + j - 1].s if j > 0 else tail.before_s  # as if it changed nothing
    h.used += 1
    return j

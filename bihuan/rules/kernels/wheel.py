"""What recorded time brings: a lazy timing wheel of series, and statements about waits.

Each series stands at most once in a wheel of buckets, at a time when it may be due; when that time
has passed it is looked at, and fired or moved on. So a series costs the wheel one look per wait,
not one per reading.
"""

from __future__ import annotations

import numpy as np

from bihuan.rules.kernels.compiled import inner
from bihuan.rules.kernels.records import (
    CLEARED,
    N_OUT,
    NEVER,
    OPEN,
    OPENED,
    Int64s,
    Out,
    Scalar,
    Waiting,
)

BUCKETS = 1024
CURSOR, SOONEST, GRANULE = range(3)


@inner
def tell(out: Out, q: Scalar, slot: Scalar, label: Scalar, what: Scalar, at_us: Scalar) -> None:
    """Emit one statement about a wait; `at_us` is the opening or the clearing time."""
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


@inner
def fire(out: Out, q: Scalar, slot: Scalar, label: Scalar, at_us: Scalar) -> None:
    """Emit the opening that time alone has brought."""
    tell(out, q, slot, label, np.int64(OPENED), at_us)
    out.emissions[out.counts[N_OUT] - 1].phase = 0


@inner
def due_label(due_us: Scalar, heard_us: Scalar, tick: Scalar, tick_us: Scalar) -> Scalar:
    """Recorded time from which a wait is over: past its end, and the tick of what it knew."""
    return max(due_us, (max(heard_us // tick_us, tick) + 1) * tick_us)


@inner
def set_due(h: Scalar, waiting: Waiting, slot: Scalar, at_us: Scalar, now_us: Scalar) -> Scalar:
    """Put a slot into the wheel, to be looked at when `at_us` has passed; its bucket."""
    wheel = waiting.wheel
    if wheel[CURSOR] == NEVER:
        wheel[CURSOR] = now_us // wheel[GRANULE]
    b = min(max(at_us // wheel[GRANULE], wheel[CURSOR]), wheel[CURSOR] + BUCKETS - 1)
    if b == wheel[CURSOR]:
        wheel[SOONEST] = min(wheel[SOONEST], at_us)
    waiting.follows[slot] = waiting.bucket[b % BUCKETS]
    waiting.bucket[b % BUCKETS] = slot
    h.is_due = 1
    return b


@inner
def turn(wheel: Int64s, now_us: Scalar) -> Scalar:
    """Move the cursor to `now_us`; the first bucket to empty up to it, OPEN for none."""
    target, first = now_us // wheel[GRANULE], wheel[CURSOR]
    if first == NEVER or target < first or (target == first and wheel[SOONEST] > now_us):
        return OPEN
    wheel[CURSOR] = target
    wheel[SOONEST] = OPEN
    return max(first, target - BUCKETS + 1)

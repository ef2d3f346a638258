"""The steps of a condition held for a time, and of a cooling: state tokens and their telling."""

from __future__ import annotations

import numpy as np

from bihuan.rules.kernels.compiled import compiled, inner
from bihuan.rules.kernels.records import (
    CLEARED,
    MOST_FIXES,
    NEVER,
    OPEN,
    OPENED,
    SHIFT,
    Floats,
    Int64s,
    Records,
    Scalar,
)
from bihuan.rules.kernels.ring import at

FIRST_LEG, SECOND_LEG = 1, 2


@inner
def step(by: Scalar, limit: Scalar, s: Scalar, x: Scalar, t: Scalar) -> Scalar:
    """State token after one value `x` (times sign) at event time `t`."""
    if by.more > 0:
        return cool(by, limit, s, x, t)
    if s & 1:
        return NEVER if x <= by.clear else s
    if not x > limit:  # not "<=", so that a measure without value resets
        return NEVER
    if s == NEVER:
        s = t << SHIFT
    seen = min(((s >> 1) & MOST_FIXES) + 1, by.fixes)
    if seen >= by.fixes and t - (s >> SHIFT) >= by.hold:
        return (t << SHIFT) | 1
    return ((s >> SHIFT) << SHIFT) | (seen << 1)


@inner
def cool(by: Scalar, limit: Scalar, s: Scalar, x: Scalar, t: Scalar) -> Scalar:
    """State token of a cooling after temperature `x` at event time `t`.

    An even token holds when the leg began and which it is. Beyond `limit` is hot, at or below
    `middle` the first leg is done, at or below `clear` the second; `hold` and `more` are how
    long they may take.
    """
    if x <= by.clear:
        return NEVER
    if x > limit:
        return (t << SHIFT) | (FIRST_LEG << 1)
    if s == NEVER or s & 1:
        return s
    began, leg = s >> SHIFT, (s >> 1) & MOST_FIXES
    if t - began > (by.hold if leg == FIRST_LEG else by.more):
        return (t << SHIFT) | 1
    if leg == FIRST_LEG and x <= by.middle:
        return (t << SHIFT) | (SECOND_LEG << 1)
    return s


@inner
def judge_again(
    ring: Records, base: Scalar, h: Scalar, by: Scalar, d: Scalar, sign: Scalar
) -> bool:
    """Judge the `d` newest entries again until the states agree; True = an interval changed."""
    s = ring[base + at(h, d)].s
    is_changed = False
    for j in range(d - 1, -1, -1):
        e = ring[base + at(h, j)]
        s = step(by, h.limit, s, sign * e.v, e.t)
        if s == e.s:
            return is_changed
        if (s | e.s) & 1:
            is_changed = True
        e.s = s
    h.is_held = s != NEVER
    return is_changed


@inner
def tell_held(e: Scalar, q: Scalar, s: Scalar, before: Scalar, t: Scalar, v: Scalar) -> None:
    """Fill an emission: the opening or clearing that the reading (t, v) brought."""
    if s & 1:
        q.finding = q.minted
        q.minted += 1
        q.n = 0
        q.opened = s >> SHIFT
        q.since = t if before == NEVER else before >> SHIFT
        q.measure = v
    q.n += 1
    e.what = OPENED if s & 1 else CLEARED
    e.cleared_us = OPEN if s & 1 else t
    e.opened_us = q.opened
    e.since_us = q.since
    e.measure = q.measure
    e.finding = q.finding
    e.n = q.n
    e.phase = 1


@compiled
def fold(h: Scalar, by: Scalar, times: Int64s, measure: Floats, s: Scalar, sign: Scalar) -> Int64s:
    """State token int64[n] after each reading of one series in event order, from token `s`."""
    after = np.empty(len(times), np.int64)
    for i in range(len(times)):
        s = step(by, h.limit, s, sign * measure[i], times[i])
        after[i] = s
    return after

"""A series' ring of its last readings in event order, and what may enter it."""

from __future__ import annotations

import numpy as np

from bihuan.rules.kernels.compiled import inner
from bihuan.rules.kernels.records import (
    DUPLICATE,
    KEPT,
    N_AHEAD,
    N_BAD,
    N_TOO_LATE,
    RING,
    TOO_DEEP,
    Bounds,
    Records,
    Scalar,
)


@inner
def refused(bounds: Bounds, t: Scalar, v: Scalar, a: Scalar, last: Scalar) -> Scalar:
    """The counter of a reading that is not judged, or -1; `last` is its series' newest."""
    if v - v != 0.0:  # NaN for NaN and infinities
        return N_BAD
    if t > a + bounds.ahead_us:
        return N_AHEAD
    return N_TOO_LATE if t < last and t < a - bounds.bound_us else -1


@inner
def at(h: Scalar, d: Scalar) -> Scalar:
    """Where in its ring the entry at depth `d` stands; 0 is the newest."""
    place = np.int64(h.head) - 1 - d
    return place if place >= 0 else place + RING


@inner
def seen_at(ring: Records, base: Scalar, h: Scalar, d: Scalar, t: Scalar, v: Scalar) -> Scalar:
    """Whether `v` stands among the entries at instant `t`, the newest of them at depth `d`.

    KEPT = no, DUPLICATE = yes, TOO_DEEP = the ring is full and begins at that same instant, or
    later: a full ring does not know what stood before its first entry.
    """
    for j in range(d, h.used):
        e = ring[base + at(h, j)]
        if e.t != t:
            return KEPT
        if e.v == v:
            return DUPLICATE
    return TOO_DEEP if h.used == RING else KEPT


@inner
def make_room(ring: Records, base: Scalar, h: Scalar, d: Scalar) -> None:
    """Move the `d` newest entries up by one; of a full ring the oldest goes."""
    h.head = h.head + 1 if h.head + 1 < RING else 0
    h.used = min(h.used + 1, RING)
    for j in range(d):
        e, f = ring[base + at(h, j)], ring[base + at(h, j + 1)]
        e.t, e.v, e.s, e.a = f.t, f.v, f.s, f.a

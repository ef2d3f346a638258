"""The fixed memory layouts that kernels share: rows in, emissions out, state per series.

Times are int64 µs since 1970 UTC. `NEVER` stands for a time that has not been, `OPEN` for the
end of a finding that goes on. A state token `s` of a held condition is one int64:
`NEVER` = nothing; even = since << SHIFT | readings in a row << 1, not yet held long enough;
odd = opened << SHIFT | 1.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Int8s = npt.NDArray[np.int8]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Records = Any  # ndarray of one of the layouts below: mypy knows no record types
Scalar = Any  # a scalar inside a kernel: numba settles its type

NEVER = np.int64(-(2**63))
OPEN = np.int64(2**63 - 1)
SHIFT, MOST_FIXES = 9, 255  # leaves ±570 years of µs
BLOCK = 64  # series that are looked at together for silence
RING = 6  # entries per series; not a power of two: equal strides would share cache sets

OPENED, REVISED, CLEARED, WITHDRAWN = 1, 2, 3, 4
NEWEST = np.int64(0)  # how deep in its ring; of a plain number numba compiles its callee anew
KEPT, DUPLICATE, CHANGED, TOO_DEEP, INTERRUPT, UNTOUCHED = 0, 1, 2, 3, 4, 5
MEANING = 2  # one more whenever a field below takes another meaning: older snapshots are left
SETTLED, NO_SERIES = -1, -2  # what a pass over a batch answers that is no row: see doors.feed_at

# counters of a run, by place
N_OUT, N_DIRTY, CLOCK, N_SAME, N_BAD, N_AHEAD, N_TOO_LATE, N_LATE, N_DEEP, N_TAIL, N_FULL = range(
    11
)
COUNTERS = 11

EMISSION = np.dtype(
    [
        ("label_us", "i8"),  # recorded time at which it became known
        ("opened_us", "i8"),
        ("cleared_us", "i8"),  # OPEN while it goes on
        ("since_us", "i8"),  # when the excursion, gap or window behind it began
        ("measure", "f8"),  # what was compared with the limit when it opened
        ("slot", "i4"),
        ("finding", "i4"),  # 0, 1, 2, … within its series; minted at the first emission
        ("n", "i4"),  # 1 = the first emission of this finding
        ("what", "i1"),
        ("phase", "i1"),  # 0 = by time passing, 1 = by a reading; orders equal labels
    ],
    align=True,
)
BAND = np.dtype([("low", "f8"), ("high", "f8")], align=True)
ENTRY = np.dtype([("t", "i8"), ("v", "f8"), ("s", "i8"), ("a", "i8")], align=True)
SPOT = np.dtype(  # 32 bytes: what a reading in order looks at
    [
        ("t", "i8"),  # last event time; OPEN sends every reading to the slow path
        ("limit", "f8"),  # of the held rule, times its sign; infinite = none
        ("gap", "i8"),  # allowed silence, µs, > 0; OPEN = any
        ("head", "u1"),
        ("used", "u1"),
        ("is_held", "u1"),  # the newest entry's token is not NEVER
        ("is_due", "u1"),  # stands in the wheel, or needs none
        ("is_fired", "u1"),  # found silent by time passing
    ],
    align=True,
)
HOLD = np.dtype(
    [
        ("clear", "f8"),
        ("hold", "i8"),
        ("middle", "f8"),  # of a cooling: what its first leg must reach
        ("more", "i8"),  # of a cooling: how long its second leg may take; 0 = no cooling
        ("fixes", "i8"),  # 1 to MOST_FIXES
    ],
    align=True,
)
WIDE = np.dtype(  # 64 bytes: what a reading of a windowed rule looks at; see window.py
    [
        ("t", "i8"),  # last event time; OPEN sends every reading to the slow path
        ("limit", "f8"),
        ("within", "i8"),
        ("low", "f8"),  # the band of the rule; of change the extremes, of baseline what is near,
        ("high", "f8"),  # of a total the shortest outage less a hair, and the value before
        ("sum", "f8"),  # since the log began; of baseline the time up to which low and high hold
        (
            "floor",
            "f8",
        ),  # of `sum` surely before the window; of change its way, of baseline see there
        ("used", "i4"),  # entries in the log
        ("is_on", "u1"),  # a finding is open
        ("was", "u1"),  # the newest value lies between low and high
        ("fixes", "u1"),  # readings in a row that open it, 1 to MOST_FIXES
    ],
    align=True,
)
TAIL = np.dtype(
    [
        ("before_t", "i8"),  # last entry dropped from the log; NEVER = none was
        ("before_s", "i8"),  # state token after it
        ("late", "i4"),  # first that waits in LATE, -1 = none
        ("is_listed", "i1"),  # stands among the dirty
        ("is_merged", "i1"),  # what waited is in the log; the change is to be told
    ],
    align=True,
)
LOG = np.dtype([("t", "i8"), ("v", "f8"), ("m", "f8"), ("s", "i8")], align=True)
LATE = np.dtype([("t", "i8"), ("v", "f8"), ("slot", "i4"), ("after", "i4")], align=True)
COLD = np.dtype(  # what a late reading looks at first: one cache line holds it
    [
        ("tick", "i8"),  # the tick in which a late reading changed the past; NEVER = clean
        ("next_t", "i8"),  # the younger checkpoint that replaces base_t
        ("next_s", "i8"),
        ("base_t", "i8"),  # checkpoint that no reading within the bound can precede
        ("base_s", "i8"),
        ("last", "i8"),  # last event time while dirty, of a series with a log
        ("from_us", "i8"),  # earliest event time that changed in that tick
        ("opened", "i8"),  # of the finding that goes on
        ("since", "i8"),
        ("measure", "f8"),
        ("minted", "i4"),
        ("finding", "i4"),
        ("n", "i4"),
        ("is_deep", "i1"),
    ],
    align=True,
)


class Rows(NamedTuple):
    """Readings in lane order."""

    slot: Int32s  # int32[n]
    time_us: Int64s  # int64[n] event time
    arrival_us: Int64s  # int64[n] recorded time
    measure: Floats  # float64[n]; NaN or infinite = not a value


class Bounds(NamedTuple):
    """What one rule allows all its series."""

    sign: np.float64  # +1 beyond is above, -1 beyond is below, 0 nothing is
    bound_us: np.int64  # lateness that is still judged
    ahead_us: np.int64  # how far an event may lie after its arrival
    tick_us: np.int64  # late changes are told once per tick


class Waiting(NamedTuple):
    """The timing wheel of one rule: see wheel.py."""

    bucket: Int32s  # int32[BUCKETS] first slot of each bucket, -1 = none
    follows: Int32s  # int32[n] next slot in the same bucket, -1 = last
    wheel: Int64s  # int64[3] cursor, soonest due time in its bucket, µs per bucket


class Due(NamedTuple):
    """When somebody may be silent: a time for every BLOCK of series, never too late."""

    blocks: Int64s  # int64[⌈n / BLOCK⌉] µs; OPEN = nobody of these
    soonest: Int64s  # int64[1] the least of them


class Out(NamedTuple):
    """Where a kernel writes."""

    emissions: Records  # EMISSION[capacity]
    dirty: Int32s  # int32[series] slots whose past changed in this tick
    counts: Int64s  # int64[COUNTERS]


def blank_cold(n: int) -> Records:
    """COLD[n] of series never heard."""
    cold = np.zeros(n, COLD)
    for name in ("last", "tick", "from_us", "base_t", "base_s", "next_t", "next_s"):
        cold[name] = NEVER
    cold["finding"] = -1
    return cold

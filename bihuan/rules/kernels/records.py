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
RING = 6  # entries per series; not a power of two: equal strides would share cache sets

OPENED, REVISED, CLEARED, WITHDRAWN = 1, 2, 3, 4
KEPT, DUPLICATE, CHANGED, TOO_DEEP, INTERRUPT, UNTOUCHED = 0, 1, 2, 3, 4, 5

# counters of a run, by place
N_OUT, N_DIRTY, CLOCK, N_SAME, N_BAD, N_AHEAD, N_TOO_LATE, N_LATE, N_DEEP, N_TAIL = range(10)
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
WINDOW = np.dtype([("low", "f8"), ("high", "f8"), ("within", "i8")], align=True)
ENTRY = np.dtype([("t", "i8"), ("v", "f8"), ("s", "i8")], align=True)
HOT = np.dtype(
    [
        ("t", "i8"),  # last event time; OPEN sends every reading to the slow path
        ("s", "i8"),
        ("limit", "f8"),
        ("clear", "f8"),
        ("hold", "i8"),
        ("middle", "f8"),  # of a cooling: what its first leg must reach
        ("more", "i8"),  # of a cooling: how long its second leg may take; 0 = no cooling
        ("fixes", "i4"),  # 1 to MOST_FIXES
        ("head", "i2"),
        ("used", "i2"),
    ],
    align=True,
)
QUIET = np.dtype(
    [
        ("t", "i8"),  # last event time; OPEN sends every reading to the slow path
        ("limit", "i8"),  # allowed silence, µs, > 0
        ("heard", "i8"),  # recorded time of the last reading in order
        ("head", "i2"),
        ("used", "i2"),
        ("is_fired", "i1"),  # found silent by time passing
        ("is_due", "i1"),  # stands in the wheel
    ],
    align=True,
)
WIDE = np.dtype(
    [
        ("t", "i8"),  # last event time; OPEN sends every reading to the slow path
        ("limit", "f8"),
        ("clear", "f8"),
        ("hold", "i8"),
        ("before_t", "i8"),  # last entry dropped from the log; NEVER = none was
        ("before_s", "i8"),  # state token after it
        ("fixes", "i4"),
        ("used", "i4"),  # entries in the log
    ],
    align=True,
)
LOG = np.dtype([("t", "i8"), ("v", "f8"), ("m", "f8"), ("s", "i8"), ("p", "i8")], align=True)
COLD = np.dtype(
    [
        ("last", "i8"),  # last event time while dirty
        ("tick", "i8"),  # the tick in which a late reading changed the past; NEVER = clean
        ("from_us", "i8"),  # earliest event time that changed in that tick
        ("opened", "i8"),  # of the finding that goes on
        ("since", "i8"),
        ("measure", "f8"),
        ("base_t", "i8"),  # checkpoint that no reading within the bound can precede
        ("base_s", "i8"),
        ("next_t", "i8"),  # the younger checkpoint that replaces it
        ("next_s", "i8"),
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

    sign: np.float64  # +1 beyond is above, -1 beyond is below
    bound_us: np.int64  # lateness that is still judged
    ahead_us: np.int64  # how far an event may lie after its arrival
    tick_us: np.int64  # late changes are told once per tick


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

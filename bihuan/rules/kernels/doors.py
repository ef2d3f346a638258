"""The ways from Python into watch.py: one call for each batch, by addresses taken beforehand.

Handing over two addresses costs a tenth of what handing over ten arrays costs, and what every
batch needs besides judging (are its series known, has a tick passed, who is silent by now) is
looked at in the same call: of a batch of 1,000 readings the calls cost as much as the judging.
"""

from __future__ import annotations

import numpy as np

from bihuan.rules.kernels.compiled import array_at, compiled, inlined, inner
from bihuan.rules.kernels.records import (
    CLOCK,
    COLD,
    EMISSION,
    ENTRY,
    HOLD,
    N_DIRTY,
    NO_SERIES,
    SETTLED,
    SPOT,
    Bounds,
    Due,
    Floats,
    Int32s,
    Int64s,
    Out,
    Records,
    Rows,
    Scalar,
)
from bihuan.rules.kernels.watch import WatchState, pass_time, run

WORD, SLOT = np.dtype(np.int64), np.dtype(np.int32)


def plan_of(state: WatchState, out: Out, hush: Out, bounds: Bounds) -> Int64s:
    """Where the arrays of a rule lie and how long they are, and its bounds: int64[30].

    It holds as long as the arrays live and none is put in another's place.
    """
    arrays = (*state[:5], *state.due, *out, *hush)
    placed = [number for a in arrays for number in (a.ctypes.data, len(a))]
    return np.array([*placed, *map(int, bounds)], np.int64)


@compiled
def feed_at(
    plan: Int64s, slots: Int32s, times: Int64s, arrivals: Int64s, measures: Floats, start: int
) -> int:
    """Judge rows from `start` on, and if all were and no changed past is to be told, pass time.

    Returns SETTLED, or the first row not judged (all of them = settling is left), or NO_SERIES.
    """
    state, out, hush = found_at(plan)
    bounds = bounds_of(plan)
    if start == 0 and not are_known(slots, len(state.hot)):
        return NO_SERIES
    rows = Rows(slots, times, arrivals, measures)
    stop = int(run(state, rows, bounds, out, hush, start))
    if stop < len(slots):
        return stop
    clock = out.counts[CLOCK]
    if stop > 0:
        clock = max(clock, arrivals[stop - 1])
    out.counts[CLOCK] = hush.counts[CLOCK] = clock
    tick = clock // bounds.tick_us
    if is_over(state.held, out, tick) or is_over(state.quiet, hush, tick):
        return stop
    pass_time(state, bounds, hush, clock)
    return SETTLED


@compiled
def pass_time_at(plan: Int64s, now_us: Scalar) -> None:
    """As pass_time, by a plan."""
    state, _, hush = found_at(plan)
    pass_time(state, bounds_of(plan), hush, now_us)


@inner
def are_known(slots: Int32s, n_series: int) -> bool:
    """Whether every slot is one of the series."""
    most = np.uint32(0)
    for slot in slots:
        most = max(most, np.uint32(slot))  # of a negative one: larger than any series
    return bool(len(slots) == 0 or most < n_series)


@inner
def is_over(cold: Records, out: Out, tick: Scalar) -> bool:
    """Whether a past changed in a tick before this one."""
    is_found = False
    for k in range(out.counts[N_DIRTY]):
        is_found = is_found or cold[out.dirty[k]].tick < tick
    return is_found


@inner
def bounds_of(p: Int64s) -> Bounds:
    """The bounds of a plan."""
    return Bounds(np.float64(p[26]), p[27], p[28], p[29])


@inlined
def found_at(p: Int64s) -> tuple[WatchState, Out, Out]:
    """The arrays of a plan."""
    due = Due(array_at(p[10], p[11], WORD), array_at(p[12], p[13], WORD))
    state = WatchState(
        array_at(p[0], p[1], SPOT),
        array_at(p[2], p[3], HOLD),
        array_at(p[4], p[5], ENTRY),
        array_at(p[6], p[7], COLD),
        array_at(p[8], p[9], COLD),
        due,
    )
    out = Out(
        array_at(p[14], p[15], EMISSION), array_at(p[16], p[17], SLOT), array_at(p[18], p[19], WORD)
    )
    hush = Out(
        array_at(p[20], p[21], EMISSION), array_at(p[22], p[23], SLOT), array_at(p[24], p[25], WORD)
    )
    return state, out, hush

"""What came together within a window, of single amounts or of a running total: `total`.

Each entry of a log keeps what came since the log began, so what came in a window is one number
less another, whatever its length. A record knows at least what its window has left: so long as
even the rest is less than the limit, a reading is only added, and nothing is looked back at.
"""

from __future__ import annotations

import numpy as np

from bihuan.rules.kernels.compiled import bare, inlined, inner
from bihuan.rules.kernels.rate import increase
from bihuan.rules.kernels.records import Records, Scalar

EXACT = 1e6  # sums are told to a millionth: 250 tips of 0.2 mm are 50 mm, and no hair less
ROUNDING = 2.3e-16  # what one addition of floats may lose, of the sum
SLACK = 1e-9  # more than all additions of a log together lose


@inlined
def is_short(is_running: bool, h: Scalar, e: Scalar) -> bool:
    """Whether all that came since before the window began is surely less than the limit.

    `h.sum` is what came since the log began, `h.floor` what of it had come before the window,
    -inf where that is not known, `h.high` the value before.
    """
    came = h.sum + (increase(h.high, e.v) if is_running else e.v)
    if not came - h.floor + came * SLACK + 1.0 / EXACT < h.limit:
        return False
    e.m = h.sum = came
    h.high = e.v
    return True


@bare
def total_at(is_running: bool, h: Scalar, log: Records, start: Scalar, place: Scalar) -> Scalar:
    """What came in (t - within, t] up to the entry at `place` of a log that begins at `start`.

    Amounts are what came since the reading before each; of a running total that is its increase,
    which belongs to the later of two readings. A total that falls began anew: its value is its
    increase. After more than `h.low` µs without a reading (0: never) what came is spread evenly
    over them.

    The differences of sums are told where no order of adding up could round them otherwise, else
    the window is added up: so what is told depends on its readings alone.
    """
    add(is_running, log, start, place)
    e = log[place]
    begin = e.t - h.within
    first = first_after(log, start, place, begin)
    # what is before its first entry is what that entry does not say itself
    before = (
        log[first - 1].m if first > start else log[start].m - came_by(is_running, log, start, start)
    )
    h.sum, h.high, h.floor = e.m, e.v, before
    came = e.m - before - spread_before(is_running, h, log, start, first, begin)
    doubt = e.m * ROUNDING * (2.0 * (place - start) + 8.0) * EXACT
    told = np.floor(came * EXACT + 0.5 - doubt)
    if told == np.floor(came * EXACT + 0.5 + doubt):  # never, where a sum is no number
        return told / EXACT
    return np.floor(added_up(is_running, h, log, start, first, place) * EXACT + 0.5) / EXACT


@inner
def came_by(is_running: bool, log: Records, start: Scalar, j: Scalar) -> Scalar:
    """What the entry at `j` says has come; a running total's first one says nothing."""
    if not is_running:
        return log[j].v
    return increase(log[j - 1].v, log[j].v) if j > start else 0.0


@inner
def add(is_running: bool, log: Records, start: Scalar, j: Scalar) -> None:
    """Keep with the entry at `j` what came since the log began."""
    log[j].m = came_by(is_running, log, start, j) + (log[j - 1].m if j > start else 0.0)


@bare
def add_anew(is_running: bool, h: Scalar, log: Records, start: Scalar) -> None:
    """Let a log count from its present beginning: else its sums would grow for ever."""
    for j in range(start, start + h.used):
        add(is_running, log, start, j)
    h.floor = -np.inf


@inner
def first_after(log: Records, start: Scalar, place: Scalar, begin: Scalar) -> Scalar:
    """The first place of the log, up to `place`, that lies after `begin`."""
    a, b = start, place
    while a < b:
        middle = (a + b) // 2
        if log[middle].t > begin:
            b = middle
        else:
            a = middle + 1
    return a


@inner
def spread_before(
    is_running: bool, h: Scalar, log: Records, start: Scalar, first: Scalar, begin: Scalar
) -> Scalar:
    """What the first entry of a window tells after an outage, and came before the window."""
    if first == start or h.low == 0.0:
        return 0.0
    since = log[first - 1].t
    long = float(log[first].t - since)
    if not long > h.low:
        return 0.0
    return came_by(is_running, log, start, first) * (float(begin - since) / long)


@inner
def added_up(
    is_running: bool, h: Scalar, log: Records, start: Scalar, first: Scalar, place: Scalar
) -> Scalar:
    """The window's readings one by one, the newest first."""
    came = 0.0
    for j in range(place, first - 1, -1):
        came += came_by(is_running, log, start, j)
    return came - spread_before(is_running, h, log, start, first, log[place].t - h.within)

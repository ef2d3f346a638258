"""雨量 / What fell at a gauge in the last 1, 3, 6, 12 and 24 hours, from whatever it sends. Pure.

The same words as the rule kind `total`: an increase belongs to the later of two readings, a total
that falls began anew, what is told after an outage fell evenly over it, what nobody measured is
None and never 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import fsum
from typing import Final, NamedTuple

from bihuan.base.time import HOUR_US, duration_us
from bihuan.loop.shows import Measured
from bihuan.scenarios.hazard.rules import OUTAGE

HOURS: Final = (1, 3, 6, 12, 24)
OUTAGE_US: Final = duration_us(OUTAGE)
REACH_US: Final = 2 * HOURS[-1] * HOUR_US  # so that the reading before the window is at hand


class Fell(NamedTuple):
    """An amount in mm with the reading that told it and the one before."""

    since_us: int
    at_us: int
    mm: float

    def after(self, begin_us: int) -> float:
        """How much of it fell after a time: all, but for what an outage held back."""
        long_us = self.at_us - self.since_us
        if long_us <= OUTAGE_US or self.since_us >= begin_us:
            return self.mm
        return self.mm * (self.at_us - begin_us) / long_us


def sums(
    amounts: Sequence[Measured], totals: Sequence[Measured], now_us: int
) -> Mapping[int, float | None]:
    """mm by hours, up to now; readings by time. None where no good reading lies in the hours."""
    steps = sorted({(one.at_us, one.value) for one in amounts if one.is_good})
    running = sorted({(one.at_us, one.value) for one in totals if one.is_good})
    came = _since_before(steps) or _increases(running)
    return {hours: _within(came, now_us - hours * HOUR_US, now_us) for hours in HOURS}


def _since_before(steps: list[tuple[int, float]]) -> list[Fell]:
    """Of the first amount nobody knows since when: it fell when it was told."""
    first = [Fell(at, at, mm) for at, mm in steps[:1]]
    return first + [Fell(a, at, mm) for (a, _), (at, mm) in pairwise(steps)]


def _increases(running: list[tuple[int, float]]) -> list[Fell]:
    return [Fell(s, at, b - a if b >= a else b) for (s, a), (at, b) in pairwise(running)]


def _within(came: list[Fell], after_us: int, now_us: int) -> float | None:
    inside = [one.after(after_us) for one in came if after_us < one.at_us <= now_us]
    return round(fsum(inside), 1) if inside else None

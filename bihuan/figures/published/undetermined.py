"""Numbers whose period the text does not say, and what they might be. Nothing is concluded.

119 meetings a month on average, 1,428 opinions: 119 × 12 is 1,428. The opinions may be those of a
year, or the equality may be chance; only a person who asks the source can tell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from bihuan.figures.published.entries import Said

_EACH: Final = (
    (re.compile(r"每个?月|月均|每户?月"), (12, 6, 3)),
    (re.compile(r"每个?季度|季均"), (4, 2)),
    (re.compile(r"每个?(?:周|星期)|周均"), (52,)),
)
MOST: Final = 400  # statistics of one article that are held against one another


class Doubt(NamedTuple):
    """average × times = total: which proposal, and the numbers as decimal text."""

    n: int
    average: str
    times: int
    total: str


def is_undetermined(said: Said) -> bool:
    """Whether the period, or the day on which it begins, is left open."""
    period = said.period
    if period is None or period.end is None:
        return True
    return period.start is None and period.kind != "point"


def doubts(said: Sequence[Said]) -> list[Doubt]:
    """Totals without a period that are a multiple of an average of the same article, in order."""
    open_ones = [
        (n, one) for n, one in enumerate(said[:MOST]) if one.value and is_undetermined(one)
    ]
    averages = [(Decimal(one.value or 0), _times(one), n) for n, one in open_ones]
    found = []
    for n, one in open_ones:
        total = Decimal(one.value or 0)
        for average, times, other in averages:
            fitting = [many for many in times if other != n and average * many == total > 0]
            found += [Doubt(n, f"{average:f}", many, f"{total:f}") for many in fitting]
    return found


def _times(said: Said) -> tuple[int, ...]:
    words = said.indicator or ""
    return next((times for each, times in _EACH if each.search(words)), ())

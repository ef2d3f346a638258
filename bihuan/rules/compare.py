"""A changed rule beside the present one: how many more or fewer, for whom, per day.

And, where people have judged the present findings, what the changed rule would have missed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bihuan.base.time import DAY_US, datetime_of
from bihuan.rules.backtest import FindingRow

CONFIRMED, FALSE_ALARM = "confirmed", "false_alarm"


@dataclass(frozen=True, slots=True)
class Judged:
    """What people concluded about a past case: where, from when to when, and the verdict."""

    series: str
    opened_us: int
    cleared_us: int | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Present and changed counts; each mapping holds what is not equal only."""

    present: int
    changed: int
    by_series: dict[str, tuple[int, int]]
    by_day: dict[str, tuple[int, int]]
    only_present: tuple[FindingRow, ...]
    only_changed: tuple[FindingRow, ...]
    missed_confirmed: tuple[Judged, ...]
    spared_false_alarms: tuple[Judged, ...]

    @property
    def more(self) -> int:
        """How many more findings the changed rule has; negative = fewer."""
        return self.changed - self.present


def difference(
    present: Sequence[FindingRow],
    changed: Sequence[FindingRow],
    judged: Iterable[Judged] = (),
    offset_us: int = 0,
) -> Difference:
    """Compare two backtests over the same readings.

    A finding has its like in the other when both are of one series and overlap in time. Days
    begin at midnight UTC plus `offset_us` (China: 8 h).
    """
    of_present, of_changed = _by_series(present), _by_series(changed)
    unseen = [case for case in judged if not _seen(case, of_changed)]
    return Difference(
        len(present),
        len(changed),
        _counts([row.series for row in present], [row.series for row in changed]),
        _counts(days_of(present, offset_us), days_of(changed, offset_us)),
        tuple(row for row in present if not _seen(row, of_changed)),
        tuple(row for row in changed if not _seen(row, of_present)),
        tuple(case for case in unseen if case.verdict == CONFIRMED),
        tuple(case for case in unseen if case.verdict == FALSE_ALARM),
    )


def _by_series(rows: Sequence[FindingRow]) -> dict[str, list[FindingRow]]:
    """Of each series its findings in the order of opening; none of them overlap."""
    found: dict[str, list[FindingRow]] = {}
    for row in sorted(rows, key=lambda row: row.opened_us):
        found.setdefault(row.series, []).append(row)
    return found


def _seen(one: FindingRow | Judged, others: dict[str, list[FindingRow]]) -> bool:
    """Whether one of the others overlaps; only the last that opens by its end can."""
    mine = others.get(one.series, [])
    after = (
        len(mine)
        if one.cleared_us is None
        else bisect_right(mine, one.cleared_us, key=lambda row: row.opened_us)
    )
    return after > 0 and _overlap(one, mine[after - 1])


def _overlap(one: FindingRow | Judged, other: FindingRow) -> bool:
    return (
        one.series == other.series
        and (other.cleared_us is None or one.opened_us <= other.cleared_us)
        and (one.cleared_us is None or other.opened_us <= one.cleared_us)
    )


def days_of(rows: Sequence[FindingRow], offset_us: int) -> list[str]:
    """The day, YYYY-MM-DD, on which each finding opened; midnight is `offset_us` before UTC's."""
    starts = [(row.opened_us + offset_us) // DAY_US * DAY_US for row in rows]
    return [datetime_of(start).date().isoformat() for start in starts]


def _counts(present: list[str], changed: list[str]) -> dict[str, tuple[int, int]]:
    before, after = Counter(present), Counter(changed)
    return {
        name: (before[name], after[name])
        for name in sorted({*before, *after})
        if before[name] != after[name]
    }

"""A changed rule beside the present one: how many more or fewer, for whom, per day.

And, where people have judged the present findings, what the changed rule would have missed.
"""

from __future__ import annotations

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
    cases = list(judged)
    unseen = [case for case in cases if not any(_overlap(case, row) for row in changed)]
    return Difference(
        len(present),
        len(changed),
        _counts([row.series for row in present], [row.series for row in changed]),
        _counts(_days(present, offset_us), _days(changed, offset_us)),
        tuple(row for row in present if not any(_overlap(row, other) for other in changed)),
        tuple(row for row in changed if not any(_overlap(row, other) for other in present)),
        tuple(case for case in unseen if case.verdict == CONFIRMED),
        tuple(case for case in unseen if case.verdict == FALSE_ALARM),
    )


def _overlap(one: FindingRow | Judged, other: FindingRow) -> bool:
    return (
        one.series == other.series
        and (other.cleared_us is None or one.opened_us <= other.cleared_us)
        and (one.cleared_us is None or other.opened_us <= one.cleared_us)
    )


def _days(rows: Sequence[FindingRow], offset_us: int) -> list[str]:
    starts = [(row.opened_us + offset_us) // DAY_US * DAY_US for row in rows]
    return [datetime_of(start).date().isoformat() for start in starts]


def _counts(present: list[str], changed: list[str]) -> dict[str, tuple[int, int]]:
    before, after = Counter(present), Counter(changed)
    return {
        name: (before[name], after[name])
        for name in sorted({*before, *after})
        if before[name] != after[name]
    }

"""A changed rule beside the present one."""

from __future__ import annotations

from bihuan.base.time import DAY_US, HOUR_US
from bihuan.rules.backtest import FindingRow
from bihuan.rules.compare import CONFIRMED, FALSE_ALARM, Judged, difference


def row(series: str, opened_h: int, cleared_h: int | None) -> FindingRow:
    cleared_us = None if cleared_h is None else cleared_h * HOUR_US
    return FindingRow(series, opened_h * HOUR_US, cleared_us, {})


def test_difference_counts_by_series_and_day_and_names_what_is_missed() -> None:
    present = [row("a", 1, 2), row("a", 30, 31), row("b", 5, None)]
    changed = [row("a", 1, 3), row("b", 5, 6)]
    judged = [
        Judged("a", 30 * HOUR_US, 32 * HOUR_US, CONFIRMED),
        Judged("a", 1 * HOUR_US, 2 * HOUR_US, CONFIRMED),
        Judged("c", 0, None, FALSE_ALARM),
    ]
    got = difference(present, changed, judged)
    assert (got.present, got.changed, got.more) == (3, 2, -1)
    assert got.by_series == {"a": (2, 1)}
    assert got.by_day == {"1970-01-02": (1, 0)}
    assert got.only_present == (present[1],)
    assert got.only_changed == ()
    assert got.missed_confirmed == (judged[0],)
    assert got.spared_false_alarms == (judged[2],)


def test_difference_of_a_rule_with_itself_is_none() -> None:
    rows = [row("a", 1, 2), row("b", 5, None)]
    got = difference(rows, rows)
    assert (got.more, got.by_series, got.by_day, got.only_present) == (0, {}, {}, ())


def test_difference_counts_days_where_people_live() -> None:
    """17:00 UTC is already the next day in China."""
    got = difference([row("a", 17, 18)], [], offset_us=DAY_US // 3)
    assert got.by_day == {"1970-01-02": (1, 0)}

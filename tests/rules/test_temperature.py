"""Rules a technician would write, on a real machine's temperatures with labelled failures."""

from __future__ import annotations

import json

import pytest

from bihuan.base.time import datetime_of
from bihuan.rules.backtest import (
    BacktestRequest,
    FindingRow,
    columns_of,
    moment_us,
    run_backtest,
    settings_of,
)
from tests.outside import SHARED, needs

FOLDER = SHARED / "data" / "temperature"
MACHINE = FOLDER / "machine_temperature_system_failure.csv"
pytestmark = [pytest.mark.outside, needs("data", "temperature", "windows.json")]


def windows() -> list[tuple[int, int]]:
    (pairs,) = json.loads((FOLDER / "windows.json").read_text()).values()
    return [(moment_us("window", start), moment_us("window", end)) for start, end in pairs]


def found(*settings: str) -> list[FindingRow]:
    columns = columns_of(["time=timestamp", "value=value"])
    typed = settings_of("beyond", settings)
    return list(run_backtest(BacktestRequest("beyond", typed, (MACHINE,), columns)))


@pytest.mark.parametrize("hold", ["0", "30m", "1h", "2h"])
def test_cold_machine_is_found_in_all_four_failures_and_rarely_else(hold: str) -> None:
    """Below 55 °F, over at 85 °F: docs/rules.md gives the reasons. The hold makes little odds."""
    rows = found("limit=55", "side=below", f"for={hold}", "clear=85")
    for start, end in windows():
        assert any(start <= row.opened_us <= end for row in rows)
    assert len(outside(rows)) <= 11, "the record spans eleven weeks"


def test_cold_machine_held_for_an_hour_is_found_elsewhere_at_most_once_in_any_week() -> None:
    """Weeks begin on Monday."""
    opened = outside(found("limit=55", "side=below", "for=1h", "clear=85"))
    weeks = {datetime_of(at).isocalendar()[:2] for at in opened}
    assert len(weeks) == len(opened)


def outside(rows: list[FindingRow]) -> list[int]:
    """Opening times that lie in no labelled window."""
    return [r.opened_us for r in rows if not any(a <= r.opened_us <= b for a, b in windows())]

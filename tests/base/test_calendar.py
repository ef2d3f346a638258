"""Which days work: the notices for 2025 and 2026, later rows, and years without a notice."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.base.calendar import HOLIDAY_NAMES, OFFICIAL, SOURCE_2025, SOURCE_2026, DayRow, DayTable
from bihuan.base.errors import BadInputError
from bihuan.base.time import CHINA
from tests.base import slow_days

SPRING_2027 = date(2027, 2, 8)  # a Monday


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def test_calendar_2026_has_the_six_working_weekends_of_the_notice() -> None:
    weekends = [on for on in days_of(2026) if on.weekday() >= 5 and OFFICIAL.day(on).is_working]
    assert [on.isoformat()[5:] for on in weekends] == [
        "01-04", "02-14", "02-28", "05-09", "09-20", "10-10",
    ]  # fmt: skip


def test_calendar_2026_spring_festival_is_15_to_23_february() -> None:
    named = [on.day for on in days_of(2026) if not OFFICIAL.day(on).is_working and on.month == 2]
    assert named == [1, 7, 8, *range(15, 24)]
    assert OFFICIAL.day(date(2026, 2, 15)).name == "春节"


@pytest.mark.parametrize("year", [2025, 2026])
def test_calendar_year_has_as_many_working_days_as_weekdays_less_13(year: int) -> None:
    """Make-up days pay for every further day off, so 365 - 104 weekend days - 13 remain."""
    assert sum(OFFICIAL.day(on).is_working for on in days_of(year)) == 365 - 104 - 13


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027, 2028, 2099, 2100])
def test_calendar_agrees_with_the_slow_table_on_every_day_of(year: int) -> None:
    for on in days_of(year):
        day = OFFICIAL.day(on)
        assert (day.is_working, day.is_provisional) == (
            slow_days.works(on),
            not slow_days.is_announced(on),
        ), on


def test_calendar_names_the_source_of_each_year() -> None:
    assert dict(OFFICIAL.announced) == {2025: SOURCE_2025, 2026: SOURCE_2026}
    assert OFFICIAL.day(date(2025, 1, 26)).source == SOURCE_2025
    assert OFFICIAL.day(date(2026, 10, 10)).source == SOURCE_2026
    assert {row.name for row in OFFICIAL.rows} == set(HOLIDAY_NAMES)


def test_calendar_year_without_notice_knows_only_weekends_and_fixed_dates() -> None:
    off = [on for on in days_of(2027) if not OFFICIAL.day(on).is_working and on.weekday() < 5]
    assert [on.isoformat()[5:] for on in off] == ["01-01", "10-01"]  # the others fall on weekends
    assert OFFICIAL.day(SPRING_2027).is_working
    assert OFFICIAL.day(SPRING_2027).is_provisional


def test_calendar_second_of_may_is_statutory_since_2025() -> None:
    assert OFFICIAL.day(date(2024, 5, 2)).is_working
    assert not OFFICIAL.day(date(2028, 5, 2)).is_working  # a Tuesday


def test_calendar_last_days_of_december_wait_for_the_next_notice() -> None:
    """The notice for 2019 made Saturday 29 December 2018 a working day."""
    assert not OFFICIAL.day(date(2026, 12, 28)).is_provisional
    assert OFFICIAL.day(date(2026, 12, 29)).is_provisional
    assert not OFFICIAL.day(date(2025, 12, 31)).is_provisional


def test_calendar_later_row_overrides_an_earlier_one() -> None:
    storm = date(2026, 7, 14)
    closed = OFFICIAL.with_rows([DayRow(storm, False, "台风", "county order 7")])
    reopened = closed.with_rows([DayRow(storm, True, "台风", "county order 8")])
    assert OFFICIAL.day(storm).is_working
    assert not closed.day(storm).is_working
    assert reopened.day(storm).is_working
    assert reopened.day(storm).source == "county order 8"


def test_calendar_single_row_does_not_announce_its_year() -> None:
    table = OFFICIAL.with_rows([DayRow(SPRING_2027, False, "春节", "a guess")])
    assert not table.day(SPRING_2027).is_working
    assert table.day(SPRING_2027).is_provisional


def test_calendar_year_is_announced_with_its_rows_and_source() -> None:
    rows = [
        DayRow(date(2027, 2, 5) + timedelta(days=n), False, "春节", "notice") for n in range(13)
    ]
    table = OFFICIAL.with_rows(rows, {2027: "notice"})
    assert not table.day(SPRING_2027).is_provisional
    assert not table.day(date(2026, 12, 31)).is_provisional
    assert table.day(date(2027, 12, 31)).is_provisional


def test_calendar_announced_year_without_its_days_off_is_refused() -> None:
    with pytest.raises(BadInputError, match="announced 2027: got 0 days off, want at least the 13"):
        OFFICIAL.with_rows([], {2027: "notice"})


def test_calendar_refuses_rows_and_years_without_source() -> None:
    with pytest.raises(BadInputError, match="source: got nothing"):
        DayRow(SPRING_2027, False, "春节", " ")
    with pytest.raises(BadInputError, match="announced 2026: got no source"):
        DayTable(OFFICIAL.rows, {2026: ""})


@pytest.mark.parametrize(
    "on", [date(2007, 12, 31), date(2200, 1, 1), datetime(2026, 1, 1, tzinfo=CHINA)]
)
def test_calendar_refuses_what_is_no_date_of_its_years(on: date) -> None:
    with pytest.raises(BadInputError, match="want a date from 2008 to 2199"):
        OFFICIAL.day(on)


@given(st.dates(date(2008, 1, 1), date(2199, 12, 31)))
def test_calendar_day_agrees_with_the_slow_table(on: date) -> None:
    assert OFFICIAL.day(on).is_working == slow_days.works(on)

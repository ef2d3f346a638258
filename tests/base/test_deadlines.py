"""When clocks run out: worked examples by hand, and a slow counter for everything else."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bihuan.base.calendar import OFFICIAL, DayRow
from bihuan.base.deadlines import Limit, StartRule, Suspension, Unit, due, due_with
from bihuan.base.errors import BadInputError
from bihuan.base.legal_limits import CIVIL_PROCEDURE
from bihuan.base.time import CHINA
from tests.base import slow_days


def china(text: str) -> datetime:
    """`2026-02-13 16:00` in China."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def close(last_day: str) -> datetime:
    """24:00 of a day in China."""
    return china(last_day) + timedelta(days=1)


def rule(*, excluded: bool = True, rolls: bool = True, closes: time | None = None) -> StartRule:
    return StartRule("a rule", excluded, rolls, closes)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "last_day"),
    [
        # Friday 13 Feb; Saturday 14 works (1), 15-23 off, 24-27 (2-5), Saturday 28 works (6),
        # 1 March is a Sunday, 2 March (7)
        ("2026-02-13 16:00", 5, "working", "2026-02-27"),
        ("2026-02-13 16:00", 6, "working", "2026-02-28"),
        ("2026-02-13 16:00", 7, "working", "2026-03-02"),
        ("2026-02-14 09:00", 1, "working", "2026-02-24"),
        # Thursday 24 Sep; 25-27 off, 28-30 work, 1-7 Oct off, 8, 9 and Saturday 10 work, 12 Mon
        ("2026-09-24 09:00", 7, "working", "2026-10-12"),
        # 31 Dec 2025 Wednesday; 1-3 off, Sunday 4 works
        ("2025-12-31 09:00", 1, "working", "2026-01-04"),
        # 27 Sep 2025 Saturday: Sunday 28 works; 29, 30; 1-8 Oct off; 9, 10, Saturday 11
        ("2025-09-27 09:00", 6, "working", "2025-10-11"),
        # 60 days from 17 Dec 2025: 14 days to 31 Dec, 31 in January = 45, so 15 Feb, off: 24 Feb
        ("2025-12-17 10:00", 60, "calendar", "2026-02-24"),
        # 60 from 16 Dec: 14 Feb, a Saturday that works: stays
        ("2025-12-16 10:00", 60, "calendar", "2026-02-14"),
        # 30 from 29 Jan: 28 Feb (2026 is no leap year), a Saturday that works
        ("2026-01-29 10:00", 30, "calendar", "2026-02-28"),
        # leap: 30 from 30 Jan 2028 is 29 February, a Tuesday
        ("2028-01-30 10:00", 30, "calendar", "2028-02-29"),
        # 2099-12-31 is a Thursday, 1 Jan 2100 a Friday and off, 4 Jan Monday; 2100 is no leap year
        ("2099-12-31 10:00", 1, "working", "2100-01-04"),
        ("2100-02-26 10:00", 3, "calendar", "2100-03-01"),
    ],
)
def test_due_follows_the_days_counted_by_hand(
    start: str, amount: int, unit: Unit, last_day: str
) -> None:
    found = due(china(start), amount, unit, CIVIL_PROCEDURE)
    assert found.why.last_day == date.fromisoformat(last_day)
    assert found.at == close(last_day)
    assert found.at.tzinfo is UTC


@pytest.mark.parametrize(
    ("start", "last_day"),
    [
        ("2026-03-03 23:59:59.999999", "2026-03-04"),
        ("2026-03-04 00:00", "2026-03-05"),  # midnight belongs to the day that begins
    ],
)
def test_due_start_day_is_the_one_in_china(start: str, last_day: str) -> None:
    at = china(start)
    assert due(at, 1, "working", rule()).at == close(last_day)
    assert due(at.astimezone(UTC), 1, "working", rule()).at == close(last_day)


def test_due_start_day_counts_where_the_rule_says_so() -> None:
    tuesday = china("2026-03-03 09:00")
    assert due(tuesday, 1, "working", rule(excluded=False)).at == close("2026-03-03")
    saturday = china("2026-03-07 09:00")
    assert due(saturday, 1, "working", rule(excluded=False)).at == close("2026-03-09")


def test_due_last_day_stays_on_a_holiday_where_the_rule_says_so() -> None:
    found = due(china("2025-12-17 10:00"), 60, "calendar", rule(rolls=False))
    assert found.at == close("2026-02-15")
    assert found.why.rolled_from is None


def test_due_closing_hour_ends_the_day() -> None:
    at_five = rule(excluded=False, closes=time(17))
    assert due(china("2026-03-03 09:00"), 1, "working", at_five).at == china("2026-03-03 17:00")
    assert due(china("2026-03-03 17:00"), 1, "working", at_five).at == china("2026-03-04 17:00")


@pytest.mark.parametrize("hours", [0.05, 1, 36, 500])
def test_due_in_hours_never_pauses(hours: float) -> None:
    eve = china("2026-02-14 23:59")
    found = due(eve, hours, "hours")
    assert found.at == eve + timedelta(minutes=hours * 60)
    assert not found.is_provisional


def test_due_in_hours_counts_hours_that_pass_and_not_those_on_a_wall() -> None:
    """In Berlin the clocks went forward on 29 March 2026 at 02:00 (01:00 UTC)."""
    start = datetime(2026, 3, 29, 1, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert due(start, 2, "hours").at == datetime(2026, 3, 29, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "unannounced"),
    [
        ("2026-11-02 09:00", 30, "working", ()),  # 14 December
        ("2026-12-20 09:00", 6, "working", ()),  # 28 December
        ("2026-12-20 09:00", 7, "working", (2027,)),  # 29 December: the next notice reaches it
        ("2026-12-30 09:00", 5, "working", (2027,)),
        ("2026-12-20 09:00", 30, "calendar", (2027,)),
        ("2099-06-01 09:00", 5, "working", (2099,)),
        ("2024-12-30 09:00", 3, "working", (2024,)),
        ("2024-12-20 09:00", 60, "calendar", ()),  # only the last day is asked: 18 February 2025
    ],
)
def test_due_is_provisional_where_it_asks_an_unannounced_day(
    start: str, amount: int, unit: Unit, unannounced: tuple[int, ...]
) -> None:
    found = due(china(start), amount, unit, CIVIL_PROCEDURE)
    assert found.why.unannounced == unannounced
    assert found.is_provisional == bool(unannounced)


def test_due_without_moving_on_asks_no_day_and_is_certain() -> None:
    assert not due(china("2090-01-01 09:00"), 60, "calendar", rule(rolls=False)).is_provisional


def test_due_moves_when_the_table_is_edited() -> None:
    start = china("2026-07-13 09:00")
    closed = OFFICIAL.with_rows([DayRow(date(2026, 7, 14), False, "台风", "county order 7")])
    assert due(start, 1, "working", CIVIL_PROCEDURE).at == close("2026-07-14")
    assert due(start, 1, "working", CIVIL_PROCEDURE, closed).at == close("2026-07-15")


def test_due_why_says_it_in_both_languages() -> None:
    why = due(china("2025-12-17 10:00"), 60, "calendar", rule()).why
    assert why.en() == (
        "60 calendar days from 2025-12-18 to 2026-02-24; moved on from 2026-02-15, a day off. "
        "Source: a rule"
    )
    assert why.zh() == (
        "60日，自2025-12-18起算，至2026-02-24届满，2026-02-15为休息日，顺延。依据：a rule"
    )
    later = due(china("2027-03-05 10:00"), 1, "working", rule()).why
    assert later.en().startswith("1 working day from 2027-03-06 to 2027-03-08; 2 days off passed")
    assert "放假安排未公布（2027年），期限为暂定" in later.zh()
    assert later.en().endswith("provisional: days off not yet announced for 2027. Source: a rule")
    assert due(china("2026-03-03 09:00"), 0.5, "hours").why.en().startswith("0.5 h, from at once")
    assert due(china("2026-03-03 09:00"), 0.5, "hours").why.zh() == "0.5小时，立即起算，不暂停。"


def test_due_remaining_and_overdue_meet_at_the_close() -> None:
    found = due(china("2026-03-03 09:00"), 1, "working", CIVIL_PROCEDURE)
    assert found.remaining(china("2026-03-04 20:00")) == timedelta(hours=4)
    assert not found.is_overdue(close("2026-03-04") - timedelta(microseconds=1))
    assert found.is_overdue(close("2026-03-04"))
    assert found.remaining(close("2026-03-05")) == timedelta(days=-1)


@pytest.mark.parametrize(
    ("amount", "unit", "said"),
    [
        (0, "working", "amount: got 0"),
        (-1, "hours", "amount: got -1"),
        (1.5, "calendar", "want whole days"),
        (True, "calendar", "amount: got True"),
        (float("nan"), "hours", "amount: got nan"),
        (float("inf"), "hours", "amount: got inf"),
        ("5", "hours", "amount: got 5"),
        (3661, "working", "up to 3660"),
        (1, "weeks", "unit: got weeks, want hours | calendar | working"),
    ],
)
def test_due_refuses_what_is_no_length(amount: float, unit: Unit, said: str) -> None:
    with pytest.raises(BadInputError) as refused:
        due(china("2026-03-03 09:00"), amount, unit, None if unit == "hours" else rule())
    assert said in str(refused.value)


def test_due_refuses_a_rule_for_hours_and_days_without_one() -> None:
    start = china("2026-03-03 09:00")
    with pytest.raises(BadInputError, match="rule: got a rule, want none"):
        due(start, 1, "hours", rule())
    with pytest.raises(BadInputError, match="rule: got none, want a StartRule"):
        due(start, 1, "working")


@pytest.mark.parametrize("year", [1, 2007, 2200, 9999])
def test_due_refuses_times_outside_its_years(year: int) -> None:
    with pytest.raises(BadInputError, match=r"start: got .* want a time from 2008 to 2199"):
        due(datetime(year, 6, 1, tzinfo=UTC), 1, "hours")


def test_due_refuses_a_time_without_its_zone() -> None:
    with pytest.raises(BadInputError, match=r"start: got .* want a time with its zone"):
        due(datetime(2026, 3, 3), 1, "hours")  # noqa: DTZ001 - what is refused


def test_start_rule_refuses_no_source_and_no_closing_hour() -> None:
    with pytest.raises(BadInputError, match=r"rule\.source"):
        StartRule("")
    with pytest.raises(BadInputError, match=r"rule\.closes"):
        StartRule("a rule", closes=time(0))


def between(first: str, last: str) -> st.SearchStrategy[datetime]:
    seconds = int((china(last) - china(first)).total_seconds())
    return st.integers(0, seconds).map(lambda s: china(first) + timedelta(seconds=s))


starts = between("2008-01-02", "2180-01-01") | between("2024-06-01", "2027-03-01")


@given(
    start=starts,
    amount=st.integers(1, 120),
    unit=st.sampled_from(["calendar", "working"]),
    law=st.tuples(st.booleans(), st.booleans()),
    gaps=st.lists(st.tuples(st.integers(0, 30 * 24), st.integers(1, 30 * 24)), max_size=3),
)
@example(china("2026-02-13 23:59"), 5, "working", (True, True), [])
@example(china("2026-03-03 09:00"), 5, "working", (True, True), [(15, 24)])  # midnight to midnight
def test_due_agrees_with_the_slow_counter(
    start: datetime, amount: int, unit: Unit, law: tuple[bool, bool], gaps: list[tuple[int, int]]
) -> None:
    stops: slow_days.Stops = []
    free = start
    for wait_h, length_h in gaps:
        begins = free + timedelta(hours=wait_h)
        free = begins + timedelta(hours=length_h)
        stops.append((begins, free))
    limit = Limit(amount, unit, rule(excluded=law[0], rolls=law[1]))
    suspensions = [Suspension(begins, ends, "Gu", "expert opinion") for begins, ends in stops]
    found = due_with(start, limit, (), suspensions)
    expected = slow_days.last_day(start, amount, unit, law, stops)
    assert found.why.last_day == expected
    assert found.at == close(expected.isoformat())

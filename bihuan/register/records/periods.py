"""Which days a routine covers and when it is due: pure, over the calendar of working days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from bihuan.base.calendar import LAST_YEAR, OFFICIAL, ONE_DAY, DayTable
from bihuan.base.time import CHINA, datetime_of, us_of
from bihuan.register.scheme import Routine


class Span(NamedTuple):
    """A period: first and last date, and when its row must be signed (µs)."""

    starts: date
    ends: date
    due_us: int


def first(routine: Routine, now_us: int, days: DayTable = OFFICIAL) -> Span | None:
    """The first period that is still to be signed at a time."""
    today = datetime_of(now_us).astimezone(CHINA).date()
    found = _spans(routine, today, days)
    return next((span for span in found if span.due_us > now_us), None)


def after(routine: Routine, ends: date, days: DayTable = OFFICIAL) -> Span | None:
    """The next period that is owed after one that ended on a date; None after the calendar."""
    return next(_spans(routine, ends + ONE_DAY, days), None)


def _spans(routine: Routine, on: date, days: DayTable) -> Iterator[Span]:
    while on.year < LAST_YEAR:
        starts, ends = _bounds(routine, on)
        due_on = _due_day(routine, starts, ends, days)
        if due_on is not None:
            at = datetime.combine(due_on, time.fromisoformat(routine.by), CHINA)
            yield Span(starts, ends, us_of(at))
        on = ends + ONE_DAY


def _bounds(routine: Routine, on: date) -> tuple[date, date]:
    """The period that a date lies in: weeks begin on Monday."""
    if routine.per == "day":
        return on, on
    if routine.per == "week":
        monday = on - timedelta(days=on.weekday())
        return monday, monday + timedelta(days=6)
    first_day = on.replace(day=1)
    next_month = (first_day + timedelta(days=31)).replace(day=1)
    return first_day, next_month - ONE_DAY


def _due_day(routine: Routine, starts: date, ends: date, days: DayTable) -> date | None:
    """The last day of the period that counts; None where no day of it does."""
    if routine.days == "calendar":
        return ends
    on = ends
    while on >= starts:
        if days.day(on).is_working:
            return on
        on -= ONE_DAY
    return None

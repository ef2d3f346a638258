"""When the monthly test is due: the nth working day of the month, at a minute of the day. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bihuan.base.calendar import OFFICIAL, DayTable
from bihuan.base.time import CHINA, datetime_of, us_of

MOST_DAY, MINUTES = 15, 24 * 60


def due_us(year: int, month: int, working_day: int, minute: int, days: DayTable = OFFICIAL) -> int:
    """µs of that minute on the nth working day of the month; every month has 15 of them."""
    on, left = date(year, month, 1), working_day
    while True:
        left -= days.day(on).is_working
        if not left:
            break
        on += timedelta(days=1)
    at = datetime(on.year, on.month, on.day, minute // 60, minute % 60, tzinfo=CHINA)
    return us_of(at)


def this_month_us(now_us: int, working_day: int, minute: int, days: DayTable = OFFICIAL) -> int:
    """The same for the month in which `now_us` lies in China."""
    here = datetime_of(now_us).astimezone(CHINA)
    return due_us(here.year, here.month, working_day, minute, days)


def next_us(now_us: int, working_day: int, minute: int, days: DayTable = OFFICIAL) -> int:
    """The first such moment that is not over."""
    at_us = this_month_us(now_us, working_day, minute, days)
    if at_us > now_us:
        return at_us
    here = datetime_of(now_us).astimezone(CHINA)
    year, month = (here.year + 1, 1) if here.month == 12 else (here.year, here.month + 1)
    return due_us(year, month, working_day, minute, days)

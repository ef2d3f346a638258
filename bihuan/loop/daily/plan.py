"""When a notice falls due: each day at its local time, today's at the most. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bihuan.base.time import CHINA, datetime_of, us_of


def at_us(day: date, at: str) -> int:
    """µs of a local time (`18:00`) on a day of the county."""
    hour, minute = (int(part) for part in at.split(":"))
    return us_of(datetime(day.year, day.month, day.day, hour, minute, tzinfo=CHINA))


def day_of(now_us: int) -> date:
    """The county's day at a time."""
    return datetime_of(now_us).astimezone(CHINA).date()


def first_us(since_us: int, at: str) -> int:
    """The first such moment after the first subject came into being."""
    today = at_us(day_of(since_us), at)
    return today if today > since_us else at_us(day_of(since_us) + timedelta(days=1), at)


def next_us(day: str, at: str, *, is_done: bool) -> int:
    """When a notice that has come so far goes on: with the rest of the day, or the next day."""
    last = date.fromisoformat(day)
    return at_us(last + timedelta(days=1) if is_done else last, at)

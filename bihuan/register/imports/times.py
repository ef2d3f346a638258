"""Days and times of a sheet, which are the county's own (+08:00)."""

from __future__ import annotations

from datetime import date, datetime, time

from bihuan.base.time import CHINA, datetime_of, us_of
from bihuan.register.scheme import Value


def day_us(day: Value) -> int | None:
    """Midnight at which a day begins, µs; None where none is said."""
    if day is None:
        return None
    return us_of(datetime.combine(date.fromisoformat(str(day)), time(0), CHINA))


def shown_day(at_us: int | None) -> str | None:
    """The day of a time in the county; None where it is open or from the beginning."""
    return None if not at_us else datetime_of(at_us).astimezone(CHINA).date().isoformat()


def shown_minute(at_us: int | None) -> str | None:
    """A time in the county to the minute: 2026-03-02 08:00."""
    return (
        None if at_us is None else datetime_of(at_us).astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
    )

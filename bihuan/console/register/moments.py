"""Times as they are typed and asked for: China's time in, µs out."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from bihuan.base.errors import bad
from bihuan.base.time import CHINA, datetime_of, us_of


def moment(field: str, text: str) -> int:
    """µs of `2026-03-02T08:00` in China's time. Raises BadInputError."""
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        raise bad(field, text or "nothing", "a time as 2026-03-02T08:00") from None
    return us_of(said if said.tzinfo else said.replace(tzinfo=CHINA))


def day(field: str, text: str) -> date:
    """The day of `2026-03-02`. Raises BadInputError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise bad(field, text or "nothing", "a date as 2026-03-02") from None


def midnight_us(on: date, days: int = 0) -> int:
    """When a day begins in China, or that many days later."""
    return us_of(datetime.combine(on + timedelta(days=days), time(), tzinfo=CHINA))


def today(now_us: int) -> date:
    """The county's day."""
    return datetime_of(now_us).astimezone(CHINA).date()

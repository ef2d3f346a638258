"""What forms of the shift say, read strictly: times in China's time, numbers, languages."""

from __future__ import annotations

from datetime import datetime

from bihuan.base.errors import bad
from bihuan.base.time import CHINA, datetime_of, us_of

FORM = "%Y-%m-%dT%H:%M"


def moment_us(field: str, text: str, default_us: int) -> int:
    """µs of `2026-03-02T08:00` in China's time; nothing written is the default."""
    if not text:
        return default_us
    try:
        return us_of(datetime.strptime(text, FORM).replace(tzinfo=CHINA))
    except ValueError:
        raise bad(field, text, "a time such as 2026-03-02T08:00") from None


def form_moment(at_us: int) -> str:
    """The same back, for a form's field."""
    return datetime_of(at_us).astimezone(CHINA).strftime(FORM)


def whole(field: str, text: str) -> int | None:
    """A number that a form may leave empty."""
    if not text.strip():
        return None
    if not text.strip().isascii() or not text.strip().isdigit() or len(text) > 18:
        raise bad(field, text[:20], "a number, or nothing")
    return int(text)

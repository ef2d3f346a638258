"""Periods as figures take them, read into days and said in words. Pure."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from typing import Final

from bihuan.base.errors import bad
from bihuan.figures.bulletins.entries import Told, Words
from bihuan.figures.periods import parse

_PART: Final = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
_NAMED: Final = re.compile(r"\d{4}-(?:W\d{2}|Q[1-4]|H[12])")
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def days_of(period: str) -> tuple[date, date]:
    """First and last day of `2026`, `2026-07`, `2026-07-31` or two of them with `..` between.

    Also of what figures name besides: `2026-Q3`, `2026-H1`, `2026-W32`.
    """
    if _NAMED.fullmatch(period):
        named = parse(period)
        return named.start, named.end - timedelta(days=1)
    first, _dots, last = period.partition("..")
    return _edges(first)[0], _edges(last or first)[1]


def _edges(part: str) -> tuple[date, date]:
    match = _PART.fullmatch(part)
    try:
        if match is None:
            raise ValueError
        year, month, day = int(match[1]), int(match[2] or 0), int(match[3] or 0)
        if day:
            return date(year, month, day), date(year, month, day)
        if month:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        return date(year, 1, 1), date(year, 12, 31)
    except ValueError:
        raise bad("period", part, "2026, 2026-07 or 2026-07-31") from None


def period_words(period: str) -> tuple[str, str]:
    """2026年1至7月, January to July 2026; days where it is no run of whole months of a year."""
    start, end = days_of(period)
    is_whole = start.day == 1 and end.day == calendar.monthrange(end.year, end.month)[1]
    if start == end:
        return _day(start)
    if is_whole and start.year == end.year:
        if (start.month, end.month) == (1, 12):
            return f"{start.year}年", str(start.year)
        if start.month == end.month:
            return f"{start.year}年{start.month}月", f"{MONTHS[start.month - 1]} {start.year}"
        return (
            f"{start.year}年{start.month}至{end.month}月",
            f"{MONTHS[start.month - 1]} to {MONTHS[end.month - 1]} {start.year}",
        )
    (zh_from, en_from), (zh_to, en_to) = _day(start), _day(end)
    return f"{zh_from}至{zh_to}", f"{en_from} to {en_to}"


def when_of(told: Told) -> Words:
    """A figure's period in words: as its source says it, else as the period itself reads."""
    return told.when if told.when[0] else period_words(told.period)


def _day(day: date) -> tuple[str, str]:
    return (
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.day} {MONTHS[day.month - 1]} {day.year}",
    )

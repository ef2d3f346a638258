"""Periods in the county's time: day, week, month, quarter, half-year, year.

Written `2026-08-03`, `2026-W32`, `2026-08`, `2026-Q3`, `2026-H1`, `2026`. A window is µs UTC, its
end left out. Cumulative: from 1 January to the end of the period.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from bihuan.base.errors import bad
from bihuan.base.time import CHINA, us_of
from bihuan.figures.declared import PeriodKind

Length = Literal["day", "week", "month", "quarter", "half", "year"]
MONTHS: Final[dict[str, int]] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
WANT: Final = "a period such as 2026-08-03, 2026-W32, 2026-08, 2026-Q3, 2026-H1 or 2026"
_FIRST_YEAR, _LAST_YEAR = 1990, 2199
_WRITTEN: Final = re.compile(
    r"(?P<year>\d{4})(?:-(?:W(?P<week>\d{2})|Q(?P<quarter>[1-4])|H(?P<half>[12])"
    r"|(?P<month>\d{2})(?:-(?P<day>\d{2}))?))?"
)


class Window(NamedTuple):
    """µs UTC, the end left out."""

    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class Period:
    """start, end: dates in the county, the end left out."""

    length: Length
    start: date
    end: date

    @property
    def text(self) -> str:
        """As it is written in addresses and entries."""
        year, month = self.start.year, self.start.month
        if self.length == "day":
            return self.start.isoformat()
        if self.length == "week":
            iso = self.start.isocalendar()
            return f"{iso.year}-W{iso.week:02}"
        if self.length == "quarter":
            return f"{year}-Q{(month + 2) // 3}"
        if self.length == "half":
            return f"{year}-H{1 if month == 1 else 2}"
        return f"{year}-{month:02}" if self.length == "month" else str(year)

    @property
    def window(self) -> Window:
        return Window(day_start_us(self.start), day_start_us(self.end))

    def window_of(self, kind: PeriodKind) -> Window:
        """Cumulative: from 1 January of the year in which the period ends."""
        if kind != "cumulative":
            return self.window
        january = date((self.end - timedelta(days=1)).year, 1, 1)
        return Window(day_start_us(january), day_start_us(self.end))

    def is_open(self, now_us: int) -> bool:
        """Whether it is not over yet."""
        return now_us < self.window.end_us

    def before(self) -> Period:
        """The period before it, of the same length (环比)."""
        return period_at(self.length, self.start - timedelta(days=1))

    def after(self) -> Period:
        """The period after it."""
        return period_at(self.length, self.end)

    def year_before(self) -> Period | None:
        """The same period a year before (同比); of a week the one of the same number.

        None where there is none: 29 February, a 53rd week.
        """
        if self.length == "week":
            iso = self.start.isocalendar()
            try:
                return period_at("week", date.fromisocalendar(iso.year - 1, iso.week, 1))
            except ValueError:
                return None
        try:
            return period_at(self.length, self.start.replace(year=self.start.year - 1))
        except ValueError:
            return None


def period_at(length: Length, at: date) -> Period:
    """The period of a length in which a date lies."""
    if length == "day":
        return Period(length, at, at + timedelta(days=1))
    if length == "week":
        monday = at - timedelta(days=at.weekday())
        return Period(length, monday, monday + timedelta(days=7))
    months = MONTHS[length]
    first = (at.month - 1) // months * months
    return Period(length, _month(at.year * 12 + first), _month(at.year * 12 + first + months))


def parse(text: str) -> Period:
    """A written period; BadInputError names what was got."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise bad("period", text, WANT)
    said = {name: int(value) for name, value in found.groupdict().items() if value is not None}
    year = said.pop("year")
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise bad("period", text, f"a year from {_FIRST_YEAR} to {_LAST_YEAR}")
    try:
        return _parsed(year, said)
    except ValueError:
        raise bad("period", text, WANT) from None


def _parsed(year: int, said: dict[str, int]) -> Period:
    if "week" in said:
        return period_at("week", date.fromisocalendar(year, said["week"], 1))
    if "quarter" in said:
        return period_at("quarter", date(year, said["quarter"] * 3, 1))
    if "half" in said:
        return period_at("half", date(year, said["half"] * 6, 1))
    if "day" in said:
        return period_at("day", date(year, said["month"], said["day"]))
    return period_at("month" if "month" in said else "year", date(year, said.get("month", 1), 1))


def _month(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


@lru_cache(maxsize=4_096)
def day_start_us(at: date) -> int:
    """Midnight in the county; kept, since a page asks for the same few days a thousand times."""
    return us_of(datetime.combine(at, time(), CHINA))


def month_start_us(month: int) -> int:
    """Midnight of the first day of a month (year × 12 + month − 1)."""
    return day_start_us(_month(month))


_WORDS: Final[dict[str, tuple[str, str]]] = {
    "day": ("{y}年{m}月{d}日", "{d} {name} {y}"),
    "week": ("{wy}年第{w}周", "week {w}, {wy}"),
    "month": ("{y}年{m}月", "{name} {y}"),
    "quarter": ("{y}年第{q}季度", "Q{q} {y}"),
    "half": ("{y}年{half}", "H{h} {y}"),
    "year": ("{y}年", "{y}"),
}


def words(period: Period, kind: PeriodKind = "single") -> tuple[str, str]:
    """A period in zh and en; cumulative ones say from when."""
    start, iso = period.start, period.start.isocalendar()
    said = {
        "y": start.year, "m": start.month, "d": start.day, "name": start.strftime("%B"),
        "wy": iso.year, "w": iso.week, "q": (start.month + 2) // 3,
        "h": 1 if start.month == 1 else 2, "half": "上半年" if start.month == 1 else "下半年",
    }  # fmt: skip
    zh, en = (text.format(**said) for text in _WORDS[period.length])
    if kind == "cumulative" and period.length != "year":
        last = period.end - timedelta(days=1)
        return (
            f"{last.year}年1月1日至{last.month}月{last.day}日累计",
            f"{last.year} to {last:%-d %B}",
        )
    if kind == "point":
        last = period.end - timedelta(days=1)
        return f"{zh}末（{last.month}月{last.day}日）", f"end of {en}"
    return zh, en

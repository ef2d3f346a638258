"""The period that a sheet is about: a day, a week from Monday, or a month, in the county's time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from bihuan.base.errors import bad
from bihuan.base.time import CHINA, datetime_of, us_of
from bihuan.console.register.wording import word

Per = Literal["day", "week", "month"]
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WEEK: Final = re.compile(r"(\d{4})-W(\d\d)", re.ASCII)
_MONTH: Final = re.compile(r"(\d{4})-(\d\d)", re.ASCII)
WANT: Final = {
    "day": "a date, YYYY-MM-DD",
    "week": "a week or a date in it, YYYY-Www or YYYY-MM-DD",
    "month": "a month, YYYY-MM",
}
_WORDS: Final = {
    "day": ("{a:%Y}年{a.month}月{a.day}日", "{a.day} {a:%B %Y}"),
    "week": (
        "{a:%Y}年{a.month}月{a.day}日至{b.month}月{b.day}日",
        "{a.day} {a:%B} to {b.day} {b:%B %Y}",
    ),
    "month": ("{a:%Y}年{a.month}月", "{a:%B %Y}"),
}
FIRST, LAST = 2000, 2100


@dataclass(frozen=True, slots=True)
class Period:
    """From the start of one day until before the start of another (`ends`)."""

    per: Per
    starts: date
    ends: date

    @property
    def span_us(self) -> tuple[int, int]:
        """The same as µs, the second one outside."""
        return midnight(self.starts), midnight(self.ends)

    @property
    def text(self) -> str:
        """As the address names it."""
        if self.per == "month":
            return f"{self.starts:%Y-%m}"
        return self.starts.isoformat()

    @property
    def title(self) -> str:
        """As the page names it."""
        last = self.ends - timedelta(days=1)
        if self.per == "week":
            return word(_WORDS["week"]).format(a=self.starts, b=last)
        return word(_WORDS[self.per]).format(a=self.starts)

    def before(self) -> Period:
        """The period before."""
        return holding(self.per, self.starts - timedelta(days=1))

    def after(self) -> Period:
        """The period after."""
        return holding(self.per, self.ends)


def midnight(on: date) -> int:
    """µs at which a day begins in the county."""
    return us_of(datetime(on.year, on.month, on.day, tzinfo=CHINA))


def holding(per: Per, on: date) -> Period:
    """The period in which a day lies."""
    if per == "day":
        return Period(per, on, on + timedelta(days=1))
    if per == "week":
        monday = on - timedelta(days=on.weekday())
        return Period(per, monday, monday + timedelta(days=7))
    first = on.replace(day=1)
    return Period(per, first, (first + timedelta(days=32)).replace(day=1))


def period_of(per: Per, text: str, now_us: int) -> Period:
    """The period that an address names, the present one where it names none.

    Raises BadInputError for anything else, also outside the years 2000 to 2100.
    """
    if not text:
        return holding(per, datetime_of(now_us).astimezone(CHINA).date())
    try:
        on = _date(per, text)
    except ValueError:
        on = None
    if on is None or not FIRST <= on.year < LAST:
        raise bad("period", text[:20], WANT[per])
    return holding(per, on)


def _date(per: Per, text: str) -> date | None:
    if per == "month" and (found := _MONTH.fullmatch(text)):
        return date(int(found[1]), int(found[2]), 1)
    if per == "week" and (found := _WEEK.fullmatch(text)):
        return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    if per != "month" and _DAY.fullmatch(text):
        return date.fromisoformat(text)
    return None

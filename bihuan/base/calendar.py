"""Which days people work in China: announced days off and make-up days, and what is assumed.

A year is *announced* once the State Council's notice for it is in the table. Every other year is
*provisional*: weekdays work, weekends and the statutory holidays with a fixed date are off. The
table is data: rows added later override earlier ones, and `with_rows` returns a new table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType

from bihuan.base.errors import bad

ONE_DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 2008, 2199
"""Years whose days can be asked: 2008 brought the list of fixed holidays that still stands."""

HOLIDAY_NAMES = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明节": "Tomb-sweeping Day",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
    "国庆节、中秋节": "National Day and Mid-Autumn Festival",
}
"""The Chinese name of a row as the notices write it → English."""

FIXED_SOURCE = "全国年节及纪念日放假办法 (State Council; 2 May since 2025-01-01)"
WEEK_SOURCE = "five-day week"

# month, day, name, first year in which it is statutory
_FIXED = (
    (1, 1, "元旦", 2008),
    (5, 1, "劳动节", 2008),
    (5, 2, "劳动节", 2025),
    (10, 1, "国庆节", 2008),
    (10, 2, "国庆节", 2008),
    (10, 3, "国庆节", 2008),
)
# A notice arranges New Year together with the last days of the year before it: the one for 2019
# made 29 December 2018 a working Saturday. None since 2004 reached an earlier day.
_NEXT_NOTICE_FROM = (12, 29)


@dataclass(frozen=True, slots=True)
class DayRow:
    """One row of the table: a date that works or is off, and who says so.

    name    in Chinese, as the notice names the holiday; of a make-up day: the holiday it pays for
    source  the notice or local decision; never empty
    """

    date: date
    is_working: bool
    name: str
    source: str

    def __post_init__(self) -> None:
        _checked(self.date, "date")
        if not self.source.strip():
            raise bad("source", "nothing", f"who decided about {self.date}")


@dataclass(frozen=True, slots=True)
class Day:
    """What is known about one date. `is_provisional`: a later notice may say otherwise."""

    date: date
    is_working: bool
    name: str
    source: str
    is_provisional: bool


@dataclass(frozen=True, slots=True)
class DayTable:
    """Rows, the later of one date overriding the earlier, and the years that are announced.

    announced  year → source of its notice; such a year has a row for each statutory day off
    """

    rows: tuple[DayRow, ...]
    announced: Mapping[int, str]
    _found: Mapping[date, DayRow] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = {row.date: row for row in self.rows}
        object.__setattr__(self, "rows", tuple(self.rows))
        object.__setattr__(self, "announced", MappingProxyType(dict(self.announced)))
        object.__setattr__(self, "_found", found)
        for year, source in self.announced.items():
            if not source.strip():
                raise bad(f"announced {year}", "no source", "the notice that arranges the year")
            count = sum(1 for day, row in found.items() if day.year == year and not row.is_working)
            if count < statutory_days(year):
                want = f"at least the {statutory_days(year)} statutory days"
                raise bad(f"announced {year}", f"{count} days off", want)

    def with_rows(
        self, rows: Iterable[DayRow], announced: Mapping[int, str] | None = None
    ) -> DayTable:
        """A table with these rows added; they override what stood for their dates."""
        return DayTable((*self.rows, *rows), {**self.announced, **(announced or {})})

    def day(self, on: date) -> Day:
        """What is known about a date. Raises where it is outside the years of the table."""
        _checked(on, "day")
        is_provisional = self.is_provisional(on)
        row = self._found.get(on)
        if row is not None:
            return Day(on, row.is_working, row.name, row.source, is_provisional)
        for month, day, name, since in _FIXED:
            if (on.month, on.day) == (month, day) and on.year >= since:
                return Day(on, False, name, FIXED_SOURCE, is_provisional)
        return Day(on, on.weekday() < 5, "", WEEK_SOURCE, is_provisional)

    def is_provisional(self, on: date) -> bool:
        """Whether a notice that is not in the table may still change this date."""
        if on.year not in self.announced:
            return True
        return (on.month, on.day) >= _NEXT_NOTICE_FROM and on.year + 1 not in self.announced


def statutory_days(year: int) -> int:
    """Days off that the law gives everybody: 11 from 2008, 13 since 2025."""
    return 13 if year >= 2025 else 11


def _checked(on: date, what: str) -> None:
    if isinstance(on, datetime) or not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise bad(what, on, f"a date from {FIRST_YEAR} to {LAST_YEAR}")


def _off(source: str, name: str, first: date, count: int) -> Iterator[DayRow]:
    return (DayRow(first + n * ONE_DAY, False, name, source) for n in range(count))


SOURCE_2025 = "国办发明电〔2024〕12号, 2024-11-12"
SOURCE_2026 = "国务院办公厅关于2026年部分节假日安排的通知, 2025-11-04"

# name, first day off, how many, make-up working days
_NOTICES = {
    SOURCE_2025: (
        ("元旦", date(2025, 1, 1), 1, ()),
        ("春节", date(2025, 1, 28), 8, (date(2025, 1, 26), date(2025, 2, 8))),
        ("清明节", date(2025, 4, 4), 3, ()),
        ("劳动节", date(2025, 5, 1), 5, (date(2025, 4, 27),)),
        ("端午节", date(2025, 5, 31), 3, ()),
        ("国庆节、中秋节", date(2025, 10, 1), 8, (date(2025, 9, 28), date(2025, 10, 11))),
    ),
    SOURCE_2026: (
        ("元旦", date(2026, 1, 1), 3, (date(2026, 1, 4),)),
        ("春节", date(2026, 2, 15), 9, (date(2026, 2, 14), date(2026, 2, 28))),
        ("清明节", date(2026, 4, 4), 3, ()),
        ("劳动节", date(2026, 5, 1), 5, (date(2026, 5, 9),)),
        ("端午节", date(2026, 6, 19), 3, ()),
        ("中秋节", date(2026, 9, 25), 3, ()),
        ("国庆节", date(2026, 10, 1), 7, (date(2026, 9, 20), date(2026, 10, 10))),
    ),
}


def _rows() -> Iterator[DayRow]:
    for source, holidays in _NOTICES.items():
        for name, first, count, make_up in holidays:
            yield from _off(source, name, first, count)
            yield from (DayRow(on, True, name, source) for on in make_up)


OFFICIAL = DayTable(tuple(_rows()), {2025: SOURCE_2025, 2026: SOURCE_2026})
"""The arrangement of the State Council for the years that are announced here."""

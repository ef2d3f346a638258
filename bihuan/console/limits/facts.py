"""Which limit is in force for a playbook, what was set before, and the county's working days."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from bihuan.base.calendar import HOLIDAY_NAMES, LAST_YEAR, OFFICIAL, DayTable
from bihuan.base.time import CHINA, datetime_of
from bihuan.journal.storage import MAIN
from bihuan.loop.clocks.course import REPEAT, day_table, ladder_kind, waits
from bihuan.loop.clocks.models import CountyLimit, WorkingDays
from bihuan.loop.playbook import Limit, Playbook

YEARS_SHOWN = 4


class Figure(NamedTuple):
    """A limit as it is shown. unit: seconds, calendar or working; from_us None: as declared."""

    amount: int
    unit: str
    source: str
    region: str
    effective_from: str
    from_us: int | None = None


class Standing(NamedTuple):
    """One clock of a playbook: what holds now, what the playbook says, what the county set.

    own  the county's own figures, the latest first; those ahead too
    """

    clock: str
    now: Figure
    declared: Figure
    own: list[Figure]

    @property
    def is_own(self) -> bool:
        """Whether the county's figure holds now, not the playbook's."""
        return self.now.from_us is not None


class Year(NamedTuple):
    """A year of the calendar. source: of its notice, empty while it is provisional.

    days  (date, is working, name in Chinese, source) of each that is not as the week says
    """

    year: int
    source: str
    days: list[tuple[date, bool, str, str]]


def standings(book: Playbook, now_us: int) -> list[Standing]:
    """Every limit of a playbook that a county may set; one query."""
    rows = CountyLimit.objects.using(MAIN).filter(playbook=book.name).order_by("-from_us", "-id")
    own: dict[str, list[Figure]] = {}
    for row in rows:
        day = datetime_of(row.from_us).astimezone(CHINA).date().isoformat()
        shown = Figure(row.amount, row.unit, row.source, row.region, day, row.from_us)
        own.setdefault(row.clock, []).append(shown)
    found = []
    for clock in (*book.clock_kinds(), *waits(book)):
        declared = _declared(limit_of(book, clock))
        mine = own.get(clock, [])
        holding = [one for one in mine if one.from_us is not None and one.from_us <= now_us]
        found.append(Standing(clock, holding[0] if holding else declared, declared, mine))
    return found


def limit_of(book: Playbook, clock: str) -> Limit:
    """What a playbook declares for a clock, for the wait of a ladder step, or for `repeat`."""
    rule = book.clock(clock)
    if rule is not None:
        return rule.limit
    if clock == REPEAT:
        return book.repeat
    return next(s.wait for n, s in enumerate(book.ladder) if ladder_kind(n) == clock)


def _declared(limit: Limit) -> Figure:
    if limit.rule is None:
        return Figure(limit.seconds, "seconds", limit.source, limit.region, limit.effective_from)
    said = (limit.source, limit.region, limit.effective_from)
    return Figure(limit.days, limit.unit, *said)


def table() -> DayTable:
    """The working days that the county knows now."""
    own = WorkingDays.objects.using(MAIN).filter(id=1).first()
    return OFFICIAL if own is None else day_table(own.days, own.announced)


def years(now_us: int, count: int = YEARS_SHOWN) -> list[Year]:
    """This year and the next ones, as the county knows them."""
    known, this = table(), datetime_of(now_us).astimezone(CHINA).year
    last = {row.date: row for row in known.rows}  # a later row of a date overrides
    return [
        Year(
            year,
            known.announced.get(year, ""),
            [
                (on, row.is_working, row.name, row.source)
                for on, row in sorted(last.items())
                if on.year == year
            ],
        )
        for year in range(this, min(this + count, LAST_YEAR + 1))
    ]


def holiday(name: str, *, is_english: bool) -> str:
    """A holiday's name in the reader's language; one that no notice had stays as it was typed."""
    return HOLIDAY_NAMES.get(name, name) if is_english else name

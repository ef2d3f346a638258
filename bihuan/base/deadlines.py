"""When a clock runs out: hours, calendar days and Chinese working days, extended or suspended.

Time is always an argument. Hours are for emergencies: they start at once and never pause. Days
follow a `StartRule`, which names the law behind it. A day counts if the clock runs at its close
(24:00 China time, or a closing hour), so a suspension costs as many days as it holds closes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, get_args

from bihuan.base.calendar import FIRST_YEAR, LAST_YEAR, OFFICIAL, ONE_DAY, DayTable
from bihuan.base.errors import bad
from bihuan.base.time import CHINA

Unit = Literal["hours", "calendar", "working"]
MOST_DAYS = 3_660
MOST_HOURS = MOST_DAYS * 24


@dataclass(frozen=True, slots=True)
class StartRule:
    """How days are counted.

    source             the law that says so; never empty
    is_start_excluded  counting begins on the day after the start
    rolls_forward      a last calendar day that is off gives way to the next working day
    closes             China time at which a day ends; None = 24:00
    """

    source: str
    is_start_excluded: bool = True
    rolls_forward: bool = True
    closes: time | None = None

    def __post_init__(self) -> None:
        if not self.source.strip():
            raise bad(
                "rule.source", "nothing", "the law or decision that says how days are counted"
            )
        if self.closes is not None and (self.closes.tzinfo or self.closes == time(0)):
            raise bad(
                "rule.closes", self.closes, "China time after 00:00 without a zone; None = 24:00"
            )

    def close_of(self, on: date) -> datetime:
        """The instant at which a day ends, UTC."""
        if self.closes is None:
            return datetime.combine(on + ONE_DAY, time(0), CHINA).astimezone(UTC)
        return datetime.combine(on, self.closes, CHINA).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a clock runs: `Limit(60, "calendar", CIVIL_PROCEDURE, most_extension=30)`.

    amount          hours (fractions allowed) or whole days, > 0
    rule            none for hours, always for days
    most_extension  all extensions together, in the same unit; None = no bound is known
    """

    amount: float
    unit: Unit
    rule: StartRule | None = None
    most_extension: float | None = None

    def __post_init__(self) -> None:
        if self.unit not in get_args(Unit):
            raise bad("unit", self.unit, " | ".join(get_args(Unit)))
        check_amount(self.amount, self.unit, "amount")
        if self.most_extension:
            check_amount(self.most_extension, self.unit, "most_extension")
        if self.unit == "hours" and self.rule is not None:
            raise bad("rule", self.rule.source, "none: hours start at once and never pause")
        if self.unit != "hours" and self.rule is None:
            raise bad("rule", "none", f"a StartRule, since the unit is {self.unit} days")


@dataclass(frozen=True, slots=True)
class Extension:
    """More time, granted by somebody before the clock had run out; in the clock's unit."""

    amount: float
    granted_at: datetime
    approver: str
    reason: str

    def __post_init__(self) -> None:
        _signed(self.approver, self.reason, "extension")
        china_day(self.granted_at, "extension.granted_at")


@dataclass(frozen=True, slots=True)
class Suspension:
    """A time in which the clock stands still: after `begins` up to `ends`; None = until now."""

    begins: datetime
    ends: datetime | None
    approver: str
    reason: str

    def __post_init__(self) -> None:
        _signed(self.approver, self.reason, "suspension")
        china_day(self.begins, "suspension.begins")
        if self.ends is not None:
            china_day(self.ends, "suspension.ends")
            if self.ends <= self.begins:
                raise bad("suspension.ends", self.ends.isoformat(), "later than it begins")

    def holds(self, at: datetime) -> bool:
        return self.begins < at and (self.ends is None or at <= self.ends)


@dataclass(frozen=True, slots=True)
class Why:
    """How a due time came about, as facts; `zh` and `en` say it in a sentence.

    amount         extensions included
    first_day      the first day looked at; None for hours
    last_day       the day at whose close the clock runs out; None for hours
    rolled_from    the last day counted, where it was off and gave way
    days_off       days passed over because nobody works (unit working)
    days_stopped   days passed over because the clock stood still
    unannounced    years whose days off were assumed
    """

    amount: float
    unit: Unit
    source: str
    first_day: date | None = None
    last_day: date | None = None
    rolled_from: date | None = None
    days_off: int = 0
    days_stopped: int = 0
    unannounced: tuple[int, ...] = ()

    def zh(self) -> str:
        if self.unit == "hours":
            return f"{self.amount:g}小时，立即起算，不暂停。"
        unit = "个工作日" if self.unit == "working" else "日"
        parts = [f"{self.amount:g}{unit}", f"自{self.first_day}起算，至{self.last_day}届满"]
        if self.days_off:
            parts.append(f"跳过休息日{self.days_off}天")
        if self.days_stopped:
            parts.append(f"暂停计时{self.days_stopped}天")
        if self.rolled_from:
            parts.append(f"{self.rolled_from}为休息日，顺延")
        if self.unannounced:
            years = "、".join(map(str, self.unannounced))
            parts.append(f"放假安排未公布（{years}年），期限为暂定")
        return "，".join(parts) + f"。依据：{self.source}"

    def en(self) -> str:
        if self.unit == "hours":
            return f"{self.amount:g} h, from at once, never paused."
        counted = _days(self.amount, f"{self.unit} day")
        parts = [f"{counted} from {self.first_day} to {self.last_day}"]
        if self.days_off:
            parts.append(f"{_days(self.days_off, 'day')} off passed over")
        if self.days_stopped:
            parts.append(f"{_days(self.days_stopped, 'day')} suspended")
        if self.rolled_from:
            parts.append(f"moved on from {self.rolled_from}, a day off")
        if self.unannounced:
            years = ", ".join(map(str, self.unannounced))
            parts.append(f"provisional: days off not yet announced for {years}")
        return "; ".join(parts) + f". Source: {self.source}"


@dataclass(frozen=True, slots=True)
class Due:
    """When a clock runs out (UTC), whether a later notice may move it, and how it came about."""

    at: datetime
    is_provisional: bool
    why: Why

    def remaining(self, now: datetime) -> timedelta:
        """Time left; zero or negative once it has run out."""
        china_day(now, "now")
        return self.at - now

    def is_overdue(self, now: datetime) -> bool:
        """Whether it has run out: at the close itself it has."""
        return self.remaining(now) <= timedelta(0)


def due(
    start: datetime,
    amount: float,
    unit: Unit,
    rule: StartRule | None = None,
    days: DayTable = OFFICIAL,
) -> Due:
    """When a clock that starts now and is never touched runs out."""
    return due_with(start, Limit(amount, unit, rule), (), (), days)


def due_with(
    start: datetime,
    limit: Limit,
    extensions: Sequence[Extension],
    suspensions: Sequence[Suspension],
    days: DayTable = OFFICIAL,
) -> Due:
    """When a clock runs out, with what is settled about it; says nothing about permission."""
    amount = limit.amount + sum(extension.amount for extension in extensions)
    china_day(start, "start")
    if limit.rule is None:
        at = start.astimezone(UTC) + timedelta(hours=amount)  # not wall time: summer time abroad
        china_day(at, "due")
        return Due(at, False, Why(amount, limit.unit, "hours from the start"))
    total = replace(limit, amount=amount, most_extension=None)
    why = _counted(start, total, limit.rule, suspensions, days)
    assert why.last_day is not None
    return Due(limit.rule.close_of(why.last_day), bool(why.unannounced), why)


class _Walk:
    """What the days on the way say: who stands still, who works, which year is unannounced."""

    def __init__(self, rule: StartRule, suspensions: Sequence[Suspension], days: DayTable) -> None:
        self._rule, self._suspensions, self._days = rule, suspensions, days
        self.off, self.stopped = set[date](), set[date]()
        self.unannounced = set[int]()

    def stops(self, on: date) -> bool:
        """Whether the clock stands still at the close of this day."""
        close = self._rule.close_of(on)
        is_stopped = any(suspension.holds(close) for suspension in self._suspensions)
        if is_stopped:
            self.stopped.add(on)
        return is_stopped

    def works(self, on: date) -> bool:
        day = self._days.day(on)
        if day.is_provisional:
            self.unannounced.add(on.year + 1 if on.year in self._days.announced else on.year)
        if not day.is_working:
            self.off.add(on)
        return day.is_working


def _counted(
    start: datetime,
    limit: Limit,
    rule: StartRule,
    suspensions: Sequence[Suspension],
    days: DayTable,
) -> Why:
    """Walk day by day until the amount is counted and the last day stands."""
    walk = _Walk(rule, suspensions, days)
    on = first = _first_day(start, rule)
    left = limit.amount
    while True:
        if not walk.stops(on) and (limit.unit == "calendar" or walk.works(on)):
            left -= 1
        if left == 0:
            break
        on += ONE_DAY
    counted = on
    if rule.rolls_forward:
        while walk.stops(on) or not walk.works(on):
            on += ONE_DAY
    return Why(
        amount=limit.amount,
        unit=limit.unit,
        source=rule.source,
        first_day=first,
        last_day=on,
        rolled_from=counted if on != counted else None,
        days_off=len(walk.off) if limit.unit == "working" else 0,
        days_stopped=len(walk.stopped),
        unannounced=tuple(sorted(walk.unannounced)),
    )


def _first_day(start: datetime, rule: StartRule) -> date:
    on = china_day(start, "start")
    is_past = rule.is_start_excluded or start >= rule.close_of(on)
    return on + ONE_DAY if is_past else on


def china_day(at: datetime, what: str) -> date:
    """The date in China of an aware time from 2008 to 2199; any other is refused."""
    if at.tzinfo is None:
        raise bad(what, at.isoformat(), "a time with its zone")
    is_near = FIRST_YEAR - 1 <= at.year <= LAST_YEAR + 1  # else the zone may overflow
    if not is_near or not FIRST_YEAR <= at.astimezone(CHINA).year <= LAST_YEAR:
        raise bad(what, at.isoformat(), f"a time from {FIRST_YEAR} to {LAST_YEAR}")
    return at.astimezone(CHINA).date()


def check_amount(amount: float, unit: Unit, what: str) -> None:
    """Refuse what is no length of a clock in this unit: hours, or whole days."""
    is_hours = unit == "hours"
    most = MOST_HOURS if is_hours else MOST_DAYS
    is_whole = is_hours or isinstance(amount, int)
    is_number = isinstance(amount, int | float) and not isinstance(amount, bool)
    if not (is_number and math.isfinite(amount) and is_whole and 0 < amount <= most):
        raise bad(what, amount, f"{'hours' if is_hours else 'whole days'} above 0 up to {most}")


def _signed(approver: str, reason: str, what: str) -> None:
    for name, text in (("approver", approver), ("reason", reason)):
        if not text.strip():
            raise bad(f"{what}.{name}", "nothing", f"the {name}")


def _days(count: float, word: str) -> str:
    return f"{count:g} {word}{'' if count == 1 else 's'}"

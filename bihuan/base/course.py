"""One running clock: what was granted since it started, what is left, whether it has run out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from bihuan.base.calendar import OFFICIAL, DayTable
from bihuan.base.deadlines import (
    Due,
    Extension,
    Limit,
    Suspension,
    check_amount,
    china_day,
    due_with,
)
from bihuan.base.errors import bad

MOST_CHANGES = 100


@dataclass(frozen=True, slots=True)
class Course:
    """A clock with its extensions and suspensions, kept in the order of time.

    Refused: suspending a clock in hours (an emergency never pauses), suspensions that overlap,
    anything before the start, extensions beyond what the limit allows. That each change came
    before the clock had run out depends on the day table, so `due` checks it.
    """

    start: datetime
    limit: Limit
    extensions: tuple[Extension, ...] = ()
    suspensions: tuple[Suspension, ...] = ()

    def __post_init__(self) -> None:
        china_day(self.start, "start")
        granted = sorted(self.extensions, key=lambda extension: extension.granted_at)
        stopped = sorted(self.suspensions, key=lambda suspension: suspension.begins)
        object.__setattr__(self, "extensions", tuple(granted))
        object.__setattr__(self, "suspensions", tuple(stopped))
        if len(granted) + len(stopped) > MOST_CHANGES:
            raise bad("changes", len(granted) + len(stopped), f"at most {MOST_CHANGES}")
        self._check_extensions()
        self._check_suspensions()

    def due(self, days: DayTable = OFFICIAL) -> Due:
        """When it runs out. Raises while it is suspended without an end: then nothing is due."""
        if self.suspensions and self.suspensions[-1].ends is None:
            begins = self.suspensions[-1].begins.isoformat()
            raise bad(
                "suspension.ends", f"none since {begins}", "an end: a stopped clock is not due"
            )
        self._check_in_time(days)
        return self._due(self.suspensions, days)

    def as_of(self, at: datetime) -> Course:
        """The clock as it was known at an instant: later changes left out."""
        if china_day(at, "at") and at < self.start:
            raise bad("at", at.isoformat(), f"at or after the start {self.start.isoformat()}")
        granted = tuple(e for e in self.extensions if e.granted_at <= at)
        return replace(
            self,
            extensions=granted,
            suspensions=tuple(s for s in self.suspensions if s.begins < at),
        )

    def is_suspended(self, at: datetime) -> bool:
        """Whether it stands still: after a suspension begins, up to and including its end."""
        return any(suspension.holds(at) for suspension in self.suspensions)

    def remaining(self, at: datetime, days: DayTable = OFFICIAL) -> timedelta:
        """Time left as known at an instant; while suspended, what was left when it stopped."""
        known = self.as_of(at)
        if not known.is_suspended(at):
            return known.due(days).remaining(at)
        known._check_in_time(days)
        stopped = known.suspensions[-1]
        return known._due(known.suspensions[:-1], days).remaining(stopped.begins)

    def is_overdue(self, at: datetime, days: DayTable = OFFICIAL) -> bool:
        """Whether it has run out at an instant; a suspended clock has not."""
        return self.remaining(at, days) <= timedelta(0)

    def _due(self, suspensions: Sequence[Suspension], days: DayTable) -> Due:
        return due_with(self.start, self.limit, self.extensions, suspensions, days)

    def _check_extensions(self) -> None:
        for extension in self.extensions:
            check_amount(extension.amount, self.limit.unit, "extension.amount")
            _after_start(extension.granted_at, self.start, "extension.granted_at")
        most, total = self.limit.most_extension, sum(e.amount for e in self.extensions)
        if most is not None and total > most:
            raise bad(
                "extension.amount", f"{total:g} in all", f"at most {most:g} {self.limit.unit}"
            )

    def _check_suspensions(self) -> None:
        if self.suspensions and self.limit.unit == "hours":
            raise bad(
                "suspension", "a clock in hours", "calendar or working: emergencies never pause"
            )
        for suspension in self.suspensions:
            _after_start(suspension.begins, self.start, "suspension.begins")
        for earlier, later in pairwise(self.suspensions):
            if earlier.ends is None or later.begins < earlier.ends:
                ended = "it has ended" if earlier.ends is None else earlier.ends.isoformat()
                raise bad("suspension.begins", later.begins.isoformat(), f"not before {ended}")

    def _check_in_time(self, days: DayTable) -> None:
        """Refuse a change that came when the clock had already run out."""
        changes = [(e.granted_at, "extension.granted_at") for e in self.extensions]
        changes += [(s.begins, "suspension.begins") for s in self.suspensions]
        for at, what in changes:
            granted = [e for e in self.extensions if e.granted_at < at]
            stopped = [s for s in self.suspensions if s.begins < at]
            if any(s.holds(at) for s in stopped):
                continue  # while it stands still it cannot run out
            until = due_with(self.start, self.limit, granted, stopped, days)
            if until.is_overdue(at):
                raise bad(what, at.isoformat(), f"before it ran out at {until.at.isoformat()}")


def _after_start(at: datetime, start: datetime, what: str) -> None:
    if at < start:
        raise bad(what, at.isoformat(), f"at or after the start {start.isoformat()}")

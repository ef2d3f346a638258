"""What lane 0 says about extensions, suspensions, limits of a county and its working days."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from bihuan.journal.payloads import Payload, entry_type
from bihuan.register.entries import Actor

Change = Literal["extension", "suspension"]


class ClockDue(Payload, frozen=True, kw_only=True):
    """When a clock runs out from now on."""

    clock_id: int
    due_us: int
    is_provisional: bool
    watch_us: int | None


@entry_type("clock.change_asked.v1")
class ClockChangeAsked(Payload, frozen=True, kw_only=True):
    """An extension of one clock by `amount` of its unit, or a suspension of all that may pause.

    until_us: at the latest then a suspension ends by itself.
    """

    case_id: int
    by: Actor
    change: Change
    clock_id: int | None
    amount: int | None
    until_us: int | None
    reason: bytes


@entry_type("clock.change_decided.v1")
class ClockChangeDecided(Payload, frozen=True, kw_only=True):
    """Another person, a superior, says yes or no. dues: of an extension; stops: of a suspension."""

    case_id: int
    by: Actor
    change_id: int
    is_granted: bool
    reason: bytes | None
    dues: list[ClockDue] = field(default_factory=list)
    stops: list[int] = field(default_factory=list)


@entry_type("clock.resumed.v1")
class ClockResumed(Payload, frozen=True, kw_only=True):
    """A suspension ends; by: None where its time was over."""

    case_id: int
    by: Actor | None
    change_id: int
    dues: list[ClockDue]
    reason: bytes | None = None


@entry_type("clock.moved.v1")
class ClockMoved(Payload, frozen=True, kw_only=True):
    """A provisional clock is counted anew by the n-th table of working days."""

    case_id: int
    days_n: int
    due: ClockDue


@entry_type("limit.set.v1")
class LimitSet(Payload, frozen=True, kw_only=True):
    """The county's own figure for a clock of a playbook, for cases opened from a day on.

    playbook: `scenario.kind`. amount: in the unit; hours are whole seconds there.
    """

    by: Actor
    playbook: str
    clock: str
    amount: int
    unit: Literal["seconds", "calendar", "working"]
    source: str
    region: str
    from_us: int


class DaySaid(Payload, frozen=True, kw_only=True):
    """One date of a notice, as ISO text."""

    date: str
    is_working: bool
    name: str


@entry_type("calendar.set.v1")
class CalendarSet(Payload, frozen=True, kw_only=True):
    """A notice about days off and make-up days. year: the year that it arranges, or None."""

    by: Actor
    source: str
    year: int | None
    days: list[DaySaid]

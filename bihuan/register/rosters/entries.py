"""What lane 0 says about rosters. Who is on duty is worked out from these, never stored apart."""

from __future__ import annotations

from typing import Literal

from bihuan.journal.payloads import Payload, entry_type
from bihuan.register.entries import Actor
from bihuan.register.rosters.pattern import Pattern

Why = Literal["override", "swap", "import"]


@entry_type("roster.made.v1")
class RosterMade(Payload, frozen=True, kw_only=True):
    """A roster: one duty of one area. is_waking: its people must have a number that rings."""

    title: str
    role: str
    area_id: int
    is_waking: bool
    by: Actor | None = None


@entry_type("roster.patterned.v1")
class RosterPatterned(Payload, frozen=True, kw_only=True):
    """From from_us on the roster follows this pattern; what was before stays as it was."""

    roster_id: int
    pattern: Pattern
    from_us: int
    by: Actor | None = None


@entry_type("roster.overridden.v1")
class RosterOverridden(Payload, frozen=True, kw_only=True):
    """For this time these people have the shift. No people: nobody has it, and a gap shows."""

    roster_id: int
    shift: str
    from_us: int
    until_us: int
    people: list[int]
    reason: str
    why: Why = "override"
    by: Actor | None = None


@entry_type("roster.closed.v1")
class RosterClosed(Payload, frozen=True, kw_only=True):
    roster_id: int
    from_us: int
    reason: str
    by: Actor | None = None


@entry_type("swap.asked.v1")
class SwapAsked(Payload, frozen=True, kw_only=True):
    """Somebody asks another one to take this shift; until that one says yes nothing changes."""

    roster_id: int
    shift: str
    from_us: int
    until_us: int
    giver_id: int
    taker_id: int
    by: Actor | None = None


@entry_type("swap.answered.v1")
class SwapAnswered(Payload, frozen=True, kw_only=True):
    """The one who was asked says yes or no; yes comes with an override in one transaction."""

    swap_id: int
    is_accepted: bool
    by: Actor | None = None

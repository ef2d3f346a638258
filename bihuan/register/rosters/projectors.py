"""Entries of rosters become rows."""

from __future__ import annotations

import msgspec

from bihuan.base.errors import bad
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.register.models import Area, Person
from bihuan.register.rosters import entries
from bihuan.register.rosters.models import Roster, RosterOverride, RosterPattern, Swap


@projects(entries.RosterMade)
def roster_made(rows: Rows, entry: Recorded[entries.RosterMade]) -> None:
    said = entry.payload
    if rows.get(Area, said.area_id) is None:
        raise bad("area_id", said.area_id, "a registered area")
    rows.new(
        Roster,
        id=entry.id(),
        title=said.title,
        role=said.role,
        area_id=said.area_id,
        is_waking=said.is_waking,
        made_us=entry.recorded_us,
        closed_us=None,
    )


def _must_know(rows: Rows, roster_id: int, people: set[int]) -> None:
    if rows.get(Roster, roster_id) is None:
        raise bad("roster_id", roster_id, "a roster")
    for person_id in sorted(people):
        if rows.get(Person, person_id) is None:
            raise bad("person_id", person_id, "a registered person")


@projects(entries.RosterPatterned)
def roster_patterned(rows: Rows, entry: Recorded[entries.RosterPatterned]) -> None:
    said = entry.payload
    _must_know(rows, said.roster_id, {p for crew in said.pattern.crews for p in crew})
    rows.new(
        RosterPattern,
        id=entry.id(),
        roster_id=said.roster_id,
        from_us=said.from_us,
        body=msgspec.json.encode(said.pattern).decode(),
    )


@projects(entries.RosterOverridden)
def roster_overridden(rows: Rows, entry: Recorded[entries.RosterOverridden]) -> None:
    said = entry.payload
    _must_know(rows, said.roster_id, set(said.people))
    rows.new(
        RosterOverride,
        id=entry.id(),
        roster_id=said.roster_id,
        shift=said.shift,
        from_us=said.from_us,
        until_us=said.until_us,
        people=msgspec.json.encode(said.people).decode(),
        reason=said.reason,
        why=said.why,
    )


@projects(entries.RosterClosed)
def roster_closed(rows: Rows, entry: Recorded[entries.RosterClosed]) -> None:
    rows.change(Roster, entry.payload.roster_id).closed_us = entry.payload.from_us


@projects(entries.SwapAsked)
def swap_asked(rows: Rows, entry: Recorded[entries.SwapAsked]) -> None:
    said = entry.payload
    _must_know(rows, said.roster_id, {said.giver_id, said.taker_id})
    rows.new(
        Swap,
        id=entry.id(),
        roster_id=said.roster_id,
        shift=said.shift,
        from_us=said.from_us,
        until_us=said.until_us,
        giver_id=said.giver_id,
        taker_id=said.taker_id,
        state="asked",
    )


@projects(entries.SwapAnswered)
def swap_answered(rows: Rows, entry: Recorded[entries.SwapAnswered]) -> None:
    swap = rows.change(Swap, entry.payload.swap_id)
    if swap.state != "asked":
        raise bad("swap", swap.state, "one that waits for an answer")
    swap.state = "accepted" if entry.payload.is_accepted else "declined"

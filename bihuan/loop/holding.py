"""办理责任链: who held a case when, under which limit, and by how much it ran over.

Segments come from the journal's entries alone; nothing here judges anybody. A page shows facts,
and an inquiry is a thing of its own (`bihuan.loop.inquiry`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bihuan.journal.project import Recorded
from bihuan.journal.rows import Rows
from bihuan.loop.cases.models import Holding
from bihuan.loop.models import Case, CaseClock


@dataclass(frozen=True, slots=True)
class Held:
    """One segment. until_us: None = still. due_us: the earliest limit that ran in it.

    overdue_us: how much of the segment lay behind that limit; 0 where none did.
    """

    from_us: int
    until_us: int | None
    state: str
    person_id: int | None
    role: str | None
    lead_id: int | None
    clock: str | None
    due_us: int | None
    overdue_us: int


def hold(rows: Rows, entry: Recorded[Any], case: Case) -> None:
    """Keep who holds it up to date: a new segment where holder, unit or state changed."""
    present = rows.get(Holding, case.holding_id) if case.holding_id is not None else None
    now = _signature(case)
    if present is not None:
        before = (present.state, present.person_id, present.role, present.lead_id)
        if before == now:
            return
        rows.change(Holding, present.id).until_us = entry.recorded_us
        case.holding_id = None
    if case.state == "closed":
        return
    case.holding_id = entry.id()
    state, person_id, role, lead_id = now
    rows.new(
        Holding,
        id=entry.id(),
        case_id=case.id,
        state=state,
        person_id=person_id,
        role=role,
        lead_id=lead_id,
        from_us=entry.recorded_us,
    )


def _signature(case: Case) -> tuple[str, int | None, str | None, int | None]:
    """Nobody holds what waits to be accepted or answered; a unit, what waits for its receipt."""
    if case.state in ("new", "accepted", "awaiting_answer"):
        return case.state, None, None, None
    if case.state == "awaiting_receipt":
        return case.state, None, None, case.lead_id
    return case.state, case.owner_id, case.owner_role, case.lead_id


def chain(segments: Iterable[Holding], clocks: Iterable[CaseClock], now_us: int) -> list[Held]:
    """Who held it when, oldest first, each with the limit that ran in it. Pure.

    Who passed it on in the same moment did not hold it.
    """
    own = [clock for clock in clocks if clock.kind != "statement"]
    lasted = [segment for segment in segments if segment.until_us != segment.from_us]
    return [_held(segment, own, now_us) for segment in sorted(lasted, key=lambda s: s.id)]


def _held(segment: Holding, clocks: list[CaseClock], now_us: int) -> Held:
    until_us = now_us if segment.until_us is None else segment.until_us
    ran = [
        clock
        for clock in clocks
        if clock.set_us < until_us and _end_of(clock, now_us) > segment.from_us
    ]
    first = min(ran, key=lambda clock: (clock.due_us, clock.id), default=None)
    overdue_us = 0
    if first is not None:
        overdue_us = min(until_us, _end_of(first, now_us)) - max(first.due_us, segment.from_us)
    return Held(
        from_us=segment.from_us,
        until_us=segment.until_us,
        state=segment.state,
        person_id=segment.person_id,
        role=segment.role,
        lead_id=segment.lead_id,
        clock=None if first is None else first.kind,
        due_us=None if first is None else first.due_us,
        overdue_us=max(overdue_us, 0),
    )


def _end_of(clock: CaseClock, now_us: int) -> int:
    """When a clock stopped mattering: met late counts until then, missed and open until now."""
    if clock.state in ("running", "suspended"):
        return now_us
    if clock.state == "missed":
        return now_us if not clock.is_over else clock.due_us + (clock.late_us or 0)
    assert clock.ended_us is not None
    return clock.ended_us


def held_by(rows: Rows, case: Case) -> set[int]:
    """Everybody who ever held it."""
    held = {segment.person_id for segment in rows.where(Holding, case_id=case.id)}
    return {person for person in held if person is not None}

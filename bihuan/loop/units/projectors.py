"""Assignments become rows."""

from __future__ import annotations

from typing import Any

import msgspec

from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.loop.models import Case
from bihuan.loop.projectors import end_clock, happened, set_clock
from bihuan.loop.projectors_pursuit import deliver
from bihuan.loop.units import entries
from bihuan.loop.units.models import Assignment
from bihuan.register.entries import Actor

RECEIVED_AS = {
    "lead": "signed_for",
    "assist": "assist_received",
    "summon": "reported_in",
    "hand_over": "taken_over",
}


@projects(entries.AssignmentMade)
def assignment_made(rows: Rows, entry: Recorded[entries.AssignmentMade]) -> None:
    said = entry.payload
    case = rows.change(Case, said.case_id)
    rows.new(
        Assignment,
        id=entry.id(),
        case_id=case.id,
        purpose=said.purpose,
        person_id=said.target.person_id,
        role=said.target.role,
        area_id=said.target.area_id,
        organisation_id=said.target.organisation_id,
        state="waiting",
        text=said.text,
        made_by=said.by.person_id,
        made_role=said.by.role,
        made_us=entry.recorded_us,
    )
    if said.purpose == "lead":
        case.lead_id = entry.id()
    if said.clock is not None:
        own = msgspec.structs.replace(said.clock, ref=entry.id())
        set_clock(rows, entry, case.id, own)
    deliver(rows, entry, case, "task", said.told)
    happened(rows, entry, case, f"{said.purpose}_asked", said.by, text=said.text)


def _ended(rows: Rows, entry: Recorded[Any], state: str, by: Actor, clock: str) -> Assignment:
    """An assignment gets its next state; its receipt clock ends with it."""
    made = rows.change(Assignment, entry.payload.assignment_id)
    made.state = state
    if state == "received":
        made.received_by, made.received_us = by.person_id, entry.recorded_us
    else:
        made.ended_us = entry.recorded_us
    end_clock(rows, entry, made.case_id, ("receive", made.id), clock)
    return made


@projects(entries.AssignmentReceived)
def assignment_received(rows: Rows, entry: Recorded[entries.AssignmentReceived]) -> None:
    said = entry.payload
    made = _ended(rows, entry, "received", said.by, "met")
    case = rows.change(Case, said.case_id)
    if made.purpose in ("lead", "hand_over"):
        case.owner_id, case.owner_role = said.by.person_id, said.by.role
        case.answered_us = case.answered_us or entry.recorded_us
    if made.purpose == "hand_over":
        made.ended_us, made.state = entry.recorded_us, "reported"
    happened(rows, entry, case, RECEIVED_AS[made.purpose], said.by, text=said.text)


@projects(entries.AssignmentReturned)
def assignment_returned(rows: Rows, entry: Recorded[entries.AssignmentReturned]) -> None:
    said = entry.payload
    made = _ended(rows, entry, "returned", said.by, "met")
    case = rows.change(Case, said.case_id)
    if made.purpose == "lead":
        case.returns += 1
    deliver(rows, entry, case, "task", said.told)
    happened(rows, entry, case, "returned", said.by, detail=str(case.returns), text=said.reason)


@projects(entries.AssignmentReported)
def assignment_reported(rows: Rows, entry: Recorded[entries.AssignmentReported]) -> None:
    said = entry.payload
    _ended(rows, entry, "reported", said.by, "met")
    happened(
        rows, entry, rows.change(Case, said.case_id), "assist_reported", said.by, text=said.text
    )


@projects(entries.AssignmentWithdrawn)
def assignment_withdrawn(rows: Rows, entry: Recorded[entries.AssignmentWithdrawn]) -> None:
    said = entry.payload
    made = _ended(rows, entry, "withdrawn", said.by, "stopped")
    happened(
        rows,
        entry,
        rows.change(Case, said.case_id),
        "assignment_withdrawn",
        said.by,
        detail=made.purpose,
    )

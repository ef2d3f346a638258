"""Entries about typed rows become rows."""

from __future__ import annotations

from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.register.records import entries
from bihuan.register.records.models import (
    Counter,
    DutyDue,
    Hold,
    Period,
    Proposal,
    Record,
)
from bihuan.register.records.rows import changing, ledger_of, type_of, written
from bihuan.register.records.written import Writing

REGISTER = "register"


@projects(entries.RecordOpened)
def record_opened(rows: Rows, entry: Recorded[entries.RecordOpened]) -> None:
    said, kind = entry.payload, f"{entry.payload.scenario}.{entry.payload.kind}"
    record = rows.new(
        Record,
        id=entry.id(),
        scenario=said.scenario,
        kind=said.kind,
        area_id=said.area_id,
        number=said.number,
        subject_id=said.subject_id,
        ledger=None if said.subject_id is None else ledger_of(said.subject_id, kind),
        sealed=said.sealed,
        opened_us=entry.recorded_us,
        is_draft=said.is_draft,
    )
    record.state = type_of(record).states[0][0]
    rows.put(Counter, id=f"{kind}.{said.year}", n=said.n)
    writing = Writing(rows, entry)
    writing.take(record, said.values)
    writing.touch(record, REGISTER, said.by)
    writing.changed(record, REGISTER, said.by, after=said.values, sealed_after=said.sealed)
    writing.duties(record)


@projects(entries.RowActed)
def row_acted(rows: Rows, entry: Recorded[entries.RowActed]) -> None:
    said = entry.payload
    row, writing = changing(rows, said.row_id), Writing(rows, entry)
    before, row.state = bytes(row.sealed) if row.sealed else None, said.to_state
    if said.sealed is not None:
        row.sealed = said.sealed
    writing.take(row, said.after)
    doers = (said.by,) if said.second is None else (said.by, said.second)
    writing.touch(row, said.act, *doers)
    writing.changed(
        row,
        said.act,
        said.by,
        from_state=said.from_state,
        to_state=said.to_state,
        before=said.before,
        after=said.after,
        extra=said.extra,
        sealed_names=said.sealed_names,
        sealed_before=before if said.sealed_names else None,
        sealed_after=said.sealed,
        sealed_extra=said.sealed_extra,
        second_id=said.second.person_id if said.second is not None else None,
    )
    if said.proposal_id is not None and said.second is not None:
        _end(rows, said.proposal_id, "confirmed", said.second.person_id, entry.recorded_us)
    writing.duties(row)


@projects(entries.RowCorrected)
def row_corrected(rows: Rows, entry: Recorded[entries.RowCorrected]) -> None:
    said = entry.payload
    row, writing = changing(rows, said.row_id), Writing(rows, entry)
    before = bytes(row.sealed) if row.sealed else None
    if said.sealed is not None:
        row.sealed = said.sealed
    moved = {}
    if said.area_id is not None:
        moved = {"area_before": row.area_id, "area_after": said.area_id}
        row.area_id = said.area_id
    writing.take(row, said.after)
    writing.touch(row, "correct", said.by)
    writing.changed(
        row,
        "correct",
        said.by,
        before=said.before,
        after=said.after,
        sealed_names=said.sealed_names,
        sealed_before=before if said.sealed_names else None,
        sealed_after=said.sealed,
        reason=said.reason,
        extra=moved,
    )
    writing.duties(row)


@projects(entries.RowProposed)
def row_proposed(rows: Rows, entry: Recorded[entries.RowProposed]) -> None:
    said = entry.payload
    rows.new(
        Proposal,
        id=entry.id(),
        row_id=said.row_id,
        act=said.act,
        values=written(said.values),
        sealed=said.sealed,
        by_id=said.by.person_id,
        role=said.by.role,
        via=said.by.via,
        proposed_us=entry.recorded_us,
        expires_us=said.expires_us,
        state="waiting",
    )


@projects(entries.RowDeclined)
def row_declined(rows: Rows, entry: Recorded[entries.RowDeclined]) -> None:
    said = entry.payload
    _end(rows, said.proposal_id, "declined", said.by.person_id, entry.recorded_us)
    rows.change(Proposal, said.proposal_id).reason = said.reason


@projects(entries.RowLapsed)
def row_lapsed(rows: Rows, entry: Recorded[entries.RowLapsed]) -> None:
    _end(rows, entry.payload.proposal_id, "lapsed", None, entry.recorded_us)


def _end(rows: Rows, proposal_id: int, state: str, by: int | None, at_us: int) -> None:
    proposal = rows.change(Proposal, proposal_id)
    proposal.state, proposal.ended_by, proposal.ended_us = state, by, at_us


@projects(entries.RowHeld)
def row_held(rows: Rows, entry: Recorded[entries.RowHeld]) -> None:
    said, writing = entry.payload, Writing(rows, entry)
    row = changing(rows, said.row_id)
    rows.new(Hold, id=entry.id(), row_id=row.id, cause=said.cause, from_us=entry.recorded_us)
    writing.changed(row, "hold", said.by, extra={"cause": said.cause})


@projects(entries.RowFreed)
def row_freed(rows: Rows, entry: Recorded[entries.RowFreed]) -> None:
    said, writing = entry.payload, Writing(rows, entry)
    hold = rows.change(Hold, said.hold_id)
    hold.until_us = entry.recorded_us
    writing.changed(changing(rows, said.row_id), "free", said.by, extra={"cause": hold.cause})


@projects(entries.RecordErased)
def record_erased(rows: Rows, entry: Recorded[entries.RecordErased]) -> None:
    record = rows.change(Record, entry.payload.row_id)
    writing = Writing(rows, entry)
    writing.forget(record)
    for proposal in rows.where(Proposal, row_id=record.id):
        held = rows.change(Proposal, proposal.id)
        held.values, held.sealed, held.reason = "{}", None, None


@projects(entries.DutyPassed)
def duty_passed(rows: Rows, entry: Recorded[entries.DutyPassed]) -> None:
    rows.change(DutyDue, entry.payload.due_id).state = "passed"


@projects(entries.RoutineOwed)
def routine_owed(rows: Rows, entry: Recorded[entries.RoutineOwed]) -> None:
    said = entry.payload
    rows.new(
        Period,
        id=entry.id(),
        subject_id=said.subject_id,
        scenario=said.scenario,
        routine=said.routine,
        starts=said.starts,
        ends=said.ends,
        due_us=said.due_us,
        state="waiting",
    )


@projects(entries.RoutineSigned)
def routine_signed(rows: Rows, entry: Recorded[entries.RoutineSigned]) -> None:
    said = entry.payload
    period = rows.change(Period, said.period_id)
    period.state = "signed" if period.state == "waiting" else "late"
    period.record_id = said.record_id
    period.signed_us, period.signed_by = entry.recorded_us, said.by.person_id
    rows.change(Record, said.record_id).is_draft = False


@projects(entries.RoutineMissed)
def routine_missed(rows: Rows, entry: Recorded[entries.RoutineMissed]) -> None:
    period = rows.change(Period, entry.payload.period_id)
    period.state, period.record_id = "missed", entry.payload.record_id


@projects(entries.RoutineCeased)
def routine_ceased(rows: Rows, entry: Recorded[entries.RoutineCeased]) -> None:
    rows.change(Period, entry.payload.period_id).state = "ceased"

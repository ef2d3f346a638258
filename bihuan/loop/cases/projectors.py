"""Matters, moves, links and documents become rows."""

from __future__ import annotations

from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.loop.cases import entries
from bihuan.loop.cases.models import CaseLink, Document, Matter
from bihuan.loop.models import Case
from bihuan.loop.projectors import ASK_ROW, add_proofs, end_clock, happened, set_clocks
from bihuan.loop.projectors_pursuit import ask, deliver, stop_pursuit, withdraw_asks

OTHER_ROW = 3


@projects(entries.MatterReported)
def matter_reported(rows: Rows, entry: Recorded[entries.MatterReported]) -> None:
    said = entry.payload
    rows.new(
        Matter,
        id=entry.id(),
        origin_id=said.origin_id,
        text=said.text,
        contact=said.contact,
        via=said.via,
        taken_down_by=said.taken_down_by.person_id if said.taken_down_by else None,
        is_read_back=said.is_read_back,
        reported_us=entry.recorded_us,
    )


@projects(entries.CaseMoved)
def case_moved(rows: Rows, entry: Recorded[entries.CaseMoved]) -> None:
    said = entry.payload
    case = rows.change(Case, said.case_id)
    if said.owner_id is not None:
        case.owner_id, case.owner_role = said.owner_id, said.owner_role
    for kind in said.meets:
        end_clock(rows, entry, case.id, kind, "met")
    set_clocks(rows, entry, case.id, said.clocks)
    add_proofs(rows, entry, case.id, said.proof, said.by)
    if said.proof:
        case.reported_us, case.reported_by = entry.recorded_us, said.by.person_id
    if said.answer is not None:
        case.answer = said.answer
    if said.to:
        _into(rows, entry, case)
    deliver(rows, entry, case, "task", said.told)
    deliver(rows, entry, case, "tell", said.answered)
    happened(rows, entry, case, said.act, said.by, text=said.text, detail=said.detail)


def _into(rows: Rows, entry: Recorded[entries.CaseMoved], case: Case) -> None:
    said = entry.payload
    if case.state == "awaiting_answer" and said.to != "awaiting_answer":
        stop_pursuit(rows, entry, case.id, "answered")
        case.is_ladder_out = False
    if case.state == "awaiting_confirmation" and said.to != "awaiting_confirmation":
        withdraw_asks(rows, entry, case.id)
    case.state = said.to
    if said.to == "awaiting_confirmation":
        case.times_asked, case.times_called = 1, 0
        ask(rows, entry, case, said.asked, ASK_ROW)


@projects(entries.CaseReopened)
def case_reopened(rows: Rows, entry: Recorded[entries.CaseReopened]) -> None:
    said = entry.payload
    case = rows.change(Case, said.case_id)
    case.state, case.outcome, case.closed_us = said.to, None, None
    case.times_asked = case.times_called = 0
    case.round += 1  # what the origin is asked from now on is another question
    set_clocks(rows, entry, case.id, said.clocks)
    happened(rows, entry, case, "reopened", said.by, text=said.text)


@projects(entries.CaseLinked)
def case_linked(rows: Rows, entry: Recorded[entries.CaseLinked]) -> None:
    said = entry.payload
    case, other = rows.change(Case, said.case_id), rows.change(Case, said.other_id)
    if said.link == "merged" and said.by is not None:  # what is superseded said another thing
        other.signals += case.signals  # that it is merged stands on it when it closes
    elif said.link == "child":
        case.parent_id = other.id
    by = said.by.person_id if said.by is not None else None
    rows.new(
        CaseLink,
        id=entry.id(),
        case_id=case.id,
        other_id=other.id,
        link=said.link,
        by_id=by,
        at_us=entry.recorded_us,
    )
    kinds = {
        "duplicate": ("maybe_duplicate", "maybe_duplicate"),
        "merged": ("merged_into", "merged_in"),
        "child": ("made_child", "child_added"),
    }[said.link]
    happened(rows, entry, case, kinds[0], said.by, detail=str(other.id))
    happened(rows, entry, other, kinds[1], said.by, detail=str(case.id), row=OTHER_ROW)


@projects(entries.CaseTold)
def case_told(rows: Rows, entry: Recorded[entries.CaseTold]) -> None:
    said = entry.payload
    case = rows.change(Case, said.case_id)
    case.answer = said.answer
    deliver(rows, entry, case, "tell", said.told)
    happened(rows, entry, case, "answered_with_other", said.by)


@projects(entries.DocumentAttached)
def document_attached(rows: Rows, entry: Recorded[entries.DocumentAttached]) -> None:
    said = entry.payload
    case = rows.change(Case, said.case_id)
    rows.new(
        Document,
        id=entry.id(),
        case_id=case.id,
        digest=said.digest,
        media_type=said.media_type,
        size_bytes=said.size_bytes,
        name=said.name,
        sha256=said.sha256,
        given_us=entry.recorded_us,
        given_by=said.by.person_id,
    )
    happened(rows, entry, case, "attached", said.by, text=said.name)

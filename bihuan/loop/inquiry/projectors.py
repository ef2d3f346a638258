"""Statements and inquiries become rows; neither shows on the case's timeline to others."""

from __future__ import annotations

import msgspec

from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.loop.inquiry import entries
from bihuan.loop.inquiry.models import Inquiry, Statement
from bihuan.loop.models import Case
from bihuan.loop.projectors import end_clock, set_clock
from bihuan.loop.projectors_pursuit import deliver


@projects(entries.StatementAsked)
def statement_asked(rows: Rows, entry: Recorded[entries.StatementAsked]) -> None:
    said = entry.payload
    rows.new(
        Statement,
        id=entry.id(),
        case_id=said.case_id,
        person_id=said.person_id,
        asked_by=said.by.person_id,
        asked_us=entry.recorded_us,
        due_us=said.clock.due_us,
        reason=said.reason,
    )
    case = rows.change(Case, said.case_id)
    set_clock(rows, entry, case.id, msgspec.structs.replace(said.clock, ref=entry.id()))
    deliver(rows, entry, case, "state", said.told)


@projects(entries.StatementFiled)
def statement_filed(rows: Rows, entry: Recorded[entries.StatementFiled]) -> None:
    said = entry.payload
    statement = rows.change(Statement, said.statement_id)
    statement.filed_us, statement.text = entry.recorded_us, said.text
    end_clock(rows, entry, said.case_id, ("statement", statement.id), "met")


@projects(entries.InquiryOpened)
def inquiry_opened(rows: Rows, entry: Recorded[entries.InquiryOpened]) -> None:
    said = entry.payload
    rows.new(
        Inquiry,
        id=entry.id(),
        case_id=said.case_id,
        statement_id=said.statement_id,
        opened_by=said.by.person_id,
        opened_us=entry.recorded_us,
        reason=said.reason,
    )


@projects(entries.InquiryClosed)
def inquiry_closed(rows: Rows, entry: Recorded[entries.InquiryClosed]) -> None:
    said = entry.payload
    inquiry = rows.change(Inquiry, said.inquiry_id)
    inquiry.closed_us, inquiry.conclusion = entry.recorded_us, said.conclusion

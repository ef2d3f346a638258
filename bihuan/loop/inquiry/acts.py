"""The verbs of statement and inquiry: nobody is inquired into before they were heard.

Only roles with the right to review may ask; the person's own view comes first, or its time is
over. Every text is sealed with the key of the person whom it is about.
"""

from __future__ import annotations

from bihuan.base.errors import bad
from bihuan.base.time import DAY_US
from bihuan.loop import ladder
from bihuan.loop.acting import Asking, Doing, Verb, can
from bihuan.loop.clocks.course import start_clock
from bihuan.loop.entries import ClockSet
from bihuan.loop.holding import held_by
from bihuan.loop.inquiry import entries
from bihuan.loop.inquiry.models import Inquiry, Statement
from bihuan.loop.playbook import Field

# where the playbook has no clock for it; [K], the county's own figure replaces it
STATEMENT_DAYS = 5


def _ask(doing: Doing) -> None:
    person_id = doing.given["person"].person_id
    if person_id is None or person_id not in held_by(doing.rows, doing.case):
        raise bad("person", doing.command.fields["person"], "a person who held this case")
    if any(one.person_id == person_id for one in _statements(doing)):
        raise bad("person", f"person:{person_id}", "somebody who was not asked yet")
    now_us = doing.lane.now_us
    clock = start_clock(
        doing.rows, doing.playbook, "statement", doing.case.opened_us, now_us
    ) or ClockSet(kind="statement", due_us=now_us + STATEMENT_DAYS * DAY_US)
    doing.say(
        entries.StatementAsked(
            case_id=doing.case.id,
            by=doing.by,
            person_id=person_id,
            reason=doing.keys.seal(person_id, doing.command.text),
            told=ladder.reachable(doing.rows, "asked", [person_id]),
            clock=clock,
        )
    )


def _statements(doing: Doing) -> list[Statement]:
    return doing.rows.where(Statement, case_id=doing.case.id)


def _file(doing: Doing) -> None:
    person_id = doing.by.person_id
    assert person_id is not None
    mine = [one for one in _statements(doing) if one.person_id == person_id and not one.filed_us]
    doing.say(
        entries.StatementFiled(
            case_id=doing.case.id,
            by=doing.by,
            statement_id=mine[0].id,
            text=doing.keys.seal(person_id, doing.command.text),
        )
    )


def _open(doing: Doing) -> None:
    person_id = doing.given["person"].person_id
    asked = [one for one in _statements(doing) if one.person_id == person_id]
    if not asked:
        raise bad("person", doing.command.fields["person"], "somebody asked for a statement first")
    statement = asked[0]
    if statement.filed_us is None and statement.due_us > doing.lane.now_us:
        raise bad("person", doing.command.fields["person"], "their statement, or its time over")
    if any(one.statement_id == statement.id for one in _inquiries(doing)):
        raise bad("person", doing.command.fields["person"], "one without an inquiry")
    if person_id == doing.by.person_id:
        raise bad("person", doing.command.fields["person"], "somebody else than yourself")
    doing.say(
        entries.InquiryOpened(
            case_id=doing.case.id,
            by=doing.by,
            statement_id=statement.id,
            reason=doing.keys.seal(statement.person_id, doing.command.text),
        )
    )


def _inquiries(doing: Doing) -> list[Inquiry]:
    return doing.rows.where(Inquiry, case_id=doing.case.id)


def _close(doing: Doing) -> None:
    person_id = doing.given["person"].person_id
    asked = {one.id for one in _statements(doing) if one.person_id == person_id}
    running = [
        one for one in _inquiries(doing) if one.statement_id in asked and one.closed_us is None
    ]
    if not running:
        raise bad("person", doing.command.fields["person"], "somebody with an open inquiry")
    doing.say(
        entries.InquiryClosed(
            case_id=doing.case.id,
            by=doing.by,
            inquiry_id=running[0].id,
            conclusion=doing.keys.seal(person_id, doing.command.text),
        )
    )


def _has_statement(asking: Asking) -> bool:
    return bool(asking.rows.where(Statement, case_id=asking.case.id))


def _has_inquiry(asking: Asking) -> bool:
    found = asking.rows.where(Inquiry, case_id=asking.case.id)
    return any(one.closed_us is None for one in found)


PERSON = (Field("person", "target"),)
can("ask_statement", Verb(_ask, fields=PERSON, needs_text=True))
can("file_statement", Verb(_file, needs_text=True))
can("open_inquiry", Verb(_open, fields=PERSON, needs_text=True, is_offered=_has_statement))
can("close_inquiry", Verb(_close, fields=PERSON, needs_text=True, is_offered=_has_inquiry))

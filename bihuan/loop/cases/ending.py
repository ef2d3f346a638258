"""How a case ends: with an outcome, after its parts, and with an answer to all who asked."""

from __future__ import annotations

from bihuan.base.errors import bad
from bihuan.journal.rows import Rows
from bihuan.loop import ladder
from bihuan.loop.acting import Doing
from bihuan.loop.cases import entries as said
from bihuan.loop.cases.models import CaseLink
from bihuan.loop.entries import CaseClosed, Outcome
from bihuan.loop.models import Case

# these end a case whatever its parts still do: a superior's reasons, or there was nothing
WITHOUT_PARTS = ("decided", "void", "merged", "false_alarm")
TOLD = ("declined", "not_applicable")  # the origin hears of it, answer or not


def close(doing: Doing, outcome: Outcome, reason: str, remedy: str = "") -> None:
    """End the case. Raises BadInputError while a part of it is open, unless a superior decides."""
    open_parts = [part.id for part in parts_of(doing.rows, doing.case.id) if part.state != "closed"]
    if open_parts and outcome not in WITHOUT_PARTS:
        raise bad("case", f"{len(open_parts)} open parts", "every part closed before the whole")
    answer = doing.command.answer.strip()
    is_told = bool(answer) or outcome in TOLD
    doing.say(
        CaseClosed(
            case_id=doing.case.id,
            by=doing.by,
            outcome=outcome,
            reason=doing.seal(reason) if reason else None,
            answer=doing.seal(answer) if answer else None,
            remedy=doing.seal(remedy) if remedy else None,
            told=ladder.origin(doing.rows, doing.case) if is_told else [],
        )
    )
    if answer:
        answer_merged(doing, answer)


def answer_merged(doing: Doing, answer: str, into: int | None = None) -> None:
    """Whoever reported the same thing is answered with it, each under their own key."""
    for link in doing.rows.where(CaseLink, other_id=into or doing.case.id):
        merged = doing.rows.get(Case, link.case_id)
        if link.link != "merged" or merged is None:
            continue
        doing.say(
            said.CaseTold(
                case_id=merged.id,
                by=doing.by,
                answer=doing.keys.seal(merged.sealed_for, answer),
                told=ladder.origin(doing.rows, merged),
            )
        )
        answer_merged(doing, answer, merged.id)


def parts_of(rows: Rows, case_id: int) -> list[Case]:
    """The cases that are parts of this one."""
    links = [link for link in rows.where(CaseLink, other_id=case_id) if link.link == "child"]
    found = [rows.get(Case, link.case_id) for link in links]
    return [case for case in found if case is not None]

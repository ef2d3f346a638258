"""The verbs of working together: assign, receive, return, hand over, assist, 吹哨 and 报到."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from bihuan.base.errors import bad
from bihuan.journal.rows import Rows
from bihuan.loop import ladder
from bihuan.loop.acting import Asking, Doing, Verb, can
from bihuan.loop.cases.moves import move
from bihuan.loop.playbook import Field
from bihuan.loop.standing import PURPOSE_OF, has_organisations, is_meant, people_of
from bihuan.loop.units import entries
from bihuan.loop.units.models import Assignment
from bihuan.loop.units.rows import lead_of, open_assignments
from bihuan.register.models import Area, Person

TARGET = (Field("target", "target"),)
UNITS = (Field("units", "targets"),)
RETURNS_TO_SUPERIOR = 2


def _check(rows: Rows, target: entries.Target, field: str) -> None:
    """The target is somebody: a registered person, a role for a known area, a unit."""
    if target.person_id is not None and rows.get(Person, target.person_id) is None:
        raise bad(field, f"person:{target.person_id}", "a registered person")
    if target.area_id is not None and rows.get(Area, target.area_id) is None:
        raise bad(field, f"role:{target.role}@{target.area_id}", "a registered area")
    if target.organisation_id is not None and not has_organisations():
        raise bad(field, f"unit:{target.organisation_id}", "a person or a role: no units here")


def _made(doing: Doing, purpose: entries.Purpose, target: entries.Target, field: str) -> None:
    """Append an assignment; whoever it names gets a message and a clock to sign for it."""
    _check(doing.rows, target, field)
    people = people_of(doing.rows, _as_row(target), doing.lane.now_us)
    if not people:
        raise bad(field, _said(target), "somebody who is there: nobody holds this now")
    doing.say(
        entries.AssignmentMade(
            case_id=doing.case.id,
            by=doing.by,
            purpose=purpose,
            target=target,
            text=doing.text(),
            told=ladder.reachable(doing.rows, "assignee", people),
            clock=doing.clock("receive"),
        )
    )


def _as_row(target: entries.Target) -> Assignment:
    return Assignment(**msgspec.structs.asdict(target))


def _said(target: entries.Target) -> str:
    if target.person_id is not None:
        return f"person:{target.person_id}"
    if target.role is not None:
        return f"role:{target.role}@{target.area_id}"
    return f"unit:{target.organisation_id}"


def _assign(doing: Doing) -> None:
    _withdraw_lead(doing)
    _made(doing, "lead", doing.given["target"], "target")
    move(doing)


def _withdraw_lead(doing: Doing) -> None:
    for purpose in ("lead", "hand_over"):
        for made in open_assignments(doing.rows, doing.case.id, purpose):
            doing.say(
                entries.AssignmentWithdrawn(
                    case_id=doing.case.id, by=doing.by, assignment_id=made.id
                )
            )


def _mine(doing: Doing, purpose: str, *states: str) -> Assignment:
    """The assignment of this purpose that names the person; the oldest that still waits."""
    for made in open_assignments(doing.rows, doing.case.id, purpose):
        person_id = doing.by.person_id or 0
        if made.state in states and is_meant(doing.rows, made, person_id, doing.lane.now_us):
            return made
    raise bad("assignment", "none of yours that waits", f"one in state {' or '.join(states)}")


def _receive(doing: Doing) -> None:
    made = _mine(doing, "lead", "waiting")
    doing.say(_received(doing, made))
    move(doing)


def _received(doing: Doing, made: Assignment) -> entries.AssignmentReceived:
    return entries.AssignmentReceived(
        case_id=doing.case.id, by=doing.by, assignment_id=made.id, text=doing.text()
    )


def _return(doing: Doing) -> None:
    made = lead_of(doing.rows, doing.case.id)
    if made is None:
        raise bad("assignment", "none", "one that can be returned")
    where = (doing.case.subject_id, doing.case.area_path, doing.lane.now_us)
    told = ladder.reachable(doing.rows, made.made_role, [made.made_by] if made.made_by else [])
    if doing.case.returns + 1 >= RETURNS_TO_SUPERIOR:
        # what comes back twice lies between two units: who stands above them decides
        superiors = doing.playbook.roles_of("supervise")
        told += ladder.nearest(doing.rows, superiors, where, [p.person_id for p in told])
    doing.say(
        entries.AssignmentReturned(
            case_id=doing.case.id,
            by=doing.by,
            assignment_id=made.id,
            reason=doing.seal(doing.command.text),
            told=told,
        )
    )
    move(doing)


def _assist(doing: Doing) -> None:
    for target in doing.given["units"]:
        _made(doing, "assist", target, "units")


def _summon(doing: Doing) -> None:
    for target in doing.given["units"]:
        _made(doing, "summon", target, "units")


def _report_in(doing: Doing) -> None:
    doing.say(_received(doing, _mine(doing, "summon", "waiting")))


def _assist_report(doing: Doing) -> None:
    purpose = next(
        purpose
        for purpose in ("assist", "summon")
        if doing.by.role in (role for role, of in PURPOSE_OF.items() if of == purpose)
    )
    made = _mine(doing, purpose, "waiting", "received")
    doing.say(
        entries.AssignmentReported(
            case_id=doing.case.id,
            by=doing.by,
            assignment_id=made.id,
            text=doing.seal(doing.command.text),
        )
    )


def _hand_over(doing: Doing) -> None:
    if open_assignments(doing.rows, doing.case.id, "hand_over"):
        raise bad("target", "a hand-over already", "the one under way accepted or refused first")
    target = doing.given["target"]
    if target.person_id == doing.case.owner_id:
        raise bad("target", _said(target), "another person")
    _made(doing, "hand_over", target, "target")


def _take_over(doing: Doing) -> None:
    doing.say(_received(doing, _mine(doing, "hand_over", "waiting")))


def _keep(doing: Doing) -> None:
    made = _mine(doing, "hand_over", "waiting")
    doing.say(
        entries.AssignmentReturned(
            case_id=doing.case.id,
            by=doing.by,
            assignment_id=made.id,
            reason=doing.seal(doing.command.text),
            told=ladder.reachable(doing.rows, "owner", [made.made_by] if made.made_by else []),
        )
    )


def _is_mine(purpose: str, *states: str) -> Callable[[Asking], bool]:
    def is_offered(asking: Asking) -> bool:
        return any(
            made.state in states and is_meant(asking.rows, made, asking.person_id, asking.now_us)
            for made in open_assignments(asking.rows, asking.case.id, purpose)
        )

    return is_offered


def _has_lead(asking: Asking) -> bool:
    return lead_of(asking.rows, asking.case.id) is not None


def _hands_over_none(asking: Asking) -> bool:
    return not open_assignments(asking.rows, asking.case.id, "hand_over")


can("assign", Verb(_assign, fields=TARGET))
can("transfer", Verb(_assign, fields=TARGET, needs_text=True))
can("receive", Verb(_receive, is_offered=_is_mine("lead", "waiting")))
can("return", Verb(_return, needs_text=True, is_offered=_has_lead))
can("assist", Verb(_assist, fields=UNITS, needs_text=True))
can("summon", Verb(_summon, fields=UNITS, needs_text=True))
can("report_in", Verb(_report_in, is_offered=_is_mine("summon", "waiting")))
can("assist_report", Verb(_assist_report, needs_text=True))
can("hand_over", Verb(_hand_over, fields=TARGET, needs_text=True, is_offered=_hands_over_none))
can("take_over", Verb(_take_over, is_offered=_is_mine("hand_over", "waiting")))
can("keep", Verb(_keep, needs_text=True, is_offered=_is_mine("hand_over", "waiting")))

"""What the loop does with what a rule says: a finding opens a case, joins one, or is set aside.

Only a playbook that names the rule among its signals opens a case. What is said later about the
finding (revised, cleared, withdrawn) is a line on its case and closes nothing.
"""

from __future__ import annotations

from typing import Final

from bihuan.journal.project import Recorded
from bihuan.loop import entries
from bihuan.loop.cases.models import CaseFinding
from bihuan.loop.decide import (
    Arrived,
    Deciding,
    begin_pursuit,
    clock_set,
    is_decided,
    is_late,
    open_case,
    open_for,
)
from bihuan.loop.models import Case
from bihuan.loop.playbook import Playbook, playbook_for
from bihuan.loop.scenario import installed
from bihuan.register.consents.effect import purpose_of, stopped_of
from bihuan.register.entries import FindingSaid
from bihuan.register.models import Subject
from bihuan.register.records.facts import facts_of

SECONDS: Final = "s"


def decide_finding(lane: Deciding, finding: Recorded[FindingSaid]) -> None:
    """Every statement leads to an entry, so that none is decided twice or forgotten."""
    said = finding.payload
    known = lane.rows.get(CaseFinding, said.key)
    cause = Arrived("finding", finding.position, finding.recorded_us, said.opened_us)
    if known is not None:
        _note(lane, finding, known.case_id)
    elif said.what == "opened":
        _opened(lane, finding, cause)
    else:
        _set_aside(lane, finding, "no case came of this finding")
    if not is_decided(lane.rows, cause):
        # else the engine would decide it again for ever, behind a case that is parked
        _set_aside(lane, finding, "its case is parked; what was decided waits there")


def _opened(lane: Deciding, finding: Recorded[FindingSaid], cause: Arrived) -> None:
    said = finding.payload
    subject = lane.rows.get(Subject, said.subject_id)
    playbook = playbook_for(said.scenario, said.rule)
    if subject is None or playbook is None:
        _set_aside(lane, finding, f"no playbook of {said.scenario} asks for {said.rule}")
        return
    if _is_withdrawn(lane, said, subject):
        _set_aside(lane, finding, "the person withdrew the consent for what it is about")
        return
    if playbook.at_stake is not None and not playbook.at_stake(
        facts_of(lane.rows, subject, lane.now_us), said.rule
    ):
        _set_aside(lane, finding, "nothing was at stake")
        return
    present = open_case(lane.rows, subject.id, playbook.kind)
    if present is None:
        case_id = open_for(lane, cause, playbook, subject)
    else:
        case_id = present.id
        _join(lane, cause, present, playbook)
    if case_id is not None:
        _note(lane, finding, case_id)


def _is_withdrawn(lane: Deciding, said: FindingSaid, subject: Subject) -> bool:
    """Readings let go are no silence: nobody is sent after who asked not to be measured."""
    scenario = installed().get(said.scenario)
    channels = [one.channel for one in (scenario.rules if scenario else ()) if one.id == said.rule]
    purpose = purpose_of(channels[-1]) if channels else None
    return purpose is not None and purpose in stopped_of(lane.rows, subject.person_id, lane.now_us)


def _join(lane: Deciding, cause: Arrived, case: Case, playbook: Playbook) -> None:
    """Whom it concerns is called again only where the case was already thought to be over."""
    is_over = case.state == "awaiting_confirmation" and bool(playbook.ladder)
    lane.append(
        entries.CaseJoined(
            case_id=case.id,
            signal=cause.position,
            cause=cause.kind,
            is_late=is_late(cause, playbook),
            clock=clock_set(lane, case, "answer") if is_over else None,
        )
    )
    if is_over:
        begin_pursuit(lane, case.id)


def _note(lane: Deciding, finding: Recorded[FindingSaid], case_id: int) -> None:
    said = finding.payload
    lane.append(
        entries.FindingNoted(
            case_id=case_id,
            finding=finding.position,
            key=said.key,
            rule=said.rule,
            what=said.what,
            words=words_of(said),
        )
    )


def _set_aside(lane: Deciding, finding: Recorded[FindingSaid], reason: str) -> None:
    lane.append(entries.FindingSetAside(finding=finding.position, reason=reason))


def words_of(said: FindingSaid) -> str:
    """Measure, limit and unit: `150 > 130 bpm`; of a silence its limit, `> 7200 s`."""
    if said.limit is None:
        return ""
    limit = f"{said.limit:g} {said.unit}"
    if said.measure is None:
        return f"> {limit}"
    return f"{said.measure:g} {'<' if said.measure < said.limit else '>'} {limit}"

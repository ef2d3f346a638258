"""Entries of the loop → what figures know of a case. Pure over `Rows`; only `CaseFact` is used.

The clocks are followed as the loop follows them (`bihuan.loop.projectors`): a test holds both
to the same rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Final

from bihuan.base.time import SECOND_US
from bihuan.figures.models import CaseFact
from bihuan.figures.spans import OPEN, span_of
from bihuan.journal.payloads import Payload
from bihuan.journal.project import Recorded
from bihuan.journal.rows import Rows
from bihuan.loop import entries as loop
from bihuan.loop.cases import entries as cases
from bihuan.loop.projectors import CLOCK_ROW, MORE_CLOCKS_ROW
from bihuan.loop.supervision import entries as supervision
from bihuan.loop.units import entries as units

CLOCK_KINDS: Final = ("answer", "accept", "receive", "progress", "act", "report", "check")
_FIRST: Final = ("missed", "met", "running", "stopped")  # the first that one of them is, is told
Change = Callable[[CaseFact, Recorded[Any]], None]
_changes: dict[type[Payload], Change] = {}


def touched(entry: Recorded[Payload]) -> list[int]:
    """Ids of the cases that an entry says something about, as far as figures know."""
    if type(entry.payload) is loop.CaseOpened:
        return [entry.id()]
    if type(entry.payload) not in _changes:
        return []
    found = [int(getattr(entry.payload, "case_id"))]  # noqa: B009 - every entry of the table has one
    if isinstance(entry.payload, cases.CaseLinked):
        found.append(entry.payload.other_id)
    return found


def apply(rows: Rows, entry: Recorded[Payload]) -> None:
    """What the entry changes; of a case that was never opened (it is parked) nothing."""
    if isinstance(entry.payload, loop.CaseOpened):
        _opened(rows, entry)
        return
    change = _changes.get(type(entry.payload))
    case_id = getattr(entry.payload, "case_id", None)
    if change is None or rows.get(CaseFact, case_id) is None:
        return
    fact = rows.change(CaseFact, case_id)
    change(fact, entry)
    linked = entry.payload
    if not isinstance(linked, cases.CaseLinked) or linked.link != "merged":
        return
    if rows.get(CaseFact, linked.other_id) is not None:
        rows.change(CaseFact, linked.other_id).signals += fact.signals


def _opened(rows: Rows, entry: Recorded[Payload]) -> None:
    said = entry.payload
    assert isinstance(said, loop.CaseOpened)
    fact = rows.new(
        CaseFact,
        id=entry.id(),
        scenario=said.scenario,
        kind=said.kind,
        playbook=said.playbook,
        severity=said.severity,
        cause=said.cause,
        state=said.state,
        area_id=said.area_id,
        area_path=said.area_path,
        subject_id=said.subject_id,
        opened_us=entry.recorded_us,
        is_late=said.is_late,
    )
    _set_all(fact, entry, said.clocks)


def changes(
    payload: type[Payload],
) -> Callable[[Callable[[CaseFact, Recorded[Any]], None]], Change]:
    """Register what an entry type changes in the fact of its case."""

    def register(function: Change) -> Change:
        _changes[payload] = function
        return function

    return register


def _answered(fact: CaseFact, at_us: int) -> None:
    if fact.answered_us is None:
        fact.answered_us = at_us
        fact.response_s = (at_us - fact.opened_us) // SECOND_US


def _acted(fact: CaseFact, at_us: int) -> None:
    _answered(fact, at_us)
    if fact.acted_us is None:
        fact.acted_us = at_us
        fact.handling_s = (at_us - fact.opened_us) // SECOND_US


def _set(
    fact: CaseFact, entry: Recorded[Any], clock: loop.ClockSet | None, n: int = 0, ref: int = 0
) -> None:
    if clock is None or clock.kind not in CLOCK_KINDS:
        return
    ref = ref or clock.ref
    _end(fact, (clock.kind, ref), "stopped")
    identity = entry.id(CLOCK_ROW if not n else MORE_CLOCKS_ROW + n)
    _kept(fact, [*json.loads(fact.clocks), [identity, clock.kind, ref, "running", 0]])


def _set_all(fact: CaseFact, entry: Recorded[Any], clocks: Iterable[loop.ClockSet]) -> None:
    for n, clock in enumerate(clocks):
        _set(fact, entry, clock, n)


def _end(fact: CaseFact, kind: tuple[str, int] | str | None, state: str) -> None:
    """As `bihuan.loop.projectors.end_clock`: a missed one stays missed."""
    clocks = json.loads(fact.clocks)
    for clock in clocks:
        if clock[4] or kind not in (None, clock[1], (clock[1], clock[2])):
            continue
        clock[4] = 1
        if clock[3] != "missed":
            clock[3] = state
    _kept(fact, clocks)


def _kept(fact: CaseFact, clocks: list[list[Any]]) -> None:
    fact.clocks = json.dumps(clocks, separators=(",", ":"))
    for kind in CLOCK_KINDS:
        states = {clock[3] for clock in clocks if clock[1] == kind}
        if states:
            told = next(state for state in _FIRST if state in states)
            setattr(fact, f"clock_{kind}", told)


@changes(loop.CaseJoined)
def _joined(fact: CaseFact, entry: Recorded[loop.CaseJoined]) -> None:
    said = entry.payload
    fact.signals += 1
    fact.is_late = fact.is_late and said.is_late
    if said.clock is not None:
        _end(fact, None, "stopped")
        _set(fact, entry, said.clock)
        fact.state = "awaiting_answer"


@changes(loop.ClockMissed)
def _missed(fact: CaseFact, entry: Recorded[loop.ClockMissed]) -> None:
    clocks = json.loads(fact.clocks)
    for clock in clocks:
        if clock[0] == entry.payload.clock_id:
            clock[3] = "missed"
    _kept(fact, clocks)


@changes(loop.CaseLapsed)
def _lapsed(fact: CaseFact, entry: Recorded[loop.CaseLapsed]) -> None:
    fact.state = "awaiting_answer"
    _set(fact, entry, entry.payload.clock)


@changes(loop.CaseTaken)
def _taken(fact: CaseFact, entry: Recorded[loop.CaseTaken]) -> None:
    fact.state = "in_progress"
    _answered(fact, entry.recorded_us)
    _end(fact, "answer", "met")
    _set(fact, entry, entry.payload.clock)


@changes(loop.CaseProgressed)
def _progressed(fact: CaseFact, entry: Recorded[loop.CaseProgressed]) -> None:
    _set(fact, entry, entry.payload.clock)


@changes(loop.CaseReported)
def _reported(fact: CaseFact, entry: Recorded[loop.CaseReported]) -> None:
    fact.state, fact.times_asked = "awaiting_confirmation", 1
    _acted(fact, entry.recorded_us)
    _end(fact, "progress", "met")
    _set(fact, entry, entry.payload.clock)


@changes(loop.CaseAskedAgain)
def _asked_again(fact: CaseFact, entry: Recorded[loop.CaseAskedAgain]) -> None:
    fact.times_asked += 1
    _set(fact, entry, entry.payload.clock)


@changes(loop.OriginAnswered)
def _origin(fact: CaseFact, entry: Recorded[loop.OriginAnswered]) -> None:
    if entry.payload.is_solved:
        fact.confirmations += 1
        return
    fact.state = "in_progress"
    fact.refusals += 1
    _set(fact, entry, entry.payload.clock)


@changes(loop.CaseUnanswered)
def _unanswered(fact: CaseFact, entry: Recorded[loop.CaseUnanswered]) -> None:
    _set(fact, entry, entry.payload.clock)


@changes(loop.CaseClosed)
def _closed(fact: CaseFact, entry: Recorded[loop.CaseClosed]) -> None:
    fact.state, fact.outcome, fact.closed_us = "closed", entry.payload.outcome, entry.recorded_us
    fact.whole_s = (entry.recorded_us - fact.opened_us) // SECOND_US
    fact.span = span_of(fact.whole_s)
    if entry.payload.by.person_id is not None:
        _answered(fact, entry.recorded_us)
    _end(fact, None, "stopped")


@changes(cases.CaseMoved)
def _moved(fact: CaseFact, entry: Recorded[cases.CaseMoved]) -> None:
    said = entry.payload
    for kind in said.meets:
        _end(fact, kind, "met")
    _set_all(fact, entry, said.clocks)
    if said.proof:
        _acted(fact, entry.recorded_us)
    if not said.to:
        return
    if said.by.person_id is not None:
        _answered(fact, entry.recorded_us)
    fact.state = said.to
    if said.to == "awaiting_confirmation":
        fact.times_asked = 1


@changes(cases.CaseReopened)
def _reopened(fact: CaseFact, entry: Recorded[cases.CaseReopened]) -> None:
    fact.state, fact.outcome, fact.closed_us = entry.payload.to, None, None
    fact.whole_s, fact.span, fact.times_asked = None, OPEN, 0
    fact.reopened += 1
    _set_all(fact, entry, entry.payload.clocks)


@changes(cases.CaseLinked)
def _linked(_fact: CaseFact, _entry: Recorded[cases.CaseLinked]) -> None:
    """What it is merged into counts its signals too: `apply` sees to that."""


@changes(supervision.SupervisionRaised)
def _supervised(fact: CaseFact, entry: Recorded[supervision.SupervisionRaised]) -> None:
    fact.level = max(fact.level, entry.payload.level)


@changes(units.AssignmentMade)
def _assigned(fact: CaseFact, entry: Recorded[units.AssignmentMade]) -> None:
    _answered(fact, entry.recorded_us)
    _set(fact, entry, entry.payload.clock, ref=entry.id())


@changes(units.AssignmentReceived)
def _received(fact: CaseFact, entry: Recorded[units.AssignmentReceived]) -> None:
    _answered(fact, entry.recorded_us)
    _end(fact, ("receive", entry.payload.assignment_id), "met")


@changes(units.AssignmentReturned)
def _returned(fact: CaseFact, entry: Recorded[units.AssignmentReturned]) -> None:
    fact.returns += 1
    _end(fact, ("receive", entry.payload.assignment_id), "met")


@changes(units.AssignmentReported)
def _assist_reported(fact: CaseFact, entry: Recorded[units.AssignmentReported]) -> None:
    _end(fact, ("receive", entry.payload.assignment_id), "met")


@changes(units.AssignmentWithdrawn)
def _withdrawn(fact: CaseFact, entry: Recorded[units.AssignmentWithdrawn]) -> None:
    _end(fact, ("receive", entry.payload.assignment_id), "stopped")

"""The loop's decider: signals and due times become facts, once.

Every function takes an open `Appender` on lane 0 and its recorded time; nothing here reads a
clock. What is decided is appended and projected in the same transaction, offset included.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol, TypeVar

from bihuan.base.time import SECOND_US
from bihuan.journal.payloads import Payload
from bihuan.journal.project import Recorded
from bihuan.journal.rows import Rows
from bihuan.loop import entries, ladder
from bihuan.loop.models import Case, CaseClock, Decided, Pursuit, Step
from bihuan.loop.playbook import Limit, Playbook, playbook_for, playbook_of
from bihuan.loop.projectors import OFFSETS
from bihuan.register.entries import SignalReceived
from bihuan.register.models import Area, Subject

P = TypeVar("P", bound=Payload)


class Deciding(Protocol):
    """What the decider is given: rows, the recorded time, and a place to append (`Appender`)."""

    @property
    def rows(self) -> Rows: ...
    @property
    def now_us(self) -> int: ...
    def append(self, payload: P, *, idem: bytes | None = None) -> Recorded[P]: ...


class Arrived(NamedTuple):
    """What opens or joins a case: its lane-0 position, recorded time and own time, µs."""

    kind: entries.Cause
    position: int
    recorded_us: int
    at_us: int | None


def is_decided(rows: Rows, cause: Arrived) -> bool:
    """Whether the offset has passed it; not so where its case is parked."""
    offset = rows.get(Decided, OFFSETS[cause.kind])
    return offset is not None and offset.position >= cause.position


def clock_set(kind: str, limit: Limit, from_us: int) -> entries.ClockSet:
    """A clock of `kind` that runs out after `limit`."""
    return entries.ClockSet(kind=kind, due_us=from_us + limit.seconds * SECOND_US)


def open_case(rows: Rows, subject_id: int, kind: str) -> Case | None:
    """The open case of a subject and kind: at most one, by constraint."""
    for case in rows.where(Case, subject_id=subject_id):
        if case.kind == kind and case.state != "closed":
            return case
    return None


def decide_signal(lane: Deciding, signal: Recorded[SignalReceived]) -> None:
    """A signal opens a case, joins one and re-arms it, or is set aside with its reason."""
    said = signal.payload
    subject = lane.rows.get(Subject, said.subject_id) if said.subject_id is not None else None
    if subject is None:
        _set_aside(lane, signal, "no subject is bound to the device")
        return
    playbook = playbook_for(subject.scenario, said.kind)
    if playbook is None:
        _set_aside(lane, signal, f"no playbook of {subject.scenario} asks for {said.kind}")
        return
    present = open_case(lane.rows, subject.id, playbook.kind)
    cause = Arrived("signal", signal.position, signal.recorded_us, said.at_us)
    if present is None:
        open_for(lane, cause, playbook, subject)
    else:
        join(lane, cause, present)
    if not is_decided(lane.rows, cause):
        # else the engine would decide it again for ever, behind a case that is parked
        _set_aside(lane, signal, "its case is parked; what was decided waits there")


def is_late(cause: Arrived, playbook: Playbook) -> bool:
    """Whether its own time lies further back than a fresh one's can; it calls too."""
    late_us = playbook.late_after.seconds * SECOND_US
    return cause.at_us is not None and cause.recorded_us - cause.at_us > late_us


def _set_aside(lane: Deciding, signal: Recorded[SignalReceived], reason: str) -> None:
    said = signal.payload
    lane.append(
        entries.SignalSetAside(
            signal=signal.position, kind=said.kind, source=said.source, reason=reason
        )
    )


def open_for(lane: Deciding, cause: Arrived, playbook: Playbook, subject: Subject) -> int | None:
    """The case that is open now; None where it is parked, and the board shows it."""
    area = lane.rows.get(Area, subject.area_id)
    assert area is not None, "a subject's area is checked when it is registered"
    opened = lane.append(
        entries.CaseOpened(
            signal=cause.position,
            cause=cause.kind,
            scenario=playbook.scenario,
            kind=playbook.kind,
            playbook=playbook.key,
            severity=playbook.severity,
            subject_id=subject.id,
            area_id=area.id,
            area_path=area.path,
            is_late=is_late(cause, playbook),
            clock=clock_set("answer", playbook.answer, lane.now_us),
        )
    )
    if lane.rows.get(Case, opened.id()) is None:
        return None
    begin_pursuit(lane, opened.id())
    return opened.id()


def join(lane: Deciding, cause: Arrived, case: Case) -> None:
    """A new press re-arms answer clock and ladder whatever the state; resends never get here."""
    playbook = playbook_of(case.playbook)
    lane.append(
        entries.CaseJoined(
            case_id=case.id,
            signal=cause.position,
            cause=cause.kind,
            is_late=is_late(cause, playbook),
            clock=clock_set("answer", playbook.answer, lane.now_us),
        )
    )
    begin_pursuit(lane, case.id)


def begin_pursuit(lane: Deciding, case_id: int) -> None:
    """Plan the ladder anew and call its first step that has somebody."""
    case = lane.rows.get(Case, case_id)
    assert case is not None
    playbook = playbook_of(case.playbook)
    subject = lane.rows.get(Subject, case.subject_id)
    assert subject is not None
    steps = ladder.plan(lane.rows, playbook, subject, case.area_path, lane.now_us)
    begun = lane.append(entries.PursuitBegun(case_id=case_id, round=case.round + 1, steps=steps))
    if lane.rows.get(Pursuit, begun.id()) is not None:
        climb(lane, begun.id())


def climb(lane: Deciding, pursuit_id: int) -> None:
    """Call the next step that has somebody; where there is none, the ladder has run out."""
    pursuit = lane.rows.get(Pursuit, pursuit_id)
    assert pursuit is not None
    case = lane.rows.get(Case, pursuit.case_id)
    assert case is not None
    repeat_s = playbook_of(case.playbook).repeat.seconds
    steps = _steps_with_somebody(lane.rows, pursuit_id)
    ahead = [step for step in steps if step.n > pursuit.step]
    if ahead:
        _call(lane, pursuit, ahead[0].n, 0, ahead[0].wait_s)
    elif steps and case.is_ladder_out:
        _call(lane, pursuit, steps[-1].n, pursuit.again + 1, repeat_s)
    else:
        due_us = lane.now_us + repeat_s * SECOND_US
        said = entries.PursuitRanOut(case_id=case.id, pursuit_id=pursuit_id, next_due_us=due_us)
        lane.append(said)


def _steps_with_somebody(rows: Rows, pursuit_id: int) -> list[Step]:
    steps = [step for step in rows.where(Step, pursuit_id=pursuit_id) if not step.skipped]
    return sorted(steps, key=lambda step: step.n)


def _call(lane: Deciding, pursuit: Pursuit, step: int, again: int, wait_s: int) -> None:
    lane.append(
        entries.PursuitStepped(
            case_id=pursuit.case_id, pursuit_id=pursuit.id, step=step, again=again, wait_s=wait_s
        )
    )


def decide_clock(lane: Deciding, clock_id: int) -> None:
    """A clock ran out: it is missed, and what that means depends on its kind."""
    clock = lane.rows.get(CaseClock, clock_id)
    if clock is None or clock.state != "running" or clock.due_us > lane.now_us:
        return
    lane.append(entries.ClockMissed(case_id=clock.case_id, clock_id=clock.id))
    case = lane.rows.get(Case, clock.case_id)
    assert case is not None
    playbook = playbook_of(case.playbook)
    if clock.kind == "answer" and not _is_pursued(lane.rows, case.id):
        begin_pursuit(lane, case.id)  # the entry that began it was parked once
    elif clock.kind == "progress":
        # an acknowledgement expires unless progress follows: everybody is called again
        answer = clock_set("answer", playbook.answer, lane.now_us)
        lane.append(entries.CaseLapsed(case_id=case.id, clock=answer))
        begin_pursuit(lane, case.id)
    elif clock.kind == "confirmation" and case.times_asked < playbook.tries:
        lane.append(
            entries.CaseAskedAgain(
                case_id=case.id,
                asked=ladder.family(lane.rows, case.subject_id),
                clock=clock_set("confirmation", playbook.confirmation, lane.now_us),
            )
        )


def _is_pursued(rows: Rows, case_id: int) -> bool:
    return any(pursuit.state == "running" for pursuit in rows.where(Pursuit, case_id=case_id))


def decide_pursuit(lane: Deciding, pursuit_id: int) -> None:
    """A step waited long enough: climb; a ladder on which nobody stands is planned anew."""
    pursuit = lane.rows.get(Pursuit, pursuit_id)
    if pursuit is None or pursuit.state != "running":
        return
    if pursuit.next_due_us is None or pursuit.next_due_us > lane.now_us:
        return
    if _steps_with_somebody(lane.rows, pursuit_id):
        climb(lane, pursuit_id)
    else:
        begin_pursuit(lane, pursuit.case_id)

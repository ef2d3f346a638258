"""The loop's decider: signals and due times become facts, once.

Every function takes an open `Appender` on lane 0 and its recorded time; nothing here reads a
clock. What is decided is appended and projected in the same transaction, offset included.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol, TypeVar

import msgspec

from bihuan.base.time import SECOND_US
from bihuan.journal.payloads import Payload
from bihuan.journal.project import Recorded
from bihuan.journal.rows import Rows
from bihuan.loop import entries, ladder
from bihuan.loop.cases.entries import CaseLinked
from bihuan.loop.cases.models import Decided
from bihuan.loop.clocks.course import start_clock, wait_of
from bihuan.loop.models import Case, CaseClock, Pursuit, Step
from bihuan.loop.playbook import Playbook, playbook_for, playbook_of, playbooks_for
from bihuan.loop.projectors import OFFSETS
from bihuan.loop.warned.entries import CaseWarned
from bihuan.loop.warned.standing import open_cases_of
from bihuan.register.areas.spans import path_now
from bihuan.register.entries import Actor, SignalReceived
from bihuan.register.models import Area, Subject
from bihuan.register.warnings.models import OfficialWarning

P = TypeVar("P", bound=Payload)
_ENGINE = Actor(person_id=None, role="system", via="engine")


class Deciding(Protocol):
    """What the decider is given: rows, the recorded time, and a place to append (`Appender`)."""

    @property
    def rows(self) -> Rows: ...
    @property
    def now_us(self) -> int: ...
    def append(self, payload: P, *, idem: bytes | None = None) -> Recorded[P]: ...


class Arrived(NamedTuple):
    """What opens or joins a case: its lane-0 position, recorded time and own time, µs.

    row_id  the record that the case is about, where its playbook has a case for each; 0 = none
    """

    kind: entries.Cause
    position: int
    recorded_us: int
    at_us: int | None
    row_id: int = 0


def is_decided(rows: Rows, cause: Arrived) -> bool:
    """Whether the offset has passed it; not so where its case is parked."""
    offset = rows.get(Decided, OFFSETS[cause.kind])
    return offset is not None and offset.position >= cause.position


def clock_set(lane: Deciding, case: Case, kind: str) -> entries.ClockSet | None:
    """A clock of a case that starts now; None where its playbook has none of the kind."""
    return start_clock(lane.rows, playbook_of(case.playbook), kind, case.opened_us, lane.now_us)


def open_case(rows: Rows, subject_id: int, kind: str, row_id: int = 0) -> Case | None:
    """The open case of a subject and kind, or of one of its records: at most one, by constraint."""
    for case in rows.where(Case, subject_id=subject_id):
        if (case.kind, case.row_id) == (kind, row_id) and case.state != "closed":
            return case
    return None


def decide_signal(lane: Deciding, signal: Recorded[SignalReceived]) -> None:
    """A signal opens a case, joins one and re-arms it, or is set aside with its reason."""
    said = signal.payload
    subject = lane.rows.get(Subject, said.subject_id) if said.subject_id is not None else None
    if subject is None and said.area_id is not None:
        _decide_of_a_place(lane, signal)
        return
    if subject is None:
        _set_aside(lane, signal, "no subject is bound to the device")
        return
    playbook = playbook_for(subject.scenario, said.kind)
    if playbook is None:
        _set_aside(lane, signal, f"no playbook of {subject.scenario} asks for {said.kind}")
        return
    row_id = (said.row_id or 0) if playbook.per_row else 0
    present = open_case(lane.rows, subject.id, playbook.kind, row_id)
    cause = Arrived("signal", signal.position, signal.recorded_us, said.at_us, row_id)
    if present is None:
        open_for(lane, cause, playbook, subject)
    else:
        join(lane, cause, present)
    if not is_decided(lane.rows, cause):
        # else the engine would decide it again for ever, behind a case that is parked
        _set_aside(lane, signal, "its case is parked; what was decided waits there")
        return
    _supersede(lane, playbook, subject.id, row_id)


def _supersede(lane: Deciding, playbook: Playbook, subject_id: int, row_id: int) -> None:
    """What an older case says is no longer so: its calls stop, and it ends in the new one."""
    newer = open_case(lane.rows, subject_id, playbook.kind, row_id)
    older = [open_case(lane.rows, subject_id, kind, row_id) for kind in playbook.supersedes]
    for one in older if newer is not None else ():
        if one is None or newer is None:
            continue
        said = CaseLinked(case_id=one.id, other_id=newer.id, link="merged", by=None)
        lane.append(said)
        lane.append(entries.CaseClosed(case_id=one.id, by=_ENGINE, outcome="merged", reason=None))


def _decide_of_a_place(lane: Deciding, signal: Recorded[SignalReceived]) -> None:
    """A signal about a place, such as an official warning: a case in each scenario that asks.

    What supersedes or cancels a warning joins the cases on which that stands. One that spreads
    to places that none of these holds opens a case there besides: whoever answers for them has
    not been called yet. A cancellation of what no open case is about opens none.
    """
    said, cause = signal.payload, Arrived("signal", signal.position, signal.recorded_us, None)
    area = lane.rows.get(Area, said.area_id) if said.area_id is not None else None
    told = lane.rows.get(OfficialWarning, said.warning_id) if said.warning_id is not None else None
    is_over = told is not None and told.change == "cancelled"
    for playbook in playbooks_for(said.kind) if area is not None else ():
        present = open_cases_of(lane.rows, playbook.scenario, playbook.kind, said.follows)
        about: list[int | None] = [one.id for one in present]
        for one in present:
            join(lane, cause, one)
        is_held = area is None or any(area.path.startswith(one.area_path) for one in present)
        if area is not None and not is_held and not is_over:
            about.append(open_at(lane, cause, playbook, None, area))
        for case_id in about:
            if case_id is not None and said.warning_id is not None:
                lane.append(CaseWarned(case_id=case_id, warning_id=said.warning_id))
    if not is_decided(lane.rows, cause):
        _set_aside(lane, signal, f"no open case and no playbook asks for {said.kind} of this place")


def opening_clocks(lane: Deciding, playbook: Playbook) -> list[entries.ClockSet]:
    """The clocks that start with a new case."""
    started = [
        start_clock(lane.rows, playbook, kind, lane.now_us, lane.now_us)
        for kind in playbook.opening
    ]
    return [clock for clock in started if clock is not None]


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
    return open_at(lane, cause, playbook, subject, area)


def open_at(
    lane: Deciding, cause: Arrived, playbook: Playbook, subject: Subject | None, area: Area
) -> int | None:
    """The case of a subject, or of a place alone; None where it is parked."""
    opened = lane.append(
        entries.CaseOpened(
            signal=cause.position,
            cause=cause.kind,
            scenario=playbook.scenario,
            kind=playbook.kind,
            playbook=playbook.key,
            severity=playbook.severity,
            subject_id=subject.id if subject is not None else None,
            area_id=area.id,
            area_path=area.path,
            is_late=is_late(cause, playbook),
            state=playbook.begins,
            clocks=opening_clocks(lane, playbook),
            row_id=cause.row_id,
        )
    )
    if lane.rows.get(Case, opened.id()) is None:
        return None
    if playbook.ladder:
        begin_pursuit(lane, opened.id())
    return opened.id()


def join(lane: Deciding, cause: Arrived, case: Case) -> None:
    """A new press re-arms answer clock and ladder whatever the state; resends never get here."""
    playbook = playbook_of(case.playbook)
    if not playbook.ladder:  # of what waits at a desk a repeat is one more line
        note_join(lane, cause, case)
        return
    lane.append(
        entries.CaseJoined(
            case_id=case.id,
            signal=cause.position,
            cause=cause.kind,
            is_late=is_late(cause, playbook),
            clock=clock_set(lane, case, "answer"),
        )
    )
    begin_pursuit(lane, case.id)


def note_join(lane: Deciding, cause: Arrived, case: Case) -> None:
    """A repeat joins; no clock starts anew and nobody is called."""
    late = is_late(cause, playbook_of(case.playbook))
    lane.append(
        entries.CaseJoined(
            case_id=case.id, signal=cause.position, cause=cause.kind, is_late=late, clock=None
        )
    )


def begin_pursuit(lane: Deciding, case_id: int) -> None:
    """Plan the ladder anew and call its first step that has somebody."""
    case = lane.rows.get(Case, case_id)
    assert case is not None
    playbook = playbook_of(case.playbook)
    subject = lane.rows.get(Subject, case.subject_id) if case.subject_id is not None else None
    path = path_now(lane.rows, case.area_id)
    steps = ladder.plan(lane.rows, playbook, subject, path, (case.opened_us, lane.now_us))
    begun = lane.append(entries.PursuitBegun(case_id=case_id, round=case.round + 1, steps=steps))
    if lane.rows.get(Pursuit, begun.id()) is not None:
        climb(lane, begun.id())


def climb(lane: Deciding, pursuit_id: int) -> None:
    """Call the next step that has somebody; where there is none, the ladder has run out."""
    pursuit = lane.rows.get(Pursuit, pursuit_id)
    assert pursuit is not None
    case = lane.rows.get(Case, pursuit.case_id)
    assert case is not None
    repeat_s = wait_of(lane.rows, playbook_of(case.playbook), None, case.opened_us)
    steps = _steps_with_somebody(lane.rows, pursuit_id)
    ahead = [step for step in steps if step.n > pursuit.step]
    if ahead:
        _call(lane, pursuit, ahead[0].n, 0, ahead[0].wait_s)
    elif steps and case.is_ladder_out:
        n, people = _last_step_now(lane, case, steps[-1].n)
        _call(lane, pursuit, n, pursuit.again + 1, repeat_s, people)
    else:
        due_us = lane.now_us + repeat_s * SECOND_US
        said = entries.PursuitRanOut(case_id=case.id, pursuit_id=pursuit_id, next_due_us=due_us)
        lane.append(said)


def _steps_with_somebody(rows: Rows, pursuit_id: int) -> list[Step]:
    steps = [step for step in rows.where(Step, pursuit_id=pursuit_id) if not step.skipped]
    return sorted(steps, key=lambda step: step.n)


def _last_step_now(
    lane: Deciding, case: Case, planned: int
) -> tuple[int, list[entries.Called] | None]:
    """Who stands last on the ladder by the roster of now; as planned where nobody does any more.

    The ladder was planned when the pursuit began: since then a shift may have gone home.
    """
    subject = lane.rows.get(Subject, case.subject_id) if case.subject_id is not None else None
    playbook = playbook_of(case.playbook)
    times = (case.opened_us, lane.now_us)
    now = ladder.plan(lane.rows, playbook, subject, case.area_path, times)
    standing = [(n, step.people) for n, step in enumerate(now) if step.people]
    return standing[-1] if standing else (planned, None)


def _call(
    lane: Deciding,
    pursuit: Pursuit,
    step: int,
    again: int,
    wait_s: int,
    people: list[entries.Called] | None = None,
) -> None:
    lane.append(
        entries.PursuitStepped(
            case_id=pursuit.case_id,
            pursuit_id=pursuit.id,
            step=step,
            again=again,
            wait_s=wait_s,
            people=people,
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
    if clock.kind == "answer" and playbook.ladder and not _is_pursued(lane.rows, case.id):
        begin_pursuit(lane, case.id)  # the entry that began it was parked once
    elif clock.kind == "progress" and playbook.ladder:
        _lapse(lane, case)
    elif clock.kind in ("confirmation", "verify"):
        _ask_or_call_superior(lane, case, playbook)


def _lapse(lane: Deciding, case: Case) -> None:
    """An acknowledgement expires unless progress follows: everybody is called again."""
    answer = clock_set(lane, case, "answer")
    assert answer is not None, "a playbook with a ladder has a clock to answer"
    lane.append(entries.CaseLapsed(case_id=case.id, clock=answer))
    begin_pursuit(lane, case.id)


def _ask_or_call_superior(lane: Deciding, case: Case, playbook: Playbook) -> None:
    """The origin is asked again; after the last try a superior is called, again and again."""
    if case.state != "awaiting_confirmation":
        return
    if case.times_asked < playbook.tries:
        lane.append(
            entries.CaseAskedAgain(
                case_id=case.id,
                asked=ladder.origin(lane.rows, case),
                clock=clock_set(lane, case, "confirmation"),
            )
        )
        return
    where = (case.subject_id, case.area_path, lane.now_us)
    but = {case.owner_id, case.reported_by} - {None}
    verify = clock_set(lane, case, "verify") or clock_set(lane, case, "confirmation")
    assert verify is not None, "a playbook that asks has a clock to confirm"
    lane.append(
        entries.CaseUnanswered(
            case_id=case.id,
            n=case.times_called + 1,
            called=ladder.nearest(
                lane.rows, playbook.roles_of("sign_no_reply"), where, [p for p in but if p]
            ),
            clock=msgspec.structs.replace(verify, kind="verify"),
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

"""Case entries become rows: the case, its clocks, its timeline and its proof."""

from __future__ import annotations

from typing import Any

from bihuan.base.errors import bad
from bihuan.base.ids import row_id
from bihuan.journal.models import Parked
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.loop import entries
from bihuan.loop.cases.models import CaseFinding, CaseLink, Decided, Matter
from bihuan.loop.clocks.course import kept
from bihuan.loop.clocks.models import WorkingDays
from bihuan.loop.holding import hold
from bihuan.loop.models import Case, CaseClock, Happening, Proof, SetAside
from bihuan.loop.projectors_pursuit import ask, deliver, stop_pursuit, withdraw_all, withdraw_asks
from bihuan.loop.units.rows import end_with_case
from bihuan.register.entries import Actor
from bihuan.register.models import Subject

SIGNALS, FINDINGS = "signals", "findings"
OFFSETS: dict[entries.Cause, str] = {"signal": SIGNALS, "finding": FINDINGS}
CLOCK_ROW, HAPPENING_ROW, REMEDY_ROW, MORE_CLOCKS_ROW = 1, 2, 3, 3
PROOF_ROW, ASK_ROW = 16, 64


def happened(
    rows: Rows,
    entry: Recorded[Any],
    case: Case,
    kind: str,
    by: Actor | None = None,
    **more: Any,
) -> None:
    """Add a line to the case's timeline, mark the case as changed, and keep who holds it."""
    case.changed = entry.position
    hold(rows, entry, case)
    if by is not None:
        case.last_by, case.last_act_us = by.person_id, entry.recorded_us
    rows.new(
        Happening,
        id=entry.id(more.get("row", HAPPENING_ROW)),
        case_id=case.id,
        at_us=entry.recorded_us,
        kind=kind,
        person_id=by.person_id if by else None,
        role=by.role if by else None,
        detail=more.get("detail"),
        text=more.get("text"),
    )


def set_clock(
    rows: Rows, entry: Recorded[Any], case_id: int, clock: entries.ClockSet | None, n: int = 0
) -> None:
    """Start a clock; a running one of the same kind is replaced by it. n: of several of an entry"""
    if clock is None:
        return
    end_clock(rows, entry, case_id, (clock.kind, clock.ref), "stopped")
    own = rows.get(WorkingDays, 1) if clock.is_provisional else None
    rows.new(
        CaseClock,
        id=entry.id(CLOCK_ROW if not n else MORE_CLOCKS_ROW + n),
        case_id=case_id,
        kind=clock.kind,
        ref=clock.ref,
        due_us=clock.due_us,
        is_provisional=clock.is_provisional,
        counted=kept(clock.counted),
        days_n=0 if own is None else own.n,
        watch_us=clock.watch_us,
        state="running",
        set_us=entry.recorded_us,
    )


def set_clocks(
    rows: Rows, entry: Recorded[Any], case_id: int, clocks: list[entries.ClockSet]
) -> None:
    """Start several clocks."""
    for n, clock in enumerate(clocks):
        set_clock(rows, entry, case_id, clock, n)


def end_clock(
    rows: Rows, entry: Recorded[Any], case_id: int, kind: tuple[str, int] | str | None, state: str
) -> None:
    """End the clock of a kind (None: all; a pair: of an assignment) as met, missed or stopped.

    A missed one stays missed; nothing watches it any more, and it keeps by how much it was late.
    """
    for clock in rows.where(CaseClock, case_id=case_id):
        if clock.is_over or kind not in (None, clock.kind, (clock.kind, clock.ref)):
            continue
        ended = rows.change(CaseClock, clock.id)
        ended.is_over, ended.watch_us = True, None
        if clock.state != "missed":
            ended.state, ended.ended_us = state, entry.recorded_us
        elif state == "met":
            ended.late_us = entry.recorded_us - clock.due_us


def _decided(rows: Rows, position: int, cause: entries.Cause = "signal") -> None:
    rows.put(Decided, id=OFFSETS[cause], position=position)


@projects(entries.SignalSetAside)
def signal_set_aside(rows: Rows, entry: Recorded[entries.SignalSetAside]) -> None:
    said = entry.payload
    _decided(rows, said.signal)
    rows.new(
        SetAside,
        id=entry.id(),
        kind=said.kind,
        source=said.source,
        reason=said.reason,
        at_us=entry.recorded_us,
    )


@projects(entries.SignalUndecided)
def signal_undecided(rows: Rows, entry: Recorded[entries.SignalUndecided]) -> None:
    _decided(rows, entry.payload.signal)
    rows.new(
        Parked,
        id=entry.id(),
        stream=entry.id(),
        type="SignalReceived",
        reason=entry.payload.reason,
        recorded_us=entry.recorded_us,
    )


@projects(entries.FindingNoted)
def finding_noted(rows: Rows, entry: Recorded[entries.FindingNoted]) -> None:
    said = entry.payload
    case = rows.change(Case, said.case_id)
    _decided(rows, said.finding, "finding")
    rows.put(CaseFinding, id=said.key, case_id=case.id, what=said.what, finding=said.finding)
    detail = f"{said.rule} {said.words}"[:128]
    happened(rows, entry, case, f"finding_{said.what}", detail=detail)


@projects(entries.FindingSetAside)
def finding_set_aside(rows: Rows, entry: Recorded[entries.FindingSetAside]) -> None:
    _decided(rows, entry.payload.finding, "finding")


@projects(entries.FindingUndecided)
def finding_undecided(rows: Rows, entry: Recorded[entries.FindingUndecided]) -> None:
    _decided(rows, entry.payload.finding, "finding")
    rows.new(
        Parked,
        id=entry.id(),
        stream=entry.id(),
        type="FindingSaid",
        reason=entry.payload.reason,
        recorded_us=entry.recorded_us,
    )


@projects(entries.CaseOpened)
def case_opened(rows: Rows, entry: Recorded[entries.CaseOpened]) -> None:
    said = entry.payload
    _must_be_the_only_one(rows, said)
    if said.cause != "matter":
        _decided(rows, said.signal, said.cause)
    case = rows.new(
        Case,
        id=entry.id(),
        scenario=said.scenario,
        kind=said.kind,
        playbook=said.playbook,
        severity=said.severity,
        cause=said.cause,
        subject_id=said.subject_id,
        origin_id=said.origin_id,
        row_id=said.row_id,
        sealed_for=_sealed_for(rows, entry),
        is_sealed=said.is_sealed,
        area_id=said.area_id,
        area_path=said.area_path,
        state=said.state,
        is_late=said.is_late,
        opened_us=entry.recorded_us,
        last_signal_us=entry.recorded_us,
        changed=entry.position,
    )
    set_clocks(rows, entry, case.id, said.clocks)
    kind = {"signal": "opened", "finding": "found", "matter": "matter_opened"}[said.cause]
    if said.cause == "matter":
        rows.change(Matter, row_id(said.signal)).case_id = case.id
    happened(rows, entry, case, kind, detail="late" if said.is_late else None)


def _must_be_the_only_one(rows: Rows, said: entries.CaseOpened) -> None:
    if said.cause == "matter":
        return
    for other in rows.where(Case, subject_id=said.subject_id):
        is_same = (other.kind, other.scenario, other.row_id) == (
            said.kind,
            said.scenario,
            said.row_id,
        )
        if is_same and other.state != "closed" and other.cause != "matter":
            raise bad("case", other.id, "one open case of a subject and kind")


def _sealed_for(rows: Rows, entry: Recorded[entries.CaseOpened]) -> int:
    """Whose key seals its texts: as said, else the subject's; last its own id's."""
    said = entry.payload
    if said.sealed_for is not None:
        return said.sealed_for
    subject = rows.get(Subject, said.subject_id) if said.subject_id is not None else None
    return entry.id() if subject is None else subject.key_id


@projects(entries.CaseJoined)
def case_joined(rows: Rows, entry: Recorded[entries.CaseJoined]) -> None:
    said = entry.payload
    _decided(rows, said.signal, said.cause)
    case = rows.change(Case, said.case_id)
    case.signals += 1
    case.last_signal_us = entry.recorded_us
    case.is_late = case.is_late and said.is_late
    if said.clock is not None:
        end_clock(rows, entry, case.id, None, "stopped")
        set_clock(rows, entry, case.id, said.clock)
        stop_pursuit(rows, entry, case.id, "stopped")
        withdraw_asks(rows, entry, case.id)
        case.state = "awaiting_answer"
        case.is_past_limit = case.is_ladder_out = False
    happened(
        rows, entry, case, "pressed_again" if said.clock else "joined", detail=str(case.signals)
    )


@projects(entries.ClockMissed)
def clock_missed(rows: Rows, entry: Recorded[entries.ClockMissed]) -> None:
    clock = rows.change(CaseClock, entry.payload.clock_id)
    clock.state, clock.ended_us = "missed", entry.recorded_us
    case = rows.change(Case, entry.payload.case_id)
    if clock.kind == "answer":
        case.is_past_limit = True
    happened(rows, entry, case, "clock_missed", detail=clock.kind)


@projects(entries.CaseLapsed)
def case_lapsed(rows: Rows, entry: Recorded[entries.CaseLapsed]) -> None:
    case = rows.change(Case, entry.payload.case_id)
    case.state = "awaiting_answer"
    set_clock(rows, entry, case.id, entry.payload.clock)
    happened(rows, entry, case, "lapsed")


@projects(entries.CaseTaken)
def case_taken(rows: Rows, entry: Recorded[entries.CaseTaken]) -> None:
    said = entry.payload
    case = rows.change(Case, said.case_id)
    case.state = "in_progress"
    case.owner_id, case.owner_role = said.by.person_id, said.by.role
    if case.answered_us is None:
        case.answered_us = entry.recorded_us
    end_clock(rows, entry, case.id, "answer", "met")
    set_clock(rows, entry, case.id, said.clock)
    stop_pursuit(rows, entry, case.id, "answered")
    case.is_ladder_out = False
    happened(rows, entry, case, "taken", said.by, detail=said.by.via)


@projects(entries.CaseProgressed)
def case_progressed(rows: Rows, entry: Recorded[entries.CaseProgressed]) -> None:
    said = entry.payload
    case = rows.change(Case, said.case_id)
    set_clock(rows, entry, case.id, said.clock)
    happened(rows, entry, case, "progressed", said.by, text=said.text)


@projects(entries.CaseReported)
def case_reported(rows: Rows, entry: Recorded[entries.CaseReported]) -> None:
    said = entry.payload
    case = rows.change(Case, said.case_id)
    case.state = "awaiting_confirmation"
    case.reported_us, case.reported_by = entry.recorded_us, said.by.person_id
    case.answer, case.times_asked = said.answer, 1
    end_clock(rows, entry, case.id, "progress", "met")
    set_clock(rows, entry, case.id, said.clock)
    add_proofs(rows, entry, case.id, said.proof, said.by)
    ask(rows, entry, case, said.asked, ASK_ROW)
    happened(rows, entry, case, "reported", said.by, text=said.text, detail=str(len(said.proof)))


def add_proofs(
    rows: Rows,
    entry: Recorded[Any],
    case_id: int,
    proofs: list[entries.ProofGiven],
    by: Actor,
) -> None:
    """Keep what was shown."""
    for n, proof in enumerate(proofs):
        rows.new(
            Proof,
            id=entry.id(PROOF_ROW + n),
            case_id=case_id,
            kind=proof.kind,
            digest=proof.digest,
            media_type=proof.media_type,
            taken_us=proof.taken_us,
            place=proof.place,
            given_us=entry.recorded_us,
            given_by=by.person_id,
        )


@projects(entries.CaseAskedAgain)
def case_asked_again(rows: Rows, entry: Recorded[entries.CaseAskedAgain]) -> None:
    said = entry.payload
    case = rows.change(Case, said.case_id)
    case.times_asked += 1
    set_clock(rows, entry, case.id, said.clock)
    ask(rows, entry, case, said.asked, ASK_ROW)
    happened(rows, entry, case, "asked_again", detail=str(case.times_asked))


@projects(entries.OriginAnswered)
def origin_answered(rows: Rows, entry: Recorded[entries.OriginAnswered]) -> None:
    said = entry.payload
    case = rows.change(Case, said.case_id)
    end_clock(rows, entry, case.id, "confirmation", "met")
    end_clock(rows, entry, case.id, "verify", "stopped")
    case.times_called = 0
    withdraw_asks(rows, entry, case.id)
    if not said.is_solved:
        case.state = "in_progress"
        case.refusals += 1
        set_clock(rows, entry, case.id, said.clock)
    kind = "solved" if said.is_solved else "not_solved"
    happened(rows, entry, case, kind, said.by, text=said.text)


@projects(entries.CaseClosed)
def case_closed(rows: Rows, entry: Recorded[entries.CaseClosed]) -> None:
    said = entry.payload
    case = rows.change(Case, said.case_id)
    case.state, case.outcome, case.closed_us = "closed", said.outcome, entry.recorded_us
    case.is_suspended, case.level = False, 0
    if said.outcome == "merged":
        links = rows.where(CaseLink, case_id=case.id)
        case.merged_into = next(link.other_id for link in links if link.link == "merged")
    if said.answer is not None:
        case.answer = said.answer
    end_clock(rows, entry, case.id, None, "stopped")
    stop_pursuit(rows, entry, case.id, "stopped")
    withdraw_all(rows, entry, case.id)
    end_with_case(rows, entry, case.id)
    deliver(rows, entry, case, "tell", said.told)
    happened(rows, entry, case, "closed", said.by, detail=said.outcome, text=said.reason)
    if said.remedy is not None:
        happened(rows, entry, case, "remedy", None, text=said.remedy, row=REMEDY_ROW)


@projects(entries.CaseUnanswered)
def case_unanswered(rows: Rows, entry: Recorded[entries.CaseUnanswered]) -> None:
    said = entry.payload
    case = rows.change(Case, said.case_id)
    case.times_called = said.n
    set_clock(rows, entry, case.id, said.clock)
    deliver(rows, entry, case, "sign", said.called)
    happened(rows, entry, case, "superior_called", detail=str(said.n))

"""Case entries become rows: the case, its clocks, its timeline and its proof."""

from __future__ import annotations

from typing import Any

from bihuan.base.errors import bad
from bihuan.journal.models import Parked
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.loop import entries
from bihuan.loop.models import Case, CaseClock, CaseFinding, Decided, Happening, Proof, SetAside
from bihuan.loop.projectors_pursuit import ask, stop_pursuit, withdraw_asks
from bihuan.register.entries import Actor

SIGNALS, FINDINGS = "signals", "findings"
OFFSETS: dict[entries.Cause, str] = {"signal": SIGNALS, "finding": FINDINGS}
CLOCK_ROW, HAPPENING_ROW, PROOF_ROW, ASK_ROW = 1, 2, 16, 64


def happened(
    rows: Rows,
    entry: Recorded[Any],
    case: Case,
    kind: str,
    by: Actor | None = None,
    **more: Any,
) -> None:
    """Add a line to the case's timeline and mark the case as changed."""
    case.changed = entry.position
    if by is not None:
        case.last_by, case.last_act_us = by.person_id, entry.recorded_us
    rows.new(
        Happening,
        id=entry.id(HAPPENING_ROW),
        case_id=case.id,
        at_us=entry.recorded_us,
        kind=kind,
        person_id=by.person_id if by else None,
        role=by.role if by else None,
        detail=more.get("detail"),
        text=more.get("text"),
    )


def set_clock(
    rows: Rows, entry: Recorded[Any], case_id: int, clock: entries.ClockSet | None
) -> None:
    """Start a clock; a running one of the same kind is replaced by it."""
    if clock is None:
        return
    end_clock(rows, entry, case_id, clock.kind, "stopped")
    rows.new(
        CaseClock,
        id=entry.id(CLOCK_ROW),
        case_id=case_id,
        kind=clock.kind,
        due_us=clock.due_us,
        state="running",
        set_us=entry.recorded_us,
        ended_us=None,
    )


def end_clock(rows: Rows, entry: Recorded[Any], case_id: int, kind: str | None, state: str) -> None:
    """End the running clock of a kind (None: all) as met, missed or stopped."""
    for clock in rows.where(CaseClock, case_id=case_id):
        if clock.state == "running" and kind in (None, clock.kind):
            ended = rows.change(CaseClock, clock.id)
            ended.state, ended.ended_us = state, entry.recorded_us


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
    for other in rows.where(Case, subject_id=said.subject_id):
        if (other.kind, other.scenario) == (said.kind, said.scenario) and other.state != "closed":
            raise bad("case", other.id, "one open case of a subject and kind")
    _decided(rows, said.signal, said.cause)
    case = rows.new(
        Case,
        id=entry.id(),
        scenario=said.scenario,
        kind=said.kind,
        playbook=said.playbook,
        severity=said.severity,
        subject_id=said.subject_id,
        area_id=said.area_id,
        area_path=said.area_path,
        state="awaiting_answer",
        is_late=said.is_late,
        opened_us=entry.recorded_us,
        last_signal_us=entry.recorded_us,
        changed=entry.position,
    )
    set_clock(rows, entry, case.id, said.clock)
    kind = "opened" if said.cause == "signal" else "found"
    happened(rows, entry, case, kind, detail="late" if said.is_late else None)


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
    for n, proof in enumerate(said.proof):
        rows.new(
            Proof,
            id=entry.id(PROOF_ROW + n),
            case_id=case.id,
            kind=proof.kind,
            digest=proof.digest,
            media_type=proof.media_type,
            taken_us=proof.taken_us,
            place=proof.place,
            given_us=entry.recorded_us,
            given_by=said.by.person_id,
        )
    ask(rows, entry, case, said.asked, ASK_ROW)
    happened(rows, entry, case, "reported", said.by, text=said.text, detail=str(len(said.proof)))


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
    end_clock(rows, entry, case.id, None, "stopped")
    stop_pursuit(rows, entry, case.id, "stopped")
    withdraw_asks(rows, entry, case.id)
    happened(rows, entry, case, "closed", said.by, detail=said.outcome, text=said.reason)

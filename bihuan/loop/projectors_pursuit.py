"""Pursuit and delivery entries become rows: who is called, by what, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bihuan.base.time import SECOND_US
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.loop import entries
from bihuan.loop.models import FATES, Callee, Case, Delivery, DeliveryFact, Happening, Pursuit, Step

CALL_PRIORITY, ASK_PRIORITY = 0, 5
ROUND = 1_000_000  # a delivery's round: the pursuit's, times this, plus how often it came again
STEP_ROW, CALLEE_ROW = 1, 1_000
LINE_ROW, DELIVERY_ROW = 1, 100


def stop_pursuit(rows: Rows, entry: Recorded[Any], case_id: int, state: str) -> None:
    """End the running pursuit: the current step was answered or is stopped, queued calls go."""
    for pursuit in rows.where(Pursuit, case_id=case_id):
        if pursuit.state != "running":
            continue
        ended = rows.change(Pursuit, pursuit.id)
        ended.state, ended.next_due_us = state, None
        for step in rows.where(Step, pursuit_id=pursuit.id):
            if step.state == "called":
                rows.change(Step, step.id).state = state
        _withdraw(rows, entry, case_id, pursuit.id)


def withdraw_asks(rows: Rows, entry: Recorded[Any], case_id: int) -> None:
    """The question to the origin no longer stands: what was not sent of it stays here."""
    _withdraw(rows, entry, case_id, None)


def _withdraw(rows: Rows, entry: Recorded[Any], case_id: int, pursuit_id: int | None) -> None:
    for delivery in rows.where(Delivery, case_id=case_id):
        if delivery.state == "queued" and delivery.pursuit_id == pursuit_id:
            gone = rows.change(Delivery, delivery.id)
            gone.state, gone.ended_us = "withdrawn", entry.recorded_us


def _queue(
    rows: Rows, entry: Recorded[Any], case: Case, wanted: Iterable[dict[str, Any]], first: int
) -> None:
    for n, fields in enumerate(wanted):
        rows.new(
            Delivery,
            id=entry.id(first + n),
            case_id=case.id,
            state="queued",
            queued_us=entry.recorded_us,
            **fields,
        )


def ask(
    rows: Rows, entry: Recorded[Any], case: Case, asked: list[entries.Called], first: int
) -> None:
    """Queue the question to the origin: is it solved?"""
    wanted = (
        {
            "purpose": "ask",
            "pursuit_id": None,
            "step": case.refusals,
            "round": case.round * ROUND + case.times_asked,
            "person_id": person.person_id,
            "channel": channel,
            "priority": ASK_PRIORITY,
        }
        for person in asked
        for channel in person.channels
    )
    _queue(rows, entry, case, wanted, first)


@projects(entries.PursuitBegun)
def pursuit_begun(rows: Rows, entry: Recorded[entries.PursuitBegun]) -> None:
    said, identity = entry.payload, entry.id()
    case = rows.change(Case, said.case_id)
    stop_pursuit(rows, entry, case.id, "stopped")
    case.round, case.changed = said.round, entry.position
    rows.new(
        Pursuit,
        id=identity,
        case_id=case.id,
        round=said.round,
        step=-1,
        again=0,
        state="running",
        next_due_us=entry.recorded_us,
        begun_us=entry.recorded_us,
    )
    for n, step in enumerate(said.steps):
        rows.new(
            Step,
            id=entry.id(STEP_ROW + n),
            case_id=case.id,
            pursuit_id=identity,
            n=n,
            title=step.title,
            wait_s=step.wait_s,
            state="skipped" if step.skipped else "waiting",
            skipped=step.skipped,
        )
    _add_callees(rows, entry)


def _add_callees(rows: Rows, entry: Recorded[entries.PursuitBegun]) -> None:
    people = [(n, person) for n, step in enumerate(entry.payload.steps) for person in step.people]
    for k, (n, person) in enumerate(people):
        rows.new(
            Callee,
            id=entry.id(CALLEE_ROW + k),
            case_id=entry.payload.case_id,
            pursuit_id=entry.id(),
            step=n,
            person_id=person.person_id,
            role=person.role,
            channels=",".join(person.channels),
        )


@projects(entries.PursuitStepped)
def pursuit_stepped(rows: Rows, entry: Recorded[entries.PursuitStepped]) -> None:
    said = entry.payload
    case = rows.change(Case, said.case_id)
    case.changed = entry.position
    pursuit = rows.change(Pursuit, said.pursuit_id)
    pursuit.step, pursuit.again, pursuit.next_due_us = said.step, said.again, None
    for step in rows.where(Step, pursuit_id=pursuit.id):
        if step.n < said.step and step.state == "called":
            rows.change(Step, step.id).state = "missed"
        elif step.n == said.step:
            current = rows.change(Step, step.id)
            current.state, current.called_us = "called", entry.recorded_us
            current.wait_s = said.wait_s
    rows.new(
        Happening,
        id=entry.id(LINE_ROW),
        case_id=case.id,
        at_us=entry.recorded_us,
        kind="called" if not said.again else "called_again",
        detail=str(said.step),
    )
    wanted = (
        {
            "purpose": "call",
            "pursuit_id": pursuit.id,
            "step": said.step,
            "round": pursuit.round * ROUND + said.again,
            "person_id": callee.person_id,
            "channel": channel,
            "priority": CALL_PRIORITY,
        }
        for callee in rows.where(Callee, pursuit_id=pursuit.id)
        if callee.step == said.step
        for channel in callee.channels.split(",")
    )
    _queue(rows, entry, case, wanted, DELIVERY_ROW)


@projects(entries.PursuitRanOut)
def pursuit_ran_out(rows: Rows, entry: Recorded[entries.PursuitRanOut]) -> None:
    said = entry.payload
    case = rows.change(Case, said.case_id)
    case.is_ladder_out, case.changed = True, entry.position
    pursuit = rows.change(Pursuit, said.pursuit_id)
    pursuit.next_due_us = said.next_due_us
    for step in rows.where(Step, pursuit_id=pursuit.id):
        if step.state == "called":
            rows.change(Step, step.id).state = "missed"
    rows.new(
        Happening,
        id=entry.id(LINE_ROW),
        case_id=case.id,
        at_us=entry.recorded_us,
        kind="ladder_out",
    )


@projects(entries.DeliveryAttempted)
def delivery_attempted(rows: Rows, entry: Recorded[entries.DeliveryAttempted]) -> None:
    delivery = rows.change(Delivery, entry.payload.delivery_id)
    if delivery.state != "queued":  # withdrawn meanwhile: the attempt stands, its fate does not
        return
    delivery.state, delivery.attempted_us = "attempted", entry.recorded_us
    rows.change(Case, delivery.case_id).changed = entry.position
    if delivery.pursuit_id is None:
        return
    pursuit = rows.get(Pursuit, delivery.pursuit_id)
    if pursuit is None or pursuit.state != "running" or pursuit.next_due_us is not None:
        return
    if delivery.step != pursuit.step:
        return
    # the step waits from its first attempt: after an outage the steps do not all fire at once
    wait_s = next(s.wait_s for s in rows.where(Step, pursuit_id=pursuit.id) if s.n == pursuit.step)
    rows.change(Pursuit, pursuit.id).next_due_us = entry.recorded_us + wait_s * SECOND_US


@projects(entries.DeliveryTold)
def delivery_told(rows: Rows, entry: Recorded[entries.DeliveryTold]) -> None:
    said = entry.payload
    delivery = rows.change(Delivery, said.delivery_id)
    rows.new(
        DeliveryFact,
        id=entry.id(),
        delivery_id=delivery.id,
        case_id=delivery.case_id,
        fact=said.fact,
        evidence=said.evidence[:255],
        at_us=entry.recorded_us,
    )
    if FATES.index(said.fact) > FATES.index(delivery.state):
        delivery.state = said.fact
    if said.fact not in ("accepted", "delivered"):
        delivery.ended_us = entry.recorded_us
    rows.change(Case, delivery.case_id).changed = entry.position

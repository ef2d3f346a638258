"""Pursuit and delivery entries become rows: who is called, by what, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.loop import entries
from bihuan.loop.delivery.projectors import attempted, start_wait, touch
from bihuan.loop.delivery.topics import topic_of
from bihuan.loop.models import FATES, Callee, Case, Delivery, DeliveryFact, Happening, Pursuit, Step

CALL_PRIORITY, ASK_PRIORITY = 0, 5
# after a call for help: who must act, then who is asked, then who is only told
PRIORITIES = {"task": 3, "supervise": 3, "sign": 4, "state": 6, "tell": 7}
ROUND = 1_000_000  # a delivery's round: the pursuit's, times this, plus how often it came again
STEP_ROW, CALLEE_ROW = 1, 1_000
LINE_ROW, DELIVERY_ROW, TOLD_ROW = 1, 100, 512


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
        _withdraw(rows, entry, case_id, ("call",))


def withdraw_asks(rows: Rows, entry: Recorded[Any], case_id: int) -> None:
    """The question to the origin no longer stands: what was not sent of it stays here."""
    _withdraw(rows, entry, case_id, ("ask", "sign"))


def withdraw_all(rows: Rows, entry: Recorded[Any], case_id: int) -> None:
    """A case that ends sends nothing more, but for answers and what a person is owed."""
    _withdraw(rows, entry, case_id, ("call", "ask", "sign", "task", "supervise"))


def _withdraw(rows: Rows, entry: Recorded[Any], case_id: int, purposes: tuple[str, ...]) -> None:
    for delivery in rows.where(Delivery, case_id=case_id):
        if delivery.state == "queued" and delivery.purpose in purposes:
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


def deliver(
    rows: Rows,
    entry: Recorded[Any],
    case: Case,
    purpose: str,
    people: list[entries.Called],
    first: int = TOLD_ROW,
) -> None:
    """Queue one message of another kind to each of these people; each entry is its own round."""
    wanted = (
        {
            "purpose": purpose,
            "pursuit_id": None,
            "step": 0,
            "round": entry.position,
            "person_id": person.person_id,
            "channel": channel,
            "priority": PRIORITIES[purpose],
        }
        for person in people
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
            current.wait_s, current.skipped = said.wait_s, None
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
            "person_id": person_id,
            "channel": channel,
            "priority": CALL_PRIORITY,
        }
        for person_id, channels in _standing_on(rows, entry)
        for channel in channels
    )
    _queue(rows, entry, case, wanted, DELIVERY_ROW)


def _standing_on(
    rows: Rows, entry: Recorded[entries.PursuitStepped]
) -> list[tuple[int, list[str]]]:
    """(person, channels) of a step: as planned, or who stands on it by the roster of now."""
    said = entry.payload
    planned = rows.where(Callee, pursuit_id=said.pursuit_id)
    if said.people is None:
        return [(c.person_id, c.channels.split(",")) for c in planned if c.step == said.step]
    known = {callee.person_id for callee in planned}
    for k, person in enumerate(said.people):
        if person.person_id not in known:
            rows.new(
                Callee,
                id=entry.id(CALLEE_ROW + k),
                case_id=said.case_id,
                pursuit_id=said.pursuit_id,
                step=said.step,
                person_id=person.person_id,
                role=person.role,
                channels=",".join(person.channels),
            )
    return [(person.person_id, person.channels) for person in said.people]


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
    touch(rows, delivery, entry.position)
    attempted(rows, entry)
    start_wait(rows, delivery, entry.recorded_us)


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
    touch(rows, delivery, entry.position)
    topic = topic_of(delivery.purpose)
    if topic is not None:
        topic.told(rows, delivery, said, entry.recorded_us)

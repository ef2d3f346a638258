"""Entries about people of a call-out become rows: who is called, told, sent, confirmed."""

from __future__ import annotations

from typing import Any

import msgspec

from bihuan.base.errors import bad
from bihuan.base.time import MINUTE_US, SECOND_US
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.loop.callout import entries, models
from bihuan.loop.callout.plan import Redial, loud
from bihuan.loop.callout.queue import queue, queue_aide, queue_lift, withdraw
from bihuan.loop.models import Delivery

AIDE_GAP_US = MINUTE_US  # what falls to somebody within a minute is told in one message
AIDE_ROW, CALL_ROW, LIFT_ROW = 8_000, 100, 9_000
ANSWERED = ("confirmed", "on_behalf")


def plan_of(call_out: models.CallOut) -> Redial:
    """The plan as it was when the order was given."""
    return msgspec.json.decode(call_out.plan, type=Redial)


def order_of(rows: Rows, call_out_id: int) -> models.CallOut:
    """The order. Raises BadInputError where there is none."""
    found = rows.get(models.CallOut, call_out_id)
    if found is None:
        raise bad("call_out", call_out_id, "a call-out")
    return found


@projects(entries.CallOutStepped)
def call_out_stepped(rows: Rows, entry: Recorded[entries.CallOutStepped]) -> None:
    said = entry.payload
    call_out = order_of(rows, said.call_out_id)
    plan = plan_of(call_out)
    first = CALL_ROW
    for step in said.steps:
        callee = rows.change(models.CallOutPerson, step.callee_id)
        if step.to == "again":
            callee.tries += 1
            channels = _not_queued(rows, callee, loud(callee.channels.split(",")))
            queue(rows, entry, callee, call_out, (channels, first))
            first += len(channels)
            # what never left leaves once; its step goes on all the same
            callee.next_due_us = None if channels else _after(entry, plan.waits_s[-1])
        elif step.to == "superior":
            _to_superior(rows, entry, callee, plan)
        elif step.to == "knock":
            _to_door(rows, entry, callee, plan)
        else:
            callee.is_overdue, callee.next_due_us = True, None


def _not_queued(rows: Rows, callee: models.CallOutPerson, channels: list[str]) -> list[str]:
    """After an outage each message leaves once: what still waits is not queued again."""
    waiting = {
        one.channel for one in rows.where(Delivery, case_id=callee.id) if one.state == "queued"
    }
    return [channel for channel in channels if channel not in waiting]


def _after(entry: Recorded[Any], wait_s: int) -> int:
    return entry.recorded_us + wait_s * SECOND_US


def _to_superior(
    rows: Rows, entry: Recorded[Any], callee: models.CallOutPerson, plan: Redial
) -> None:
    assert callee.superior_id is not None, "the decider names only those who have one"
    callee.state, callee.next_due_us = "superior", _after(entry, plan.superior_wait_s)
    if not callee.reason:
        callee.reason = "no_key"
    _tell(rows, entry, callee.call_out_id, callee.superior_id, "superior")


def _to_door(rows: Rows, entry: Recorded[Any], callee: models.CallOutPerson, plan: Redial) -> None:
    if not callee.reason:
        callee.reason = "no_key"
    if callee.knocker_id is None:  # nobody stands there: it shows until somebody is named
        callee.state, callee.next_due_us, callee.is_overdue = "failed", None, True
        return
    callee.state, callee.next_due_us = "knock", _after(entry, plan.knock_s)
    _tell(rows, entry, callee.call_out_id, callee.knocker_id, "knock")


def _tell(rows: Rows, entry: Recorded[Any], call_out_id: int, person_id: int, task: str) -> None:
    """Somebody has one thing more to see to: their next message says all of them."""
    found = [
        one
        for one in rows.where(models.CallOutAide, call_out_id=call_out_id)
        if one.person_id == person_id and one.task == task
    ]
    if found:
        aide = rows.change(models.CallOutAide, found[0].id)
        if aide.next_due_us is None:
            aide.next_due_us = max(entry.recorded_us, (aide.called_us or 0) + AIDE_GAP_US)
        return
    made = len(rows.where(models.CallOutAide, call_out_id=call_out_id))
    rows.new(
        models.CallOutAide,
        id=entry.id(AIDE_ROW + made % 1_000),
        call_out_id=call_out_id,
        person_id=person_id,
        task=task,
        channels=",".join(_channels(rows, call_out_id, person_id)),
        calls=0,
        called_us=None,
        next_due_us=entry.recorded_us,
        confirmed_us=None,
    )


def _channels(rows: Rows, call_out_id: int, person_id: int) -> list[str]:
    held = rows.get(models.CallOutReach, call_out_id)
    if held is None:
        return []
    known = dict(msgspec.json.decode(held.channels, type=list[tuple[int, list[str]]]))
    return known.get(person_id, [])


@projects(entries.LiftOffered)
def lift_offered(rows: Rows, entry: Recorded[entries.LiftOffered]) -> None:
    said = entry.payload
    rows.new(
        models.CallOutOffer,
        id=said.call_out_id,
        warning_id=said.warning_id,
        offered_us=entry.recorded_us,
    )
    for n, (person_id, channels) in enumerate(said.people):
        rows.new(
            models.CallOutAide,
            id=entry.id(AIDE_ROW + n),
            call_out_id=said.call_out_id,
            person_id=person_id,
            task=models.LIFT_OFFER,
            channels=",".join(channels),
            calls=0,
            called_us=None,
            next_due_us=entry.recorded_us,
            confirmed_us=None,
        )


@projects(entries.AidesCalled)
def aides_called(rows: Rows, entry: Recorded[entries.AidesCalled]) -> None:
    call_out = order_of(rows, entry.payload.call_out_id)
    first = 0
    for identity in entry.payload.aides:
        aide = rows.change(models.CallOutAide, identity)
        aide.calls += 1
        aide.called_us, aide.next_due_us = entry.recorded_us, None
        first += queue_aide(rows, entry, aide, call_out, first)


@projects(entries.CallOutWoundUp)
def call_out_wound_up(rows: Rows, entry: Recorded[entries.CallOutWoundUp]) -> None:
    said, first = entry.payload, LIFT_ROW
    call_out = order_of(rows, said.call_out_id)
    is_lifted = call_out.state == "lifted"
    for identity in said.callees:
        withdraw(rows, identity, entry.recorded_us)
        callee = rows.change(models.CallOutPerson, identity)
        if callee.state not in (*ANSWERED, "failed"):
            callee.state = "stopped"
        callee.next_due_us, callee.is_wound_up = None, True
        if is_lifted and callee.called_us is not None:
            first += queue_lift(rows, entry, callee, call_out, first)
    for identity in said.aides:
        withdraw(rows, identity, entry.recorded_us)
        aide = rows.change(models.CallOutAide, identity)
        aide.next_due_us = None
        if is_lifted and identity in said.told:
            first += queue_lift(rows, entry, aide, call_out, first)
    if said.is_last:
        rows.change(models.CallOut, call_out.id).is_winding = False


@projects(entries.ConfirmedFor)
def confirmed_for(rows: Rows, entry: Recorded[entries.ConfirmedFor]) -> None:
    said = entry.payload
    callee = rows.change(models.CallOutPerson, said.callee_id)
    settle(rows, callee, entry.recorded_us, "on_behalf")
    callee.behalf_by, callee.behalf_why = said.by.person_id, said.why


def settle(rows: Rows, callee: models.CallOutPerson, at_us: int, how: str) -> None:
    """The order has arrived: nobody calls, tells or sends any more."""
    callee.state = "on_behalf" if how == "on_behalf" else "confirmed"
    callee.confirmed_us, callee.how = at_us, how
    callee.next_due_us, callee.reason, callee.is_overdue = None, "", False
    withdraw(rows, callee.id, at_us)


@projects(entries.ReadBack)
def read_back(rows: Rows, entry: Recorded[entries.ReadBack]) -> None:
    said = entry.payload
    callee = rows.change(models.CallOutPerson, said.callee_id)
    callee.read_back, callee.read_back_by = said.is_right, said.by.person_id


@projects(entries.KnockSent)
def knock_sent(rows: Rows, entry: Recorded[entries.KnockSent]) -> None:
    said = entry.payload
    callee = rows.change(models.CallOutPerson, said.callee_id)
    callee.knocker_id, callee.is_overdue = said.knocker_id, False
    known = rows.get(models.CallOutReach, callee.call_out_id)
    if known is not None:
        every = dict(msgspec.json.decode(known.channels, type=list[tuple[int, list[str]]]))
        every[said.knocker_id] = said.channels
        held = rows.change(models.CallOutReach, callee.call_out_id)
        held.channels = msgspec.json.encode(sorted(every.items())).decode()
    withdraw(rows, callee.id, entry.recorded_us)
    _to_door(rows, entry, callee, plan_of(order_of(rows, callee.call_out_id)))


@projects(entries.Knocked)
def knocked(rows: Rows, entry: Recorded[entries.Knocked]) -> None:
    said = entry.payload
    callee = rows.change(models.CallOutPerson, said.callee_id)
    callee.door_by, callee.door_us = said.by.person_id, entry.recorded_us
    callee.door_text = said.text
    if said.proof is not None:
        callee.photo, callee.photo_place = said.proof.digest, said.proof.place
    if said.is_found:
        settle(rows, callee, entry.recorded_us, "door")
    else:
        callee.state, callee.reason, callee.next_due_us = "failed", "not_found", None

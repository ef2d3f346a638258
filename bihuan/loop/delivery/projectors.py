"""Entries about accounts and messages on their way become rows."""

from __future__ import annotations

import msgspec

from bihuan.base.time import SECOND_US
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.loop import entries as loop
from bihuan.loop.delivery import entries, models
from bihuan.loop.delivery.topics import is_wanted, topic_of
from bihuan.loop.models import Case, Delivery, Pursuit, Step


def key_of(account: str, reference: str) -> str:
    """The key of a reference and of what was told about it."""
    return f"{account} {reference}"[:255]


def sending(rows: Rows, delivery_id: int) -> models.Sending:
    """How a delivery leaves, for changing; made where it is new."""
    if rows.get(models.Sending, delivery_id) is None:
        return rows.new(
            models.Sending,
            id=delivery_id,
            account="",
            reach_id=None,
            attempted_us=None,
            not_before_us=0,
            throttles=0,
            tried=",",
        )
    return rows.change(models.Sending, delivery_id)


def touch(rows: Rows, delivery: Delivery, position: int) -> None:
    """Note on the case that something was told of one of its messages."""
    if topic_of(delivery.purpose) is None:
        rows.change(Case, delivery.case_id).changed = position


def attempted(rows: Rows, entry: Recorded[loop.DeliveryAttempted]) -> None:
    """Which account an attempt leaves by: its rate and lines count it."""
    said = entry.payload
    if said.account:
        row = sending(rows, said.delivery_id)
        row.account, row.reach_id, row.attempted_us = said.account, said.reach_id, entry.recorded_us


def start_wait(rows: Rows, delivery: Delivery, at_us: int) -> None:
    """The step waits from its first attempt: after an outage the steps do not all fire at once."""
    topic = topic_of(delivery.purpose)
    if topic is not None:
        topic.attempted(rows, delivery, at_us)
        return
    pursuit = rows.get(Pursuit, delivery.pursuit_id) if delivery.pursuit_id is not None else None
    if pursuit is None or pursuit.state != "running" or pursuit.next_due_us is not None:
        return
    if delivery.step != pursuit.step:
        return
    wait_s = next(s.wait_s for s in rows.where(Step, pursuit_id=pursuit.id) if s.n == pursuit.step)
    rows.change(Pursuit, pursuit.id).next_due_us = at_us + wait_s * SECOND_US


@projects(entries.ChannelSetUp)
def channel_set_up(rows: Rows, entry: Recorded[entries.ChannelSetUp]) -> None:
    said = entry.payload
    rows.put(
        models.ChannelAccount,
        id=said.account,
        provider=said.provider,
        channel=said.channel,
        rank=said.rank,
        wakes=said.wakes,
        is_active=True,
        setup=msgspec.json.encode(said, order="deterministic").decode(),
        changed=entry.position,
    )


@projects(entries.ChannelTakenDown)
def channel_taken_down(rows: Rows, entry: Recorded[entries.ChannelTakenDown]) -> None:
    account = rows.change(models.ChannelAccount, entry.payload.account)
    account.is_active, account.changed = False, entry.position


@projects(entries.DeliveryReferred)
def delivery_referred(rows: Rows, entry: Recorded[entries.DeliveryReferred]) -> None:
    said = entry.payload
    key = key_of(said.account, said.reference)
    rows.put(
        models.Reference,
        id=key,
        delivery_id=said.delivery_id,
        case_id=said.case_id,
        at_us=entry.recorded_us,
    )
    for told in rows.where(models.RefusedCallback, key=key):
        rows.change(models.RefusedCallback, told.id).facts = ""


@projects(entries.DeliveryPutBack)
def delivery_put_back(rows: Rows, entry: Recorded[entries.DeliveryPutBack]) -> None:
    said = entry.payload
    row = sending(rows, said.delivery_id)
    row.not_before_us = said.not_before_us
    if said.because != "held":
        row.attempted_us = None  # it did not leave: neither rate nor line counts it
    if said.because == "throttled":
        row.throttles += 1
    if said.because == "refused":
        row.tried = f"{row.tried}{said.account},"[-512:]
    delivery = rows.change(Delivery, said.delivery_id)
    touch(rows, delivery, entry.position)
    if delivery.state == "attempted":
        delivery.state = "queued"
    if delivery.state == "queued" and not _is_wanted(rows, delivery):
        delivery.state, delivery.ended_us = "withdrawn", entry.recorded_us
    start_wait(rows, delivery, entry.recorded_us)


def _is_wanted(rows: Rows, delivery: Delivery) -> bool:
    """Whether what it says still stands: while it was attempted, nobody could withdraw it."""
    if topic_of(delivery.purpose) is not None:
        return is_wanted(rows, delivery)
    if delivery.pursuit_id is not None:
        pursuit = rows.get(Pursuit, delivery.pursuit_id)
        return pursuit is not None and pursuit.state == "running"
    case = rows.get(Case, delivery.case_id)
    return delivery.purpose != "ask" or (case is not None and case.state == "awaiting_confirmation")


@projects(entries.DeliverySuperseded)
def delivery_superseded(rows: Rows, entry: Recorded[entries.DeliverySuperseded]) -> None:
    delivery = rows.change(Delivery, entry.payload.delivery_id)
    if delivery.state == "queued":
        delivery.state, delivery.ended_us = "withdrawn", entry.recorded_us


@projects(entries.DeliveryDropped)
def delivery_dropped(rows: Rows, entry: Recorded[entries.DeliveryDropped]) -> None:
    delivery = rows.change(Delivery, entry.payload.delivery_id)
    if delivery.state == "queued":
        delivery.state, delivery.ended_us = "withdrawn", entry.recorded_us


@projects(entries.CallbackRefused)
def callback_refused(rows: Rows, entry: Recorded[entries.CallbackRefused]) -> None:
    said = entry.payload
    rows.new(
        models.RefusedCallback,
        id=entry.id(),
        key=key_of(said.account, said.reference),
        reason=said.reason[:255],
        facts=msgspec.json.encode(said.facts).decode() if said.facts else "",
        at_us=entry.recorded_us,
    )

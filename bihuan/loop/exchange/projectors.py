"""Entries of the exchange become rows."""

from __future__ import annotations

import msgspec

from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.loop.exchange import entries
from bihuan.loop.exchange.models import Order, Partner


@projects(entries.PartnerSetUp)
def partner_set_up(rows: Rows, entry: Recorded[entries.PartnerSetUp]) -> None:
    said = entry.payload
    rows.put(
        Partner,
        id=said.name,
        title=said.title,
        mapping=msgspec.json.encode(said.mapping, order="deterministic").decode(),
        set_us=entry.recorded_us,
    )


def order_id(partner: str, number: str) -> str:
    """The key of an order's row."""
    return f"{partner}:{number}"


@projects(entries.OrderReceived)
def order_received(rows: Rows, entry: Recorded[entries.OrderReceived]) -> None:
    said = entry.payload
    rows.new(
        Order,
        id=order_id(said.partner, said.number),
        partner=said.partner,
        number=said.number,
        is_ours=False,
        case_id=said.order_case,
        digest=said.digest,
        due_us=said.due_us,
        changed=entry.position,
    )


@projects(entries.OrderChanged)
def order_changed(rows: Rows, entry: Recorded[entries.OrderChanged]) -> None:
    said = entry.payload
    order = rows.change(Order, order_id(said.partner, said.number))
    order.digest, order.due_us, order.changed = said.digest, said.due_us, entry.position
    order.times += 1


@projects(entries.OrderSent)
def order_sent(rows: Rows, entry: Recorded[entries.OrderSent]) -> None:
    said = entry.payload
    rows.new(
        Order,
        id=order_id(said.partner, said.number),
        partner=said.partner,
        number=said.number,
        is_ours=True,
        case_id=said.order_case,
        digest="",
        text=said.text,
        changed=entry.position,
    )


@projects(entries.OrderAnswered)
def order_answered(rows: Rows, entry: Recorded[entries.OrderAnswered]) -> None:
    said = entry.payload
    order = rows.change(Order, order_id(said.partner, said.number))
    order.state, order.digest, order.changed = said.state, said.digest, entry.position

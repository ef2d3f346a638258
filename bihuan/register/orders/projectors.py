"""Orders as rows; what comes after an order's end changes nothing."""

from __future__ import annotations

import msgspec

from bihuan.base.errors import bad
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.register.models import Device
from bihuan.register.orders import entries
from bihuan.register.orders.models import OPEN, DeviceOrder


@projects(entries.DeviceOrdered)
def device_ordered(rows: Rows, entry: Recorded[entries.DeviceOrdered]) -> None:
    said = entry.payload
    if rows.get(Device, said.device_id) is None:
        raise bad("device_id", said.device_id, "a registered device")
    rows.new(
        DeviceOrder,
        id=entry.id(),
        device_id=said.device_id,
        order=said.order,
        values=msgspec.json.encode(said.values, order="sorted").decode(),
        phone=said.phone,
        by_id=said.by,
        state="waiting",
        ordered_us=entry.recorded_us,
        expires_us=said.expires_us,
    )


@projects(entries.DeviceOrderSent)
def device_order_sent(rows: Rows, entry: Recorded[entries.DeviceOrderSent]) -> None:
    order = rows.change(DeviceOrder, entry.payload.order_id)
    if order.state == "waiting":
        order.state, order.sent_us = "sent", entry.recorded_us


@projects(entries.DeviceOrderAnswered)
def device_order_answered(rows: Rows, entry: Recorded[entries.DeviceOrderAnswered]) -> None:
    order = rows.change(DeviceOrder, entry.payload.order_id)
    if order.state in OPEN:
        order.state, order.ended_us = "answered", entry.recorded_us
        order.answer = entry.payload.raw


@projects(entries.DeviceOrderExpired)
def device_order_expired(rows: Rows, entry: Recorded[entries.DeviceOrderExpired]) -> None:
    order = rows.change(DeviceOrder, entry.payload.order_id)
    if order.state in OPEN:
        order.state, order.ended_us = "expired", entry.recorded_us

"""Entries of orders to devices: given, sent, answered, or past their time."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type


@entry_type("device.ordered.v1")
class DeviceOrdered(Payload, frozen=True, kw_only=True):
    """Somebody asked something of a device.

    values  whole numbers of the order by name; phone: a number it stores, sealed for the
            subject's person. by: the person who ordered. expires_us: not sent after this
    """

    device_id: int
    order: str
    values: dict[str, int]
    phone: bytes | None
    by: int
    expires_us: int


@entry_type("device.order_sent.v1")
class DeviceOrderSent(Payload, frozen=True, kw_only=True):
    """The order is about to be written to the device's line, for the first time."""

    order_id: int


@entry_type("device.order_answered.v1")
class DeviceOrderAnswered(Payload, frozen=True, kw_only=True):
    """The device said that it heard the order. raw: its frame."""

    order_id: int
    raw: bytes


@entry_type("device.order_expired.v1")
class DeviceOrderExpired(Payload, frozen=True, kw_only=True):
    """The device never answered in time; it is not asked any more."""

    order_id: int

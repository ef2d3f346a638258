"""Orders to devices into the journal. What a protocol takes is the gateway's to say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bihuan.base.errors import bad
from bihuan.base.ids import row_id
from bihuan.base.time import HOUR_US, Clock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.storage import MAIN
from bihuan.register.models import Device, Subject
from bihuan.register.orders.entries import (
    DeviceOrderAnswered,
    DeviceOrdered,
    DeviceOrderExpired,
    DeviceOrderSent,
)
from bihuan.register.orders.models import OPEN, DeviceOrder
from bihuan.register.records.doing import By

LASTS_US: Final = 24 * HOUR_US
_A_TURN: Final = 100


def give(
    device_id: int,
    order: str,
    values: Mapping[str, object],
    by: By,
    told: tuple[Clock, KeyRing],
    lasts_us: int = LASTS_US,
) -> int:
    """Keep an order whose values the gateway checked; its id, the same for the same key.

    A text is a phone, or several by commas: it is sealed.

    Raises BadInputError for an unknown device, and for a phone where nobody wears the device.
    """
    clock, keys = told
    if by.person_id is None:
        raise bad("by", None, "the person who orders")
    idem = by.idem("order", device_id, order)
    with Appender(FACTS_LANE, clock) as lane:
        if (earlier := lane.last_with(idem)) is not None:
            return row_id(earlier.position)
        device = Device.objects.using(MAIN).filter(id=device_id).first()
        if device is None:
            raise bad("device_id", device_id, "a registered device")
        phones = [value for value in values.values() if isinstance(value, str)]
        said = DeviceOrdered(
            device_id=device_id,
            order=order,
            values={name: one for name, one in values.items() if isinstance(one, int)},
            phone=_sealed(device, phones[0], keys) if phones else None,
            by=by.person_id,
            expires_us=lane.now_us + lasts_us,
        )
        return lane.append(said, idem=idem).id()


def _sealed(device: Device, phone: str, keys: KeyRing) -> bytes:
    subject = Subject.objects.using(MAIN).filter(id=device.subject_id or 0).first()
    if subject is None:
        raise bad("device_id", device.id, "a device that somebody wears, for a phone number")
    return keys.seal(subject.key_id, phone)


def is_sent(order_id: int, clock: Clock) -> bool:
    """Say that an order is being written to its device; False where its time is over."""
    with Appender(FACTS_LANE, clock) as lane:
        order = DeviceOrder.objects.using(MAIN).get(id=order_id)
        if order.state not in OPEN or order.expires_us <= lane.now_us:
            return False
        if order.state == "waiting":
            lane.append(DeviceOrderSent(order_id=order_id))
        return True


def is_answered(order_id: int, raw: bytes, clock: Clock) -> None:
    """Say what the device answered, once."""
    with Appender(FACTS_LANE, clock) as lane:
        if DeviceOrder.objects.using(MAIN).get(id=order_id).state in OPEN:
            lane.append(DeviceOrderAnswered(order_id=order_id, raw=raw))


def expire_due(clock: Clock) -> int:
    """End the orders whose time is over; how many."""
    due = DeviceOrder.objects.using(MAIN).filter(state__in=OPEN, expires_us__lte=clock.now_us())
    if not due.exists():
        return 0
    with Appender(FACTS_LANE, clock) as lane:
        ids = list(due.order_by("id").values_list("id", flat=True)[:_A_TURN])
        for order_id in ids:
            lane.append(DeviceOrderExpired(order_id=order_id))
    return len(ids)

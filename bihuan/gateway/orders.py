"""Orders to devices: checked and journaled when given, sent by the process that has the line.

The process looks each second for open orders of devices whose lines it has. An order is said to
be sent before its bytes leave, so it may reach a device twice after a kill (all of them can) and
never leave unrecorded. Without an answer it is sent again after a minute and on each new line,
until its time is over.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from bihuan.base.errors import BadInputError, bad
from bihuan.base.time import MINUTE_US, Clock
from bihuan.gateway.decoded import Decoded
from bihuan.gateway.dialects.parts import Addressee, PhoneNumber, PhoneNumbers, Sending
from bihuan.gateway.downlink import DIALECTS, ORDERS, encode_order
from bihuan.gateway.worker import StoreWorker, calls
from bihuan.journal.keys import KeyRing
from bihuan.journal.storage import MAIN
from bihuan.register.models import Device
from bihuan.register.orders import acts
from bihuan.register.orders.models import OPEN, DeviceOrder
from bihuan.register.records.doing import By

POLL_S: Final = 1.0
AGAIN_US: Final = MINUTE_US
_ANYBODY: Final = Addressee("0", "3G")
_PHONES: Final = (PhoneNumber, PhoneNumbers)
Who = tuple[str, str]  # protocol, number
log = structlog.get_logger(__name__)


def order(
    device_id: int,
    name: str,
    values: Mapping[str, object],
    by: By,
    told: tuple[Clock, KeyRing],
    lasts_us: int = acts.LASTS_US,
) -> int:
    """Ask something of a device; the order's id, the same for the same key of `by`.

    Rights are the caller's.

    Raises BadInputError with every value at fault, and for a protocol that takes no orders.
    """
    device = Device.objects.using(MAIN).filter(id=device_id).first()
    if device is None:
        raise bad("device_id", device_id, "a registered device")
    encode_order(device.protocol, name, _ANYBODY, values)
    return acts.give(device_id, name, values, by, told, lasts_us)


@dataclass(frozen=True, slots=True)
class Open:
    """An order that its device has not answered."""

    id: int
    who: Who
    name: str
    values: Mapping[str, object]
    is_sent: bool


@dataclass(frozen=True, slots=True, eq=False)
class OrderLine:
    """A device's line as orders need it."""

    send: Callable[[bytes], None]
    to: Addressee


class Orders:
    """Sends the open orders of the devices whose lines this process has."""

    def __init__(self, worker: StoreWorker, clock: Clock, keys: KeyRing) -> None:
        self._worker, self._clock, self._keys = worker, clock, keys
        self._stage = calls("orders", 2, 10, 100)
        self._lines: dict[Who, OrderLine] = {}
        self._open: dict[Who, list[Open]] = {}
        self._sent: dict[int, tuple[Callable[[bytes], None], int]] = {}

    def heard(self, protocol: str, decoded: Decoded, send: Callable[[bytes], None]) -> None:
        """A frame of a device came over a line: orders go that way from now on."""
        dialect = DIALECTS.get(protocol)
        if dialect is None or decoded.device is None:
            return
        maker = (decoded.attributes or {}).get("maker", dialect.maker)
        if isinstance(maker, str):
            to = Addressee(decoded.device, maker, decoded.identity)
            self._lines[protocol, decoded.device] = OrderLine(send, to)

    async def answered(self, protocol: str, decoded: Decoded, raw: bytes) -> None:
        """Journal a frame that answers the oldest order of its kind that was sent."""
        for one in self._open.get((protocol, decoded.device or ""), ()):
            is_sent = one.is_sent or one.id in self._sent
            if is_sent and DIALECTS[protocol].is_answer(one.name, one.id, decoded):
                await self._told(partial(acts.is_answered, one.id, raw, self._clock))
                self._open[one.who].remove(one)
                self._sent.pop(one.id, None)
                return

    def gone(self, send: Callable[[bytes], None]) -> None:
        """A line ended."""
        for who in [who for who, line in self._lines.items() if line.send is send]:
            del self._lines[who]

    async def run(self) -> None:
        """Look and send until cancelled."""
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - the process edge: the next second tries again
                log.error("orders not sent", error=type(error).__name__)
            await asyncio.sleep(POLL_S)

    async def look(self) -> None:
        """Read what is open, end what is over, send what can be sent."""
        found = await self._told(partial(_open_orders, self._clock, self._keys))
        assert isinstance(found, list)
        self._open = {}
        for one in found:
            self._open.setdefault(one.who, []).append(one)
        known = {one.id for one in found}
        self._sent = {at: sent for at, sent in self._sent.items() if at in known}
        for who, line in list(self._lines.items()):
            for one in self._open.get(who, ()):
                await self._send(one, line)

    async def _send(self, one: Open, line: OrderLine) -> None:
        now_us = self._clock.monotonic_us()
        last = self._sent.get(one.id)
        if last is not None and last[0] is line.send and now_us - last[1] < AGAIN_US:
            return
        try:
            sending = Sending(one.id, self._clock.now_us())
            content = encode_order(one.who[0], one.name, line.to, one.values, sending)
        except BadInputError as error:
            log.error("order cannot be written", order=one.id, faults=len(error.faults))
            return
        if await self._told(partial(acts.is_sent, one.id, self._clock)):
            self._sent[one.id] = line.send, now_us
            line.send(content)

    async def _told(self, call: Callable[[], object]) -> object:
        return await asyncio.wrap_future(self._worker.put(self._stage, call))


def _open_orders(clock: Clock, keys: KeyRing) -> list[Open]:
    acts.expire_due(clock)
    found = []
    for row in DeviceOrder.objects.using(MAIN).filter(state__in=OPEN).order_by("id")[:1_000]:
        device = Device.objects.using(MAIN).get(id=row.device_id)
        values: dict[str, object] = dict(json.loads(row.values))
        if row.phone is not None:
            phone = keys.open(row.phone)
            if phone is None or device.binding_id is None or device.binding_id > row.id:
                continue  # erased, or worn by somebody else since: it runs out
            values |= _phones(device.protocol, row.order, phone)
        found.append(
            Open(row.id, (device.protocol, device.number), row.order, values, row.state == "sent")
        )
    return found


def _phones(protocol: str, name: str, phone: str) -> dict[str, object]:
    parameters = ORDERS[protocol][name].parameters
    return {key: phone for key, kind in parameters.items() if isinstance(kind, _PHONES)}

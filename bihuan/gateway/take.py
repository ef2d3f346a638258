"""What is done with one frame, whatever it came over: decode, pace, store, and only then answer."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from bihuan.base.time import MINUTE_US, SECOND_US, Clock, datetime_of
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoded import Decoded
from bihuan.gateway.decoders.protocol import PLAIN, DeviceProtocol, Options, Piece
from bihuan.gateway.orders import Orders
from bihuan.gateway.pace import Paces, Speaker
from bihuan.gateway.variants import OptionsOf
from bihuan.gateway.worker import URGENT, QueueFullError, StoreWorker, calls
from bihuan.journal.storage import MAIN
from bihuan.register.models import Device

RESEND_US: Final = 10 * SECOND_US
OPTIONS_US: Final = MINUTE_US  # a model that is changed is heeded after so long
ROOM_S: Final = 0.05
MOST_REFUSED_IN_A_ROW: Final = 100
Rest = Callable[[float], Awaitable[object]]


class Desk:
    """What all lines of one gateway process share.

    options_of  what is known of a model; None: every device is read by the common tables
    orders      None: no orders are sent from here
    rest        how a line waits, in seconds
    """

    def __init__(
        self,
        worker: StoreWorker,
        clock: Clock,
        options_of: OptionsOf | None = None,
        orders: Orders | None = None,
        paces: Paces | None = None,
        rest: Rest = asyncio.sleep,
    ) -> None:
        self.worker, self.clock, self.orders = worker, clock, orders
        self.paces = paces or Paces()
        self.rest = rest
        self._options_of = options_of
        self._stage = calls("models", 1, 10, None)  # an SOS goes before it

    async def options(self, protocol: str, number: str) -> Options:
        """What is known of a device; raises where the register cannot be asked."""
        if self._options_of is None:
            return PLAIN
        call = partial(_model, protocol, number)
        model = await asyncio.wrap_future(self.worker.put(self._stage, call))
        return self._options_of(protocol, model)

    async def store(self, arrival: Arrival) -> None:
        """Return when it is durable; the sender waits meanwhile, and nothing is dropped."""
        while True:
            try:
                future = self.worker.submit(arrival)
                break
            except QueueFullError:
                await asyncio.sleep(ROOM_S)
        await asyncio.wrap_future(future)


class DeviceLine:
    """One connection, or one address of datagrams: its decoder and what it stored just now.

    send  writes to the device, for orders
    """

    def __init__(self, desk: Desk, protocol: DeviceProtocol, send: Callable[[bytes], None]) -> None:
        self._desk, self._protocol, self.send = desk, protocol, send
        self._decoder = protocol.decoder(PLAIN)
        self._options, self._asked_us = PLAIN, 0
        self._named: str | None = None
        self._stored: dict[bytes, int] = {}
        self._refused_in_a_row = 0
        self.lock = asyncio.Lock()

    @property
    def is_unreadable(self) -> bool:
        """Whether so much in a row could not be read that this is no device."""
        return self._refused_in_a_row > MOST_REFUSED_IN_A_ROW

    def close(self) -> None:
        """Orders go this way no more."""
        if self._desk.orders is not None:
            self._desk.orders.gone(self.send)

    def is_due(self, decoded: Decoded) -> bool:
        """Whether a frame may be stored at once; only then it takes its place."""
        return self._desk.paces.is_due(*self._measured(decoded))

    def is_resend(self, raw: bytes, now_us: int) -> bool:
        """The same payload again within 10 s on the same line, as bands do until answered."""
        self._stored = {k: at for k, at in self._stored.items() if now_us - at <= RESEND_US}
        return hashlib.sha256(raw).digest() in self._stored

    async def take(self, piece: Piece) -> tuple[bytes, ...]:
        """Store one frame, unless this line stored the same just now; what is to be answered."""
        received_us = self._desk.clock.now_us()
        decoded = await self.decode(piece, received_us)
        if self.is_resend(piece.raw, received_us):
            return decoded.replies
        wait_us = self._desk.paces.wait_us(*self._measured(decoded))
        if wait_us:
            await self._desk.rest(wait_us / SECOND_US)
        return await self.keep(piece, decoded, received_us)

    async def decode(self, piece: Piece, received_us: int) -> Decoded:
        """What a frame says, read as its device's model has it."""
        decoded = self._decode(piece, received_us)
        if decoded.device is not None and piece.fault is None:
            due_us = self._asked_us + OPTIONS_US
            if decoded.device != self._named or self._desk.clock.monotonic_us() >= due_us:
                decoded = await self._as_its_model(piece, decoded, received_us)
        is_readable = not decoded.faults or bool(decoded.readings or decoded.signals)
        self._refused_in_a_row = 0 if is_readable else self._refused_in_a_row + 1
        return decoded

    async def keep(self, piece: Piece, decoded: Decoded, received_us: int) -> tuple[bytes, ...]:
        """Store a decoded frame; what is to be answered."""
        await self._desk.store(Arrival(self._protocol.name, piece.raw, decoded, received_us))
        self._stored[hashlib.sha256(piece.raw).digest()] = received_us
        orders = self._desk.orders
        if orders is not None:
            orders.heard(self._protocol.name, decoded, self.send)
            await orders.answered(self._protocol.name, decoded, piece.raw)
        return decoded.replies

    def _decode(self, piece: Piece, received_us: int) -> Decoded:
        if piece.fault is not None:
            return Decoded(self._decoder.device, "unreadable", faults=(piece.fault,))
        return self._decoder.decode(piece.raw, datetime_of(received_us))

    async def _as_its_model(self, piece: Piece, decoded: Decoded, received_us: int) -> Decoded:
        assert decoded.device is not None
        options = await self._desk.options(self._protocol.name, decoded.device)
        self._named, self._asked_us = decoded.device, self._desk.clock.monotonic_us()
        if options == self._options:
            return decoded
        self._options, number = options, self._decoder.device
        self._decoder = self._protocol.decoder(options)
        self._decoder.device = number
        return self._decode(piece, received_us)

    def _measured(self, decoded: Decoded) -> Speaker:
        is_urgent = any(signal.kind in URGENT for signal in decoded.signals)
        device = decoded.device and (self._protocol.name, decoded.device)
        return Speaker(id(self), device, self._desk.clock.monotonic_us(), is_urgent)


def _model(protocol: str, number: str) -> str | None:
    found = Device.objects.using(MAIN).filter(protocol=protocol, number=number)
    return found.values_list("model", flat=True).first()

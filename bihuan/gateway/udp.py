"""The UDP server for device protocols: each datagram whole frames, answered to its sender.

Nobody can be made to wait by not reading: a datagram that comes too fast, or where too many wait,
is not answered and not stored, and its device sends it again. Alarms are dropped last.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from typing import Any, Final

import structlog

from bihuan.gateway.decoders.protocol import DeviceProtocol, Piece
from bihuan.gateway.take import Desk, DeviceLine
from bihuan.gateway.worker import URGENT

MOST_KNOWN: Final = 20_000  # addresses whose decoder and last frames are kept
MOST_WAITING: Final = 2_000
MOST_URGENT: Final = 500  # beside them
Address = tuple[Any, ...]
log = structlog.get_logger(__name__)


class UdpServer:
    """Listens for one protocol. `dropped`: datagrams by the reason for which they were."""

    def __init__(
        self, protocol: DeviceProtocol, desk: Desk, most_waiting: int = MOST_WAITING
    ) -> None:
        self._protocol, self._desk, self._most = protocol, desk, most_waiting
        self._lines: OrderedDict[Address, DeviceLine] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None
        self.dropped: Counter[str] = Counter()

    async def start(self, host: str, port: int) -> int:
        """Listen; the port that was bound (given 0, a free one)."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self), local_addr=(host, port)
        )
        bound: int = self._transport.get_extra_info("sockname")[1]
        return bound

    async def stop(self) -> None:
        """Answer what is under way, then end."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))
        if self._transport is not None:
            self._transport.close()

    def take(self, data: bytes, address: Address) -> None:
        """Begin with one datagram, where there is room."""
        if len(self._tasks) >= self._most + MOST_URGENT:
            self.dropped["full"] += 1
            return
        task = asyncio.create_task(self._serve(data, address))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, data: bytes, address: Address) -> None:
        line = self._line(address)
        splitter = self._protocol.splitter()
        try:
            async with line.lock:  # one after the other, as on a connection
                for piece in [*splitter.feed(data), *splitter.flush()]:
                    for reply in await self._answers(line, piece):
                        line.send(reply)
        except Exception as error:  # noqa: BLE001 - the datagram's edge: not stored, so not answered; the device resends
            log.error("datagram lost", protocol=self._protocol.name, error=type(error).__name__)

    async def _answers(self, line: DeviceLine, piece: Piece) -> tuple[bytes, ...]:
        received_us = self._desk.clock.now_us()
        decoded = await line.decode(piece, received_us)
        if line.is_resend(piece.raw, received_us):
            return decoded.replies
        is_urgent = any(signal.kind in URGENT for signal in decoded.signals)
        if len(self._tasks) > self._most and not is_urgent:
            self.dropped["full"] += 1
            return ()
        if not line.is_due(decoded):
            self.dropped["fast"] += 1
            return ()
        return await line.keep(piece, decoded, received_us)

    def _line(self, address: Address) -> DeviceLine:
        line = self._lines.pop(address, None)
        if line is None:

            def send(content: bytes) -> None:
                if self._transport is not None:
                    self._transport.sendto(content, address)

            line = DeviceLine(self._desk, self._protocol, send)
        self._lines[address] = line
        while len(self._lines) > MOST_KNOWN:
            _address, oldest = self._lines.popitem(last=False)
            oldest.close()
        return line


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: UdpServer) -> None:
        self._server = server

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._server.take(data, addr)

"""The TCP server for device protocols: split, decode, store, and only then answer."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from bihuan.base.time import SECOND_US, Clock, datetime_of
from bihuan.gateway.decoded import Decoded
from bihuan.gateway.decoders.protocol import PLAIN, Decoder, DeviceProtocol, Piece, Splitter
from bihuan.gateway.intake import Arrival
from bihuan.gateway.worker import QueueFullError, StoreWorker

RESEND_US = 10 * SECOND_US
IDLE_S = 900  # a band reports each minute; a quarter of an hour without a byte is a dead line
CHUNK = 4096
# binary h02 frames do not say where they end: the next frame or a second of silence does
ENDED_BY_SILENCE, SILENCE_S = ("h02",), 1.0
MOST_REFUSED_IN_A_ROW = 100
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Connection:
    """One device's line: what was stored from it in the last ten seconds, and its refusals."""

    stored: dict[bytes, int] = field(default_factory=dict)
    refused_in_a_row: int = 0

    def is_resend(self, raw: bytes, now_us: int) -> bool:
        """The same payload again within 10 s on the same line, as bands do until answered."""
        self.stored = {k: at for k, at in self.stored.items() if now_us - at <= RESEND_US}
        return hashlib.sha256(raw).digest() in self.stored

    def remember(self, raw: bytes, now_us: int) -> None:
        self.stored[hashlib.sha256(raw).digest()] = now_us


class TcpServer:
    """Listens for one protocol."""

    def __init__(self, protocol: DeviceProtocol, worker: StoreWorker, clock: Clock) -> None:
        self._protocol, self._worker, self._clock = protocol, worker, clock
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.StreamWriter] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen; the port that was bound (given 0, a free one)."""
        self._server = await asyncio.start_server(self._serve, host, port)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for line in list(self._lines):
                line.close()
            await self._server.wait_closed()
            while self._lines:  # each line ends by itself once its transport is closed
                await asyncio.sleep(0.01)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        splitter, decoder = self._protocol.splitter(), self._protocol.decoder(PLAIN)
        connection = Connection()
        self._lines.add(writer)
        try:
            while True:
                data = await self._read(reader, splitter)
                for piece in splitter.feed(data) if data else splitter.flush():
                    for reply in await self._take(connection, piece, decoder):
                        writer.write(reply)
                await writer.drain()
                if not data and reader.at_eof():
                    return
                if connection.refused_in_a_row > MOST_REFUSED_IN_A_ROW:
                    log.warning("line closed: nothing readable", protocol=self._protocol.name)
                    return
        except (TimeoutError, ConnectionError):
            pass  # the device is gone; it will come back and send again what was not answered
        except Exception as error:  # noqa: BLE001 - the connection's edge: not stored, so not answered; the line is closed and the device resends
            log.error("line closed", protocol=self._protocol.name, error=type(error).__name__)
        finally:
            self._lines.discard(writer)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _read(self, reader: asyncio.StreamReader, splitter: Splitter) -> bytes:
        """The next bytes; nothing at the line's end, or where a silence ends a frame."""
        if self._protocol.name not in ENDED_BY_SILENCE or not splitter.is_pending:
            return await asyncio.wait_for(reader.read(CHUNK), IDLE_S)
        try:
            return await asyncio.wait_for(reader.read(CHUNK), SILENCE_S)
        except TimeoutError:
            return b""

    async def _take(
        self, connection: Connection, piece: Piece, decoder: Decoder
    ) -> tuple[bytes, ...]:
        """Store one frame, unless this line stored the same just now; what is to be answered."""
        received_us = self._clock.now_us()
        if piece.fault is None:
            decoded = decoder.decode(piece.raw, datetime_of(received_us))
        else:
            decoded = Decoded(decoder.device, "unreadable", faults=(piece.fault,))
        is_readable = not decoded.faults or bool(decoded.readings or decoded.signals)
        connection.refused_in_a_row = 0 if is_readable else connection.refused_in_a_row + 1
        if connection.is_resend(piece.raw, received_us):
            return decoded.replies
        arrival = Arrival(self._protocol.name, piece.raw, decoded, received_us)
        while True:
            try:
                future = self._worker.submit(arrival)
                break
            except QueueFullError:
                await asyncio.sleep(0.05)  # the sender waits; nothing is dropped
        await asyncio.wrap_future(future)
        connection.remember(piece.raw, received_us)
        return decoded.replies

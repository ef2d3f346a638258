"""The TCP server for device protocols: split into frames, and hand each to its line."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Final

import structlog

from bihuan.gateway.decoders.protocol import DeviceProtocol, Splitter
from bihuan.gateway.take import Desk, DeviceLine

IDLE_S: Final = 900.0  # a band reports each minute; a quarter of an hour without a byte: dead
FRAME_S: Final = 60.0  # a frame that is begun is whole by then, however slow the radio
CHUNK: Final = 4096
# replies are some thirty bytes: who lets so many of them lie, or for so long, does not read them
UNREAD: Final = 16_384
READS_S: Final = 60.0
MOST_LINES: Final = 20_000
# binary h02 frames do not say where they end: the next frame or a second of silence does
ENDED_BY_SILENCE, SILENCE_S = ("h02",), 1.0
log = structlog.get_logger(__name__)


class TcpServer:
    """Listens for one protocol. frame_s: how long one frame may take from its first byte.

    reads_s: how long replies may wait for a sender that does not read them.
    """

    def __init__(
        self,
        protocol: DeviceProtocol,
        desk: Desk,
        most_lines: int = MOST_LINES,
        frame_s: float = FRAME_S,
        reads_s: float = READS_S,
    ) -> None:
        self._protocol, self._desk = protocol, desk
        self._most_lines, self._frame_s, self._reads_s = most_lines, frame_s, reads_s
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.StreamWriter] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen; the port that was bound (given 0, a free one)."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=CHUNK)
        for listening in self._server.sockets:  # every line inherits it
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNREAD)
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
        if len(self._lines) >= self._most_lines:
            writer.close()  # the device dials again; those that are served stay
            return
        line = DeviceLine(self._desk, self._protocol, writer.write)
        self._lines.add(writer)
        try:
            await self._talk(line, reader, writer)
        except (TimeoutError, ConnectionError):
            pass  # the device is gone; it will come back and send again what was not answered
        except Exception as error:  # noqa: BLE001 - the connection's edge: not stored, so not answered; the line is closed and the device resends
            log.error("line closed", protocol=self._protocol.name, error=type(error).__name__)
        finally:
            line.close()
            self._lines.discard(writer)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _talk(
        self, line: DeviceLine, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.transport.set_write_buffer_limits(high=UNREAD)
        splitter = self._protocol.splitter()
        whole_by: float | None = None  # loop time; None: no frame is begun
        while True:
            data = await self._read(reader, splitter, whole_by)
            pieces = splitter.feed(data) if data else splitter.flush()
            for piece in pieces:
                for reply in await line.take(piece):
                    writer.write(reply)
            await self._is_read(writer)
            if not data and reader.at_eof():
                return
            if line.is_unreadable:
                log.warning("line closed: nothing readable", protocol=self._protocol.name)
                return
            if not splitter.is_pending:
                whole_by = None
            elif pieces or whole_by is None:
                whole_by = asyncio.get_running_loop().time() + self._frame_s

    async def _is_read(self, writer: asyncio.StreamWriter) -> None:
        """Wait until few replies lie unread. Raises TimeoutError where the sender reads none."""
        try:
            await asyncio.wait_for(writer.drain(), self._reads_s)
        except TimeoutError:
            writer.transport.abort()  # closing would wait for what nobody reads
            raise

    async def _read(
        self, reader: asyncio.StreamReader, splitter: Splitter, whole_by: float | None
    ) -> bytes:
        """The next bytes; nothing at the line's end, or where a silence ends a frame.

        Raises TimeoutError where a frame was begun and is not whole in time.
        """
        if self._protocol.name in ENDED_BY_SILENCE and splitter.is_pending:
            try:
                return await asyncio.wait_for(reader.read(CHUNK), SILENCE_S)
            except TimeoutError:
                return b""
        left_s = IDLE_S
        if whole_by is not None:
            left_s = max(whole_by - asyncio.get_running_loop().time(), 0.0)
        return await asyncio.wait_for(reader.read(CHUNK), left_s)

"""The HTTP server of the gateway process, on its event loop."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

import structlog
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from bihuan.base.time import Clock
from bihuan.gateway.http.access import Senders
from bihuan.gateway.http.app import IntakeApp
from bihuan.gateway.http.open311 import StatusOf
from bihuan.gateway.http.routes import Routes
from bihuan.gateway.worker import StoreWorker
from bihuan.journal.keys import KeyRing
from bihuan.register.warnings.acts import expire_due

HEADERS_MS = 10_000
MOST_HEADER_BYTES = 64 * 1024
MOST_REQUESTS = 1_024
TEND_S = 60.0
_START_S = 10.0
log = structlog.get_logger(__name__)


class AppServer:
    """Serves an application on the event loop that starts it."""

    def __init__(self, app: IntakeApp) -> None:
        self.app = app
        self._server: Server | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, host: str, port: int) -> int:
        """Listen; the port that was bound (given 0, a free one). Raises OSError for a taken one."""
        bound = _free(host, port)
        self._server = Server(
            self.app,
            address=host,
            port=bound,
            interface=Interfaces.ASGINL,
            websockets=False,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(
                header_read_timeout=HEADERS_MS, max_buffer_size=MOST_HEADER_BYTES
            ),
            backpressure=MOST_REQUESTS,
            log_enabled=False,
        )
        self._tasks = [asyncio.create_task(self._server.serve())]
        await asyncio.wait_for(self._listening(host, bound), _START_S)
        return bound

    async def stop(self) -> None:
        """Answer what is under way, then end."""
        if self._server is None:
            return
        self._server.stop()  # type: ignore[no-untyped-call] # granian types it not
        for task in self._tasks[1:]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listening(self, host: str, port: int) -> None:
        while True:
            if self._tasks[0].done():
                self._tasks[0].result()
                raise OSError(f"HTTP: got an end at once on port {port}, want a server")
            with suppress(OSError):
                _reader, writer = await asyncio.open_connection(host, port)
                writer.close()
                return
            await asyncio.sleep(0.01)


class HttpServer(AppServer):
    """Listens for senders. status_of: `open` or `closed` of a signal by its lane-0 position."""

    def __init__(
        self, worker: StoreWorker, clock: Clock, keys: KeyRing, status_of: StatusOf
    ) -> None:
        self._clock = clock
        self._routes = Routes(worker, clock, keys, status_of)
        super().__init__(IntakeApp(self._routes, Senders(self._routes.load_senders, clock), clock))

    async def start(self, host: str, port: int) -> int:
        """Listen, and look each minute for warnings whose time ran out."""
        bound = await super().start(host, port)
        self._tasks.append(asyncio.create_task(self._tend()))
        return bound

    async def _tend(self) -> None:
        """Each minute: warnings whose time ran out."""
        while True:
            await asyncio.sleep(TEND_S)
            try:
                await self._routes.do(lambda: expire_due(self._clock))
            except Exception as error:  # noqa: BLE001 - the process edge: the next minute tries again
                log.error("warnings not tended", error=type(error).__name__)


def _free(host: str, port: int) -> int:
    """The port where it is free; raises OSError. The server itself would share a taken one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        bound: int = probe.getsockname()[1]
        return bound

"""A spool's zone and the core's pull, joined by a real line."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.http.access import Senders
from bihuan.gateway.http.app import IntakeApp
from bihuan.gateway.http.server import AppServer
from bihuan.gateway.intake import Intake
from bihuan.gateway.spool.hand_over import Bell, Handover
from bihuan.gateway.spool.intake import SpoolIntake
from bihuan.gateway.spool.keys import HeldKeys
from bihuan.gateway.spool.line import answered, dialled, made_certificate
from bihuan.gateway.spool.post_core import PostIntake
from bihuan.gateway.spool.posting import ZoneRoutes
from bihuan.gateway.spool.pull import Pull
from bihuan.gateway.spool.store import Spool
from bihuan.gateway.worker import StoreWorker
from bihuan.journal.keys import KeyRing
from tests.gateway.http.post import Posting

KEY = bytes(range(32))


class Zone:
    """A spool with the core's pull on the other end of a real line; `pull` runs one session."""

    def __init__(self, folder: Path, clock: MovableClock, keys: KeyRing) -> None:
        self.folder, self.clock = folder, clock
        self.bell = Bell()
        self.spool = Spool(folder)
        self.intake = SpoolIntake(self.spool, self.bell.ring)
        self.core: Any = partial(Intake, clock, keys)
        self.posts: Any = partial(PostIntake, clock, keys)
        self.held = HeldKeys(folder)

    def keep(self, *arrivals: Arrival) -> None:
        self.intake.store(arrivals)

    def restart(self) -> None:
        """Both processes of the zone's machine end and come back."""
        self.spool.close()
        self.spool = Spool(self.folder)
        self.intake = SpoolIntake(self.spool, self.bell.ring)
        self.held = HeldKeys(self.folder)

    def pull(self, pages: int = 4) -> BaseException | None:
        """So many pages; what the session ended with."""
        handover = Handover(self.folder, self.bell, self.clock, self.held)
        certificate = made_certificate(self.folder / "handover.pem")
        listener = socket.create_server(("127.0.0.1", 0))
        ended: list[BaseException] = []

        def serve() -> None:
            line = answered(listener.accept()[0], KEY, certificate)
            try:
                handover.session(line)
            except (OSError, BadInputError) as error:
                ended.append(error)
            line.close()

        thread = threading.Thread(target=serve)
        thread.start()
        line = dialled(("127.0.0.1", listener.getsockname()[1]), KEY)
        failure: BaseException | None = None
        try:
            Pull(self.core, wait_s=0.0, pages=pages, posts=self.posts).session(line)
        except Exception as error:  # noqa: BLE001 - the test asserts which
            failure = error
        line.close()
        thread.join(10)
        listener.close()
        return failure

    def talk(self, token: str, talk: Callable[[Posting], None]) -> None:
        """Post to the zone's HTTP server from another thread."""
        worker = StoreWorker(self.intake)
        worker.start()
        try:
            asyncio.run(self._talk(worker, token, talk))
        finally:
            worker.stop()

    async def _talk(self, worker: StoreWorker, token: str, talk: Callable[[Posting], None]) -> None:
        routes = ZoneRoutes(worker, self.intake, self.clock)
        app = IntakeApp(routes, Senders(self.held.in_force, self.clock), self.clock)
        server = AppServer(app)
        port = await server.start("127.0.0.1", 0)
        try:
            await asyncio.to_thread(talk, Posting(port, token))
        finally:
            await server.stop()

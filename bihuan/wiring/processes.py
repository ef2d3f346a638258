"""The parts of `serve`, each also a command of its own: gateway, engine, rules, keeper, web."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections

from bihuan.base.errors import bad
from bihuan.base.time import MINUTE_US, SECOND_US, Clock, GuardedClock, SystemClock
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.intake import Intake
from bihuan.gateway.tcp import TcpServer
from bihuan.gateway.worker import StoreWorker
from bihuan.journal import archive, heads
from bihuan.journal.erase import finish_erasures
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Head
from bihuan.journal.wake import Waiter
from bihuan.loop.channels import ScreenChannel
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.engine import Engine
from bihuan.loop.scenario import installed
from bihuan.rules.live import LiveRules
from bihuan.rules.rule import Rule

POLL_S = 0.5
log = structlog.get_logger(__name__)


def key_ring() -> KeyRing:
    """This installation's keys."""
    return KeyRing(settings.BIHUAN_DATA / "keys.db")


def clock() -> GuardedClock:
    """The machine's clock, not trusted where it jumps or lies behind the journal."""
    newest = Head.objects.order_by("-recorded_us").values_list("recorded_us", flat=True).first()
    return GuardedClock(SystemClock(), newest or 0)


class Stop:
    """Turns SIGTERM and SIGINT into a flag, so that a process ends between two steps."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: object) -> None:
        self.asked = True


def run_engine() -> None:
    """Decide, dispatch and tick until asked to stop."""
    stop, guarded = Stop(), clock()
    engine = Engine(guarded)
    dispatcher = Dispatcher(guarded, {"screen": ScreenChannel()}, f"engine-{os.getpid()}")
    waiter = Waiter("engine")
    confirmed = _Confirmation(guarded)
    next_recover_us = 0
    while not stop.asked:
        try:
            if guarded.monotonic_us() >= next_recover_us:
                dispatcher.recover()
                next_recover_us = guarded.monotonic_us() + MINUTE_US
            busy = engine.run_once() + dispatcher.run_once()
            confirmed.look()
        except DatabaseError as error:
            log.error("engine waits for its database", error=type(error).__name__)
            close_old_connections()
            busy = 0
        if not busy:
            waiter.wait(_pause_s(engine, guarded))
    waiter.close()


def declared_rules() -> dict[str, list[Rule]]:
    """Every rule of the installed scenarios; what is no rule stops the process by its name."""
    found: dict[str, list[Rule]] = {}
    for name, scenario in installed().items():
        for rule in scenario.rules:
            if not isinstance(rule, Rule):
                raise bad(f"{name}.rules", rule, "rules only")
            found.setdefault(name, []).append(rule)
    return found


def run_rules() -> None:
    """Judge readings as they come until asked to stop. An SOS never waits for this."""
    stop, guarded = Stop(), clock()
    live = LiveRules(guarded, declared_rules())
    waiter = Waiter("rules")
    while not stop.asked:
        try:
            busy = live.run_once()
        except DatabaseError as error:
            log.error("rules wait for their database", error=type(error).__name__)
            close_old_connections()
            busy = 0
        if not busy:
            waiter.wait(POLL_S)
    with suppress(DatabaseError):  # it only saves reading at the next start
        live.keep()
    waiter.close()


def run_keeper() -> None:
    """Finish erasures, sign heads, archive closed days: nothing that a call waits for."""
    stop, guarded = Stop(), clock()
    waiter, archived, next_us = Waiter("keeper"), "", 0
    while not stop.asked:
        try:
            if guarded.monotonic_us() >= next_us:
                next_us = guarded.monotonic_us() + MINUTE_US
                finish_erasures(guarded, key_ring())
                if heads.is_due(guarded.now_us()):
                    heads.sign(guarded)
                if (today := archive.day_of(guarded.now_us())) != archived:
                    archive.close_days(guarded)
                    archived = today
        except DatabaseError as error:
            log.error("keeper waits for its database", error=type(error).__name__)
            close_old_connections()
        waiter.wait(POLL_S)
    waiter.close()


def _pause_s(engine: Engine, at: Clock) -> float:
    due_us = engine.next_due_us()
    if due_us is None:
        return POLL_S
    return min(POLL_S, max(0.0, (due_us - at.now_us()) / SECOND_US))


class _Confirmation:
    """`bihuan time confirm` leaves a file: a person says that the wall clock is right."""

    def __init__(self, guarded: GuardedClock) -> None:
        self._guarded = guarded
        self._held: Path = settings.BIHUAN_DATA / "run" / "time-held"
        self._confirmed: Path = settings.BIHUAN_DATA / "run" / "time-confirmed"

    def look(self) -> None:
        if self._confirmed.exists():
            self._guarded.confirm()
            self._confirmed.unlink()
        if self._guarded.is_held:
            self._held.write_text(str(self._guarded.drift_us()))
        else:
            self._held.unlink(missing_ok=True)


def run_gateway(host: str, ports: dict[str, int], told: Callable[[dict[str, int]], None]) -> None:
    """Listen for every protocol in `ports` (0 = any free port) until asked to stop.

    told  is called with the bound ports as soon as all listen
    """
    guarded = clock()
    worker = StoreWorker(Intake(guarded, key_ring()))
    worker.start()
    asyncio.run(_listen(host, ports, told, (worker, guarded)))
    worker.stop()


async def _listen(
    host: str,
    ports: dict[str, int],
    told: Callable[[dict[str, int]], None],
    served: tuple[StoreWorker, Clock],
) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    servers, bound = [], {}
    for name, port in ports.items():
        server = TcpServer(PROTOCOLS[name], *served)
        bound[name] = await server.start(host, port)
        servers.append(server)
    told(bound)
    await stopped.wait()
    for server in servers:
        await server.stop()


def free_port(host: str, wanted: int) -> int:
    """The wanted port, or a free one where it is taken."""
    for port in (wanted, 0):
        with suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            bound: int = probe.getsockname()[1]
            return bound
    raise OSError(f"no free port on {host}")


def run_web(host: str, port: int, certificate: tuple[Path, Path] | None = None) -> None:
    """Serve pages and API until asked to stop."""
    from granian import Granian  # noqa: PLC0415 - only this process needs the server
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    crt, key = certificate or (None, None)
    Granian(
        "bihuan.wiring.asgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        workers=1,
        workers_kill_timeout=3,
        log_access=False,
        log_level=LogLevels.warning,
        ssl_cert=crt,
        ssl_key=key,
    ).serve()

"""The parts of `serve`, each also a command of its own: gateway, engine, rules, keeper, web."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog
from django.conf import settings
from django.db import close_old_connections

from bihuan.base.errors import bad
from bihuan.base.time import MINUTE_US, SECOND_US, Clock, GuardedClock, SystemClock
from bihuan.console.board import somebody_listens
from bihuan.console.hooks import outbox as hooks
from bihuan.console.tuning.trials import Runner
from bihuan.figures.cube import Figures
from bihuan.journal import archive, heads
from bihuan.journal.away import FAILED
from bihuan.journal.erase import finish_erasures
from bihuan.journal.expire import finish_expiries
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Head
from bihuan.journal.wake import Waiter
from bihuan.loop.channels import BoardChannel, Channel, InAppChannel, ScreenChannel
from bihuan.loop.delivery.accounts import Accounts
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.engine import Engine
from bihuan.loop.pathtest.channel import LoopbackChannel
from bihuan.loop.scenario import installed
from bihuan.register.devices import health
from bihuan.register.imports.publish import Publisher
from bihuan.register.imports.staging import drop_old
from bihuan.register.records.routines import owe_missing
from bihuan.register.retention.acts import erase_due
from bihuan.register.retention.readings import expire_due
from bihuan.register.search.index import Hasher, Index
from bihuan.rules.live import LiveRules
from bihuan.rules.rule import Rule
from bihuan.wiring.beats import Beat
from bihuan.wiring.path_test import PathTest, to_gateway

POLL_S, SHORTEST_S = 0.5, 0.001
# ways that need no account; every other one is an account of a provider
CHANNELS: dict[str, Channel] = {
    "screen": ScreenChannel(),
    "board": BoardChannel(somebody_listens),
    "in_app": InAppChannel(),
    "loopback": LoopbackChannel(),
}
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


def turn(part: str, work: Callable[[], float]) -> float:
    """One turn of a part, and how long it may rest (s). A database that is away ends no part."""
    try:
        return work()
    except FAILED as error:
        log.error("waits for its database", part=part, error=type(error).__name__)
        close_old_connections()
        return POLL_S


def run_engine() -> None:
    """Decide, dispatch and tick until asked to stop."""
    stop, guarded = Stop(), clock()
    engine = Engine(guarded)
    accounts = (Accounts(), key_ring())
    dispatcher = Dispatcher(guarded, CHANNELS, f"engine-{os.getpid()}", accounts)
    waiter, beat = Waiter("engine"), Beat("engine")
    confirmed = _Confirmation(guarded)
    next_recover_us = 0

    def one_turn() -> float:
        nonlocal next_recover_us
        if guarded.monotonic_us() >= next_recover_us:
            dispatcher.recover()
            next_recover_us = guarded.monotonic_us() + MINUTE_US
        busy = engine.run_once() + dispatcher.run_once()
        confirmed.look()
        return 0.0 if busy else _pause_s(engine, guarded)

    while not stop.asked:
        beat.tick()
        if pause_s := turn("engine", one_turn):
            waiter.wait(pause_s)
    with suppress(*FAILED):  # what is not told becomes unknown at the next start
        dispatcher.close()
    waiter.close()
    beat.end()


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
    live = LiveRules(guarded, declared_rules(), keys=key_ring())
    waiter, beat = Waiter("rules"), Beat("rules")
    while not stop.asked:
        beat.tick()
        if pause_s := turn("rules", lambda: 0.0 if live.run_once() else POLL_S):
            waiter.wait(pause_s)
    with suppress(*FAILED):  # it only saves reading at the next start
        live.keep()
    waiter.close()
    beat.end()


def run_keeper() -> None:
    """Follow with search and figures, import, erase, sign, archive: nothing a call waits for."""
    stop, guarded = Stop(), clock()
    index = Index(key_ring(), Hasher(settings.BIHUAN_DATA / "search.key"))
    publisher = Publisher(guarded, key_ring())
    waiter, archived, next_us = Waiter("keeper"), "", 0
    trials, path_test = Runner(guarded, key_ring()), PathTest(guarded, key_ring(), to_gateway)
    figures, is_first = Figures(per_turn=50), True
    trials.start()

    def one_turn() -> float:
        nonlocal archived, next_us, is_first
        if is_first:
            finish_expiries()
            is_first = False
        health.follow()
        path_test.run_once()
        _catch_up(stop, index, publisher, figures)
        if guarded.monotonic_us() >= next_us:
            next_us = guarded.monotonic_us() + MINUTE_US
            archived = _each_minute(guarded, archived)
        hooks.run_once(guarded)
        return POLL_S

    while not stop.asked:
        waiter.wait(turn("keeper", one_turn))
    trials.stop()
    waiter.close()


def _each_minute(guarded: GuardedClock, archived: str) -> str:
    """What falls due by the minute or the day; the day up to which days are closed."""
    owe_missing(guarded)
    erase_due(guarded, key_ring())
    finish_erasures(guarded, key_ring())
    drop_old(guarded.now_us())
    if heads.is_due(guarded.now_us()):
        heads.sign(guarded)
    if (today := archive.day_of(guarded.now_us())) != archived:
        archive.close_days(guarded)
        expire_due(guarded)
    return today


def _catch_up(stop: Stop, index: Index, publisher: Publisher, figures: Figures) -> None:
    """Index and count what was written, do the rows of imports: a little of each in turn."""
    while not stop.asked and index.run_once() + publisher.run_once() + figures.run_once():
        pass


def _pause_s(engine: Engine, at: Clock) -> float:
    due_us = engine.next_due_us()
    if due_us is None:
        return POLL_S
    return min(POLL_S, max(SHORTEST_S, (due_us - at.now_us()) / SECOND_US))


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

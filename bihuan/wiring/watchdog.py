"""The watchdog: looks at every stage, part, ladder and roster, and tells who is outside.

stalled stage, silent part     every 10 s: noticed, shown on the board, written down
ladder or roster with nobody   every 10 min, and what is parked, the clock
dead-man signal                every minute to BIHUAN_DEADMAN_URL, only while all moves:
                               whoever listens there calls when it stays away
"""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing

import structlog
from django.conf import settings
from django.db import close_old_connections

from bihuan.base.time import MINUTE_US, SECOND_US, Clock
from bihuan.journal.away import FAILED
from bihuan.journal.models import Parked
from bihuan.journal.storage import MAIN
from bihuan.journal.wake import Waiter
from bihuan.loop.watch.notice import Trouble, note
from bihuan.wiring import beats, lags
from bihuan.wiring.gaps import gaps
from bihuan.wiring.processes import POLL_S, Stop
from bihuan.wiring.processes import clock as guarded_clock

LOOK_EVERY_US = 10 * SECOND_US
GAPS_EVERY_US = 10 * MINUTE_US
SIGNAL_EVERY_US = MINUTE_US
PART_MISSING_S = 15.0
SIGNAL_WAIT_S = 10.0
WATCHED = frozenset({"engine", "rules", "gateway"})
log = structlog.get_logger(__name__)


class Watchdog:
    """One look after the other. parts: who must have a beat; send: the dead-man signal."""

    def __init__(
        self, clock: Clock, parts: frozenset[str], send: Callable[[], None] | None
    ) -> None:
        self._clock, self._parts, self._send = clock, parts, send
        self._look_us = self._gaps_us = self._signal_us = 0
        self._missing_since: dict[str, int] = {}
        self.is_well = False

    def run_once(self) -> None:
        """Look at what is due to be looked at."""
        at_us = self._clock.monotonic_us()
        if at_us >= self._look_us:
            self._look_us = at_us + LOOK_EVERY_US
            self._look()
        if at_us >= self._gaps_us:
            self._gaps_us = at_us + GAPS_EVERY_US
            note(self._gaps(), {"roster"}, self._clock)
        if self._send is not None and self.is_well and at_us >= self._signal_us:
            self._signal_us = at_us + SIGNAL_EVERY_US
            self._send()

    def _look(self) -> None:
        self.is_well = False  # whatever breaks below, no signal goes out
        now_us = self._clock.now_us()
        troubles = [
            Trouble("stage", stage.name, f"{stage.waiting} wait, the oldest {stage.oldest_s:.0f} s")
            for stage in lags.stages(now_us)
            if stage.is_stalled
        ]
        troubles += self._silent_parts()
        if not web_answers():
            troubles.append(Trouble("part", "web", "its port takes no connection"))
        parked = Parked.objects.using(MAIN).count()
        if parked:
            troubles.append(Trouble("parked", "projectors", f"{parked} entries are parked"))
        if (settings.BIHUAN_DATA / "run" / "time-held").exists():
            troubles.append(Trouble("clock", "wall", "the wall clock jumped; nobody confirmed it"))
        note(troubles, {"stage", "part", "parked", "clock"}, self._clock)
        self.is_well = not troubles

    def _silent_parts(self) -> list[Trouble]:
        seen, at_us, found = beats.seen(self._clock), self._clock.monotonic_us(), []
        for part in sorted(self._parts):
            if part in seen and seen[part].ago_s <= PART_MISSING_S:
                self._missing_since.pop(part, None)
                continue
            since_us = self._missing_since.setdefault(part, at_us)
            if at_us - since_us >= PART_MISSING_S * SECOND_US or part in seen:
                found.append(Trouble("part", part, f"no sign of life for {PART_MISSING_S:.0f} s"))
        return found

    def _gaps(self) -> list[Trouble]:
        return [Trouble("roster", gap.key, gap.text) for gap in gaps(self._clock.now_us())]

    def step(self) -> None:
        """`run_once`, at the edge of a process: a database that is gone is no end."""
        try:
            self.run_once()
        except FAILED as error:
            self.is_well = False
            log.error("waits for its database", part="watchdog", error=type(error).__name__)
            close_old_connections()


def signal_to(url: str) -> Callable[[], None]:
    """Sends the dead-man signal to an address: a bare POST, nothing of the county in it."""

    def send() -> None:
        request = urllib.request.Request(url, data=b"ok", method="POST")  # noqa: S310 - https or http is checked by settings
        try:
            with urllib.request.urlopen(request, timeout=SIGNAL_WAIT_S) as answer:  # noqa: S310
                answer.read(1024)
        except (urllib.error.URLError, TimeoutError, OSError) as error:
            log.warning("dead-man signal not sent", error=type(error).__name__)

    return send


def web_answers() -> bool:
    """Whether the port of the pages takes a connection; True where this machine serves none."""
    ports = settings.BIHUAN_DATA / "run" / "ports.json"
    if not ports.exists():
        return True
    said = json.loads(ports.read_text())
    try:
        with closing(socket.create_connection((said["host"], said["web"]), timeout=3)):
            return True
    except OSError:
        return False


def run() -> None:
    """Look until asked to stop; a process of its own, so that no long work holds it."""
    stop, guarded, waiter = Stop(), guarded_clock(), Waiter("watchdog")
    url: str = settings.BIHUAN_DEADMAN_URL
    watchdog = Watchdog(guarded, WATCHED, signal_to(url) if url else None)
    while not stop.asked:
        watchdog.step()
        waiter.wait(POLL_S)
    waiter.close()

"""The spool's side of the handover: the core asks, the spool tells, urgent first.

spool → core   Hello
core → spool   Ask      what it has (that much is confirmed), what it wants, how long to wait
spool → core   Page     at once where there is something, empty when the time is over
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

import msgspec

from bihuan.base.time import Clock
from bihuan.gateway.spool.keys import HandedKey, HeldKeys
from bihuan.gateway.spool.line import Line
from bihuan.gateway.spool.records import message, read
from bihuan.gateway.spool.store import Spool

URGENT, USUAL = 1, 0
MOST_WAIT_S = 20.0
SLACK_S = 15.0


class Hello(msgspec.Struct, frozen=True, array_like=True):
    """Whose positions these are: a spool that was emptied is another one."""

    spool: str


class Ask(msgspec.Struct, frozen=True, array_like=True):
    """has: last position of each queue (usual, urgent) that the core has durably.

    upto     the usual page that the core began and may have stored in part: exactly that again
    senders  the keys of who may post, where they changed since this line was told of them
    """

    has: tuple[int, int]
    upto: int | None
    wait_s: float
    senders: list[HandedKey] | None = None


class Page(msgspec.Struct, frozen=True, array_like=True):
    """Arrivals of one queue with their positions; none: nothing came while it waited."""

    queue: int
    arrivals: list[tuple[int, bytes]]


class Bell:
    """Tells the sessions that something was kept."""

    def __init__(self) -> None:
        self._rung = threading.Condition()
        self._count = 0

    @property
    def count(self) -> int:
        return self._count

    def ring(self) -> None:
        with self._rung:
            self._count += 1
            self._rung.notify_all()

    def wait(self, seen: int, seconds: float) -> None:
        """Until it rang since `seen`, or the time is over."""
        with self._rung:
            self._rung.wait_for(lambda: self._count != seen, max(seconds, 0.0))


class Handover:
    """Tells a core what this spool keeps."""

    def __init__(
        self, folder: Path, bell: Bell, clock: Clock, keys: HeldKeys | None = None
    ) -> None:
        """keys: where the keys of senders are held; None: nothing is posted here."""
        self._folder, self._bell, self._clock, self._keys = folder, bell, clock, keys

    def session(self, line: Line) -> None:
        """Serve one core until its line ends; raises OSError, BadInputError."""
        spool = Spool(self._folder)
        try:
            line.send(message(Hello(spool.id)))
            while True:
                asked = read(line.receive(MOST_WAIT_S + SLACK_S), Ask)
                if asked.senders is not None and self._keys is not None:
                    self._keys.hold(asked.senders)
                for queue, position in enumerate(asked.has):
                    spool.confirm(queue, position)
                spool.forget(self._clock.now_us())
                line.send(message(self._page(spool, asked)))
        finally:
            spool.close()

    def _page(self, spool: Spool, asked: Ask) -> Page:
        until_s = time.monotonic() + min(max(asked.wait_s, 0.0), MOST_WAIT_S)
        while True:
            seen = self._bell.count
            for queue, upto in ((URGENT, None), (USUAL, asked.upto)):
                found = spool.page(queue, asked.has[queue], upto)
                if found:
                    return Page(queue, [(kept.position, kept.body) for kept in found])
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                return Page(USUAL, [])
            self._bell.wait(seen, left_s)

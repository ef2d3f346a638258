"""Whose turn it is to write, within a process: in line, and what is urgent before the others.

SQLite lets one write and has the others ask again; a plain lock goes to whoever asks first after
it is free, which is mostly who just had it. Nothing that is stored depends on this.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

URGENT: Final = 0
USUAL: Final = 1


class Turns:
    """A lock that is handed to the one who waits longest among the lowest rank."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_held = False
        self._waiting: list[tuple[int, int, threading.Event]] = []
        self._count = itertools.count()

    @contextmanager
    def mine(self, rank: int = USUAL) -> Iterator[None]:
        """Wait for the turn and hold it within the block. Not for one who holds it already."""
        came = self._asked(rank)
        if came is not None:
            came.wait()
        try:
            yield
        finally:
            self._pass_on()

    def _asked(self, rank: int) -> threading.Event | None:
        """None: the turn is the caller's; else it is once the event is set."""
        with self._lock:
            if not self._is_held:
                self._is_held = True
                return None
            came = threading.Event()
            heapq.heappush(self._waiting, (rank, next(self._count), came))
            return came

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                heapq.heappop(self._waiting)[2].set()  # it stays held, by the next one
            else:
                self._is_held = False


READINGS_TURN: Final = Turns()

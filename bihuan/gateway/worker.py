"""One thread that stores what all connections receive: bounded, urgent first, in groups.

The queue holds at most `most` frames; when it is full, connections wait before they read on, so
that a flood slows its senders and nothing is dropped. Frames that wait together are stored
together: one commit for many.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from concurrent.futures import Future

import structlog
from django.db import close_old_connections

from bihuan.gateway.intake import Arrival, Intake

URGENT = {"sos", "fall"}
PER_TURN = 200
log = structlog.get_logger(__name__)


class QueueFullError(RuntimeError):
    """The queue is at its bound; try again when a frame was stored."""


class StoreWorker:
    """Runs `Intake.store` in its own thread, because a database connection belongs to one."""

    def __init__(self, intake: Intake, most: int = 10_000) -> None:
        self._intake, self._most = intake, most
        self._heap: list[tuple[int, int, Arrival, Future[None]]] = []
        self._count = itertools.count()
        self._ready = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="gateway-store", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Store what is queued, then end."""
        with self._ready:
            self._stopping = True
            self._ready.notify()
        self._thread.join()

    def submit(self, arrival: Arrival) -> Future[None]:
        """Queue a frame; the future is done when it is durable. Raises QueueFullError."""
        is_urgent = any(signal.kind in URGENT for signal in arrival.decoded.signals)
        future: Future[None] = Future()
        with self._ready:
            if len(self._heap) >= self._most and not is_urgent:  # an SOS always finds room
                raise QueueFullError
            item = (0 if is_urgent else 1, next(self._count), arrival, future)
            heapq.heappush(self._heap, item)
            self._ready.notify()
        return future

    def _take(self) -> list[tuple[Arrival, Future[None]]]:
        with self._ready:
            while not self._heap and not self._stopping:
                self._ready.wait()
            least = self._heap[0][0] if self._heap else 1
            taken: list[tuple[Arrival, Future[None]]] = []
            # an SOS is stored alone with other urgent frames: it does not wait for readings
            while self._heap and len(taken) < PER_TURN and self._heap[0][0] == least:
                _rank, _n, arrival, future = heapq.heappop(self._heap)
                taken.append((arrival, future))
            return taken

    def _run(self) -> None:
        while taken := self._take():
            try:
                self._intake.store([arrival for arrival, _future in taken])
            except Exception as error:  # noqa: BLE001 - the process edge: nothing is acknowledged, devices send again
                log.error("frames not stored", frames=len(taken), error=type(error).__name__)
                close_old_connections()
                for _arrival, future in taken:
                    future.set_exception(error)
            else:
                for _arrival, future in taken:
                    future.set_result(None)

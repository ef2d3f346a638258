"""What of the broker's messages is on its way into the journal, and tried again until it is there.

A message that fails because the database is down is tried until it is not. One that fails for
its own sake three times is replaced by an entry that it came: it must not stop the others.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial

import structlog

from bihuan.gateway.arrival import Arrival
from bihuan.gateway.mqtt_line.receipts import Receipt, Receipts
from bihuan.gateway.mqtt_line.route import unstorable
from bihuan.gateway.worker import QueueFullError, StoreWorker
from bihuan.journal.away import AWAY

MOST_FAILED = 1_000
MOST_OPEN = 500  # messages not acknowledged; some brokers send all that they have after a break
MOST_TRIES = 3
LONGEST_PAUSE_S = 30.0
ROOM_S = 0.02
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One part of one message. receipt None: QoS 0, nobody waits for it."""

    arrival: Arrival
    receipt: Receipt | None
    tries: int = 0


class Storing:
    """Hands parcels to the worker and says to the receipts when they are durable."""

    def __init__(self, worker: StoreWorker, receipts: Receipts) -> None:
        self._worker, self._receipts = worker, receipts
        self._lock = threading.Lock()
        self._failed: list[Parcel] = []
        self._stopping = threading.Event()
        self._pause_s = 1.0
        self._next_s = 0.0

    @property
    def failed(self) -> int:
        """How many parcels wait for another try."""
        return len(self._failed)

    def stop(self) -> None:
        """Wait for no room any more: what is not stored is not acknowledged, and comes again."""
        self._stopping.set()

    def put(self, parcel: Parcel) -> None:
        """Queue a parcel; waits while there is no room, so that the broker waits too."""
        while not self._stopping.is_set():
            has_room = len(self._receipts) <= MOST_OPEN and len(self._failed) < MOST_FAILED
            if has_room and self._submit(parcel):
                return
            self._stopping.wait(ROOM_S)

    def retry(self) -> None:
        """Try again what failed, after a pause that doubles up to 30 s while it keeps failing."""
        if not self._failed or time.monotonic() < self._next_s:
            return
        with self._lock:
            parcels, self._failed = self._failed, []
        self._next_s = time.monotonic() + self._pause_s
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
        for n, parcel in enumerate(parcels):
            if not self._submit(parcel):
                with self._lock:
                    self._failed += parcels[n:]
                return

    def _submit(self, parcel: Parcel) -> bool:
        try:
            future = self._worker.submit(parcel.arrival)
        except QueueFullError:
            return False
        future.add_done_callback(partial(self._done, parcel))
        return True

    def _done(self, parcel: Parcel, future: Future[None]) -> None:
        error = future.exception()
        if error is None:
            self._pause_s = 1.0
            if parcel.receipt is not None:
                self._receipts.stored(parcel.receipt)
            return
        with self._lock:
            self._failed.append(_again(parcel, error))


def _again(parcel: Parcel, error: BaseException) -> Parcel:
    if isinstance(error, AWAY) or not isinstance(error, Exception):
        return parcel  # the database, not the message
    if parcel.tries + 1 < MOST_TRIES:
        return replace(parcel, tries=parcel.tries + 1)
    log.error("message cannot be stored", protocol=parcel.arrival.protocol)
    return Parcel(unstorable(parcel.arrival, error), parcel.receipt)

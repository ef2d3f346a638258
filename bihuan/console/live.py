"""Live pages by Server-Sent Events: one thread watches the journal, every open page is told.

The page is sent the newest lane-0 position and fetches what changed itself, with its own
rights; so nothing private travels here, and a page that slept catches up at its first event.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Hashable

import structlog
from django.db import close_old_connections, connection

from bihuan.journal.away import FAILED
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.wake import Waiter

POLL_S = 0.5
BEAT_S = 5.0  # a page that hears nothing for three beats turns grey
log = structlog.get_logger(__name__)


def waker(event: asyncio.Event) -> Callable[[], bool]:
    """Sets an event of the running loop from any thread; False where the loop has ended."""
    loop = asyncio.get_running_loop()

    def wake() -> bool:
        if loop.is_closed():  # a page that could not say that it left
            return False
        loop.call_soon_threadsafe(event.set)
        return True

    return wake


class Feed:
    """Tells every open page of this process that the journal has a newer position."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pages: dict[Hashable, Callable[[], bool]] = {}
        self._thread: threading.Thread | None = None
        self.position = 0
        self.read_s = float("-inf")  # monotonic: when the journal was last read

    @property
    def is_reading(self) -> bool:
        """Whether the journal was read lately; a stuck thread or database must not look live."""
        return time.monotonic() - self.read_s < BEAT_S

    def join(self, page: Hashable, wake: Callable[[], bool]) -> None:
        """A page opens; the first one starts the thread. wake() is False once it has gone."""
        with self._lock:
            self._pages[page] = wake
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="feed", daemon=True)
                self._thread.start()

    def leave(self, page: Hashable) -> None:
        """A page closed; after the last one the thread ends within `POLL_S`."""
        with self._lock:
            self._pages.pop(page, None)

    def _watch(self) -> None:
        try:
            waiter = Waiter("web")
            while not self._is_over(waiter):
                self._look()
                waiter.wait(POLL_S)
        finally:
            with self._lock:
                if self._thread is threading.current_thread():  # it failed: the next page tries
                    self._thread = None
            connection.close()

    def _is_over(self, waiter: Waiter) -> bool:
        """Whether no page is open. Under the lock, so that who joins now starts another thread,
        and with the waiter closed, so that closing it later takes no socket from that thread.
        """
        with self._lock:
            if self._pages:
                return False
            waiter.close()
            self._thread = None
            return True

    def _look(self) -> None:
        """Read the newest position and tell the pages; an error is told and looked past."""
        try:
            position = _newest()
            self.read_s = time.monotonic()
        except FAILED as error:
            log.warning("waits for its database", part="feed", error=type(error).__name__)
            close_old_connections()
            return
        except Exception as error:  # noqa: BLE001 - the thread's edge: it must outlive every error, pages turn grey meanwhile
            log.error("feed failed", error=repr(error))
            return
        if position == self.position:
            return
        self.position = position
        with self._lock:
            for page, wake in list(self._pages.items()):
                if not wake():
                    del self._pages[page]


def _newest() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT position FROM journal_head WHERE lane = %s", [FACTS_LANE])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


FEED = Feed()


async def stream() -> AsyncIterator[str]:
    """The events of one page: `position` when something changed, `beat` when nothing did."""
    event = asyncio.Event()
    FEED.join(event, waker(event))
    try:
        yield f"retry: 2000\nevent: position\nid: {FEED.position}\ndata: {FEED.position}\n\n"
        while True:
            try:
                await asyncio.wait_for(event.wait(), BEAT_S)
            except TimeoutError:
                if FEED.is_reading:
                    yield "event: beat\ndata:\n\n"
                continue
            event.clear()
            yield f"event: position\nid: {FEED.position}\ndata: {FEED.position}\n\n"
    finally:
        FEED.leave(event)

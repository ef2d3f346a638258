"""Open boards: after a commit each one's changing part is drawn once for all who see the same,
and pushed to them.

One thread of the web process works for every open board of it. It looks at the commit first: a
board on which none of its cases stands, nor may stand, is left as it is. Rights are those of the
moment; where nothing but cases changed they are kept for a beat (5 s), and as often it is looked
whether a sign-in has ended. What is pushed is masked as on the page, and the same bytes for all:
the form's token and the person's number are told to each browser once, and put in there.

A browser that takes gzip gets a stream of blocks of which each is compressed by itself: one
block serves every board, and a token is never compressed together with what others wrote.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterable
from itertools import groupby
from typing import Final

import structlog
from django.db import close_old_connections, connections
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.middleware.gzip import re_accepts_gzip
from django.utils.translation import get_language, override

from bihuan.console import board
from bihuan.console.home import clock
from bihuan.console.live import BEAT_S, FEED, waker
from bihuan.console.scoped import PERSON, TOKEN, position
from bihuan.console.signin import sessions
from bihuan.console.signin.whose import signed_in_person
from bihuan.journal.away import FAILED
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.project import stream_of
from bihuan.journal.read import entries_upto
from bihuan.loop.entries import CaseOpened, Ticked
from bihuan.loop.rights import cases_for
from bihuan.register.entries import SignalReceived
from bihuan.register.rights import Rights, for_user

MOST_READ: Final = 500  # entries of one look; after more every board is drawn anew
LEVEL: Final = 6
BEGIN: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # a gzip stream without a name
BEAT: Final = "event: beat\ndata:\n\n"
log = structlog.get_logger(__name__)


class Seat:
    """One open board: whose it is, and what it is still to be sent.

    own       what is put in by the browser for the marks of the shared text
    position  lane-0 position up to which it has been looked after; -1 = never
    """

    def __init__(self, request: HttpRequest) -> None:
        self.person_id = signed_in_person(request)
        self.key: str = request.session.session_key or ""
        self.user_id: int = int(request.user.pk or 0)
        self.language = get_language() or ""
        self.is_packed = bool(re_accepts_gzip.search(request.headers.get("Accept-Encoding", "")))
        self.own = {TOKEN: get_token(request), PERSON: str(self.person_id)}
        self.news = asyncio.Event()
        self.wake: Callable[[], bool] = bool  # until its stream runs there is nobody to wake
        self.position = -1
        self.cases: frozenset[int] = frozenset()
        self.rings = False
        self.is_over = False
        self._next: Pushed | None = None

    def give(self, pushed: Pushed) -> None:
        """Have it sent; what was not sent yet is out of date and is left out."""
        self._next = pushed
        self.wake()

    def take(self) -> bytes | None:
        """What is to be sent now."""
        pushed, self._next = self._next, None
        return pushed.of(self.is_packed) if pushed is not None else None

    def said(self, event: str) -> bytes:
        """An event of this seat alone, as its stream has it."""
        return block(event) if self.is_packed else event.encode()


class Pushed:
    """One event for many seats, compressed at most once."""

    def __init__(self, event: str) -> None:
        self._plain = event.encode()
        self._packed: bytes | None = None

    def of(self, is_packed: bool) -> bytes:
        """Its bytes in a stream of blocks, or as they are."""
        if not is_packed:
            return self._plain
        if self._packed is None:
            # 1 to 100 random bytes more, so that a length tells nothing (see access/compressed)
            noise = secrets.token_hex(secrets.randbelow(50) + 1)
            self._packed = block(f": {noise}\n") + block(self._plain.decode())
        return self._packed


def block(text: str) -> bytes:
    """Deflated by itself and ended at a byte: blocks of many makers follow one another."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(text.encode()) + packer.flush(zlib.Z_FULL_FLUSH)


class Boards:
    """The open boards of this process, and the thread that works for them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seats: set[Seat] = set()
        self._news = threading.Event()
        self._thread: threading.Thread | None = None
        self._position = 0
        self._rights: dict[int, Rights] = {}

    def join(self, seat: Seat) -> None:
        """A board opens: it gets its part at once, for it may have been drawn a while ago."""
        with self._lock:
            self._seats.add(seat)
            self._news.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="boards", daemon=True)
                self._thread.start()

    def leave(self, seat: Seat) -> None:
        """A board closed; after the last one the thread ends."""
        with self._lock:
            self._seats.discard(seat)
            self._news.set()

    def _hear(self) -> bool:
        self._news.set()
        return True

    def _work(self) -> None:
        FEED.join(self, self._hear)
        try:
            beat_s = time.monotonic()
            while not self._is_over():
                self._news.wait(max(0.0, beat_s + BEAT_S - time.monotonic()))
                self._news.clear()
                is_beat = time.monotonic() - beat_s >= BEAT_S
                if is_beat:
                    beat_s = time.monotonic()
                self._look(is_beat=is_beat)
        finally:
            FEED.leave(self)
            with self._lock:
                if self._thread is threading.current_thread():  # it failed: the next board tries
                    self._thread = None
            connections.close_all()

    def _is_over(self) -> bool:
        with self._lock:
            if not self._seats:
                self._thread = None
            return not self._seats

    def _look(self, *, is_beat: bool) -> None:
        """One round; an error is told and looked past, and the boards' age says that they wait."""
        try:
            self.round(is_beat=is_beat)
        except FAILED as error:
            log.warning("waits for its database", part="boards", error=type(error).__name__)
            close_old_connections()
        except Exception as error:  # noqa: BLE001 - the thread's edge: it must outlive every error, boards turn grey meanwhile
            log.error("boards failed", error=repr(error))

    def round(self, *, is_beat: bool) -> None:
        """Look after every seat once. is_beat: also at sign-ins, and at boards that ring."""
        with self._lock:
            seats = [seat for seat in self._seats if not seat.is_over]
        now_us, at = clock().now_us(), position()
        if is_beat:
            end_over(seats)
        touched = _touched(self._position, at)
        if is_beat or touched is None:
            self._rights.clear()
        due = [
            seat
            for seat in seats
            if not seat.is_over and (seat.position != at or (is_beat and seat.rings))
        ]
        for (person_id, language), some in _by_reader(due):
            concerned = [
                seat
                for seat in some
                if touched is None
                or seat.position != self._position
                or (is_beat and seat.rings)
                or not touched.isdisjoint(seat.cases)
            ]
            if not concerned and touched and self._may_see(person_id, touched, now_us):
                concerned = some
            if concerned:
                with override(language):
                    self._push(concerned, person_id, now_us, at)
            for seat in some:
                seat.position = at
        self._position = at

    def _push(self, seats: list[Seat], person_id: int, now_us: int, at: int) -> None:
        text, cases, rings = board.pushed(self._rights_of(person_id, now_us), now_us)
        event = Pushed(f"event: part\nid: {at}\ndata: {json.dumps(text, ensure_ascii=False)}\n\n")
        for seat in seats:
            seat.cases, seat.rings = cases, rings
            seat.give(event)

    def _may_see(self, person_id: int, touched: frozenset[int], now_us: int) -> bool:
        mine = cases_for(self._rights_of(person_id, now_us))
        return mine.filter(id__in=touched).exists()

    def _rights_of(self, person_id: int, now_us: int) -> Rights:
        if person_id not in self._rights:
            self._rights[person_id] = for_user(person_id or None, now_us)
        return self._rights[person_id]


def _by_reader(seats: list[Seat]) -> Iterable[tuple[tuple[int, str], list[Seat]]]:
    def reader(seat: Seat) -> tuple[int, str]:
        return seat.person_id, seat.language

    return [(who, list(some)) for who, some in groupby(sorted(seats, key=reader), reader)]


def _touched(after: int, upto: int) -> frozenset[int] | None:
    """The cases of the entries between two positions; None = more than cases may have changed."""
    if upto - after > MOST_READ:
        return None
    found: set[int] = set()
    for entry in entries_upto(FACTS_LANE, after, upto):
        if isinstance(entry.payload, Ticked | SignalReceived):
            continue  # what follows from them is an entry of its own
        case_id = entry.id() if isinstance(entry.payload, CaseOpened) else stream_of(entry)
        if case_id is None:
            return None
        found.add(case_id)
    return frozenset(found)


def end_over(seats: list[Seat]) -> None:
    """End the seats whose sign-in is over, or is no longer that person's."""
    alive = sessions.alive({seat.key: seat.user_id for seat in seats}, clock().now_us())
    for seat in seats:
        if alive.get(seat.key) != seat.person_id:
            seat.is_over = True
            seat.wake()


BOARDS = Boards()


async def stream(seat: Seat) -> AsyncIterator[bytes]:
    """The events of one board: `own` once, `part` when something changed on it, `beat`, `over`."""
    seat.wake = waker(seat.news)
    BOARDS.join(seat)
    try:
        begin = BEGIN if seat.is_packed else b""
        yield begin + seat.said(f"retry: 2000\nevent: own\ndata: {json.dumps(seat.own)}\n\n")
        while not seat.is_over:
            try:
                await asyncio.wait_for(seat.news.wait(), BEAT_S)
            except TimeoutError:
                if FEED.is_reading:
                    yield seat.said(BEAT)
                continue
            seat.news.clear()
            if (pushed := seat.take()) is not None:
                yield pushed
        yield seat.said("event: over\ndata:\n\n")
    finally:
        BOARDS.leave(seat)

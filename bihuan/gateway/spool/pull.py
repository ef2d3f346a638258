"""The core's side of the handover: ask, store under the spool's positions, then ask for more.

Exactly once: a frame that is news, or urgent, is known in the journal by its spool and position.
The usual ones are stored page by page; which page is begun is written down before, so that after
a kill the very same page is asked for again, and what of it is in the journal adds nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.db import close_old_connections, connections

from bihuan.base.errors import bad
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.intake import Intake
from bihuan.gateway.mqtt_line.route import unstorable
from bihuan.gateway.spool.hand_over import SLACK_S, URGENT, Ask, Hello, Page
from bihuan.gateway.spool.keys import handed
from bihuan.gateway.spool.line import Line
from bihuan.gateway.spool.post_core import PostIntake
from bihuan.gateway.spool.posted import PROTOCOL
from bihuan.gateway.spool.records import message, read, unpacked
from bihuan.journal.away import AWAY
from bihuan.journal.storage import MAIN
from bihuan.register.senders.acts import in_force
from bihuan.register.spools.models import SpoolOffset

WAIT_S = 10.0
log = structlog.get_logger(__name__)


class Pull:
    """Pulls from spools into the journal; `session` runs in the thread of its line."""

    def __init__(
        self,
        intake: Callable[[], Intake],
        wait_s: float = WAIT_S,
        pages: int | None = None,
        posts: Callable[[], PostIntake] | None = None,
    ) -> None:
        """intake, posts: one for each session. pages: a session ends after so many (None: never).

        posts  None: this core takes nothing that was posted, and hands over no keys
        """
        self._intake, self._wait_s, self._pages, self._posts = intake, wait_s, pages, posts

    def session(self, line: Line) -> None:
        """Pull until the line ends; raises OSError, DatabaseError, BadInputError."""
        spool = read(line.receive(), Hello).spool
        stores = Stores(self._intake(), self._posts() if self._posts is not None else None)
        left, told = self._pages, None
        try:
            while left is None or left > 0:
                at = _offset(spool)
                keys = handed(in_force()) if self._posts is not None else None
                fresh = keys if keys != told else None
                line.send(message(Ask((at.usual, at.urgent), at.begun, self._wait_s, fresh)))
                told = keys
                page = read(line.receive(self._wait_s + SLACK_S), Page)
                if page.arrivals:
                    _take(stores, spool, at, page)
                left = None if left is None else left - 1
        except AWAY:
            close_old_connections()
            raise
        finally:
            connections.close_all()  # those of this thread


@dataclass(frozen=True, slots=True)
class Stores:
    """What stores the frames and the posts of one session."""

    intake: Intake
    posts: PostIntake | None

    def page(self, arrivals: list[Arrival], page: bytes | None) -> None:
        """Frames together, posts each by itself. Raises where the database cannot."""
        frames = [one for one in arrivals if one.protocol != PROTOCOL]
        if frames:
            _store(self.intake, frames, page)
        for one in arrivals:
            if one.protocol != PROTOCOL:
                continue
            if self.posts is None:
                raise bad("post", "a posted request", "a core that takes them")
            self.posts.store(one)


def _offset(spool: str) -> SpoolOffset:
    found = SpoolOffset.objects.using(MAIN).filter(spool=spool).first()
    return found or SpoolOffset(spool=spool)


def _take(stores: Stores, spool: str, at: SpoolOffset, page: Page) -> None:
    """Store a page, then move on; where this ends in between, the same page comes again."""
    last = page.arrivals[-1][0]
    arrivals = [
        unpacked(body, _key(spool, page.queue, position)) for position, body in page.arrivals
    ]
    if page.queue == URGENT:
        stores.page(arrivals, None)
        at.urgent = last
    else:
        if at.begun != last:
            at.begun = last
            at.save(using=MAIN)
        stores.page(arrivals, _key(spool, page.queue, at.usual, last))
        at.usual, at.begun = last, None
    at.save(using=MAIN)


def _store(intake: Intake, arrivals: list[Arrival], page: bytes | None) -> None:
    """Store together; where that fails for an arrival's own sake, each by itself."""
    try:
        intake.store_page(arrivals, page)
    except AWAY:
        raise  # the database, not an arrival: the same page comes again
    except Exception as error:  # noqa: BLE001 - one arrival that cannot be stored must not hold all that follow
        log.error("page not stored at once", error=type(error).__name__)
        for arrival in arrivals:
            _store_alone(intake, arrival)


def _store_alone(intake: Intake, arrival: Arrival) -> None:
    try:
        intake.store([arrival])
    except AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - it is kept as refused, with its bytes
        intake.store([unstorable(arrival, error)])


def _key(spool: str, queue: int, *positions: int) -> bytes:
    said = " ".join(str(word) for word in ("spool", spool, queue, *positions))
    return hashlib.sha256(said.encode()).digest()[:16]

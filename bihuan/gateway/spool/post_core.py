"""Posted requests that waited at a spool, stored by the core's own handlers, each once.

Nobody is there any more who could be told that something is wrong: the good ones of many are
stored, and what is refused is an entry with its faults and the beginning of its bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import structlog

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.time import Clock
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.http import warnings
from bihuan.gateway.http.forms import reader_of
from bihuan.gateway.http.observations import ObservationStore
from bihuan.gateway.http.request import Answer, RefusedError, Request
from bihuan.gateway.http.signals import SignalStore
from bihuan.gateway.http.store_readings import Posted, ReadingStore
from bihuan.gateway.spool.posted import Post, post_of
from bihuan.journal.append import Appender
from bihuan.journal.away import AWAY
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.register.entries import FrameRefused
from bihuan.register.senders.acts import Sender, in_force_at

PROTOCOL: Final = "http"
MOST_KEPT: Final = 16 * 1024  # of the bytes of what is refused
MOST_FAULTS: Final = 20
log = structlog.get_logger(__name__)


class PostIntake:
    """Stores the posts of spools; used by the thread of one line."""

    def __init__(self, clock: Clock, keys: KeyRing) -> None:
        self._clock = clock
        self._readings = ReadingStore(clock)
        signals, observations = SignalStore(clock, keys), ObservationStore(clock, keys)
        self._facts: dict[str, Callable[[Request], Answer]] = {
            "signals": signals.post,
            "camera": signals.post_seen,
            "warnings": partial(warnings.post, clock=clock),
            "observations": observations.post,
        }

    def store(self, arrival: Arrival) -> None:
        """Store one; durable when it returns. Raises where the database cannot.

        Its key (`Arrival.key`) holds for good: after a kill the same one adds nothing.
        """
        faults, raw = self._faults(arrival)
        if faults:
            self._refuse(arrival, faults[:MOST_FAULTS], raw)

    def _faults(self, arrival: Arrival) -> tuple[list[Fault], bytes]:
        try:
            post = post_of(arrival)
        except BadInputError as error:
            return list(error.faults), arrival.raw
        try:
            return self._stored(post, arrival), post.body
        except BadInputError as error:
            return list(error.faults), post.body
        except RefusedError as error:
            return [error.fault], post.body
        except AWAY:
            raise  # the database, not this post: it comes again
        except Exception as error:  # noqa: BLE001 - one post that cannot be stored holds no other
            log.error("post not stored", error=type(error).__name__)
            return [Fault("post", type(error).__name__, "one that can be stored")], post.body

    def _stored(self, post: Post, arrival: Arrival) -> list[Fault]:
        sender = in_force_at(post.sender_id, arrival.received_us)
        if sender is None or post.kind not in sender.kinds:
            return [Fault("key", str(post.sender_id), f"one for {post.kind} that was in force")]
        request = _request(post, arrival, sender)
        if post.kind != "readings":
            return _told(self._facts[post.kind](request))
        checked = reader_of(post.media_type)(post.body)
        (stored,) = self._readings.store([Posted(request, checked, is_lenient=True)])
        if isinstance(stored, Exception):
            raise stored
        return stored.faults

    def _refuse(self, arrival: Arrival, faults: list[Fault], raw: bytes) -> None:
        assert arrival.key is not None
        idem = bytes(255 - byte for byte in arrival.key)  # beside what of it was stored
        with Appender(FACTS_LANE, self._clock) as lane:
            if lane.last_with(idem, 0) is None:
                lane.append(
                    FrameRefused(
                        protocol=PROTOCOL,
                        device=None,
                        raw=raw[:MOST_KEPT],
                        faults=[fault.as_dict() for fault in faults],
                    ),
                    idem=idem,
                )


def _request(post: Post, arrival: Arrival, sender: Sender) -> Request:
    assert arrival.key is not None
    return Request(
        sender=sender,
        method="POST",
        path="",
        query=post.query,
        headers={"content-type": post.media_type},
        body=post.body,
        key=f"spool {arrival.key.hex()}",
        received_us=arrival.received_us,
        is_spooled=True,
    )


def _told(answer: Answer) -> list[Fault]:
    """The faults of an answer that is no success."""
    if answer.status < 400:
        return []
    told: Any = json.loads(answer.content)
    return [Fault(one["field"], one["got"], one["want"]) for one in told["faults"]]

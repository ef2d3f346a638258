"""What stores arrivals at a spool: durable here, and what is news is decided here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from bihuan.base.errors import Fault
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.http.request import RefusedError
from bihuan.gateway.intake import SERIAL_WINDOW_US
from bihuan.gateway.news import News
from bihuan.gateway.spool.posted import IS_URGENT
from bihuan.gateway.spool.records import packed
from bihuan.gateway.spool.store import Row, Spool


class SpoolIntake:
    """Keeps arrivals in a spool; `rung` is called after each commit."""

    def __init__(self, spool: Spool, rung: Callable[[], object]) -> None:
        self._spool, self._rung = spool, rung
        self._news = News()
        self._turn = threading.Lock()  # the file has one connection, and two threads store

    def store(self, arrivals: Sequence[Arrival]) -> None:
        """Return when these are durable; what carries news goes before what only measures."""
        rows = []
        for arrival in arrivals:
            spoken = self._news.of(arrival)
            body = packed(replace(arrival, spoken=spoken))
            rows.append(Row(bool(spoken), arrival.idem, arrival.received_us, body))
        with self._turn:
            self._spool.append(rows, SERIAL_WINDOW_US)
        for arrival in arrivals:
            self._news.remember(arrival)
        self._rung()

    def store_post(self, arrival: Arrival, idem: bytes | None) -> bool:
        """Keep one posted request; whether it is new. Durable when it returns.

        idem  16 bytes of who and key, 16 of the body: raises RefusedError 409 for another body
        """
        row = Row(IS_URGENT[arrival.decoded.kind], idem, arrival.received_us, packed(arrival))
        with self._turn:
            since_us = arrival.received_us - SERIAL_WINDOW_US
            if idem is not None and self._spool.knows_beside(idem, since_us):
                fault = Fault("Idempotency-Key", "another body", "the body it came with")
                raise RefusedError(409, fault)
            is_new = self._spool.append([row], SERIAL_WINDOW_US) == 1
        self._rung()
        return is_new

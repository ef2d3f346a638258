"""A gateway with its HTTP intake on a real socket, and what a test posts to it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import http.client
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connections

from bihuan.base.time import MovableClock
from bihuan.gateway.http.server import HttpServer
from bihuan.gateway.intake import Intake
from bihuan.gateway.worker import StoreWorker
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.payloads import Payload
from bihuan.journal.read import entries, read_batches
from bihuan.journal.series import SeriesKey
from bihuan.journal.storage import reading_lanes
from bihuan.register.senders.acts import Issued, Scope, issue

P = TypeVar("P", bound=Payload)
AT = "2026-03-02T08:00:00+08:00"
AT_US = 1_772_409_600_000_000


@dataclass(frozen=True)
class Got:
    """An answer as it came over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def fields(self) -> list[str]:
        """The fields of the faults."""
        return [fault["field"] for fault in self.json["faults"]]


class Posting:
    """Posts to a port of loopback; one connection for each request."""

    def __init__(self, port: int, token: str = "") -> None:
        self.port, self.token = port, token

    def post(self, path: str, body: Any, **more: Any) -> Got:
        return self.ask("POST", path, body, **more)

    def get(self, path: str, **more: Any) -> Got:
        return self.ask("GET", path, b"", **more)

    def ask(
        self,
        method: str,
        path: str,
        body: Any,
        *,
        token: str | None = None,
        media: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> Got:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        said = {"Content-Type": media, **(headers or {})}
        bearer = self.token if token is None else token
        if bearer:
            said["Authorization"] = f"Bearer {bearer}"
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            line.request(method, path, raw, said)
            answer = line.getresponse()
            found = {name.lower(): text for name, text in answer.getheaders()}
            return Got(answer.status, found, answer.read())
        finally:
            line.close()


@dataclass
class Gate:
    """Runs a gateway while a test talks to it from another thread."""

    clock: MovableClock
    keys: KeyRing
    status: str = "open"
    intake: Intake | None = None

    def talk(self, token: str, talk: Callable[[Posting], None]) -> None:
        worker = StoreWorker(self.intake or Intake(self.clock, self.keys))
        worker.start()
        try:
            asyncio.run(self._talk(worker, token, talk))
        finally:
            worker.stop()

    async def _talk(self, worker: StoreWorker, token: str, talk: Callable[[Posting], None]) -> None:
        server = HttpServer(worker, self.clock, self.keys, lambda _position: self.status)
        port = await server.start("127.0.0.1", 0)
        try:
            await asyncio.to_thread(_and_close, talk, Posting(port, token))
        finally:
            await server.stop()


def _and_close(talk: Callable[[Posting], None], line: Posting) -> None:
    try:
        talk(line)
    finally:
        connections.close_all()  # this thread's own


def key_for(clock: MovableClock, *kinds: str, **scope: Any) -> Issued:
    """A key for some kinds; areas=[…], devices=[…], rows_per_s=…"""
    return issue("测试站", Scope(kinds=kinds, **scope), clock)


def reading(device: str, value: object = 72, **changes: Any) -> dict[str, Any]:
    """A heart rate of a band, as it is posted."""
    said = {"device": f"watch/{device}", "channel": "heart_rate", "value": value, "unit": "bpm"}
    return {**said, "at": AT, **changes}


def stored() -> list[tuple[SeriesKey, str, str, int, float, int]]:
    """Every reading in the journal: series, channel, unit, event µs, value, quality."""
    found = []
    for lane in reading_lanes():
        for place in read_batches(lane):
            batch = place.batch
            for n in range(len(batch)):
                channel = place.slots.channel(int(batch.channel[n]))
                series = place.slots.series(int(batch.series[n]))
                at = (int(batch.event_us[n]), float(batch.value[n]), int(batch.quality[n]))
                found.append((series, *channel, *at))
    return found


def said(kind: type[P]) -> list[P]:
    """Every payload of one type in lane 0, in order."""
    return [e.payload for e in entries(FACTS_LANE) if isinstance(e.payload, kind)]


def signed(issued: Issued, key: str, body: bytes, at_us: int = AT_US) -> dict[str, str]:
    """The headers of a signed request, made by the rule of the page."""
    at_s = at_us // 1_000_000
    over = f"{at_s}.{key}.".encode() + body
    mark = hmac.new(issued.secret.encode(), over, hashlib.sha256).hexdigest()
    return {
        "Bihuan-Sender": str(issued.id),
        "Bihuan-Id": key,
        "Bihuan-Signature": f"t={at_s},v1={mark}",
    }

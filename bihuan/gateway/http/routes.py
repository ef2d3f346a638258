"""What can be posted and asked for, by whom, how large, and which thread does it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.conf import settings

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.time import Clock
from bihuan.gateway import http_thingsboard
from bihuan.gateway.credentials import Credentials
from bihuan.gateway.http import open311, warnings
from bihuan.gateway.http.access import Meter
from bihuan.gateway.http.forms import reader_of
from bihuan.gateway.http.observations import ObservationStore
from bihuan.gateway.http.request import Answer, RefusedError, Request, listed, said
from bihuan.gateway.http.signals import SignalStore
from bihuan.gateway.http.store_readings import (
    MOST_WAITING,
    PER_TURN,
    Posted,
    ReadingStore,
    Stored,
)
from bihuan.gateway.mqtt.payload import MAX_BYTES
from bihuan.gateway.mqtt.thingsboard import ThingsBoard
from bihuan.gateway.worker import Stage, StoreWorker
from bihuan.journal.keys import KeyRing
from bihuan.register.senders.acts import in_force

Handler = Callable[[Request], Awaitable[Answer]]
KB: Final = 1024
INLINE_BYTES: Final = 64 * KB  # more is decoded in a thread, so that devices are answered meanwhile
STORED_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Route:
    """One address. kind: what the sender's key must be for."""

    method: str
    path: str
    kind: str
    handler: Handler
    most_bytes: int
    is_metered_by_rows: bool = False
    is_public: bool = False
    has_key_in_form: bool = False
    has_key_in_path: bool = False


class Routes:
    """The addresses of one gateway; what is stored goes through its worker."""

    def __init__(
        self, worker: StoreWorker, clock: Clock, keys: KeyRing, status_of: open311.StatusOf
    ) -> None:
        self._worker, self._clock = worker, clock
        self._meter = Meter(clock)
        self._hub, self._credentials = ThingsBoard(), Credentials(settings.BIHUAN_DATA)
        readings = ReadingStore(clock)
        signals = SignalStore(clock, keys)
        self._readings = Stage("posted readings", 3, readings.store, PER_TURN, MOST_WAITING)
        self._facts = Stage("posted facts", 1, _each, 50, 5_000)
        requests = open311.Requests(signals, keys, status_of)
        observations = ObservationStore(clock, keys)
        cap = partial(warnings.post, clock=clock)
        base = "/open311/v2"
        self.routes = (
            Route("POST", "/v1/readings", "readings", self.readings, 4 * KB * KB, True),
            Route("POST", "/v1/signals", "signals", self._fact(signals.post), 1 * KB * KB),
            Route("POST", "/v1/camera", "camera", self._fact(signals.post_seen), 256 * KB),
            Route("POST", "/v1/warnings", "warnings", self._fact(cap), 1 * KB * KB),
            Route("GET", "/v1/warnings", "warnings", self._fact(warnings.get), 0),
            Route(
                "POST", "/fhir/Observation", "observations", self._fact(observations.post), KB * KB
            ),
            Route("GET", f"{base}/services", "", _at_once(open311.services), 0, is_public=True),
            Route(
                "POST",
                f"{base}/requests",
                "requests",
                self._fact(requests.post),
                64 * KB,
                has_key_in_form=True,
            ),
            Route("GET", f"{base}/requests", "requests", self._fact(requests.get), 0),
            Route("POST", "/api/v1", "", self.thingsboard, MAX_BYTES, has_key_in_path=True),
        )

    async def load_senders(self) -> list[Any]:
        """The keys in force, read by the worker's thread."""
        return list(await self._told(self._facts, in_force))

    async def do(self, call: Callable[[], object]) -> object:
        """Have the worker's thread do something between requests."""
        return await self._told(self._facts, call)

    async def readings(self, request: Request) -> Answer:
        """Store readings: 201, 200 where they were known, 422 with the lines that are wrong."""
        read = reader_of(request.media_type)
        if len(request.body) <= INLINE_BYTES:
            checked = read(request.body)
        else:
            checked = await asyncio.to_thread(read, request.body)
        is_lenient = request.is_lenient
        rows = len(checked.columns)
        if checked.faults and (not is_lenient or not rows):
            return _told_readings(Stored(0, checked.faults, checked.lines))
        self._meter.take(request.sender, rows)
        stored = await self._told(self._readings, Posted(request, checked, is_lenient), rows)
        return _told_readings(stored)

    async def thingsboard(self, request: Request) -> Answer:
        """The ThingsBoard device API: `TOKEN/telemetry` or `TOKEN/attributes`; 200 once durable."""
        token, _, kind = request.path.partition("/")
        asked = (token, kind)
        holder = self._credentials.holder
        taken = http_thingsboard.take(self._hub, holder, asked, request.body, request.received_us)
        futures = [asyncio.wrap_future(self._worker.submit(one)) for one in taken.arrivals]
        if futures:
            await asyncio.wait_for(asyncio.gather(*futures), STORED_S)
        return Answer(taken.status, taken.body)

    def _fact(self, store: Callable[[Request], Answer]) -> Handler:
        async def handle(request: Request) -> Answer:
            answer: Answer = await self._told(self._facts, partial(store, request))
            return answer

        return handle

    async def _told(self, stage: Stage, item: object, weight: int = 1) -> Any:
        future = asyncio.wrap_future(self._worker.put(stage, item, weight))
        return await asyncio.wait_for(future, STORED_S)


def route_of(routes: Sequence[Route], method: str, path: str) -> tuple[Route, str]:
    """The route of a path and what follows it; raises RefusedError 404 or 405."""
    fitting = [one for one in routes if _rest(one.path, path) is not None]
    for one in fitting:
        if one.method == method:
            return one, _rest(one.path, path) or ""
    if fitting:
        allowed = ", ".join(sorted({one.method for one in fitting}))
        raise RefusedError(405, Fault("method", method[:16], allowed), {"Allow": allowed})
    raise RefusedError(404, Fault("path", path[:80], "one of this gateway's"))


def _rest(prefix: str, path: str) -> str | None:
    if not path.startswith(prefix):
        return None
    rest = path[len(prefix) :]
    return rest.lstrip("/") if not rest or rest[0] in "/." else None


def _each(calls: Sequence[Callable[[], object]]) -> list[object]:
    """Do each by itself: what is wrong with one is no other's affair."""
    answers: list[object] = []
    for call in calls:
        try:
            answers.append(call())
        except (BadInputError, RefusedError) as error:
            answers.append(error)
    return answers


def _at_once(answer: Callable[[Request], Answer]) -> Handler:
    async def handle(request: Request) -> Answer:
        return answer(request)

    return handle


def _told_readings(stored: Stored) -> Answer:
    told: dict[str, object] = {"stored": stored.rows, "new": stored.is_new}
    if stored.faults:
        told |= {"faults": listed(stored.faults, stored.lines), "count": len(stored.faults)}
    if not stored.rows:
        return said(422, told)
    return said(201 if stored.is_new else 200, told)

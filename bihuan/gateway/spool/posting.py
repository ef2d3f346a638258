"""What can be posted at a spool: checked in its form, kept, and answered 202 once it is durable."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from bihuan.base.time import Clock
from bihuan.gateway.http.access import Meter
from bihuan.gateway.http.request import Answer, RefusedError, Request, said
from bihuan.gateway.http.routes import INLINE_BYTES, KB, STORED_S, Handler, Route
from bihuan.gateway.spool.intake import SpoolIntake
from bihuan.gateway.spool.posted import IS_URGENT, arrival_of, identity_of, rows_of
from bihuan.gateway.worker import Stage, StoreWorker

# address, kind of key, most bytes: as at the core
ADDRESSES: Final = (
    ("/v1/readings", "readings", 4 * KB * KB),
    ("/v1/signals", "signals", KB * KB),
    ("/v1/camera", "camera", 256 * KB),
    ("/v1/warnings", "warnings", KB * KB),
    ("/fhir/Observation", "observations", KB * KB),
)
MOST_WAITING_ROWS: Final = 200_000


class ZoneRoutes:
    """The addresses of a spool; what is kept goes through its worker."""

    def __init__(self, worker: StoreWorker, intake: SpoolIntake, clock: Clock) -> None:
        self._worker = worker
        self._meter = Meter(clock)
        self._intake = intake
        self._facts = Stage("posted facts", 1, self._keep, 50, 5_000)
        self._rows = Stage("posted readings", 3, self._keep, 16_000, MOST_WAITING_ROWS)
        self.routes = tuple(
            Route("POST", path, kind, self._handler(kind), most, kind == "readings")
            for path, kind, most in ADDRESSES
        )

    def _handler(self, kind: str) -> Handler:
        async def handle(request: Request) -> Answer:
            return await self._post(kind, request)

        return handle

    async def _post(self, kind: str, request: Request) -> Answer:
        if len(request.body) <= INLINE_BYTES:
            rows = rows_of(kind, request)
        else:
            rows = await asyncio.to_thread(rows_of, kind, request)
        if kind == "readings":
            self._meter.take(request.sender, rows)
        stage = self._facts if IS_URGENT[kind] else self._rows
        future = self._worker.put(stage, (kind, request), rows if stage is self._rows else 1)
        is_new = await asyncio.wait_for(asyncio.wrap_future(future), STORED_S)
        return said(202 if is_new else 200, {"kept": rows, "new": is_new})

    def _keep(self, asked: Sequence[tuple[str, Request]]) -> list[object]:
        answers: list[object] = []
        for kind, request in asked:
            idem = identity_of(kind, request)
            try:
                answers.append(self._intake.store_post(arrival_of(kind, request), idem))
            except RefusedError as error:
                answers.append(error)
        return answers

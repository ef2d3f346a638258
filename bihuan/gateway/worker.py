"""Two threads that store what all connections receive: bounded, urgent first, in groups.

Work comes in stages. A lower rank goes first, and each stage is bounded by itself: when one is
full its senders wait or are told to, and the others go on. What waits together in one stage is
stored together: one commit for many.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from django.db import close_old_connections, connections

from bihuan.base.errors import BadInputError
from bihuan.gateway.arrival import Arrival

URGENT = {"sos", "fall"}
PER_TURN = 100  # frames: about 10 ms, so that what is behind them waits no longer
FIRST_USUAL = 2  # lower ranks have a thread of their own
LETS_S = 0.25  # at most so long a turn of the others waits for what is urgent
log = structlog.get_logger(__name__)


class Stores(Protocol):
    """What makes frames durable: the journal's intake, or a spool's."""

    def store(self, arrivals: Sequence[Arrival]) -> None:
        """Return when these are durable; raise where one is not."""


class QueueFullError(RuntimeError):
    """The stage is at its bound; try again when something was stored."""


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """One kind of work of the worker's thread.

    rank      0 goes before everything else; 0 and 1 do not wait for any other
    store     makes items durable and returns what each is told; an exception in place of an
              answer is that item's own fault, one that is raised is everybody's
    per_turn  weight that is stored at once, at least one item
    most      weight that may wait; None: always finds room
    """

    name: str
    rank: int
    store: Callable[[Sequence[Any]], Sequence[object]]
    per_turn: int
    most: int | None


def calls(name: str, rank: int, per_turn: int, most: int | None) -> Stage:
    """A stage whose items are calls, each done by itself: what is wrong with one is its own."""

    def each(items: Sequence[Callable[[], object]]) -> list[object]:
        answers: list[object] = []
        for call in items:
            try:
                answers.append(call())
            except BadInputError as error:
                answers.append(error)
        return answers

    return Stage(name, rank, each, per_turn, most)


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    stage: Stage
    item: Any
    weight: int
    future: Future[Any]


class StoreWorker:
    """Stores in two threads, each with database connections of its own.

    What is urgent has one for itself, so that it never waits for a turn of readings; and no turn
    of readings begins while something urgent waits or is stored, since both need one database.
    """

    def __init__(self, intake: Stores, most: int = 10_000) -> None:
        self._intake = intake
        self._urgent = Stage("urgent frames", 0, self._frames, PER_TURN, None)
        self._usual = Stage("frames", 2, self._frames, PER_TURN, most)
        urgent = _Queue("gateway-urgent")
        self._queues = (urgent, _Queue("gateway-store", urgent))

    def start(self) -> None:
        for queue in self._queues:
            queue.thread.start()

    def stop(self) -> None:
        """Store what is queued, then end."""
        for queue in self._queues:
            queue.stop()

    def submit(self, arrival: Arrival) -> Future[Any]:
        """Queue a frame; the future is done when it is durable. Raises QueueFullError."""
        is_urgent = any(signal.kind in URGENT for signal in arrival.decoded.signals)
        return self.put(self._urgent if is_urgent else self._usual, arrival)

    def put(self, stage: Stage, item: Any, weight: int = 1) -> Future[Any]:
        """Queue an item of a stage; the future has its answer once it is durable.

        Raises QueueFullError where the stage holds its most.
        """
        return self._queues[stage.rank >= FIRST_USUAL].put(stage, item, weight)

    def _frames(self, arrivals: Sequence[Arrival]) -> Sequence[object]:
        try:
            self._intake.store(arrivals)
        except Exception:
            if len(arrivals) == 1:
                raise
            close_old_connections()
            return [self._alone(arrival) for arrival in arrivals]
        return [None] * len(arrivals)

    def _alone(self, arrival: Arrival) -> Exception | None:
        """Store by itself what failed with others: one frame that cannot be costs no other."""
        try:
            self._intake.store([arrival])
        except Exception as error:  # noqa: BLE001 - told to its own sender: not stored, so not acknowledged
            close_old_connections()
            return error
        return None


class _Queue:
    """What waits for one thread, lowest rank first, and the thread.

    first: whose work goes before a turn of this one
    """

    def __init__(self, name: str, first: _Queue | None = None) -> None:
        self._first = first
        self._is_busy = False
        self._heap: list[tuple[int, int, _Work]] = []
        self._waiting: Counter[str] = Counter()
        self._count = itertools.count()
        self._ready = threading.Condition()
        self._stopping = False
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)

    def stop(self) -> None:
        with self._ready:
            self._stopping = True
            self._ready.notify_all()
        self.thread.join()

    def put(self, stage: Stage, item: Any, weight: int) -> Future[Any]:
        future: Future[Any] = Future()
        with self._ready:
            waiting = self._waiting[stage.name]
            if stage.most is not None and waiting and waiting + weight > stage.most:
                raise QueueFullError
            self._waiting[stage.name] += weight
            work = _Work(stage, item, weight, future)
            heapq.heappush(self._heap, (stage.rank, next(self._count), work))
            self._ready.notify_all()
        return future

    def wait_until_idle(self, most_s: float) -> bool:
        """Wait until nothing waits or is stored here; whether that came within the time."""
        with self._ready:
            return self._ready.wait_for(lambda: not self._heap and not self._is_busy, most_s)

    def _take(self) -> list[_Work]:
        with self._ready:
            self._is_busy = False
            self._ready.notify_all()
            while not self._heap and not self._stopping:
                self._ready.wait()
            taken: list[_Work] = []
            weight = 0
            while self._heap:
                work = self._heap[0][2]
                is_other = taken and work.stage is not taken[0].stage
                if is_other or (taken and weight + work.weight > work.stage.per_turn):
                    break
                heapq.heappop(self._heap)
                taken.append(work)
                weight += work.weight
            if taken:
                self._waiting[taken[0].stage.name] -= weight
                self._is_busy = True
            return taken

    def _run(self) -> None:
        try:
            self._work()
        finally:
            connections.close_all()  # this thread's own

    def _work(self) -> None:
        while taken := self._take():
            stage = taken[0].stage
            if self._first is not None:
                self._first.wait_until_idle(LETS_S)
            try:
                answers = stage.store([work.item for work in taken])
            except Exception as error:  # noqa: BLE001 - the process edge: nothing is acknowledged, senders send again
                log.error("not stored", stage=stage.name, items=len(taken), error=repr(type(error)))
                close_old_connections()
                answers = [error] * len(taken)
            for work, answer in zip(taken, answers, strict=True):
                with suppress(InvalidStateError):  # its sender is gone; what is stored is stored
                    if isinstance(answer, BaseException):
                        work.future.set_exception(answer)
                    else:
                        work.future.set_result(answer)

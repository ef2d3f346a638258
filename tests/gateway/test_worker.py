"""The storing thread: stages by rank, each bounded, each item told its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from bihuan.base.errors import bad
from bihuan.base.time import MovableClock
from bihuan.gateway.intake import Intake
from bihuan.gateway.worker import QueueFullError, Stage, StoreWorker
from bihuan.journal.keys import KeyRing


@pytest.fixture
def worker(clock: MovableClock, keys: KeyRing) -> StoreWorker:
    return StoreWorker(Intake(clock, keys))


def test_worker_stores_lower_ranks_first_and_groups_by_weight(worker: StoreWorker) -> None:
    turns: list[tuple[str, list[Any]]] = []

    def stage(name: str, rank: int, per_turn: int) -> Stage:
        def store(items: Sequence[Any]) -> list[object]:
            turns.append((name, list(items)))
            return [f"{name} {item}" for item in items]

        return Stage(name, rank, store, per_turn, 100)

    readings, facts = stage("readings", 3, 10), stage("facts", 2, 10)
    futures = [worker.put(readings, n, weight) for n, weight in enumerate((4, 6, 1, 50))]
    futures.append(worker.put(facts, "sos"))
    worker.start()
    worker.stop()
    assert turns == [("facts", ["sos"]), ("readings", [0, 1]), ("readings", [2]), ("readings", [3])]
    assert [future.result(5) for future in futures] == [
        *(f"readings {n}" for n in range(4)),
        "facts sos",
    ]


def test_worker_bounds_each_stage_by_itself(worker: StoreWorker) -> None:
    full = Stage("full", 3, lambda items: [None] * len(items), 10, 10)
    free = Stage("free", 1, lambda items: [None] * len(items), 10, 10)
    worker.put(full, "a", 8)
    with pytest.raises(QueueFullError):
        worker.put(full, "b", 3)
    worker.put(free, "c", 10)
    worker.start()
    worker.stop()


def test_worker_tells_each_item_its_own_fault(worker: StoreWorker) -> None:
    mixed = Stage("mixed", 1, lambda items: [bad("a", item, "b") for item in items], 10, None)
    broken = Stage("broken", 2, lambda _items: 1 / 0, 10, None)  # type: ignore[return-value, arg-type] # breaks
    futures = [worker.put(mixed, 1), worker.put(mixed, 2), worker.put(broken, 3)]
    futures[0].cancel()  # its sender is gone: the others are told all the same
    worker.start()
    worker.stop()
    assert "got 2" in str(futures[1].exception(5))
    assert isinstance(futures[2].exception(5), ZeroDivisionError)

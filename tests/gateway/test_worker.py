"""The storing thread: stages by rank, each bounded, each item told its own."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from bihuan.base.errors import bad
from bihuan.base.time import MovableClock
from bihuan.gateway import worker as module
from bihuan.gateway.intake import Intake
from bihuan.gateway.worker import QueueFullError, Stage, StoreWorker
from bihuan.journal.keys import KeyRing

WITHIN_S = 20.0


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


def test_no_turn_of_readings_begins_while_something_urgent_is_stored(
    worker: StoreWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both need one database: whoever holds its lock lets the other wait."""
    monkeypatch.setattr(module, "LETS_S", WITHIN_S)
    happened: list[str] = []
    begun, go_on, readings_begun = threading.Event(), threading.Event(), threading.Event()

    def urgent(items: Sequence[Any]) -> list[object]:
        begun.set()
        go_on.wait(WITHIN_S)
        happened.append("sos stored")
        return [None] * len(items)

    def usual(items: Sequence[Any]) -> list[object]:
        happened.append("readings begun")
        readings_begun.set()
        return [None] * len(items)

    worker.start()
    worker.put(Stage("sos", 0, urgent, 10, None), "sos")
    assert begun.wait(WITHIN_S)
    stored = worker.put(Stage("readings", 3, usual, 10, 100), "reading")
    assert not readings_begun.wait(0.05)
    go_on.set()
    stored.result(WITHIN_S)
    worker.stop()
    assert happened == ["sos stored", "readings begun"]


def test_readings_go_on_when_what_is_urgent_does_not_end(worker: StoreWorker) -> None:
    go_on = threading.Event()

    def urgent(items: Sequence[Any]) -> list[object]:
        go_on.wait(WITHIN_S)
        return [None] * len(items)

    worker.start()
    first = worker.put(Stage("sos", 0, urgent, 10, None), "sos")
    usual = Stage("readings", 3, lambda items: [None] * len(items), 10, 100)
    worker.put(usual, "reading").result(WITHIN_S)
    assert not first.done()
    go_on.set()
    first.result(WITHIN_S)
    worker.stop()

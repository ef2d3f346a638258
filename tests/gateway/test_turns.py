"""Whose turn it is to write: handed on in line, what is urgent first, whatever goes wrong."""

from __future__ import annotations

import threading

import pytest

from bihuan.gateway.turns import URGENT, USUAL, Turns

WITHIN_S = 20.0


class Asker(threading.Thread):
    """Asks for the turn, notes its name and passes it on."""

    def __init__(self, turns: Turns, name: str, rank: int, had: list[str]) -> None:
        super().__init__(name=name, daemon=True)
        self._turns, self._rank, self._had = turns, rank, had

    def run(self) -> None:
        with self._turns.mine(self._rank):
            self._had.append(self.name)


def stand_in_line(turns: Turns, askers: list[Asker]) -> None:
    """Start them one after the other, each once the one before it waits."""
    for n, asker in enumerate(askers):
        asker.start()
        waiting = threading.Event()
        while len(turns._waiting) <= n:
            assert not waiting.wait(0.001)


def test_turn_goes_to_the_urgent_and_then_to_who_waits_longest() -> None:
    turns, had = Turns(), list[str]()
    said = [("first", USUAL), ("second", USUAL), ("sos", URGENT), ("fall", URGENT)]
    askers = [Asker(turns, name, rank, had) for name, rank in said]
    with turns.mine():
        stand_in_line(turns, askers)
        assert had == []
    for asker in askers:
        asker.join(WITHIN_S)
    assert had == ["sos", "fall", "first", "second"]
    with turns.mine():
        had.append("free again")
    assert had[-1] == "free again"


def test_turn_is_handed_over_and_not_taken_again_by_who_had_it() -> None:
    turns, had = Turns(), list[str]()
    asker = Asker(turns, "waits", USUAL, had)
    with turns.mine():
        stand_in_line(turns, [asker])
    with turns.mine():
        had.append("again")
    asker.join(WITHIN_S)
    assert had == ["waits", "again"]


def test_turn_of_who_fails_is_passed_on() -> None:
    turns, had = Turns(), list[str]()
    asker = Asker(turns, "waits", USUAL, had)

    def fail() -> None:
        with turns.mine():
            stand_in_line(turns, [asker])
            raise RuntimeError("not stored")

    with pytest.raises(RuntimeError, match="not stored"):
        fail()
    asker.join(WITHIN_S)
    assert had == ["waits"]

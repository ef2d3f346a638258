"""The database is away for 300 s: nothing is taken for stored, nothing is lost, no storm after."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from django.db import Error, InterfaceError, OperationalError

from bihuan.base.time import datetime_of
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN
from bihuan.gateway.intake import Intake
from bihuan.gateway.simulate import SOS_BIT, alarm_frame
from bihuan.journal.models import Entry
from bihuan.loop import engine as engines
from bihuan.loop.channels import Message, Told
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.models import Case, Delivery
from bihuan.wiring.processes import POLL_S, turn
from bihuan.wiring.watchdog import Watchdog
from tests.away import away
from tests.county import BAND, CHANNEL, World
from tests.rebuilt import differences

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]


def through(world: World, seconds: int, *tries: Callable[[], object]) -> None:
    """Let time pass while the parts try each second, and each time find no database."""
    with away():
        for _second in range(seconds):
            world.wall.advance(seconds=1)
            for attempt in tries:
                with pytest.raises(OperationalError):
                    attempt()


def pressed(world: World) -> Arrival:
    """An SOS of the elder's band, decoded from its bytes."""
    at_us = world.clock.now_us()
    raw = alarm_frame(BAND, "0001", (30.1, 119.2), (SOS_BIT,), at_us)
    decoder = PROTOCOLS["watch"].decoder(PLAIN)
    decoded = decoder.decode(raw, datetime_of(at_us))
    return Arrival("watch", raw, decoded, at_us)


def test_ladder_climbs_one_step_after_an_outage_and_nobody_is_called_twice(world: World) -> None:
    """The first step waits 180 s; 300 s later the second is due, the third is not."""
    people = world.people
    world.press()
    world.settle()
    assert world.phones.take() == {(people.daughter, "call"): 1, (people.secretary, "call"): 1}
    through(world, 300, world.engine.run_once, world.dispatcher.run_once)
    world.settle()
    assert world.phones.take() == {(people.town_officer, "call"): 1}
    world.wall.advance(seconds=179)
    world.settle()
    assert world.phones.take() == {}
    world.wall.advance(seconds=1)
    world.settle()
    assert world.phones.take() == {(people.commander, "call"): 1}
    assert differences() == []


def test_signal_recorded_before_the_outage_is_decided_after_it(world: World) -> None:
    world.press()
    through(world, 300, world.engine.run_once)
    assert Case.objects.count() == 0
    world.settle()
    people = world.people
    assert world.phones.take() == {(people.daughter, "call"): 1, (people.secretary, "call"): 1}
    assert Case.objects.count() == 1


def test_frame_of_the_outage_is_not_taken_for_stored_and_is_stored_when_it_comes_again(
    world: World,
) -> None:
    """The gateway answers only what is stored, so the band sends its press again."""
    intake, arrival = Intake(world.clock, world.keys), pressed(world)
    assert [signal.kind for signal in arrival.decoded.signals] == ["sos"]
    through(world, 300, lambda: intake.store([arrival]))
    assert Entry.objects.filter(type="signal.received.v1").count() == 0
    for _again in range(2):
        intake.store([arrival])
    assert Entry.objects.filter(type="signal.received.v1").count() == 1
    world.settle()
    people = world.people
    assert world.phones.take() == {(people.daughter, "call"): 1, (people.secretary, "call"): 1}


def test_watchdog_survives_the_outage_and_sends_no_dead_man_signal(world: World) -> None:
    heard: list[int] = []
    dog = Watchdog(world.wall, frozenset(), lambda: heard.append(1))
    dog.step()
    assert len(heard) == 1
    with away():
        for _minute in range(5):
            world.wall.advance(minutes=1)
            dog.step()
    assert len(heard) == 1
    world.wall.advance(minutes=1)
    dog.step()
    assert len(heard) == 2


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_part_outlives_whatever_the_database_says(world: World, kind: type[Error]) -> None:
    """A closed connection is told by an InterfaceError, which is no DatabaseError."""

    def one_turn() -> float:
        world.engine.run_once()
        return float(world.engine.next_due_us() or 0)

    with away(kind):
        assert turn("engine", one_turn) == POLL_S
    world.press()
    with away(kind), pytest.raises(kind):
        world.engine.run_once()
    world.settle()
    assert Case.objects.count() == 1
    world.phones.take()


def test_locked_key_ring_makes_no_signal_undecided(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ring is a file of its own: its lock is no fault of the signal that needs a key."""
    world.press()
    whole = engines.SIGNAL_STREAM.decide

    def locked(*_given: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(type(engines.SIGNAL_STREAM), "decide", property(lambda _of: locked))
    with pytest.raises(sqlite3.OperationalError):
        world.engine.run_once()
    assert turn("engine", lambda: float(world.engine.run_once())) == POLL_S
    monkeypatch.undo()
    assert engines.SIGNAL_STREAM.decide is whole
    world.settle()
    assert world.types("signal.undecided.v1") == []
    assert Case.objects.count() == 1
    world.phones.take()


class GoingDown:
    """A phone network that needs the database for its first message, and finds it away."""

    name, ring_s = CHANNEL, 45

    def __init__(self, world: World, is_before: bool) -> None:
        self._world, self._is_before, self._has_gone = world, is_before, False

    def send(self, message: Message, now_us: int) -> list[Told]:
        if self._is_before and not self._has_gone:
            self._has_gone = True
            raise OperationalError("the database is away")
        return self._world.phones.send(message, now_us)


@pytest.mark.parametrize("is_before", [True, False])
def test_message_taken_when_the_database_goes_leaves_once_and_is_told(
    world: World, is_before: bool
) -> None:
    """It was marked as attempted: 300 s later its fate is known, and nobody is called twice."""
    people = world.people
    network = GoingDown(world, is_before)
    dispatcher = Dispatcher(world.clock, {CHANNEL: network}, "dispatcher-1")
    world.press()
    world.engine.run_once()
    if is_before:
        with pytest.raises(OperationalError):
            dispatcher.run_once()
    else:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("bihuan.loop.dispatch.append_told", _gone)
            with pytest.raises(OperationalError):
                dispatcher.run_once()
    assert Delivery.objects.filter(state="attempted").count() == 2
    through(world, 300, dispatcher.run_once)
    dispatcher.recover()
    dispatcher.run_once()
    assert world.phones.take() == {(people.daughter, "call"): 1, (people.secretary, "call"): 1}
    assert set(Delivery.objects.values_list("state", flat=True)) == {"no_answer"}  # rang 45 s
    assert differences() == []


def _gone(*_given: object) -> int:
    raise OperationalError("the database is away")

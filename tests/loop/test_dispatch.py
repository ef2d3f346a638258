"""Messages leave once; an attempt without an outcome is unknown, visible and never sent again."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from django.db import connections

from bihuan.loop import answer
from bihuan.loop.channels import Message, Told
from bihuan.loop.dispatch import LEASE_US, Dispatcher
from bihuan.loop.models import Delivery, DispatchLease
from tests.county import CHANNEL, Killed, PhoneNetwork, World, calls

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]


def fate(world: World, person: int) -> str:
    return Delivery.objects.filter(person_id=person).latest("id").state


def test_dispatcher_killed_between_lease_and_told_leaves_unknown(world: World) -> None:
    """The daughter's phone may have rung: nobody knows, it shows, and it is not sent again."""
    world.phones.how[world.people.daughter] = "kill"
    world.press()
    world.engine.run_once()
    with pytest.raises(Killed):
        world.dispatcher.run_once()
    world.phones.take()
    assert fate(world, world.people.daughter) == "attempted"
    restarted = Dispatcher(world.clock, {CHANNEL: world.phones}, "dispatcher-1")
    assert restarted.recover() == 2  # the secretary's was leased in the same turn
    assert fate(world, world.people.daughter) == "unknown"
    assert fate(world, world.people.secretary) == "unknown"
    restarted.run_once()
    assert restarted.recover() == 0
    assert world.phones.take() == calls()
    world.wait(seconds=180)
    assert world.phones.take() == calls(world.people.town_officer)


def test_dispatcher_waits_for_the_lease_of_another(world: World) -> None:
    world.phones.how[world.people.daughter] = "kill"
    world.press()
    world.engine.run_once()
    with pytest.raises(Killed):
        world.dispatcher.run_once()
    world.phones.take()
    other = Dispatcher(world.clock, {CHANNEL: world.phones}, "dispatcher-2")
    assert other.recover() == 0
    world.wall.advance(microseconds=LEASE_US)
    assert other.recover() == 2


def test_outcome_told_after_it_was_given_up_is_kept(world: World) -> None:
    """A slow carrier answers when the lease is over: unknown becomes delivered."""

    class Slow(PhoneNetwork):
        def send(self, message: Message, now_us: int) -> list[Told]:
            world.wall.advance(microseconds=LEASE_US)
            given_up.append(Dispatcher(world.clock, {}, "dispatcher-2").recover())
            return super().send(message, now_us)

    given_up: list[int] = []
    slow = Slow()
    world.press()
    world.engine.run_once()
    Dispatcher(world.clock, {CHANNEL: slow}, "dispatcher-1").run_once()
    assert given_up == [2, 0]
    assert slow.take() == calls(world.people.daughter, world.people.secretary)
    assert fate(world, world.people.secretary) == "delivered"
    assert not DispatchLease.objects.exists()


def test_channel_that_breaks_leaves_unknown_and_the_others_ring(world: World) -> None:
    world.phones.how[world.people.daughter] = "crash"
    world.press()
    world.settle()
    assert world.phones.take() == calls(world.people.daughter, world.people.secretary)
    assert fate(world, world.people.daughter) == "unknown"
    assert fate(world, world.people.secretary) == "delivered"


def test_channel_that_is_not_set_up_is_a_failure_that_shows(world: World) -> None:
    world.dispatcher = Dispatcher(world.clock, {}, "dispatcher-1")
    world.press()
    world.settle()
    assert {d.state for d in world.deliveries()} == {"failed"}


def test_phone_that_rings_out_has_no_answer(world: World) -> None:
    """45 s of ringing; the fact is kept once, the ladder goes on by its own time."""
    world.press()
    world.settle()
    world.phones.take()
    world.wait(seconds=44)
    assert world.types("delivery.told.v1").count("delivery.told.v1") == 4
    world.wall.advance(seconds=1)
    world.settle()
    assert world.types("delivery.told.v1").count("delivery.told.v1") == 6
    world.wall.advance(seconds=100)
    world.settle()
    assert world.types("delivery.told.v1").count("delivery.told.v1") == 6


def test_phone_answered_in_time_does_not_ring_out(world: World) -> None:
    world.press()
    world.settle()
    world.phones.take()
    call = Delivery.objects.get(person_id=world.people.secretary)
    answer.tell(call.id, world.people.secretary, "answered", world.clock)
    world.wall.advance(seconds=60)
    world.settle()
    assert fate(world, world.people.secretary) == "answered"
    ended = Delivery.objects.get(id=call.id).ended_us
    assert ended is not None
    assert ended < world.clock.now_us()


def test_calls_are_withdrawn_when_somebody_takes_the_case(world: World) -> None:
    world.is_dispatching = False
    world.press()
    world.settle()
    world.do("take", world.people.commander)
    world.is_dispatching = True
    world.settle()
    assert {d.state for d in world.deliveries()} == {"withdrawn"}


def test_sos_overtakes_questions_that_wait(world: World) -> None:
    """Forty questions to the family are queued; the SOS behind them leaves first."""
    subjects = [world.subject() for _n in range(40)]
    for subject in subjects:
        world.signal(subject)
    world.settle()
    world.is_dispatching = False
    for delivery in Delivery.objects.filter(person_id=world.people.secretary):
        world.do("take", world.people.secretary, case=delivery.case_id)
        world.do("report", world.people.secretary, case=delivery.case_id)
    world.phones.take()
    world.press()
    world.engine.run_once()
    world.dispatcher.run_once()
    assert [m.purpose for m in world.phones.unread][:2] == ["call", "call"]
    assert len(world.phones.take()) == 3


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_two_dispatchers_send_each_message_once(world: World) -> None:
    subjects = [world.subject() for _n in range(10)]
    for subject in subjects:
        world.signal(subject)
    world.engine.run_once()
    start = threading.Barrier(2)

    def work(name: str) -> None:
        start.wait()
        dispatcher = Dispatcher(world.clock, {CHANNEL: world.phones}, name)
        while dispatcher.run_once():
            dispatcher.recover()
        connections.close_all()

    threads = [threading.Thread(target=work, args=(f"dispatcher-{n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent = Counter(message.delivery_id for message in world.phones.unread)
    assert set(sent.values()) == {1}
    assert len(sent) == 20
    world.phones.take()

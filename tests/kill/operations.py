"""What is killed at each of its commits: an intake, an act, two ticks, a dispatch, an order.

prepare  brings the county there, in the parent; what it returns the others get
work     the thing itself, in the child; it tells what it was answered, as a sender hears it
again    what the sender does who heard nothing, or heard and asks once more; its answer
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bihuan.base.time import datetime_of
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN
from bihuan.gateway.intake import Intake
from bihuan.gateway.simulate import SOS_BIT, alarm_frame
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.loop import answer
from bihuan.loop.callout.acts import CallOuts, Order
from bihuan.loop.callout.who import Whom
from bihuan.loop.models import Delivery
from bihuan.register.entries import Actor
from tests.county import BAND, World

Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Operation:
    prepare: Callable[[World], None]
    work: Callable[[World, Tell], None]
    again: Callable[[World], int]


def nothing(_world: World) -> int:
    return 0


def pressed(world: World) -> int:
    """A band presses: its frame decoded from bytes, stored, and only then answered."""
    at_us = world.clock.now_us()
    raw = alarm_frame(BAND, "0001", (30.1, 119.2), (SOS_BIT,), at_us)
    decoded = PROTOCOLS["watch"].decoder(PLAIN).decode(raw, datetime_of(at_us))
    Intake(world.clock, world.keys).store([Arrival("watch", raw, decoded, at_us)])
    found = Entry.objects.filter(lane=FACTS_LANE, type="signal.received.v1").first()
    assert found is not None, "answered, and not stored"
    return found.position


def taken(world: World) -> int:
    return world.do("take", world.people.daughter, key="click-1")


def confirmed(world: World) -> int:
    """The daughter says on the page of her call that she goes."""
    person = world.people.daughter
    call = Delivery.objects.filter(person_id=person, purpose="call").order_by("id")[0]
    return answer.confirm(call.id, person, world.clock, world.keys)


def ordered(world: World) -> int:
    people = world.people
    by = Actor(person_id=people.commander, role="county_command", via="page")
    named = tuple((one, people.village) for one in (people.daughter, people.secretary))
    whom = Whom((people.village,), (), named)
    return CallOuts(world.clock, world.keys).order(Order(whom, "立即转移", key="click-1"), by)


def turned(world: World) -> None:
    """Engine alone, until nothing is left to decide."""
    while world.engine.run_once():
        pass


def sent_and_answered(world: World, tell: Tell) -> None:
    world.settle()
    tell(confirmed(world))


def ordered_and_called(world: World, tell: Tell) -> None:
    tell(ordered(world))
    world.settle()


def waiting(world: World) -> None:
    """A case whose calls have left."""
    world.press()
    world.settle()


def queued(world: World) -> None:
    """A case whose calls wait in the outbox."""
    world.press()
    turned(world)


def due(world: World) -> None:
    """The second step of the ladder is due."""
    waiting(world)
    world.wall.advance(seconds=181)


OPERATIONS: Mapping[str, Operation] = {
    "intake": Operation(lambda _world: None, lambda w, tell: tell(pressed(w)), pressed),
    "act": Operation(waiting, lambda w, tell: tell(taken(w)), taken),
    "tick_of_a_signal": Operation(
        lambda world: _drop(world.press()), lambda w, _tell: turned(w), nothing
    ),
    "tick_of_a_ladder": Operation(due, lambda w, _tell: turned(w), nothing),
    "dispatch": Operation(queued, sent_and_answered, confirmed),
    "call_out": Operation(lambda _world: None, ordered_and_called, ordered),
}


def _drop(_position: int) -> None:
    """What a press returns is of no use here."""

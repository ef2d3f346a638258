"""The monthly test press: planned by working days, carried through the real path, wakes nobody.

April 2026 as the State Council arranged it: 4 to 6 April are off (Tomb-sweeping Day), so its first
working day is Wednesday the 1st and its third Friday the 3rd, its fourth Tuesday the 7th. October:
1 to 7 off, the 8th is the first working day; Saturday the 10th works.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import DAY_US, MINUTE_US, datetime_of, us_of
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN
from bihuan.gateway.intake import Intake
from bihuan.journal.models import Entry
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.models import Case, Delivery
from bihuan.loop.pathtest import acts, schedule
from bihuan.loop.pathtest.channel import LoopbackChannel
from bihuan.loop.pathtest.models import PathProbe, PathRun
from bihuan.loop.rights import visible_cases
from bihuan.loop.watch.models import Notice
from bihuan.register.entries import Actor
from bihuan.wiring import path_test as wiring
from bihuan.wiring.path_test import PathTest
from tests.county import CHANNEL, World
from tests.gateway.test_server import Gateway
from tests.rebuilt import differences

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]
BY = Actor(person_id=None, role="operator", via="command")
TEN = 10 * 60


class PathWorld(World):
    """A county whose dispatcher has the loopback besides its phones."""

    def ready(self, *, with_loopback: bool = True) -> PathTest:
        channels = {CHANNEL: self.phones}
        if with_loopback:
            channels["loopback"] = LoopbackChannel()  # type: ignore[assignment]  # another channel
        self.dispatcher = Dispatcher(self.clock, channels, "dispatcher-1")
        return PathTest(self.clock, self.keys, self.gateway)

    def gateway(self, frame: bytes) -> None:
        """What the gateway does with a frame, but for the socket."""
        now_us = self.clock.now_us()
        decoded = PROTOCOLS["watch"].decoder(PLAIN).decode(frame, datetime_of(now_us))
        Intake(self.clock, self.keys).store([Arrival("watch", frame, decoded, now_us)])

    def turn(self, test: PathTest, times: int = 4) -> None:
        for _ in range(times):
            test.run_once()
            self.settle()
            self.wall.advance(seconds=2)


@pytest.fixture
def world(world: World) -> World:
    world.__class__ = PathWorld
    return world


def us(*at: int) -> int:
    """µs of a time in China."""
    return us_of(datetime(*at, tzinfo=UTC)) - 8 * 60 * MINUTE_US  # type: ignore[arg-type,misc]  # year, month, …


@pytest.mark.parametrize(
    ("month", "nth", "day"),
    [(3, 1, 2), (4, 1, 1), (4, 3, 3), (4, 4, 7), (10, 1, 8), (10, 3, 10), (1, 1, 4)],
)
def test_nth_working_day_of_a_month_is_that_of_the_official_calendar(
    month: int, nth: int, day: int
) -> None:
    assert schedule.due_us(2026, month, nth, TEN) == us(2026, month, day, 10)


def test_next_test_after_this_months_lies_in_the_next_month_and_year() -> None:
    assert schedule.next_us(us(2026, 4, 1, 9), 1, TEN) == us(2026, 4, 1, 10)
    assert schedule.next_us(us(2026, 4, 1, 10), 1, TEN) == us(2026, 5, 6, 10)
    assert schedule.next_us(us(2026, 12, 30, 0), 1, TEN) == us(2027, 1, 4, 10)


def test_plan_of_wrong_fields_names_each(world: PathWorld) -> None:
    with pytest.raises(BadInputError) as told:
        acts.plan(True, 16, 1440, BY, world.clock)
    assert [fault.field for fault in told.value.faults] == ["working_day", "minute"]


def test_press_goes_the_whole_way_and_calls_nobody(world: PathWorld) -> None:
    test = world.ready()
    acts.begin("asked", BY, world.clock, world.keys)
    world.turn(test)
    run = PathRun.objects.get()
    assert (run.state, run.stage) == ("proved", "")
    begun, stored = run.begun_us, run.stored_us
    times = [begun, stored, run.opened_us, run.called_us, run.delivered_us]
    assert times == sorted(time for time in times if time is not None)
    assert list(Delivery.objects.values_list("channel", "state")) == [("loopback", "delivered")]
    assert world.phones.take() == {}
    case = Case.objects.get()
    assert (case.scenario, case.state, case.outcome) == ("path_test", "closed", "false_alarm")
    assert not visible_cases(world.people.commander, world.clock.now_us()).exists()
    assert differences() == []


def test_ladder_of_a_real_press_is_planned_and_kept(world: PathWorld) -> None:
    """The elder's: daughter and secretary together, then the town, then the county."""
    test = world.ready()
    acts.begin("asked", BY, world.clock, world.keys)
    world.turn(test)
    run = PathRun.objects.get()
    assert (run.like_subject, run.playbook) == (world.people.subject, "elder_care.sos@3")
    people = [{who["person_id"] for who in step["people"]} for step in json.loads(run.planned)]
    who = world.people
    assert people == [{who.daughter, who.secretary}, {who.town_officer}, {who.commander}]


def test_each_run_plans_for_another_subject(world: PathWorld) -> None:
    test, other = world.ready(), world.subject()
    for _ in range(3):
        acts.begin("asked", BY, world.clock, world.keys)
        world.turn(test)
    subjects = list(PathRun.objects.order_by("id").values_list("like_subject", flat=True))
    assert subjects == [world.people.subject, other, world.people.subject]
    assert PathProbe.objects.count() == 1


def test_second_run_at_the_same_time_is_refused(world: PathWorld) -> None:
    acts.begin("asked", BY, world.clock, world.keys)
    with pytest.raises(BadInputError, match="run"):
        acts.begin("asked", BY, world.clock, world.keys)


@pytest.mark.parametrize(
    ("broken", "stage"), [("gateway", "stored"), ("engine", "opened"), ("channel", "delivered")]
)
def test_press_that_does_not_come_through_fails_by_its_stage_and_is_noticed(
    world: PathWorld, broken: str, stage: str
) -> None:
    """After 60 s; a later press that comes through settles the notice."""
    test = world.ready(with_loopback=broken != "channel")
    if broken == "gateway":
        test = PathTest(world.clock, world.keys, _down)
    acts.begin("asked", BY, world.clock, world.keys)
    for _ in range(32):
        test.run_once()
        if broken != "engine":
            world.settle()
        world.wall.advance(seconds=2)
    run = PathRun.objects.get()
    assert (run.state, run.stage) == ("failed", stage)
    assert list(Notice.objects.values_list("kind", "settled_us")) == [("path", None)]
    world.settle()
    test = world.ready()
    acts.begin("asked", BY, world.clock, world.keys)
    world.turn(test)
    assert PathRun.objects.order_by("-id")[0].state == "proved"
    assert Notice.objects.get().settled_us is not None
    assert differences() == []


def _down(_frame: bytes) -> None:
    raise ConnectionRefusedError


def test_scheduled_test_is_made_once_a_month_at_its_time(world: PathWorld) -> None:
    """The county is made on 2 March 08:00; the plan holds for that day, 10:00, then 1 April."""
    test = world.ready()
    acts.plan(True, 1, TEN, BY, world.clock)
    world.turn(test)
    assert PathRun.objects.count() == 0
    world.wall.advance(microseconds=us(2026, 3, 2, 10) - world.clock.now_us())
    world.turn(test, 8)
    assert list(PathRun.objects.values_list("cause", "state")) == [("scheduled", "proved")]
    world.wall.advance(microseconds=us(2026, 4, 1, 9, 59) - world.clock.now_us())
    world.turn(test)
    assert PathRun.objects.count() == 1
    world.wall.advance(minutes=2)
    world.turn(test)
    assert PathRun.objects.filter(state="proved").count() == 2


def test_plan_switched_off_tests_nothing(world: PathWorld) -> None:
    test = world.ready()
    acts.plan(False, 1, TEN, BY, world.clock)
    world.wall.advance(microseconds=2 * DAY_US)
    world.turn(test)
    assert not PathRun.objects.exists()


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_press_goes_over_the_gateways_own_socket(world: PathWorld) -> None:
    """A frame over TCP to a real server; its answer comes after the commit."""
    frames: list[bytes] = []

    def keep(frame: bytes) -> None:
        frames.append(frame)

    test = PathTest(world.clock, world.keys, keep)
    acts.begin("asked", BY, world.clock, world.keys)
    test.run_once()

    async def talk(reader: object, writer: object) -> bytes:
        writer.write(frames[0])  # type: ignore[attr-defined]
        return bytes(await reader.read(100))  # type: ignore[attr-defined]

    [answer] = Gateway(world.wall, world.keys).talk(talk)
    assert answer.endswith(b"AL]")
    assert Entry.objects.filter(type="signal.received.v1").count() == 1


def test_gateway_that_is_not_there_is_an_error_of_the_network(data: Path) -> None:
    with pytest.raises(FileNotFoundError):
        wiring.to_gateway(b"x")

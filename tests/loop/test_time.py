"""Wall clocks that jump: nothing fires because of a jump, and an SOS calls all the same."""

from __future__ import annotations

import pytest

from bihuan.base.time import GuardedClock
from bihuan.journal.models import FACTS_LANE, Entry, Head
from bihuan.scenarios.elder_care.daily import NOTICES
from tests.county import World, calls

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]

TO_2099 = 26_700  # days from 2026


@pytest.fixture
def guard(world: World) -> GuardedClock:
    """The county on a guarded clock, one case in hand and one waiting for its answer."""
    guarded = GuardedClock(world.wall)
    world.use_clock(guarded)
    world.press()
    world.settle()
    world.do("take", world.people.secretary)
    world.signal(world.subject())
    world.settle()
    world.phones.take()
    return guarded


@pytest.mark.parametrize("days", [1, 365])
def test_jump_ahead_fires_nothing_until_confirmed(
    world: World, guard: GuardedClock, days: int
) -> None:
    before = world.position
    world.wall.jump(days=days)
    world.settle()
    assert guard.is_held
    assert world.position == before
    world.wait(seconds=179)
    assert world.phones.take() == calls()
    guard.confirm()
    world.settle()
    assert world.happened().count("clock_missed") == 1
    assert world.phones.take()[world.people.town_officer, "call"] == 1


@pytest.mark.parametrize("days", [1, 365, -1, -365, TO_2099, -TO_2099])
def test_sos_under_a_jumped_clock_calls_and_climbs_at_the_right_pace(
    world: World, guard: GuardedClock, days: int
) -> None:
    world.wait(seconds=1000)
    world.phones.take()
    world.wall.jump(days=days)
    world.signal(world.subject())
    world.settle()
    assert guard.is_held
    assert world.phones.take() == calls(world.people.daughter, world.people.secretary)
    case = world.case.id
    for seconds, person in ((180, world.people.town_officer), (180, world.people.commander)):
        world.wait(seconds=seconds - 1)
        assert [m for m in world.phones.unread if m.case_id == case] == []
        world.wait(seconds=1)
        assert [m.person_id for m in world.phones.unread if m.case_id == case] == [person]
        world.phones.take()


@pytest.mark.parametrize("days", [-1, -365])
def test_restart_after_the_clock_was_set_back_goes_on_at_the_right_pace(
    world: World, guard: GuardedClock, days: int
) -> None:
    """The newest recorded time is the floor: a day set back does not silence a day of SOS."""
    world.wall.jump(days=days)
    world.settle()
    floor_us = Head.objects.get(lane=FACTS_LANE).recorded_us
    world.use_clock(GuardedClock(world.wall, floor_us))
    world.signal(world.subject())
    world.settle()
    assert world.phones.take() == calls(world.people.daughter, world.people.secretary)
    world.wait(seconds=180)
    assert world.phones.take()[world.people.town_officer, "call"] == 2  # both that wait
    times = list(Entry.objects.filter(lane=FACTS_LANE).order_by("position").values("recorded_us"))
    assert times == sorted(times, key=lambda row: row["recorded_us"])


def test_clock_set_right_by_less_than_five_seconds_is_followed(
    world: World, guard: GuardedClock
) -> None:
    world.wall.jump(seconds=4)
    assert not guard.is_held
    assert guard.now_us() == world.wall.now_us()


def test_clock_held_follows_again_when_it_is_set_right(world: World, guard: GuardedClock) -> None:
    world.wall.jump(days=1)
    world.settle()
    was_held = guard.is_held
    world.wall.jump(days=-1)
    assert (was_held, guard.is_held) == (True, False)
    world.wait(seconds=180)
    assert world.phones.take() == calls(world.people.town_officer)


def test_tick_is_appended_only_where_something_fell_due(world: World) -> None:
    world.wait(hours=24)
    # the notices of the day fall due, each at its own time, and nothing else
    assert len(world.types("time.ticked.v1")) == len({notice.at for notice in NOTICES})
    world.press()
    world.wait(seconds=180)
    world.phones.take()
    assert len(world.types("time.ticked.v1")) == len({notice.at for notice in NOTICES}) + 1


def test_sos_recorded_ahead_by_another_process_climbs_at_the_right_pace(
    world: World, guard: GuardedClock
) -> None:
    """The wall clock jumps a day; the gateway restarts and trusts it, the engine does not.

    The SOS is recorded a day ahead: its ladder must not wait a day for the engine's clock.
    """
    world.wall.jump(days=1)
    engine, dispatcher = world.engine, world.dispatcher
    world.use_clock(GuardedClock(world.wall))
    world.engine, world.dispatcher = engine, dispatcher
    world.signal(world.subject())
    world.settle()
    case = world.case.id
    assert sum(message.case_id == case for message in world.phones.unread) == 2
    world.phones.take()
    world.wait(seconds=179)
    assert world.case.is_past_limit is False
    assert [m for m in world.phones.unread if m.case_id == case] == []
    world.wait(seconds=1)
    rung = [m.person_id for m in world.phones.unread if m.case_id == case]
    assert rung == [world.people.town_officer]
    world.phones.take()


def test_clock_set_to_2099_and_back_fires_nothing_and_loses_no_time(
    world: World, guard: GuardedClock
) -> None:
    """Nobody confirmed 2099: what was due in 180 s is due in 180 s, whatever the wall said."""
    before = world.position
    world.wall.jump(days=TO_2099)
    world.settle()
    assert guard.is_held
    assert world.position == before
    world.wall.advance(seconds=100)
    world.settle()  # phones have rung out meanwhile
    world.wall.jump(days=-TO_2099)
    world.settle()
    assert guard.drift_us() == 0
    assert world.phones.take() == calls()
    world.wait(seconds=79)
    assert world.phones.take() == calls()
    world.wait(seconds=1)
    assert world.phones.take() == calls(world.people.town_officer)

"""Who is called when: people not roles, in parallel, from the first attempt, until one goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bihuan.base.time import CHINA, datetime_of, us_of
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop import entries, ladder
from bihuan.loop.models import Callee, Case, Step
from bihuan.loop.playbook import LadderStep
from bihuan.register import entries as register
from bihuan.register.models import Subject
from bihuan.register.rosters.entries import RosterMade, RosterOverridden
from bihuan.scenarios.elder_care.playbook import SOS
from tests.county import World, calls

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]


def test_ladder_calls_a_person_of_two_posts_once(world: World) -> None:
    """Secretary and director are one man: one call, on the first step that names him."""
    world.add(
        register.PostHeld(
            person_id=world.people.secretary,
            role="town_duty",
            area_id=world.people.town,
            from_us=0,
            until_us=None,
        )
    )
    world.press()
    world.settle()
    assert world.phones.take() == calls(world.people.daughter, world.people.secretary)
    world.wait(seconds=180)
    assert world.phones.take() == calls(world.people.town_officer)
    places = Callee.objects.filter(pursuit_id=world.pursuit.id, person_id=world.people.secretary)
    assert list(places.values_list("step", flat=True)) == [0]


def test_ladder_calls_family_and_village_in_parallel(world: World) -> None:
    world.press()
    world.settle()
    assert world.phones.take() == calls(world.people.daughter, world.people.secretary)
    attempts = {d.attempted_us for d in world.deliveries()}
    assert attempts == {world.clock.now_us()}


def test_ladder_goes_on_when_the_wait_of_a_step_is_over(world: World) -> None:
    """180 s after the first attempt the town, 180 s later the county."""
    world.press()
    world.settle()
    world.phones.take()
    world.wait(seconds=179)
    assert world.phones.take() == calls()
    world.wait(seconds=1)
    assert world.phones.take() == calls(world.people.town_officer)
    world.wait(seconds=180)
    assert world.phones.take() == calls(world.people.commander)
    assert world.steps() == [(0, "missed"), (1, "missed"), (2, "called")]


def test_ladder_skips_an_empty_step_at_once_and_says_so(world: World) -> None:
    other = world.area("330403", "town", world.people.county)
    subject = world.subject(other)
    world.signal(subject)
    world.settle()
    assert world.phones.take() == calls(world.people.commander)
    assert world.steps() == [(0, "skipped"), (1, "skipped"), (2, "called")]
    reasons = Step.objects.filter(pursuit_id=world.pursuit.id).order_by("n")
    assert list(reasons.values_list("skipped", flat=True)) == ["nobody", "nobody", None]


def test_ladder_says_when_a_post_is_unreachable(world: World) -> None:
    """Posts may be unreachable, places on ladders may not: the step says which it was."""
    lane_person = world.add(
        register.PersonRegistered(
            name=world.keys.seal(1, "无"), latin=world.keys.seal(1, "None"), phone=None
        )
    )
    area = world.area("330404", "village", world.people.town)
    world.add(
        register.PostHeld(
            person_id=lane_person, role="village_duty", area_id=area, from_us=0, until_us=None
        )
    )
    subject = world.subject(area)
    world.signal(subject)
    world.settle()
    assert world.phones.take() == calls(world.people.town_officer)
    first = Step.objects.get(pursuit_id=world.pursuit.id, n=0)
    assert (first.state, first.skipped) == ("skipped", "unreachable")


def test_step_waits_from_its_first_attempt_after_an_outage(world: World) -> None:
    """The dispatcher is away for 300 s: afterwards the first step has its full 180 s."""
    world.is_dispatching = False
    world.press()
    world.wait(seconds=300)
    assert world.steps() == [(0, "called"), (1, "waiting"), (2, "waiting")]
    world.is_dispatching = True
    world.settle()
    assert world.phones.take() == calls(world.people.daughter, world.people.secretary)
    world.wait(seconds=179)
    assert world.phones.take() == calls()
    world.wait(seconds=1)
    assert world.phones.take() == calls(world.people.town_officer)


def test_ladder_that_ran_out_shows_and_calls_the_last_step_again(world: World) -> None:
    """Three steps of 180 s, then it shows; after 300 s the county again, and again."""
    world.press()
    world.wait(seconds=3 * 180)
    assert world.phones.take() == calls(*world.people.everybody[1:5])
    assert world.case.is_ladder_out
    assert world.happened()[-1] == "ladder_out"
    world.wait(seconds=299)
    assert world.phones.take() == calls()
    world.wait(seconds=1)
    assert world.phones.take() == calls(world.people.commander)
    world.wait(seconds=299)
    assert world.phones.take() == calls()
    world.wait(seconds=1)
    assert world.phones.take() == calls(world.people.commander)
    assert world.happened().count("called_again") == 2


def test_ladder_called_again_a_thousand_times_leaves_room_for_a_new_press(world: World) -> None:
    """300 s apart, a thousand calls are three and a half days; then the elder presses again."""
    world.press()
    world.wait(seconds=3 * 180)
    first = world.pursuit
    for again in range(998, 1001):
        world.add(
            entries.PursuitStepped(
                case_id=first.case_id, pursuit_id=first.id, step=2, again=again, wait_s=300
            )
        )
        world.settle()
    world.press()
    world.wait(seconds=3 * 180)
    assert world.phones.take()[world.people.commander, "call"] == 1 + 3 + 1


def test_ladder_without_anybody_is_planned_anew_until_there_is_somebody(world: World) -> None:
    """Nobody on any step: it shows at once, and who comes on duty later is called."""
    county = world.area("990000", "county", None)
    subject = world.subject(county)
    world.signal(subject)
    world.settle()
    assert world.case.is_ladder_out
    world.wait(seconds=200)
    world.add(
        register.PostHeld(
            person_id=world.people.commander,
            role="county_command",
            area_id=county,
            from_us=0,
            until_us=None,
        )
    )
    world.wait(seconds=100)
    assert world.phones.take() == calls(world.people.commander)


def test_answer_clock_missed_is_marked(world: World) -> None:
    world.press()
    world.wait(seconds=179)
    assert not Case.objects.get().is_past_limit
    world.wait(seconds=1)
    assert Case.objects.get().is_past_limit
    assert world.clocks() == {"answer": "missed"}
    assert "clock_missed" in world.happened()
    world.phones.take()


def test_roster_is_called_before_who_is_merely_in_post(world: World) -> None:
    """The town's roster says 陌生人 tonight: he is called, the officer in post is not."""
    now_us = world.clock.now_us()
    made = world.add(
        RosterMade(title="镇值班", role="town_duty", area_id=world.people.town, is_waking=False)
    )
    world.add(
        RosterOverridden(
            roster_id=made,
            shift="夜",
            from_us=now_us,
            until_us=now_us + 3_600_000_000,
            people=[world.people.stranger],
            reason="轮值",
        )
    )
    world.press()
    world.settle()
    world.phones.take()
    world.wait(seconds=180)
    assert world.phones.take() == calls(world.people.stranger)
    world.do("take", world.people.stranger)
    assert world.case.owner_id == world.people.stranger


@pytest.mark.parametrize(
    ("clock", "day", "night"),
    [
        ("06:59", False, True),
        ("07:00", True, False),
        ("20:59", True, False),
        ("21:00", False, True),
        ("00:00", False, True),
    ],
)
def test_step_of_some_hours_is_called_from_the_first_to_before_the_last(
    clock: str, day: bool, night: bool
) -> None:
    """The county's time, +08:00, whatever the machine's is."""
    at_us = us_of(datetime.fromisoformat(f"2026-03-04T{clock}:00+08:00"))
    by_day, by_night = (
        LadderStep(("一", "One"), ("family",), SOS.repeat, hours)
        for hours in (("07:00", "21:00"), ("21:00", "07:00"))
    )
    assert (by_day.is_called_at(at_us), by_night.is_called_at(at_us)) == (day, night)


def test_step_of_other_hours_is_skipped_at_once_and_says_so(world: World) -> None:
    first, *others = SOS.ladder
    hours = ("21:00", "07:00") if is_day(world.clock.now_us()) else ("07:00", "21:00")
    playbook = replace(SOS, ladder=(replace(first, hours=hours), *others))
    subject = Subject.objects.get(id=world.people.subject)
    now_us = world.clock.now_us()
    path = f".{world.people.county}.{world.people.town}.{world.people.village}."
    steps = ladder.plan(Rows(MAIN), playbook, subject, path, (now_us, now_us))
    assert [(step.skipped, [c.person_id for c in step.people]) for step in steps] == [
        ("not_now", []),
        (None, [world.people.town_officer]),
        (None, [world.people.commander]),
    ]


def is_day(now_us: int) -> bool:
    return 7 <= datetime_of(now_us).astimezone(CHINA).hour < 21

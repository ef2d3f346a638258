"""What a signal does: opens, joins and re-arms, or is set aside with its reason."""

from __future__ import annotations

import pytest

from bihuan.base.time import HOUR_US
from bihuan.journal.read import entries as journal
from bihuan.loop import entries
from bihuan.loop.models import Case, Happening, SetAside
from bihuan.register import entries as register
from tests.county import World, asks, calls

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]


def bring(world: World, state: str) -> None:
    """Take the first case as far as this state, every message read."""
    world.press()
    world.settle()
    if state in ("in_progress", "awaiting_confirmation"):
        world.do("take", world.people.secretary)
    if state == "awaiting_confirmation":
        world.do("report", world.people.secretary)
    world.settle()
    world.phones.take()


@pytest.mark.parametrize("state", ["awaiting_answer", "in_progress", "awaiting_confirmation"])
def test_sos_pressed_again_rearms_clock_and_ladder(world: World, state: str) -> None:
    """Whatever the state: a new answer clock of 180 s, the first step called anew."""
    bring(world, state)
    world.wall.advance(seconds=100)
    world.press()
    world.settle()
    assert Case.objects.count() == 1
    assert (world.case.state, world.case.signals, world.case.round) == ("awaiting_answer", 2, 2)
    assert world.phones.take() == calls(world.people.daughter, world.people.secretary)
    world.wait(seconds=179)
    was_past_limit = world.case.is_past_limit
    world.wait(seconds=1)
    assert (was_past_limit, world.case.is_past_limit) == (False, True)
    assert world.phones.take() == calls(world.people.town_officer)


def test_sos_pressed_again_can_be_reported_again(world: World) -> None:
    """The question "solved?" goes out once for each report."""
    bring(world, "awaiting_confirmation")
    world.press()
    world.settle()
    world.do("take", world.people.secretary)
    world.do("report", world.people.secretary)
    world.settle()
    first = calls(world.people.daughter, world.people.secretary)
    assert world.phones.take() == first + asks(world.people.daughter)
    world.do("solved", world.people.daughter)
    assert world.case.outcome == "confirmed"


def test_sos_pressed_again_withdraws_what_is_still_to_be_asked(world: World) -> None:
    """Nobody is asked whether it is solved after the elder has pressed again."""
    bring(world, "in_progress")
    world.is_dispatching = False
    world.do("report", world.people.secretary)
    world.press()
    world.settle()
    world.is_dispatching = True
    world.settle()
    assert world.phones.take() == calls(world.people.daughter, world.people.secretary)


def test_sos_after_closing_opens_a_new_case(world: World) -> None:
    bring(world, "awaiting_confirmation")
    world.do("solved", world.people.daughter)
    world.press()
    world.settle()
    assert list(Case.objects.order_by("id").values_list("state", flat=True)) == [
        "closed",
        "awaiting_answer",
    ]
    assert world.phones.take() == calls(world.people.daughter, world.people.secretary)


def test_sos_of_an_hour_ago_calls_and_says_that_it_is_late(world: World) -> None:
    world.press(at_us=world.clock.now_us() - HOUR_US)
    world.settle()
    assert world.case.is_late
    assert Happening.objects.get(kind="opened").detail == "late"
    assert world.phones.take() == calls(world.people.daughter, world.people.secretary)


def test_sos_of_five_minutes_ago_is_not_late(world: World) -> None:
    """The playbook's bound is 300 s, itself included."""
    world.press(at_us=world.clock.now_us() - 300_000_000)
    world.settle()
    assert not world.case.is_late
    world.phones.take()


@pytest.mark.parametrize(
    ("kind", "is_known", "reason"),
    [
        ("sos", False, "no subject is bound to the device"),
        ("power_cut", True, "no playbook of elder_care asks for power_cut"),
    ],
)
def test_signal_that_opens_nothing_is_set_aside_with_its_reason(
    world: World, kind: str, is_known: bool, reason: str
) -> None:
    subject = world.people.subject if is_known else None
    at = world.signal(subject, kind)
    world.settle()
    last = list(journal(0))[-1].payload
    assert last == entries.SignalSetAside(signal=at, kind=kind, source="", reason=reason)
    assert [(row.kind, row.reason) for row in SetAside.objects.all()] == [(kind, reason)]
    assert not Case.objects.exists()


def test_sos_of_a_subject_without_a_place_does_not_hold_up_the_others(world: World) -> None:
    """A register entry that names no area is parked; an SOS of it is set aside; others call."""
    nowhere = world.add(
        register.SubjectRegistered(
            scenario="elder_care",
            kind="elder",
            person_id=world.people.elder,
            area_id=999,
            address=None,
            note=None,
        )
    )
    world.signal(nowhere)
    world.press()
    world.settle()
    assert world.phones.take() == calls(world.people.daughter, world.people.secretary)
    assert world.types("signal.set_aside.v1") == ["signal.set_aside.v1"]


def test_signals_of_200_elders_in_one_moment_all_call(world: World) -> None:
    """A wall of SOS: 200 cases, each with its two calls, none left over."""
    people = world.people
    subjects = [world.subject() for _n in range(200)]
    for subject in subjects:
        world.signal(subject)
    world.settle()
    assert Case.objects.filter(state="awaiting_answer").count() == 200
    rung = world.phones.take()
    assert rung == {(people.daughter, "call"): 200, (people.secretary, "call"): 200}

"""What breaks stops its own case and nothing else, and nothing is appended without end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bihuan.journal import project
from bihuan.journal.models import FACTS_LANE, Entry, Parked
from bihuan.journal.payloads import Payload
from bihuan.loop import decide, entries, ladder
from bihuan.loop.act import ParkedError
from bihuan.loop.engine import Engine
from bihuan.loop.models import Case, Pursuit
from tests.county import World, calls
from tests.rebuilt import differences

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]


@contextmanager
def broken(kind: type[Payload], case: int | None = None) -> Iterator[None]:
    """The projector of a type raises, for one case or for every one."""
    good = project._projectors[kind]

    def breaks(rows: Any, entry: Any) -> None:
        if case is None or entry.payload.case_id == case:
            raise ZeroDivisionError("a fault of ours")
        good(rows, entry)

    project._projectors[kind] = breaks
    try:
        yield
    finally:
        project._projectors[kind] = good


def test_parked_case_does_not_stop_the_others(world: World) -> None:
    other = world.subject()
    world.press()
    world.settle()
    parked = world.case.id
    world.phones.take()
    with broken(entries.PursuitStepped, parked):
        world.wait(seconds=200)
        world.signal(other)
        world.settle()
        assert world.phones.take() == calls(world.people.daughter, world.people.secretary)
    assert set(Parked.objects.values_list("stream", flat=True)) == {parked}


def grown() -> int:
    """Entries about cases: the day's notices to families go out, whatever is parked."""
    daily = ("daily_notice.swept.v1", "time.ticked.v1")
    return Entry.objects.filter(lane=FACTS_LANE).exclude(type__in=daily).count()


def test_parked_case_makes_no_endless_entries(world: World) -> None:
    """Signals, clocks, ringing and lost attempts of a parked case: a day later nothing grew."""
    world.press()
    world.settle()
    case = world.case.id
    world.phones.take()
    with broken(entries.DeliveryTold, case):
        world.wall.advance(seconds=60)  # the phones have rung for 45 s
        world.settle()
    world.press()
    world.settle()
    before = grown()
    world.wall.advance(hours=24)
    world.settle()
    world.dispatcher.recover()
    world.settle()
    assert grown() == before
    with pytest.raises(ParkedError):
        world.do("take", world.people.secretary, case=case)


def test_lost_attempt_of_a_parked_case_makes_no_endless_entries(world: World) -> None:
    world.press()
    with broken(entries.DeliveryTold):
        world.settle()
    world.phones.take()
    before = world.position
    for _turn in range(3):
        world.dispatcher.recover()
    assert world.position == before


def test_parked_case_lives_again_when_its_projector_is_mended(world: World) -> None:
    """CaseOpened broke, so nobody was called. Mended and rebuilt, the case calls by itself."""
    with broken(entries.CaseOpened):
        world.press()
        world.settle()
        assert not Case.objects.exists()
        assert world.phones.take() == calls()
    rebuild(world)
    assert not Parked.objects.exists()
    world.wait(seconds=180)
    assert world.phones.take() == calls(world.people.daughter, world.people.secretary)


def test_parked_case_pressed_again_is_one_case_when_mended(world: World) -> None:
    with broken(entries.CaseOpened):
        world.press()
        world.settle()
        world.press()
        world.settle()
    rebuild(world)
    assert Case.objects.count() == 1
    world.wait(seconds=180)
    assert world.phones.take() == calls(world.people.daughter, world.people.secretary)


def test_parked_press_is_in_the_case_when_mended(world: World) -> None:
    """A press that joined a parked case waits in the journal; mended, it re-arms and calls."""
    world.press()
    world.settle()
    world.do("take", world.people.secretary)
    world.phones.take()
    with broken(entries.CaseJoined):
        world.press()
        world.settle()
    assert world.phones.take() == calls()
    rebuild(world)
    assert (world.case.state, world.case.signals) == ("awaiting_answer", 2)
    world.settle()
    assert world.phones.take() == calls(world.people.daughter, world.people.secretary)


def test_signal_that_cannot_be_decided_shows_and_the_others_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad_subject, others = world.subject(), [world.subject() for _n in range(3)]
    good = ladder.plan

    def plan(rows: Any, playbook: Any, subject: Any, *rest: Any) -> Any:
        if subject.id == bad_subject:
            raise ZeroDivisionError("a fault of ours")
        return good(rows, playbook, subject, *rest)

    monkeypatch.setattr(ladder, "plan", plan)
    for subject in (others[0], bad_subject, *others[1:]):
        world.signal(subject)
    world.settle()
    assert set(Case.objects.values_list("subject_id", flat=True)) == set(others)
    fault = Parked.objects.get()
    assert (fault.type, fault.reason) == ("SignalReceived", "ZeroDivisionError: a fault of ours")
    world.phones.take()


def test_due_that_cannot_be_decided_does_not_stop_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = world.subject()
    world.press()
    world.signal(other)
    world.settle()
    world.phones.take()
    first = Case.objects.order_by("id").first()
    assert first is not None
    good = decide.climb

    def climb(lane: Any, pursuit_id: int) -> None:
        if Pursuit.objects.get(id=pursuit_id).case_id == first.id:
            raise ZeroDivisionError("a fault of ours")
        good(lane, pursuit_id)

    monkeypatch.setattr(decide, "climb", climb)
    world.wall.advance(seconds=180)
    world.settle()
    assert world.phones.take() == calls(world.people.town_officer)
    due_us = world.engine.next_due_us()
    assert due_us is not None
    assert due_us > world.clock.now_us()  # it does not spin on what it cannot decide
    monkeypatch.setattr(decide, "climb", good)
    world.engine = Engine(world.clock)  # a mended release starts
    world.settle()
    assert world.phones.take() == calls(world.people.town_officer)


def rebuild(world: World) -> None:
    """Put the tables that a rebuild from the journal gives in the place of the live ones."""
    differences(swap=True)

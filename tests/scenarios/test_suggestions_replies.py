"""What a reply does: A and C ask the proposer, B is a promise that comes due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock, datetime_of
from bihuan.journal.keys import KeyRing
from bihuan.loop.act import ForbiddenError, acts_for
from bihuan.loop.cases.report import Report, report
from bihuan.loop.models import CaseClock
from bihuan.register import entries as register
from tests.county import World
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def world(data: Path, clock: MovableClock) -> Iterator[World]:
    """The county of the loop's tests; its commander is the office, its officer the department."""
    made = World(clock, KeyRing(data / "keys.db"))
    people = made.people
    for person, role in (
        (people.commander, "proposals_office"),
        (people.town_officer, "department"),
        (people.elder, "county_leader"),
    ):
        area = people.county
        made.add(
            register.PostHeld(person_id=person, role=role, area_id=area, from_us=0, until_us=None)
        )
    yield made
    made.phones.take()
    assert differences() == []


def in_hand(world: World) -> int:
    people = world.people
    said = Report(
        scenario="suggestions",
        kind="suggestion",
        area_id=people.village,
        text="建议装路灯",
        via="web",
        key="1",
        origin_id=people.stranger,
    )
    case_id = report(said, world.clock, world.keys)
    world.do("accept", people.commander)
    world.do("assign", people.commander, fields={"target": f"person:{people.town_officer}"})
    world.do("receive", people.town_officer)
    world.do("begin", people.town_officer)
    world.settle()
    world.phones.take()
    return case_id


def ahead(world: World, **parts: float) -> str:
    return (datetime_of(world.clock.now_us()) + timedelta(**parts)).isoformat()


def offered(world: World, person: int) -> set[str]:
    found = acts_for(world.case, person, world.clock.now_us())
    return {one.declared.name for one in found}


def test_three_months_run_from_acceptance_as_ninety_days(world: World) -> None:
    in_hand(world)
    # accepted on Monday 2 March 2026; 90 calendar days, the first day excluded: 31 May is a
    # Sunday, so it gives way to Monday 1 June, 24:00 in China = 16:00 UTC
    due = CaseClock.objects.get(case_id=world.case.id, kind="act").due_us
    assert datetime_of(due).isoformat() == "2026-06-01T16:00:00+00:00"


def test_reply_b_keeps_the_case_in_hand_and_tells_the_proposer(world: World) -> None:
    in_hand(world)
    people = world.people
    assert "verdict" not in offered(world, people.stranger)
    promised = {"promised": ahead(world, days=60)}
    world.do("reply_planned", people.town_officer, fields=promised, answer="列入计划")
    world.settle()
    assert world.phones.take() == {(people.stranger, "tell"): 1}
    assert (world.case.state, world.clocks()["act"], world.clocks()["milestone"]) == (
        "in_progress",
        "met",
        "running",
    )
    assert offered(world, people.stranger) == {"verdict"}
    with pytest.raises(BadInputError, match="agree or disagree"):
        world.do("verdict", people.stranger, fields={"verdict": "maybe"})
    world.do("verdict", people.stranger, fields={"verdict": "disagree"})
    assert world.case.state == "in_progress"


def test_reply_b_comes_due_again_and_is_supervised_until_a_reply_follows(world: World) -> None:
    in_hand(world)
    people = world.people
    for _time in range(2):  # a promise may be made again, and comes due again
        promised = {"promised": ahead(world, days=60)}
        world.do("reply_planned", people.town_officer, fields=promised, answer="列入计划")
        world.wait(days=61)
        assert world.clocks()["milestone"] == "missed"
        assert world.case.level == 2
    world.do("reply_solved", people.town_officer, answer="装好了")
    assert world.case.state == "awaiting_check"
    assert not CaseClock.objects.filter(case_id=world.case.id, kind="milestone", is_over=False)


def test_reply_without_answer_or_with_a_day_gone_is_refused(world: World) -> None:
    in_hand(world)
    people = world.people
    with pytest.raises(BadInputError, match="answer"):
        world.do("reply_planned", people.town_officer, fields={"promised": ahead(world, days=3)})
    past = {"promised": ahead(world, days=-1)}
    with pytest.raises(BadInputError, match="a time ahead"):
        world.do("reply_planned", people.town_officer, fields=past, answer="好")
    with pytest.raises(BadInputError, match="answer"):
        world.do("reply_explained", people.town_officer)


def test_reply_is_the_departments_and_the_verdict_the_proposers(world: World) -> None:
    in_hand(world)
    people = world.people
    for stranger in (people.daughter, people.secretary, people.stranger):
        with pytest.raises(ForbiddenError):
            world.do("reply_solved", stranger, answer="好")
    world.do("reply_solved", people.town_officer, answer="装好了")
    with pytest.raises(ForbiddenError):
        world.do("pass", people.town_officer)
    world.do("pass", people.commander)
    for other in (people.town_officer, people.commander, people.daughter):
        with pytest.raises(ForbiddenError):
            world.do("solved", other)
    world.do("solved", people.stranger)
    assert (world.case.state, world.case.outcome) == ("closed", "confirmed")

"""Who held it when, and that nobody is inquired into before they were heard."""

from __future__ import annotations

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import DAY_US, HOUR_US
from bihuan.loop.act import ForbiddenError
from bihuan.loop.cases.models import Holding
from bihuan.loop.holding import Held, chain
from bihuan.loop.inquiry.models import Inquiry, Statement
from bihuan.loop.models import CaseClock
from tests.county import World
from tests.loop.test_matters import bring
from tests.rebuilt import differences

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]


def held(world: World, case: int) -> list[Held]:
    segments = Holding.objects.filter(case_id=case)
    clocks = CaseClock.objects.filter(case_id=case)
    return chain(segments, clocks, world.clock.now_us())


def test_holding_names_every_holder_with_limit_and_lateness(world: World) -> None:
    """Reported Monday 08:00; accepted Wednesday 08:00, eight hours after Tuesday's end."""
    case, people = bring(world, ""), world.people
    world.wait(days=2)
    for name, who in (("accept", people.town_officer), ("assign", people.town_officer)):
        fields = {"target": f"role:village_duty@{people.village}"} if name == "assign" else {}
        world.do(name, who, case=case, fields=fields)
    world.wait(hours=3)
    world.do("receive", people.secretary, case=case)
    world.do("begin", people.secretary, case=case)
    world.wait(hours=1)
    found = held(world, case)
    assert [(one.state, one.person_id) for one in found] == [
        ("new", None),
        ("awaiting_receipt", None),
        ("in_progress", people.secretary),
    ]
    assert [one.overdue_us for one in found] == [8 * HOUR_US, 0, 0]
    assert found[0].clock == "accept"
    assert found[0].until_us == found[1].from_us == found[0].from_us + 2 * DAY_US
    assert found[2].until_us is None
    world.phones.take()


def test_holding_of_an_emergency_follows_take_and_lapse(world: World) -> None:
    world.press()
    world.settle()
    world.wait(seconds=30)
    world.do("take", world.people.secretary)
    world.wait(seconds=1800)
    assert [(one.state, one.person_id) for one in held(world, world.case.id)] == [
        ("awaiting_answer", None),
        ("in_progress", world.people.secretary),
        ("awaiting_answer", None),
    ]
    world.phones.take()


def ask(world: World, case: int, name: str, who: int, about: int) -> None:
    world.do(name, who, case=case, fields={"person": f"person:{about}"}, text="为何逾期")


def test_inquiry_is_opened_only_after_the_persons_own_statement(world: World) -> None:
    case, people = bring(world, "begin"), world.people
    for who in (people.town_officer, people.secretary, people.stranger):
        with pytest.raises(ForbiddenError):
            ask(world, case, "ask_statement", who, people.secretary)
    with pytest.raises(BadInputError, match="who held this case"):
        ask(world, case, "ask_statement", people.commander, people.daughter)
    with pytest.raises(BadInputError, match="a statement first"):
        ask(world, case, "open_inquiry", people.commander, people.secretary)
    ask(world, case, "ask_statement", people.commander, people.secretary)
    with pytest.raises(BadInputError, match="their statement, or its time over"):
        ask(world, case, "open_inquiry", people.commander, people.secretary)
    with pytest.raises(ForbiddenError):
        world.do("file_statement", people.town_officer, case=case)
    world.do("file_statement", people.secretary, case=case, text="等上级批复")
    ask(world, case, "open_inquiry", people.commander, people.secretary)
    ask(world, case, "close_inquiry", people.commander, people.secretary)
    assert Inquiry.objects.get().closed_us is not None
    # what a person says about themselves is theirs: erased with their key
    text = Statement.objects.get().text
    assert text is not None
    assert world.keys.open(text) == "等上级批复"
    world.settle()
    assert world.phones.take()[people.secretary, "state"] == 1
    assert differences() == []


def test_inquiry_may_be_opened_when_the_time_for_the_statement_is_over(world: World) -> None:
    """Asked on Monday 2 March, five working days: over at the end of Monday 9 March."""
    case, people = bring(world, "begin"), world.people
    ask(world, case, "ask_statement", people.commander, people.secretary)
    world.wait(days=7, hours=15, minutes=59)
    with pytest.raises(BadInputError, match="its time over"):
        ask(world, case, "open_inquiry", people.commander, people.secretary)
    world.wait(minutes=1)
    ask(world, case, "open_inquiry", people.commander, people.secretary)
    assert Inquiry.objects.count() == 1
    world.phones.take()

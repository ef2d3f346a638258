"""The county's own figures for how long a ladder's step waits, and for `repeat`."""

from __future__ import annotations

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import DAY_US
from bihuan.loop.clocks.settings import Figure, set_limit
from bihuan.loop.models import Pursuit, Step
from bihuan.register.entries import Actor
from tests.county import World
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def figure(world: World, clock: str, amount: int, unit: str = "seconds") -> Figure:
    at_us = world.clock.now_us() + DAY_US
    return Figure("elder_care", "sos", clock, amount, unit, "county notice 7", "青禾县", at_us)  # type: ignore[arg-type]  # a bad unit is tried too


def by(world: World) -> Actor:
    return Actor(person_id=world.people.commander, role="administrator", via="page")


def due_in_s(world: World) -> float:
    """How long after its call the newest pursuit climbs on."""
    pursuit = Pursuit.objects.order_by("-id")[0]
    step = Step.objects.get(pursuit_id=pursuit.id, n=pursuit.step)
    assert pursuit.next_due_us is not None
    assert step.called_us is not None
    return (pursuit.next_due_us - step.called_us) / 1_000_000


def test_county_figure_of_a_step_holds_for_cases_opened_from_its_day_on(world: World) -> None:
    set_limit(figure(world, "ladder.1", 60), by(world), world.clock)
    world.press()
    world.settle()
    assert due_in_s(world) == 180, "the playbook's, until the figure's day"
    world.do("take", world.people.secretary)
    world.do("false_alarm", world.people.secretary, text="误触")
    world.wait(days=2)
    world.press()
    world.settle()
    assert due_in_s(world) == 60
    world.wait(seconds=61)
    assert due_in_s(world) == 180, "the town's step has no figure of the county"
    world.phones.take()
    assert differences() == []


def test_county_figure_of_repeat_is_how_long_until_the_last_is_called_again(world: World) -> None:
    set_limit(figure(world, "repeat", 120), by(world), world.clock)
    world.wait(days=2)
    world.press()
    world.wait(seconds=3 * 180 + 1)  # three steps of 180 s: the ladder has run out
    assert world.case.is_ladder_out
    pursuit = Pursuit.objects.get()
    before = pursuit.next_due_us
    world.wait(seconds=120)
    pursuit.refresh_from_db()
    assert before is not None
    assert pursuit.next_due_us == before + 120_000_000
    world.phones.take()


@pytest.mark.parametrize(
    ("kind", "unit"), [("ladder.4", "seconds"), ("ladder.0", "seconds"), ("repeat", "working")]
)
def test_county_figure_of_no_such_wait_is_refused(world: World, kind: str, unit: str) -> None:
    with pytest.raises(BadInputError):
        set_limit(figure(world, kind, 60, unit), by(world), world.clock)

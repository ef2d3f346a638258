"""A home drawn for one person, fixes through the real decoder: by night all are called at once."""

from __future__ import annotations

import itertools

import pytest

from bihuan.base.time import DAY_US, datetime_of
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN
from bihuan.gateway.decoders.watch import encode
from bihuan.gateway.intake import Intake
from bihuan.gateway.simulate import location
from bihuan.loop.models import Case
from bihuan.register.records.doing import By
from bihuan.rules.live import LiveRules
from bihuan.rules.overrides.acts import Limits, NewOverride
from bihuan.scenarios.elder_care.rules_band import AWAY
from tests.county import BAND, World, calls
from tests.rebuilt import differences
from tests.rules.bands import run

pytestmark = pytest.mark.django_db(databases="__all__")
RULES = {"elder_care": AWAY}
# about 950 m by 1,100 m around the house, which stands in the middle
HOME = "POLYGON ((119.2 30.1, 119.21 30.1, 119.21 30.11, 119.2 30.11, 119.2 30.1))"
HOUSE, ROAD = (30.105, 119.205), (30.125, 119.205)
NIGHT_H = 15  # the tests begin at 08:00: 23:00


class Walk:
    """One band whose fixes arrive as frames of the watch protocol."""

    def __init__(self, world: World) -> None:
        self.world, self._index = world, itertools.count(1)
        self.intake = Intake(world.clock, world.keys)
        self.live = LiveRules(world.clock, RULES, keys=world.keys)
        run(self.live)

    def draw(self) -> None:
        """The family and the village agreed on a home; kept sealed, for this person alone."""
        limits = Limits(self.world.clock, self.world.keys, RULES)
        until_us = self.world.clock.now_us() + 30 * DAY_US
        for rule in AWAY:
            new = NewOverride(
                "elder_care", rule.id, self.world.people.subject, {"polygon": HOME}, "deg",
                "走失过", until_us,
            )  # fmt: skip
            limits.override(new, By(self.world.people.commander, "page", rule.id))
        run(self.live)

    def fix(self, place: tuple[float, float], *, is_valid: bool = True) -> None:
        now_us = self.world.clock.now_us()
        said = location(place, 76, 0, now_us)
        said = said if is_valid else said.replace(",A,", ",V,", 1)
        frame = encode("3G", BAND, f"{next(self._index):04X}", f"UD,{said}")
        decoded = PROTOCOLS["watch"].decoder(PLAIN).decode(frame, datetime_of(now_us))
        self.intake.store([Arrival("watch", frame, decoded, now_us)])
        run(self.live)
        self.world.settle()

    def fixes(self, *places: tuple[float, float], is_valid: bool = True) -> None:
        """Five minutes apart, as a band reports."""
        for place in places:
            self.fix(place, is_valid=is_valid)
            self.world.wait(minutes=5)


@pytest.fixture
def walk(world: World) -> Walk:
    return Walk(world)


def test_three_fixes_outside_the_home_at_night_call_family_village_and_town(walk: Walk) -> None:
    world, people = walk.world, walk.world.people
    walk.draw()
    world.wait(hours=NIGHT_H)
    walk.fixes(HOUSE, HOUSE, ROAD, ROAD)
    assert not Case.objects.exists(), "two fixes may be an error of the position"
    walk.fix(ROAD)
    assert (world.case.kind, world.case.subject_id) == ("wandering", people.subject)
    assert world.phones.take() == calls(people.daughter, people.secretary, people.town_officer)
    world.do("take", people.secretary)
    walk.fixes(HOUSE)
    assert world.case.state == "in_progress", "home again: somebody still says what was found"
    assert differences() == []


def test_same_walk_by_day_calls_the_family_alone_at_first(walk: Walk) -> None:
    world, people = walk.world, walk.world.people
    walk.draw()
    walk.fixes(HOUSE, ROAD, ROAD)
    walk.fix(ROAD)
    assert world.phones.take() == calls(people.daughter)


@pytest.mark.parametrize("why", ["nothing drawn", "no fix of its own"])
def test_nobody_is_looked_for_without_a_home_or_by_what_is_no_fix(walk: Walk, why: str) -> None:
    if why != "nothing drawn":
        walk.draw()
    walk.world.wait(hours=NIGHT_H)
    walk.fixes(*[ROAD] * 6, is_valid=why == "nothing drawn")
    assert not Case.objects.exists()

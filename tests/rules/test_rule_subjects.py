"""A rule may judge some kinds of a scenario's subjects only: a cold store is no hot box."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bihuan.rules.force import canonical
from bihuan.rules.live import LiveRules
from bihuan.scenarios.elder_care.rules import HEART_RATE_HIGH
from tests.county import World
from tests.rules.bands import Band, run, said

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]


@pytest.mark.parametrize(
    ("kinds", "found"), [((), 1), (("elder",), 1), (("elder", "child"), 1), (("child",), 0)]
)
def test_rule_judges_the_kinds_of_subject_that_it_names(
    world: World, band: Band, kinds: tuple[str, ...], found: int
) -> None:
    rule = replace(HEART_RATE_HIGH, subjects=kinds)
    live = LiveRules(world.clock, {"elder_care": (rule,)})
    run(live)
    band.says(140, 140)
    run(live)
    assert len(said()) == found


def test_rule_without_kinds_says_what_it_said_before_there_were_kinds() -> None:
    assert "subjects" not in json.loads(canonical(HEART_RATE_HIGH))
    narrowed = replace(HEART_RATE_HIGH, subjects=("elder",))
    assert json.loads(canonical(narrowed))["subjects"] == ["elder"]


def test_rule_of_a_day_says_nothing_of_its_lateness_and_of_an_hour_does() -> None:
    """What was put in force before rules had a lateness of their own says the same still."""
    assert "late" not in json.loads(canonical(HEART_RATE_HIGH))
    assert json.loads(canonical(replace(HEART_RATE_HIGH, late="1h")))["late"] == "1h"

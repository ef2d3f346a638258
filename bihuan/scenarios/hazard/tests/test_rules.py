"""Rules of gauges: found at the amount itself, not just below it; whose figures they are."""

from __future__ import annotations

import pytest

from bihuan.journal.readings import NewReading, append_readings, seen0_now
from bihuan.rules.live import LiveRules
from bihuan.rules.rule import Rule
from bihuan.scenarios.hazard import limits
from bihuan.scenarios.hazard.playbook import GAUGE, SUPERVISED, WARNING
from bihuan.scenarios.hazard.rules import (
    DEPTH_CLOSE,
    DEPTH_WATCH,
    RAIN_50_3H,
    RAIN_50_6H,
    RAIN_50_12H,
    RAIN_100_3H,
    RIVER_RISE,
    RULES,
)
from tests.county import World
from tests.rules.bands import run, said

pytestmark = pytest.mark.django_db(databases="__all__")
# by hand from the published text: 50 mm in 12, 6 and 3 hours, 100 mm in 3
AMOUNTS = {("rain_12h", 50), ("rain_6h", 50), ("rain_3h", 50), ("rain_3h", 100)}


def recorded(world: World, *rules: Rule) -> LiveRules:
    """The engine over the journal with these rules, in force before the first reading."""
    live = LiveRules(world.clock, {"elder_care": rules})  # the world's subject is an elder's
    run(live)
    return live


def measures(world: World, live: LiveRules, rule: Rule, *values: float) -> list[str]:
    """Values a minute apart go through the engine; the rules that opened, in their order."""
    key = (world.people.subject, world.people.device, world.people.device + 1)
    before = len(said())
    for value in values:
        now_us = world.clock.now_us()
        row = NewReading(*key, rule.channel, rule.unit, now_us, value, 0, now_us)
        append_readings([row], seen0=seen0_now(), clock=world.clock)
        run(live)
        world.wall.advance(seconds=60)
    return [one.rule for one in said()[before:] if one.what == "opened"]


def test_rain_rules_of_published_amounts_are_told_from_general_practice() -> None:
    """Own sums, amounts and totals: four published amounts each, and 20 mm in 1 h, 50 in 24 [K]."""
    rain = [rule for rule in RULES if rule.channel.startswith("rain")]
    assert len(rain) == 3 * (len(AMOUNTS) + 2)
    for rule in rain:
        assert rule.unit == "mm"
        assert rule.region
        assert ("[V]" in rule.source) != ("[K]" in rule.source)
    assert sum("[V]" in rule.source for rule in rain) == 3 * len(AMOUNTS)


@pytest.mark.parametrize(
    ("rule", "amount"),
    [(RAIN_50_12H, 50), (RAIN_50_6H, 50), (RAIN_50_3H, 50), (RAIN_100_3H, 100)],
)
def test_recorded_rain_is_found_at_its_amount_and_not_a_tenth_below(
    world: World, rule: Rule, amount: float
) -> None:
    assert (rule.channel, amount) in AMOUNTS
    live = recorded(world, rule)
    assert measures(world, live, rule, 0.0, amount - 0.1) == []
    assert measures(world, live, rule, amount) == [rule.id]
    assert measures(world, live, rule, amount + 0.1) == [], "it goes on: said once"


def test_recorded_water_on_a_road_is_found_above_its_depth(world: World) -> None:
    """0.15 m held for a minute; 0.27 m at once, and nothing on the line itself."""
    live = recorded(world, DEPTH_WATCH, DEPTH_CLOSE)
    assert measures(world, live, DEPTH_WATCH, 0.15, 0.15, 0.16) == []
    assert measures(world, live, DEPTH_WATCH, 0.16) == ["depth_watch"]
    assert measures(world, live, DEPTH_CLOSE, 0.27) == []
    assert measures(world, live, DEPTH_CLOSE, 0.28) == ["depth_close"]


def test_recorded_river_is_found_when_it_rose_half_a_metre_within_an_hour(world: World) -> None:
    live = recorded(world, RIVER_RISE)
    assert measures(world, live, RIVER_RISE, 2.0, 2.25, 2.49) == []
    assert measures(world, live, RIVER_RISE, 2.5) == ["river_rise"]


def test_recorded_river_that_falls_half_a_metre_is_none_that_rises(world: World) -> None:
    live = recorded(world, RIVER_RISE)
    assert measures(world, live, RIVER_RISE, 3.0, 2.5, 2.0, 2.4) == []


def test_figures_of_general_practice_are_said_to_be_that() -> None:
    for rule in (DEPTH_WATCH, DEPTH_CLOSE, RIVER_RISE):
        assert "[K]" in rule.source
    for one in limits.TIMES:
        assert one.source
        assert one.effective_from
        assert one.region
        assert ("[L]" in one.source) == (one is limits.REVIEW)
    assert (limits.REVIEW.amount, limits.REVIEW.unit) == (10, "d")


def test_silent_gauge_calls_and_is_never_taken_for_dry() -> None:
    assert "gauge_silent" in GAUGE.signals


def test_all_levels_are_called_in_one_step_for_a_warning() -> None:
    assert len(WARNING.ladder) == 1
    assert WARNING.ladder[0].roles == ("town_duty", "county_command", "flood_command")
    assert WARNING.answer is not None
    assert WARNING.answer.seconds == 300
    assert "[L" in WARNING.answer.source


def test_listed_overdue_and_unreviewed_hazards_are_supervised() -> None:
    wanted = {"hazard_listed", "hazard_overdue", "review_overdue", "check_missed"}
    assert set(SUPERVISED.signals) == wanted

"""The rules of bands and of single signs, live over the journal, at their limits and not before."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bihuan.base.time import MINUTE_US, SECOND_US
from bihuan.journal.readings import NewReading, append_readings, seen0_now
from bihuan.register.entries import FindingSaid
from bihuan.rules.live import LiveRules
from bihuan.rules.rule import Rule, check_versions
from bihuan.scenarios.elder_care.rules_band import AWAY, BAND
from bihuan.scenarios.elder_care.rules_signs import POINTS, UNUSUAL
from bihuan.scenarios.elder_care.scenario import RULES
from tests.county import World
from tests.rules.bands import run, said

pytestmark = pytest.mark.django_db(databases="__all__")
UNITS = {"heart_rate": "bpm", "systolic": "mmHg", "spo2": "%", "battery": "%", "link": "1"}
BAD = 1


@dataclass
class Watched:
    """A band under these rules alone, in force before its first reading."""

    world: World
    live: LiveRules

    def says(self, channel: str, *values: float, step_s: int = 60, quality: int = 0) -> None:
        """Values one step apart, each stored when it was measured, the rules turned after it."""
        for value in values:
            now_us, people = self.world.clock.now_us(), self.world.people
            key = (people.subject, people.device, people.device + 1)
            unit = UNITS[channel]
            row = NewReading(*key, channel, unit, now_us, value, quality, now_us)
            append_readings([row], seen0=seen0_now(), clock=self.world.clock)
            run(self.live)
            self.wait(seconds=step_s)

    def wait(self, **parts: float) -> None:
        self.world.wall.advance(**parts)
        run(self.live)


def watched(world: World, rules: tuple[Rule, ...]) -> Watched:
    made = LiveRules(world.clock, {"elder_care": rules})
    run(made)
    return Watched(world, made)


def opened() -> list[str]:
    return [one.rule for one in said() if one.what == "opened"]


def test_every_rule_has_a_source_and_none_is_printed_as_law() -> None:
    check_versions(RULES)
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert any(mark in rule.source for mark in ("[K]", "[V", "[L]", "NEWS2")), rule.id


@pytest.mark.parametrize(
    ("channel", "values", "found"),
    [
        ("systolic", (90, 90), ["systolic_points"]),
        ("systolic", (90, 120, 90), []),  # one artefact between calls nobody
        ("systolic", (91, 91), []),
        ("systolic", (220, 220), ["systolic_points"]),
        ("spo2", (91, 91, 91), ["spo2_points"]),
        ("spo2", (91, 91), []),
        ("spo2", (92, 92, 92, 92), []),
    ],
)
def test_points_are_those_of_one_sign_at_three_and_more_than_one_reading(
    world: World, channel: str, values: tuple[float, ...], found: list[str]
) -> None:
    watched(world, POINTS).says(channel, *values)
    assert opened() == found


def test_no_temperature_of_the_skin_is_judged() -> None:
    """Skin at the wrist has 31 to 34 degrees in a healthy person: no body temperature."""
    assert "temperature" not in {rule.channel for rule in RULES}


def test_band_is_lost_after_twelve_hours_and_never_before(world: World) -> None:
    band = watched(world, BAND)
    band.says("link", 1, step_s=1)
    band.wait(hours=11, minutes=59)
    assert opened() == []
    band.wait(minutes=1)
    assert opened() == ["link_lost"]


def test_band_that_lives_and_feels_no_pulse_for_a_day_is_not_worn(world: World) -> None:
    """A band on the table sends 0 beats: kept as bad, it ends no silence."""
    band = watched(world, BAND)
    band.says("heart_rate", 72, step_s=1)
    for _ in range(23):
        band.says("link", 1, step_s=1800)
        band.says("heart_rate", 0, step_s=1800, quality=BAD)
    assert opened() == []
    band.wait(hours=1)
    assert opened() == ["not_worn"]


@pytest.mark.parametrize(
    ("values", "found"),
    [((19, 19, 19), ["battery_low"]), ((20, 20, 20), []), ((19, 21, 19), [])],
)
def test_battery_is_low_below_twenty_held_ten_minutes(
    world: World, values: tuple[float, ...], found: list[str]
) -> None:
    watched(world, BAND).says("battery", *values, step_s=300)
    assert opened() == found


def test_own_usual_is_unknown_until_a_week_is_known_and_then_tells_who_departs(
    world: World,
) -> None:
    """A slow heart of 52: for its wearer 95 is unusual, whatever it is for others."""
    band = watched(world, UNUSUAL)
    band.says("heart_rate", 95, step_s=3600)
    for n in range(7 * 8 + 2):
        band.says("heart_rate", 52 + n % 3, step_s=3 * 3600)
    assert opened() == []
    band.says("heart_rate", 95, 53, 95)
    assert opened() == [], "one artefact, and another an hour later: never two in a row"
    band.says("heart_rate", 96)
    assert opened() == ["heart_rate_unusual"]


def test_who_has_no_home_drawn_has_none_to_leave(world: World) -> None:
    """Nobody is followed who needs the key alone."""
    band = watched(world, AWAY)
    now_us, people = world.clock.now_us(), world.people
    key = (people.subject, people.device, people.device + 1)
    rows = [
        NewReading(*key, name, "deg", now_us + n * MINUTE_US, place, 0, now_us + 30 * MINUTE_US)
        for n in range(30)
        for name, place in (("lat", 30.9), ("lon", 119.9))
    ]
    world.wall.advance(minutes=30)
    append_readings(rows, seen0=seen0_now(), clock=world.clock)
    band.wait(hours=5)
    assert said() == []


def test_findings_tell_their_source(world: World) -> None:
    band = watched(world, BAND)
    band.says("battery", 5, 5, 5, step_s=300)
    (finding,) = said()
    assert isinstance(finding, FindingSaid)
    assert (finding.measure, finding.limit, finding.unit) == (5.0, 20.0, "%")
    assert "[K]" in finding.source
    assert finding.opened_us - (finding.since_us or 0) == 600 * SECOND_US

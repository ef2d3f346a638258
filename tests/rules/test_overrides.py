"""What people set in a rule's place, from a batch that has seen it until its time is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.ids import position_of, row_id
from bihuan.base.time import DAY_US, HOUR_US, MINUTE_US
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.readings import NewReading, append_readings, seen0_now
from bihuan.register import rights
from bihuan.register.entries import Actor
from bihuan.register.models import Area
from bihuan.register.records.doing import By
from bihuan.register.records.entries import RowCorrected
from bihuan.register.refusals import ForbiddenError, TakenError
from bihuan.rules.live import LiveRules
from bihuan.rules.models import Finding
from bihuan.rules.overrides.acts import Limits, NewLimit, NewOverride
from bihuan.rules.overrides.models import RegionLimit, SubjectOverride
from bihuan.scenarios.elder_care.rules import HEART_RATE_HIGH, RULES
from tests.county import World
from tests.rebuilt import differences
from tests.rules.bands import LIVE, Band, fresh, run, said, told

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]
HIGH = "heart_rate_high"


@pytest.fixture(autouse=True)
def grants() -> Iterator[None]:
    """The county's command sets limits here; the test world has no doctor."""
    before = dict(rights._grants)
    rights._grants.clear()
    rights.grant("elder_care", "county_command", ["see", "tune"])
    rights.grant("elder_care", "village_duty", ["see"])
    yield
    rights._grants.clear()
    rights._grants.update(before)


@pytest.fixture
def limits(world: World) -> Limits:
    return Limits(world.clock, world.keys, LIVE)


def by(world: World, key: str = "1", person: int | None = None) -> By:
    return By(world.people.commander if person is None else person, "page", key)


def own(world: World, limit: float = 150, hours: int = 24) -> NewOverride:
    until_us = world.clock.now_us() + hours * HOUR_US
    subject = world.people.subject
    reason = "房颤，医生放宽"
    return NewOverride("elder_care", HIGH, subject, {"limit": limit}, "bpm", reason, until_us)


def county_limit(world: World, limit: float, day: str, area: int | None = None) -> NewLimit:
    region = world.people.county if area is None else area
    return NewLimit("elder_care", HIGH, region, {"limit": limit}, "bpm", "青卫〔2026〕3号", day)


def beats(world: World, band: Band, *values: float) -> None:
    world.wall.advance(minutes=10)
    band.says(*values)


def test_override_judges_the_next_batch_and_no_earlier_one(
    world: World, band: Band, live: LiveRules, limits: Limits
) -> None:
    """140 is beyond the declared 130 and within the person's 150."""
    band.says(140, 140)
    stored = seen0_now()
    limits.override(own(world), by(world))
    late = Band(world, world.people.subject, 777)
    now_us = world.clock.now_us()
    rows = [
        NewReading(
            late.subject, 777, 778, "heart_rate", "bpm", now_us + n * MINUTE_US, 140.0, 0, now_us
        )
        for n in range(2)
    ]
    append_readings(rows, seen0=stored, clock=world.clock)  # came before the override was seen
    run(live)
    assert told() == [(HIGH, 0, 1, "opened"), (HIGH, 0, 1, "opened")]
    beats(world, band, 140, 140)
    run(live)
    assert told()[2:] == [(HIGH, 0, 2, "cleared")]
    beats(world, band, 151, 151)
    run(live)
    (found,) = said()[3:]
    assert (found.number, found.what, found.limit, found.measure) == (1, "opened", 150.0, 151.0)
    override = SubjectOverride.objects.get()
    assert found.setting_id == override.id == Finding.objects.get(number=1).setting_id
    assert found.source == f"personal limit, journal entry {override.position}"
    assert differences() == []


def test_override_expires_by_recorded_time_and_can_end_before(
    world: World, band: Band, live: LiveRules, limits: Limits
) -> None:
    limits.override(own(world, hours=1), by(world))
    beats(world, band, 140, 140)
    run(live)
    assert told() == []
    world.wall.advance(hours=1)
    band.says(140, 140)
    run(live)
    assert told() == [(HIGH, 0, 1, "opened")]
    again = limits.override(own(world, hours=10), by(world, "2"))
    limits.end_override(again, "停药", by(world, "3"))
    beats(world, band, 100, 140, 140)
    run(live)
    assert told()[1:] == [(HIGH, 0, 2, "cleared"), (HIGH, 1, 1, "opened")]
    with pytest.raises(TakenError):
        limits.end_override(again, "停药", by(world, "4"))
    assert differences() == []


@pytest.mark.parametrize("is_kept", [True, False])
def test_restart_with_an_override_says_the_same(
    world: World, band: Band, live: LiveRules, limits: Limits, is_kept: bool
) -> None:
    limits.override(own(world), by(world))
    beats(world, band, 140, 140)
    run(live)
    if is_kept:
        live.keep()
    beats(world, band, 140, 155, 155)
    again = fresh(world)
    run(again)
    assert told() == [(HIGH, 0, 1, "opened")]
    assert said()[0].limit == 150.0
    world.wall.advance(hours=25)
    band.says(140, 140)
    run(again)
    assert said()[-1].what != "opened" or said()[-1].limit == 130.0


def test_limit_of_the_county_replaces_the_rule_from_its_day_and_a_person_stands_above(
    world: World, band: Band, live: LiveRules, limits: Limits
) -> None:
    """The test's clock stands on 2 March 2026, 08:00 in China."""
    limits.set_limit(county_limit(world, 120, "2026-03-03"), by(world))
    beats(world, band, 125, 125)
    run(live)
    assert told() == []
    world.wall.advance(hours=16)
    band.says(125, 125)
    run(live)
    (found,) = [f for f in said() if f.rule == HIGH]
    assert (found.limit, found.source) == (120.0, "青卫〔2026〕3号")
    limits.override(own(world, 160), by(world, "2"))
    beats(world, band, 100, 150, 150)
    run(live)
    assert [f.what for f in said() if f.rule == HIGH] == ["opened", "cleared"]
    assert differences() == []


def test_limit_of_a_region_holds_where_the_subject_then_lived(
    world: World, band: Band, live: LiveRules, limits: Limits
) -> None:
    """Of town and county the smaller region's figure holds, until the elder moves away."""
    people = world.people
    limits.set_limit(county_limit(world, 125, "2026-03-01"), by(world))
    limits.set_limit(county_limit(world, 110, "2026-03-01", people.town), by(world, "2"))
    beats(world, band, 115, 115)
    run(live)
    assert said()[-1].limit == 110.0
    with Appender(FACTS_LANE, world.clock) as lane:
        moved = RowCorrected(
            row_id=people.subject,
            before={},
            after={},
            sealed=None,
            sealed_names=[],
            reason=None,
            by=Actor(person_id=None, role="system", via="test"),
            area_id=people.county,
        )
        lane.append(moved)
    beats(world, band, 115, 115)
    beats(world, band, 126, 126)
    run(live)
    assert [(f.what, f.limit) for f in said()[-2:]] == [("cleared", 125.0), ("opened", 125.0)]
    before = told()
    run(fresh(world))  # read again from the beginning: where the elder then lived counts
    assert told() == before


def test_new_version_takes_over_and_the_persons_limit_stays(
    world: World, band: Band, live: LiveRules, limits: Limits
) -> None:
    limits.override(own(world), by(world))
    beats(world, band, 155, 155)
    run(live)
    lower = {**HEART_RATE_HIGH.parameters, "limit": 100}
    newer = replace(HEART_RATE_HIGH, version=2, effective_from=date(2026, 2, 1), parameters=lower)
    again = LiveRules(world.clock, {"elder_care": [*RULES, newer]})
    run(again)
    beats(world, band, 140, 140)
    run(again)
    found = said()
    assert [(f.version, f.number, f.what) for f in found] == [(1, 0, "opened"), (2, 0, "cleared")]
    beats(world, band, 151, 151)
    run(again)
    assert (said()[-1].version, said()[-1].limit) == (2, 150.0)


def test_silence_of_one_person_may_be_longer(
    world: World, band: Band, live: LiveRules, limits: Limits
) -> None:
    new = replace(own(world, hours=72), rule="link_silent", parameters={"for": "12h"}, unit="1")
    limits.override(new, by(world))
    band.says(80)
    run(live)
    world.wall.advance(hours=12)
    run(live)
    assert told() == []
    world.wall.advance(seconds=2)
    run(live)
    assert [(f.rule, f.limit) for f in said()] == [("link_silent", 43_200.0)]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"unit": "Hz", "reason": " "}, {"unit", "reason"}),
        ({"parameters": {}}, {"parameters"}),
        ({"parameters": {"limit": "x", "limt": 1}}, {"limit", "clear", "limt"}),
        ({"parameters": {"side": "below"}}, {"side"}),
        ({"until_us": 0}, {"until"}),
        ({"rule": "nothing"}, {"rule"}),
    ],
)
def test_override_that_is_wrong_names_every_field(
    world: World, limits: Limits, changes: dict[str, object], fields: set[str]
) -> None:
    with pytest.raises(BadInputError) as caught:
        limits.override(replace(own(world), **changes), by(world))  # type: ignore[arg-type]
    assert {fault.field for fault in caught.value.faults} == fields
    assert not SubjectOverride.objects.exists()


def test_limits_are_set_by_those_who_may_only(world: World, limits: Limits) -> None:
    for person in (world.people.stranger, world.people.secretary, world.people.daughter):
        with pytest.raises(ForbiddenError):
            limits.override(own(world), by(world, person=person))
        with pytest.raises(ForbiddenError):
            limits.set_limit(county_limit(world, 120, "2026-03-03"), by(world, person=person))
    made = limits.override(own(world), by(world))
    with pytest.raises(ForbiddenError):
        limits.end_override(made, "停", by(world, person=world.people.stranger))
    assert SubjectOverride.objects.get().ended is None


def test_same_click_twice_sets_one_limit_and_a_second_limit_of_a_day_is_refused(
    world: World, limits: Limits
) -> None:
    first = limits.set_limit(county_limit(world, 120, "2026-03-03"), by(world))
    assert limits.set_limit(county_limit(world, 120, "2026-03-03"), by(world)) == first
    for day in ("2026-03-03", "2026-03-02", "3 March", "2026-3-4"):
        with pytest.raises(BadInputError, match="effective_from"):
            limits.set_limit(county_limit(world, 110, day), by(world, day))
    limits.set_limit(county_limit(world, 110, "2026-03-04"), by(world, "9"))
    assert RegionLimit.objects.count() == 2
    assert row_id(position_of(first)) == first
    own_id = limits.override(own(world), by(world))
    assert limits.override(own(world), by(world)) == own_id
    newer = limits.override(own(world, 155), by(world, "b"))
    assert SubjectOverride.objects.get(id=own_id).ended == position_of(newer)
    assert differences() == []


def test_reason_is_sealed_for_the_person(world: World, limits: Limits) -> None:
    made = limits.override(own(world), by(world))
    row = SubjectOverride.objects.get(id=made)
    assert "房颤".encode() not in bytes(row.reason)
    assert world.keys.open(bytes(row.reason)) == "房颤，医生放宽"
    assert row.until_us - row.from_us == DAY_US
    assert Area.objects.filter(id=world.people.county).exists()

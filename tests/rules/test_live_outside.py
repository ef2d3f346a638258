"""An elder who leaves the area drawn for them, live: positions come from the journal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import DAY_US, MINUTE_US
from bihuan.journal import archive
from bihuan.journal.readings import NewReading, append_readings, seen0_now
from bihuan.register import rights
from bihuan.register.records.doing import By
from bihuan.rules.archived import archived_readings
from bihuan.rules.live import LiveRules
from bihuan.rules.overrides.acts import Limits, NewOverride
from bihuan.rules.overrides.models import SubjectOverride
from bihuan.rules.rule import Rule
from tests.county import World
from tests.rebuilt import differences
from tests.rules.bands import run, said, told

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]
LEFT = Rule(
    id="left_home",
    title_zh="离开安全区域",
    title_en="Left the safe area",
    kind="outside",
    channel="position",
    parameters={"polygon": "home", "fixes": 2, "for": "5m"},
    unit="deg",
    source="test",
    effective_from=date(2026, 1, 1),
    region="test",
    severity="warning",
)
DECLARED = {"elder_care": [LEFT]}
HOME = "POLYGON ((119 30, 119.01 30, 119.01 30.01, 119 30.01, 119 30))"
IN, OUT = (30.005, 119.005), (30.02, 119.005)


@pytest.fixture(autouse=True)
def grants() -> Iterator[None]:
    before = dict(rights._grants)
    rights.grant("elder_care", "county_command", ["tune"])
    yield
    rights._grants.clear()
    rights._grants.update(before)


@pytest.fixture
def live(world: World) -> LiveRules:
    made = LiveRules(world.clock, DECLARED, keys=world.keys)
    run(made)
    return made


def draws(world: World, polygon: str = HOME, key: str = "1") -> None:
    limits = Limits(world.clock, world.keys, DECLARED)
    until_us = world.clock.now_us() + 30 * DAY_US
    new = NewOverride(
        "elder_care",
        "left_home",
        world.people.subject,
        {"polygon": polygon},
        "deg",
        "走失过",
        until_us,
    )
    limits.override(new, By(world.people.commander, "page", key))


def walks(world: World, *places: tuple[float, float], step_us: int = 6 * MINUTE_US) -> None:
    """Fixes one step apart, the last of them now."""
    now_us, device = world.clock.now_us(), world.people.device
    rows = []
    for n, place in enumerate(places):
        at_us = now_us - (len(places) - 1 - n) * step_us
        for name, value in zip(("lat", "lon"), place, strict=True):
            series = (world.people.subject, device, device + 1)
            rows.append(NewReading(*series, name, "deg", at_us, value, 0, now_us))
    append_readings(rows, seen0=seen0_now(), clock=world.clock)


def test_elder_without_an_area_leaves_none_and_one_with_an_area_does(
    world: World, live: LiveRules
) -> None:
    world.wall.advance(hours=1)
    walks(world, OUT, OUT, OUT)
    run(live)
    assert told() == []
    draws(world)
    world.wall.advance(hours=1)
    walks(world, IN, OUT, OUT)
    run(live)
    (found,) = said()
    assert (found.rule, found.what, found.opened_us) == (
        "left_home",
        "opened",
        world.clock.now_us(),
    )
    assert found.setting_id == SubjectOverride.objects.get().id
    world.wall.advance(minutes=10)
    walks(world, IN)
    run(live)
    assert told()[1:] == [("left_home", 0, 2, "cleared")]
    assert differences() == []


def test_late_fix_inside_withdraws_after_a_restart_too(world: World, live: LiveRules) -> None:
    draws(world)
    world.wall.advance(hours=1)
    walks(world, OUT, OUT)
    run(live)
    live.keep()
    again = LiveRules(world.clock, DECLARED, keys=world.keys)
    world.wall.advance(seconds=30)
    now_us, device = world.clock.now_us(), world.people.device
    rows = [
        NewReading(
            world.people.subject,
            device,
            device + 1,
            name,
            "deg",
            now_us - 3 * MINUTE_US,
            value,
            0,
            now_us,
        )
        for name, value in zip(("lat", "lon"), IN, strict=True)
    ]
    append_readings(rows, seen0=seen0_now(), clock=world.clock)
    world.wall.advance(seconds=2)
    run(again)
    assert [what for *_rest, what in told()] == ["opened", "withdrawn"]


def test_home_is_sealed_and_a_crossing_ring_refused(world: World) -> None:
    draws(world)
    row = SubjectOverride.objects.get()
    assert b"119" not in bytes(row.polygon or b"")
    assert row.parameters == "{}"
    assert world.keys.open(bytes(row.polygon or b"")) == HOME
    with pytest.raises(BadInputError, match="cross themselves"):
        draws(world, "119,30;119.01,30.01;119.01,30;119,30.01", "2")
    with pytest.raises(BadInputError, match="boundary is registered"):
        draws(world, f"area:{world.people.village}", "3")


def test_archive_gives_positions_back_in_pairs(world: World, live: LiveRules) -> None:
    world.wall.advance(hours=1)
    walks(world, IN, OUT, OUT)
    world.wall.advance(hours=30)
    archive.close_days(world.clock)
    table = archived_readings("elder_care", LEFT)
    assert table.longitude is not None
    assert list(zip(table.value.tolist(), table.longitude.tolist(), strict=True)) == [IN, OUT, OUT]

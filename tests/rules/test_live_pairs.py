"""A rule over two channels, live: what one entry of a lane holds of both, and a late answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bihuan.base.time import MINUTE_US, MovableClock
from bihuan.rules.live import LiveRules
from bihuan.scenarios.elder_care.rules import HEART_RATE_HIGH
from tests.county import World
from tests.rules.bands import Band, run, told

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]

UNMEASURED = replace(
    HEART_RATE_HIGH,
    id="unmeasured",
    kind="without",
    parameters={
        "limit": 130,
        "side": "above",
        "other": "systolic",
        "other_limit": 0,
        "other_side": "above",
        "within": "10m",
    },
)


def test_event_without_its_answer_is_found_live_and_withdrawn_by_a_late_one(
    world: World, clock: MovableClock, band: Band
) -> None:
    live = LiveRules(world.clock, {"elder_care": [UNMEASURED]})
    run(live)
    band.says(140)
    run(live)
    assert told() == []
    clock.advance(minutes=11)
    run(live)
    assert told() == [("unmeasured", 0, 1, "opened")]
    band.says(150, ago_us=5 * MINUTE_US, channel="systolic")
    run(live)
    clock.advance(minutes=1)
    run(live)
    assert told() == [("unmeasured", 0, 1, "opened"), ("unmeasured", 0, 2, "withdrawn")]

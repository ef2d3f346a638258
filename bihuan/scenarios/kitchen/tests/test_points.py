"""Probes: door openings told from failures, dead probes, air never taken for core."""

from __future__ import annotations

import pytest

from bihuan.loop.cases.models import CaseFinding
from bihuan.rules.models import Finding
from bihuan.scenarios.kitchen.rules import RULES
from bihuan.scenarios.kitchen.scenario import SCENARIO
from bihuan.scenarios.kitchen.tests.place import Place, Probe

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
AIR, CORE = "air_temperature", "core_temperature"


def found() -> list[str]:
    return list(Finding.objects.order_by("opened_us", "rule").values_list("rule", flat=True))


def test_a_door_that_stands_open_for_a_while_is_no_failure(place: Place) -> None:
    store = Probe(place, "cold_store", AIR)
    store.says(4, 4, *(12,) * 19, 5, 4)  # open for 18 minutes
    store.says(8, 8, 8)  # on the limit
    assert found() == []
    assert place.cases("deviation") == []


def test_a_store_that_stays_warm_is_told_after_20_minutes_to_the_kitchen(place: Place) -> None:
    store = Probe(place, "cold_store", AIR)
    store.says(4, *(9,) * 21)
    assert found() == ["store_warm"]
    (case,) = place.cases("deviation")
    assert case.subject_id == store.point
    assert place.told() == {"officer", "worker"}
    store.says(4)
    case.refresh_from_db()
    assert case.state == "awaiting_answer", "that it is cold again closes nothing"


def test_a_dead_probe_is_told_after_a_quarter_of_an_hour(place: Place) -> None:
    store = Probe(place, "cold_store", AIR)
    store.says(4, 4)
    store.silent(14)
    assert found() == []
    store.silent(3)
    assert found() == ["probe_dead"]
    assert len(place.cases("deviation")) == 1


def test_hot_food_falling_is_told_before_60_and_an_empty_box_calls_nobody(place: Place) -> None:
    box = Probe(place, "hot_box", CORE)
    box.says(*(20,) * 7)
    box.silent(17)
    assert found() == ["hot_falling", "hot_low", "hot_probe_dead"]
    assert place.cases("deviation") == [], "nothing is in it"
    place.batch()
    box.says(70, 70)
    box.says(*(62.5,) * 6)
    assert found()[3:] == ["hot_falling"], "before loss"
    assert len(place.cases("deviation")) == 1


def test_air_is_never_taken_for_core(place: Place) -> None:
    """A hot box whose air is at 80 ℃ proves nothing, and its air at 20 ℃ calls nobody."""
    start_us = place.now_us
    batch = place.batch()
    box = Probe(place, "hot_box", AIR)
    box.says(*(80,) * 5, *(20,) * 25)
    assert found() == []
    assert place.shown(batch)["eat_by"] == start_us + 2 * 3_600_000_000
    assert not CaseFinding.objects.exists()


def test_each_rule_judges_kinds_of_control_points_that_there_are() -> None:
    for rule in RULES:
        assert rule.subjects, rule.id
        assert set(rule.subjects) <= set(SCENARIO.subjects), rule.id
        is_core = rule.channel == CORE
        assert is_core == (rule.subjects[0] in ("hot_box", "chiller")), rule.id


def test_a_calibration_that_runs_out_is_told(place: Place) -> None:
    """Held until 31 December 2026; calibrated again it holds on."""
    until_us = place.due(place.probe, "calibration")
    place.do(
        place.probe,
        "calibrate",
        "officer",
        calibrated_on="2026-03-02",
        calibrated_until="2027-03-01",
        error=0.1,
        certificate="演示-2026-01",
    )
    later_us = place.due(place.probe, "calibration")
    assert until_us is not None
    assert later_us is not None
    assert later_us - until_us == 60 * 86_400_000_000

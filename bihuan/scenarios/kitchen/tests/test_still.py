"""A probe that says one value for hours is told; what lives moves, and a door is no failure."""

from __future__ import annotations

from bihuan.loop.shows import Measured
from bihuan.scenarios.kitchen.matched import still_run
from bihuan.scenarios.kitchen.scenario import SCENARIO
from bihuan.scenarios.kitchen.tests.place import MINUTE


def said(*values: float, every_min: int = 1) -> list[Measured]:
    step_us = every_min * MINUTE
    return [Measured(n * step_us, value, is_good=True) for n, value in enumerate(values)]


def test_the_same_value_for_two_hours_is_a_run_from_its_first_reading() -> None:
    still = still_run(said(4.1, *(4.2,) * 121))
    assert still is not None
    assert (still.at_us, still.value) == (MINUTE, 4.2)
    assert still_run(said(4.1, *(4.2,) * 120)) is None, "119 minutes are not yet two hours"


def test_a_tenth_of_a_degree_is_a_sign_of_life() -> None:
    assert still_run(said(*(4.2,) * 100, 4.3, *(4.2,) * 100)) is None


def test_a_probe_that_reports_seldom_says_too_little() -> None:
    assert still_run(said(*(4.2,) * 59, every_min=5)) is None
    assert still_run(said(*(4.2,) * 60, every_min=5)) is not None


def test_the_officer_is_told_before_the_cooking_and_before_the_meal() -> None:
    found = {(n.subject, n.at, n.to) for n in SCENARIO.notices if n.name.startswith("still_")}
    assert found == {
        (kind, at, "food_safety_officer")
        for kind in ("cold_store", "special_room", "hot_box")
        for at in ("06:30", "10:30")
    }

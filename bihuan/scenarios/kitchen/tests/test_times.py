"""Times of a batch, by hand from the written rules: 2018 rules, GB 31654-2021, school standard."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bihuan.base.errors import BadInputError
from bihuan.scenarios.kitchen import limits, times
from bihuan.scenarios.kitchen.limits import LIMITS
from bihuan.scenarios.kitchen.tests.place import HOUR, MINUTE

EIGHT = 1_772_409_600_000_000  # 2 March 2026, 08:00 in the county


def batch(keeping: str = "hot", core: float = 82, **more: object) -> times.Row:
    return {"cooked": EIGHT, "core": core, "keeping": keeping, "opened_us": EIGHT, **more}  # type: ignore[dict-item]


def check(minutes: int, core: float, step: str = "hold", late_min: int = 0) -> times.Row:
    at_us = EIGHT + minutes * MINUTE
    return {"at": at_us, "core": core, "step": step, "opened_us": at_us + late_min * MINUTE}


def minutes(until_us: int | None) -> float | None:
    return None if until_us is None else (until_us - EIGHT) / MINUTE


@pytest.mark.parametrize(
    ("taken", "keeps"),
    [
        ((), 120),  # unproved: two hours
        (((60, 60),), 180),  # 60 ℃ is hot
        (((60, 64), (120, 60)), 240),  # still 60 after two hours: four hours from cooking
        (((120, 75), (239, 75)), 240),  # and never more than four
        (((30, 64), (60, 59.9)), 150),  # below 60: two hours from the last proof
        (((30, 64), (60, 59.9), (90, 71)), 150),  # warmed again, the clock does not begin anew
        (((0, 40),), 120),  # a check at the moment of cooking is the cook's own
    ],
)
def test_hot_food_by_its_proofs(taken: tuple[tuple[int, float], ...], keeps: int) -> None:
    checks = [check(at, core) for at, core in taken]
    assert minutes(times.eat_by(batch(), checks)) == keeps
    assert minutes(times.eat_by(batch(), checks[::-1])) == keeps, "in whatever order they came"
    assert minutes(times.eat_by(batch(), checks + checks)) == keeps, "and however often"
    assert minutes(times.latest(batch(), checks)) == 240


def test_two_hours_count_from_cooking_never_from_packing() -> None:
    packed = {**batch(), "at.pack": EIGHT + HOUR}
    assert minutes(times.eat_by(packed, [])) == 120


@pytest.mark.parametrize(
    ("taken", "keeps"),
    [
        ((), None),  # not yet cold: nothing to eat
        (((200, 8.1),), None),
        (((200, 8.0),), 1440),  # a day from cooking, not from the store
        (((200, 8.0), (300, 9.5)), 200 + 120),
        (((200, 8.0), (400, 4), (500, 12)), 400 + 120),
        (((200, 8.0), (1400, 12)), 200 + 120),
    ],
)
def test_chilled_food_by_its_proofs(
    taken: tuple[tuple[int, float], ...], keeps: int | None
) -> None:
    checks = [check(at, core, "store") for at, core in taken]
    assert minutes(times.eat_by(batch("chilled"), checks)) == keeps


@pytest.mark.parametrize(
    ("taken", "due"),
    [
        ((), 120),  # 60 → 21 ℃ in two hours
        (((30, 61),), 150),  # from the last proof of 60
        (((90, 21),), 210),  # → 8 ℃ in two hours more, from when it was at 21
        (((90, 21), (150, 8)), None),
        (((10, 8),), None),
    ],
)
def test_cooling_by_its_legs(taken: tuple[tuple[int, float], ...], due: int | None) -> None:
    checks = [check(at, core, "cool") for at, core in taken]
    assert minutes(times.cooling_due(batch("chilled"), checks)) == due
    assert times.cooling_due(batch("hot"), checks) is None


def test_a_core_below_70_was_never_cooked_through_until_it_is_again() -> None:
    cold = batch(core=69.9)
    assert times.done_us(cold, []) is None
    assert times.eat_by(cold, [check(10, 80, "hold")]) is None, "only cooking cooks"
    assert minutes(times.done_us(cold, [check(10, 70, "cook")])) == 10
    assert times.done_us(batch(core=70), []) == EIGHT


def test_what_is_said_of_the_future_proves_nothing() -> None:
    ahead = check(120, 80, late_min=-6)  # entered six minutes before it was taken
    assert minutes(times.eat_by(batch(), [ahead])) == 120
    assert minutes(times.eat_by(batch(), [check(120, 80, late_min=-5)])) == 240
    assert times.eat_by(batch(cooked=EIGHT + HOUR), []) is None


@pytest.mark.parametrize(
    ("step", "core", "keeping", "is_beyond"),
    [
        ("cook", 70, "hot", False),
        ("cook", 69.9, "hot", True),
        ("hold", 60, "hot", False),
        ("hold", 59.9, "hot", True),
        ("chill", 8, "chilled", False),
        ("store", 8.1, "chilled", True),
        ("dispatch", 8.1, "chilled", True),
        ("dispatch", 59, "hot", True),
        ("dispatch", 60, "hot", False),
        ("cool", 45, "chilled", False),  # one value says nothing of a curve
    ],
)
def test_a_step_has_its_own_limit(step: str, core: float, keeping: str, is_beyond: bool) -> None:
    assert times.is_deviation(check(5, core, step), batch(keeping)) is is_beyond


def test_every_limit_says_whose_it_is() -> None:
    for one in LIMITS:
        assert all((one.name, one.unit, one.source.strip(), one.region.strip())), one
        assert one.version >= 1
    assert len({(one.name, one.version) for one in LIMITS}) == len(LIMITS)


def test_a_newer_limit_judges_from_its_day_on_and_changes_nothing_before() -> None:
    new = replace(limits.held("hot_hold"), amount=63, effective_from=date(2026, 3, 2), version=2)
    both = (*LIMITS, new)
    assert limits.held("hot_hold", EIGHT, both).amount == 63
    assert limits.held("hot_hold", EIGHT - 24 * HOUR, both).amount == 60
    with pytest.raises(BadInputError):
        limits.held("warm")


def test_months_end_on_the_same_day_or_the_last_of_a_short_month() -> None:
    start_us = 1_764_547_200_000_000 - 8 * HOUR  # 1 December 2025, 00:00 in the county
    assert limits.months_after(start_us, "new_kitchen") - start_us == 90 * 24 * HOUR  # 1 March
    end_us = start_us - 24 * HOUR  # 30 November: three months on is 28 February
    assert limits.months_after(end_us, "new_kitchen") - end_us == 90 * 24 * HOUR

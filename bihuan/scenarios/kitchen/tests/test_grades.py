"""The A/B/C grade by its rule; the risk grade is another scale and never mixed with it."""

from __future__ import annotations

import pytest

from bihuan.scenarios.kitchen.grades import annual_grade, visit_grade
from bihuan.scenarios.kitchen.inspections import public_by
from bihuan.scenarios.kitchen.limits import LIMITS
from bihuan.scenarios.kitchen.subjects import RISKS, SUPPLIER
from bihuan.scenarios.kitchen.tests.place import HOUR
from bihuan.scenarios.kitchen.tests.test_times import EIGHT

DAY = 24 * HOUR
FIRM = {"licensed_on": "2024-01-05"}


def visit(score: float, failed: int = 0, days_ago: int = 1, **more: object) -> dict[str, object]:
    return {
        "score": score,
        "key_failed": failed,
        "at.conclude": EIGHT - days_ago * DAY,
        "state": "published",
        "way": "on_site",
        **more,
    }


@pytest.mark.parametrize(
    ("score", "failed", "grade"),
    [
        (10, 0, "A"),
        (9.0, 0, "A"),
        (8.9, 0, "B"),
        (7.5, 0, "B"),
        (7.4, 0, "C"),
        (6.0, 0, "C"),
        (5.9, 0, "—"),
        (9.8, 1, "A"),
        (9.8, 2, "—"),  # two key items failed
    ],
)
def test_a_visit_is_graded_by_score_and_key_items(score: float, failed: int, grade: str) -> None:
    assert visit_grade(visit(score, failed)) == grade  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("visits", "grade"),
    [
        ([], "—"),
        ([visit(9.0), visit(9.0), visit(9.0)], "A"),
        ([visit(9.5), visit(8.3)], "B"),  # mean 8.9
        ([visit(9.9), visit(8.0)], "B"),  # mean 8.95 is below 9.0
        ([visit(9.5), visit(6.0, days_ago=366)], "A"),  # older than twelve months
        ([visit(9.5), visit(1.0, state="under_way")], "A"),
        ([visit(9.5), visit(1.0, way="off_site")], "A"),
        ([visit(5.0)], "—"),
    ],
)
def test_the_year_is_the_mean_of_twelve_months(visits: list[object], grade: str) -> None:
    assert annual_grade(FIRM, visits, [], EIGHT) == grade  # type: ignore[arg-type]


def test_no_grade_in_the_first_three_months_nor_for_six_after_an_accident() -> None:
    seen = [visit(9.5)]
    assert annual_grade({"licensed_on": "2025-12-03"}, seen, [], EIGHT) == "—"  # type: ignore[arg-type]
    assert annual_grade({"licensed_on": "2025-12-02"}, seen, [], EIGHT) == "A"  # type: ignore[arg-type]
    assert annual_grade(FIRM, seen, ["2025-09-03"], EIGHT) == "—"  # type: ignore[arg-type]
    assert annual_grade(FIRM, seen, ["2025-09-02"], EIGHT) == "A"  # type: ignore[arg-type]


def test_the_three_scales_are_not_mixed() -> None:
    """Risk A is the lowest risk and a grade A the best: no value of one is a value of another."""
    assert {name for name, _words in RISKS}.isdisjoint({"A", "B", "C", "D"})
    assert all("风险" in zh and "isk" in en for _name, (zh, en) in RISKS)
    assert {"grade", "mean"}.isdisjoint({field.name for field in SUPPLIER.fields})
    assert not [one.name for one in LIMITS if one.name.startswith("risk")]


def test_results_are_public_within_twenty_working_days() -> None:
    """Monday 2 March 2026 + 20 working days: 30 March, at 24:00."""
    assert public_by(EIGHT) - EIGHT == 28 * DAY + 16 * HOUR

"""量化等级 / Quantified grade: of one visit, and of the year. Pure; risk is another scale.

A visit: 9.0 and more excellent, 7.5 and more good, 6.0 and more fair; below, or with two key items
failed, not graded. The year: the mean of the visits of twelve months; no grade in a kitchen's
first three months, nor for six after an accident.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Final

from bihuan.base.time import CHINA, DAY_US, us_of
from bihuan.register.scheme import Value
from bihuan.scenarios.kitchen.limits import limit, months_after

Row = Mapping[str, Value]
YEAR_US: Final = 365 * DAY_US
NOT_GRADED: Final = "—"
GRADES: Final = (("excellent", "A"), ("good", "B"), ("fair", "C"))
DONE: Final = ("concluded", "published")


def visit_grade(inspection: Row) -> str:
    """A, B or C of one concluded visit; — where it is not graded."""
    score, failed = inspection.get("score"), inspection.get("key_failed")
    at_us = _moment(inspection.get("at.conclude"))
    if not isinstance(score, int | float) or isinstance(score, bool) or at_us is None:
        return NOT_GRADED
    if isinstance(failed, int) and failed >= limit("key_items", at_us):
        return NOT_GRADED
    return _letter(float(score), at_us)


def annual_mean(inspections: Sequence[Row], now_us: int) -> float | None:
    """The mean score of the visits of the last twelve months; None where there was none."""
    scores = list(_scores(inspections, now_us))
    return sum(scores) / len(scores) if scores else None


def annual_grade(
    supplier: Row, inspections: Sequence[Row], accidents: Sequence[object], now_us: int
) -> str:
    """A, B or C by the mean of the year; — in the first three months and after an accident."""
    since_us = midnight(supplier.get("licensed_on"))
    if since_us is None or now_us < months_after(since_us, "new_kitchen"):
        return NOT_GRADED
    happened = [us for us in map(midnight, accidents) if us is not None and us <= now_us]
    if any(now_us < months_after(us, "after_accident") for us in happened):
        return NOT_GRADED
    mean = annual_mean(inspections, now_us)
    # the sum of floats 9.0, 9.0, 9.0 stays 9.0; a mean of 8.96 is below 9.0 and is not rounded up
    return NOT_GRADED if mean is None else _letter(round(mean, 9), now_us)


def _letter(score: float, at_us: int) -> str:
    return next((letter for name, letter in GRADES if score >= limit(name, at_us)), NOT_GRADED)


def _scores(inspections: Sequence[Row], now_us: int) -> Iterator[float]:
    for row in inspections:
        score, at_us = row.get("score"), _moment(row.get("at.conclude"))
        is_counted = row.get("way") == "on_site" and row.get("state") in DONE
        if not is_counted or not isinstance(score, int | float) or at_us is None:
            continue
        if now_us - YEAR_US < at_us <= now_us:
            yield float(score)


def midnight(day: object) -> int | None:
    """The first moment of a date in the county, µs; None for what is no date."""
    if not isinstance(day, str):
        return None
    return us_of(datetime.combine(date.fromisoformat(day), time(0), CHINA))


def _moment(value: Value) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None

"""The clocks of the law: lengths as the texts give them, and the page that lists them."""

from __future__ import annotations

import re

import pytest

from bihuan.base.legal_limits import LEGAL_LIMITS
from tests.repo.tracked import ROOT


def length(key: str) -> tuple[float, str]:
    limit = LEGAL_LIMITS[key].limit
    return limit.amount, limit.unit


def test_reconsideration_counts_3_5_7_10_in_working_days_and_30_60_in_calendar_days() -> None:
    """Law on Administrative Reconsideration, Articles 62 and 88."""
    found = {length(key) for key in LEGAL_LIMITS if key.startswith("reconsideration.")}
    working = {(days, "working") for days in (3, 5, 7, 10)}
    assert found == working | {(30, "calendar"), (60, "calendar")}


@pytest.mark.parametrize(
    ("key", "days", "extension"),
    [
        ("reconsideration.decide", 60, 30),
        ("reconsideration.decide_simplified", 30, 0),
        ("market.accept", 7, 0),
        ("market.mediate", 45, 0),
        ("market.ended_notice", 7, 0),
        ("market.check", 15, 15),
        ("market.informer", 5, 0),
        ("subsistence.decide", 30, 15),
    ],
)
def test_legal_limit_has_the_length_of_its_text(key: str, days: int, extension: int) -> None:
    limit = LEGAL_LIMITS[key].limit
    assert (limit.amount, limit.most_extension) == (days, extension)


def test_calendar_page_lists_exactly_the_limits_of_the_table() -> None:
    page = (ROOT / "docs" / "calendar.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+\.\w+)` \| (.+) \|$", page, re.MULTILINE)
    assert dict(rows) == {
        row.key: " | ".join([
            row.zh,
            row.en,
            f"{row.limit.amount} {row.limit.unit}",
            str(row.limit.most_extension),
            row.source,
            row.evidence,
        ])
        for row in LEGAL_LIMITS.values()
    }  # fmt: skip

"""What public pages leave out and how far back they count: rules with source and day.

A later rule is a further line; the one of the newest day that has come holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bihuan.base.time import CHINA, datetime_of


@dataclass(frozen=True, slots=True)
class PublicRule:
    """fewest: a number under it is not published; days: how far back reported matters count."""

    fewest: int
    days: int
    source: tuple[str, str]
    effective_from: str
    region: tuple[str, str]


RULES: Final = (
    PublicRule(
        fewest=5,
        days=90,
        source=(
            "统计机构的通行做法 [K]，以本县规定为准",
            "general practice of statistical offices [K]; the county's own rule replaces it",
        ),
        effective_from="2026-01-01",
        region=("青禾县", "Qinghe"),
    ),
)


def rule_at(now_us: int, rules: tuple[PublicRule, ...] = RULES) -> PublicRule:
    """The rule of a moment; before the first one, the first: nothing is published without one."""
    day = datetime_of(now_us).astimezone(CHINA).date().isoformat()
    held = [rule for rule in rules if rule.effective_from <= day]
    return max(held, key=lambda rule: rule.effective_from) if held else rules[0]

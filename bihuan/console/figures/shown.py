"""Figures as pages show them: numbers with units, growth in words, charts as inline SVG.

Charts are drawn here, by the server: no script, and a table of the same numbers stands beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from bihuan.console.shown import is_english
from bihuan.figures.installed import Installed
from bihuan.figures.periods import Period, words
from bihuan.figures.values import Growth, Value

WIDE, HIGH = 600, 160


def word(pair: tuple[str, str]) -> str:
    """zh or en, as the reader reads."""
    return pair[1] if is_english() else pair[0]


def number(one: Installed, amount: float | None) -> str:
    """1,234.5 without its unit."""
    return "" if amount is None else f"{amount:,.{one.figure.decimals}f}"


def value_text(one: Installed, value: Value) -> str:
    """97.5%, 12 件; in words where there is no number."""
    if value.hidden:
        return _("数量太少，不公布")
    if value.told.amount is None:
        return _("无数据")
    said, unit = number(one, value.told.amount), word(one.figure.unit)
    between = "" if unit == "%" else " "
    return f"{said}{between}{singular(unit) if said == '1' and is_english() else unit}"


def singular(unit: str) -> str:
    """cases → case, passes → pass, moves of people → move of people; min and % as they are."""
    first, space, rest = unit.partition(" ")
    ends = 2 if first.endswith(("sses", "shes", "ches")) else 1 if first.endswith("s") else 0
    return first[: len(first) - ends] + space + rest


def made_of(value: Value) -> str:
    """119 / 122: what stands above and below the line."""
    told = value.told
    if told.bottom is None:
        return ""
    below = f"{told.bottom:,.10g}"
    return f"n = {below}" if told.top is None else f"{told.top:,.10g} / {below}"


def growth_text(growth: Growth) -> str:
    """+3.2%, −1.5 个百分点; why there is none."""
    if growth.amount is None:
        return {
            "empty": "—",
            "no_base": _("上期无数据"),
            "zero_base": _("上期为零"),
            "definition": _("口径已变，不可比"),
            "no_period": _("无同期"),
            "spread": "—",
        }[growth.why or "empty"]
    sign = "+" if growth.amount > 0 else "−" if growth.amount < 0 else ""
    shown = f"{sign}{abs(growth.amount):.1f}"
    return f"{shown}%" if growth.unit == "percent" else f"{shown} {_('个百分点')}"


def tone(one: Installed, growth: Growth) -> str:
    """good or bad where the figure has a better side."""
    if not growth.amount or one.figure.direction == "none":
        return ""
    return "up" if (growth.amount > 0) == (one.figure.direction == "higher") else "down"


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a trend. x, y: in the chart; y None = nothing to count."""

    period: Period
    label: str
    text: str
    x: float
    y: float | None
    amount: float | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """A line through several periods, broken where there was nothing to count."""

    points: list[Point]
    lines: list[str]
    top: str
    low: str


def trend(one: Installed, found: Sequence[tuple[Period, Value]]) -> Trend:
    """The chart of values, the oldest first; the axis begins at zero where all are positive."""
    known = [value.told.amount for _period, value in found if value.told.amount is not None]
    low = min([0.0, *known])
    high = max([*known, low + 1e-9]) if known else 1.0
    if one.figure.unit[1] == "%" and low >= 0 and high <= 100:
        high = 100.0
    step = WIDE / max(len(found) - 1, 1)
    points = []
    for n, (period, value) in enumerate(found):
        amount = value.told.amount
        y = None if amount is None else HIGH - (amount - low) / ((high - low) or 1) * HIGH
        label = word(words(period, one.figure.period))
        points.append(
            Point(period, label, value_text(one, value), n * step, y, amount, value.is_open)
        )
    return Trend(points, _lines(points), number(one, high), number(one, low))


def _lines(points: Sequence[Point]) -> list[str]:
    lines: list[list[str]] = [[]]
    for point in points:
        if point.y is None:
            lines.append([])
        else:
            lines[-1].append(f"{point.x:.1f},{point.y:.1f}")
    return [" ".join(line) for line in lines if len(line) > 1]

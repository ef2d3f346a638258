"""Figures as a test says them: one share, its series, under the prefix test."""

from __future__ import annotations

from dataclasses import dataclass, field

from bihuan.figures.bulletins.entries import Bound, Point, Told, ToldGrowth

AREA, PERIOD = "990100", "2026-02"
KEY = f"{{test.answered:{AREA}:{PERIOD}}}"
EARLIER = ("2025-10", "2025-11", "2025-12", "2026-01")


def told(**changed: object) -> Told:
    values: dict[str, object] = {
        "figure": "test.answered",
        "area": AREA,
        "period": PERIOD,
        "title": ("按时应答率", "Answered in time"),
        "scope": ("青禾县", "Qinghe"),
        "unit": ("%", "%"),
        "definition": ("按时应答的呼救 ÷ 全部呼救", "SOS answered in time ÷ all SOS"),
        "source": ("闭环", "Bihuan"),
        "value": "98.5",
        "numerator": "197",
        "denominator": "200",
        "growth": ToldGrowth(value="2.1", unit="percentage_point", basis="yoy"),
        "href": "/figures/test.answered/",
    }
    return Told(**{**values, **changed})  # type: ignore[arg-type]  # fields of Told


def points(*values: str, exact: bool = True) -> list[Point]:
    return [
        Point(period=period, value=value, is_exact=exact, is_provisional=False)
        for period, value in zip((*EARLIER, PERIOD), values, strict=False)
    ]


@dataclass
class Figures:
    """Figures as a test says them, under the prefix test."""

    says: Told = field(default_factory=told)
    line: list[Point] = field(default_factory=lambda: points("91", "95", "97.2", "96", "98.5"))

    def ask(self, figure: str, area: str, period: str) -> Told | None:
        return self.says if (figure, area, period) == ("test.answered", AREA, PERIOD) else None

    def series(self, figure: str, area: str, period: str) -> list[Point]:
        return self.line

    def offered(self, area: str, period: str) -> list[tuple[str, tuple[str, str]]]:
        return [("test.answered", self.says.title)]


def bound(says: Told | None = None, line: list[Point] | None = None) -> dict[str, Bound]:
    one = Bound(told=says or told(), series=line or [])
    return {KEY.strip("{}"): one}

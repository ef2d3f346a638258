"""A series as bars: SVG for pages and PDF. Inexact or provisional periods are hollow. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final
from xml.sax.saxutils import escape

from bihuan.figures.bulletins.entries import Point
from bihuan.figures.bulletins.spoken import Language, number

WIDTH: Final = 640
HEIGHT: Final = 220
LEAST: Final = 3  # fewer periods are a sentence, no picture
MOST: Final = 24
_TOP, _BOTTOM, _SIDE = 28, 34, 8


def drawn(points: Sequence[Point], title: str, language: Language) -> str:
    """An SVG of the last 24 periods with every value written above its bar; "" for fewer than 3.

    Bars stand on zero, so that a height is a value; nothing is smoothed or filled in.
    """
    shown = list(points)[-MOST:]
    if len(shown) < LEAST:
        return ""
    values = [Decimal(point.value) for point in shown]
    high, low = max(*values, Decimal(0)), min(*values, Decimal(0))
    span = (high - low) or Decimal(1)
    room = Decimal(HEIGHT - _TOP - _BOTTOM)
    zero = _TOP + float(high / span * room)
    step = (WIDTH - 2 * _SIDE) / len(shown)
    bars = []
    for n, (point, value) in enumerate(zip(shown, values, strict=True)):
        tall = float(abs(value) / span * room)
        top = zero - tall if value >= 0 else zero
        middle = _SIDE + step * (n + 0.5)
        kind = "bar" if point.is_exact and not point.is_provisional else "bar soft"
        label_y = top - 6 if value >= 0 else top + tall + 14
        bars.append(
            f'<rect class="{kind}" x="{middle - step * 0.32:.1f}" y="{top:.1f}"'
            f' width="{step * 0.64:.1f}" height="{max(tall, 1):.1f}" rx="2"/>'
            f'<text class="n" x="{middle:.1f}" y="{label_y:.1f}">'
            f"{number(point.value, language)}</text>"
            f'<text class="p" x="{middle:.1f}" y="{HEIGHT - 10}">'
            f"{escape(_short(point.period))}</text>"
        )
    name = escape(title, {'"': "&quot;"})
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{name}"'
        f' xmlns="http://www.w3.org/2000/svg"><line class="base" x1="{_SIDE}" x2="{WIDTH - _SIDE}"'
        f' y1="{zero:.1f}" y2="{zero:.1f}"/>{"".join(bars)}</svg>'
    )


def _short(period: str) -> str:
    """2026-01..2026-07 → 2026-07: of a run the last part names it."""
    return period.rpartition("..")[2]

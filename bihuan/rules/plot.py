"""Findings per day as a picture: bars of the present rule beside those of a changed one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

HEIGHT, TOP, FOOT, LEFT = 180, 14, 22, 34
STEP, MOST_WIDE = 22, 1_000
COLOURS = ("#5b6b7c", "#0f6fb8")  # told apart by lightness too
FONT = 'font-family="system-ui, sans-serif" font-size="11"'


@dataclass(frozen=True, slots=True)
class Day:
    """A day, YYYY-MM-DD, and how many findings opened on it by either rule; None = not tried."""

    day: str
    present: int
    changed: int | None = None


def every_day(days: Sequence[Day]) -> list[Day]:
    """The days from the first to the last, those without a finding among them."""
    if not days:
        return []
    of = {day.day: day for day in days}
    first, last = date.fromisoformat(min(of)), date.fromisoformat(max(of))
    empty = None if all(day.changed is None for day in days) else 0
    names = ((first + timedelta(n)).isoformat() for n in range((last - first).days + 1))
    return [of.get(name, Day(name, 0, empty)) for name in names]


def per_day_svg(days: Sequence[Day], title: str, words: tuple[str, str]) -> str:
    """An SVG picture. words: what the two rules are called."""
    shown = every_day(days)
    most = max((max(day.present, day.changed or 0) for day in shown), default=0) or 1
    step = min(STEP, MOST_WIDE / max(len(shown), 1))
    width = LEFT + max(round(step * len(shown)), 220) + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT + TOP + FOOT}" '
        f'role="img" class="days" style="max-width:{width}px;width:100%">',
        f"<title>{_text(title)}</title>",
        *_axis(most, width),
        *(bar for n, day in enumerate(shown) for bar in _bars(day, LEFT + n * step, step, most)),
        *_names(shown, step),
        *_legend(words, is_pair=any(day.changed is not None for day in shown)),
        "</svg>",
    ]
    return "".join(parts)


def _bars(day: Day, x: float, step: float, most: int) -> list[str]:
    numbers = [day.present] if day.changed is None else [day.present, day.changed]
    wide = max(step * 0.8 / len(numbers), 0.5)
    found = []
    for n, number in enumerate(numbers):
        tall = number / most * HEIGHT
        found.append(
            f'<rect x="{x + n * wide:.1f}" y="{TOP + HEIGHT - tall:.1f}" width="{wide:.1f}" '
            f'height="{tall:.1f}" fill="{COLOURS[n]}"><title>{day.day}: {number}</title></rect>'
        )
    return found


def _axis(most: int, width: int) -> list[str]:
    return [
        f'<line x1="{LEFT}" x2="{width}" y1="{y}" y2="{y}" stroke="currentColor" '
        f'stroke-opacity="{0.6 if number == 0 else 0.2}"/>'
        f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end" fill="currentColor" {FONT}>{number}'
        "</text>"
        for number, y in ((0, TOP + HEIGHT), (most, TOP))
    ]


def _names(shown: Sequence[Day], step: float) -> list[str]:
    apart = max(1, round(72 / step))
    return [
        f'<text x="{LEFT + n * step:.1f}" y="{TOP + HEIGHT + 16}" fill="currentColor" {FONT}>'
        f"{day.day}</text>"
        for n, day in enumerate(shown)
        if n % apart == 0
    ]


def _legend(words: tuple[str, str], *, is_pair: bool) -> list[str]:
    return [
        f'<rect x="{LEFT + 8 + n * 110}" y="0" width="9" height="9" fill="{COLOURS[n]}"/>'
        f'<text x="{LEFT + 21 + n * 110}" y="9" fill="currentColor" {FONT}>{_text(word)}</text>'
        for n, word in enumerate(words if is_pair else words[:1])
    ]


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")

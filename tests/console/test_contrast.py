"""The pairs of colours that texts stand in, in both themes: at least 4.5 to 1 (WCAG 1.4.3).

Which pairs there are is read from the styles: every text colour on the grounds of pages, and what
one rule names together as colour and ground. What shows a focus or an edge: 3 to 1 (1.4.11).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "bihuan" / "console" / "static" / "console"
THEMES = ("light", "dark")
TEXTS = ("text", "text-2", "text-3", "brand", "brand-2", "crit", "warn", "info", "ok", "mute")
GROUNDS = ("bg", "surface", "surface-2")
TONES = ("crit", "warn", "info", "ok", "mute", "brand")
LEAST_TEXT, LEAST_SHAPE = 4.5, 3.0
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
COLOUR = re.compile(r"(?<![\w-])color:var\(--([\w-]+)\)")
GROUND = re.compile(r"background(?:-color)?:var\(--([\w-]+)\)")


def tokens(theme: str) -> dict[str, str]:
    """Name → #rrggbb, as a browser has it in a theme."""
    light, dark = (STATIC / "tokens.css").read_text("utf-8").split("@media (prefers-color-scheme")
    read = light if theme == "light" else light + dark.split("}}", 1)[0]
    found = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})\b", read))  # what comes later holds
    return {name: six(value) for name, value in found.items()}


def six(value: str) -> str:
    return value if len(value) == 7 else "#" + "".join(c * 2 for c in value[1:])


def luminance(value: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = (int(value[k : k + 2], 16) / 255 for k in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def named_together() -> set[tuple[str, str]]:
    """(text, ground) that one rule of the styles names."""
    found = set()
    for path in sorted(STATIC.glob("*.css")):
        for _selector, rule in RULE.findall(path.read_text("utf-8")):
            colour, ground = COLOUR.search(rule), GROUND.search(rule)
            if colour and ground:
                found.add((colour[1], ground[1]))
    return found


def test_contrast_is_counted_as_wcag_says() -> None:
    """Black on white, and a grey whose ratio the standard's own tools give."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_styles_name_pairs_and_both_themes_have_every_token() -> None:
    pairs = named_together()
    assert ("on-brand", "brand") in pairs
    assert len(pairs) > 10
    light, dark = (tokens(theme) for theme in THEMES)
    assert {*TEXTS, *GROUNDS, *(one for pair in pairs for one in pair)} <= light.keys()
    assert {name for name in light if light[name] == dark[name]} <= {"warn-fill"}


@pytest.mark.parametrize("theme", THEMES)
def test_texts_can_be_read_on_their_grounds(theme: str) -> None:
    has = tokens(theme)
    pairs = {(text, ground) for text in TEXTS for ground in GROUNDS}
    pairs |= {(tone, f"{tone}-weak") for tone in TONES} | named_together()
    found = {pair: round(contrast(has[pair[0]], has[pair[1]]), 2) for pair in sorted(pairs)}
    assert {pair: ratio for pair, ratio in found.items() if ratio < LEAST_TEXT} == {}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("shape", ["focus", "brand", "crit"])
def test_focus_and_what_marks_a_state_stand_out(theme: str, shape: str) -> None:
    has = tokens(theme)
    found = {ground: round(contrast(has[shape], has[ground]), 2) for ground in GROUNDS}
    assert {ground: ratio for ground, ratio in found.items() if ratio < LEAST_SHAPE} == {}


def test_motion_ends_for_who_asks_for_less() -> None:
    """One rule for everything, stronger than any other."""
    text = (STATIC / "console.css").read_text("utf-8")
    (rule,) = re.findall(r"@media \(prefers-reduced-motion:reduce\)\{(.*?)\}\}", text)
    assert rule.startswith("*,*::before,*::after{")
    assert "animation:none!important" in rule
    assert "transition:none!important" in rule

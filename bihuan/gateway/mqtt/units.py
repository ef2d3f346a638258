"""Units as systems write them, converted exactly to the unit of a channel, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

# how systems spell a unit -> the name used here (UCUM where there is one)
_NAMES: Mapping[str, str] = {
    "°C": "Cel",
    "℃": "Cel",
    "C": "Cel",
    "Cel": "Cel",
    "°F": "[degF]",
    "℉": "[degF]",
    "F": "[degF]",
    "[degF]": "[degF]",
    "K": "K",
    "%": "%",
    "%RH": "%",
    "bpm": "bpm",
    "/min": "bpm",
    "mmHg": "mmHg",
    "mm[Hg]": "mmHg",
    "kPa": "kPa",
    "mm": "mm",
    "cm": "cm",
    "m": "m",
    "in": "in",
    "ft": "ft",
    "1": "1",
    "steps": "1",
}

# (from, to) -> (factor, added after): to = from * factor + added.
# °F: BIPM SI brochure; inch 25.4 mm and foot 304.8 mm: 1959 agreement; mmHg 133.322387415 Pa.
_EXACT: Mapping[tuple[str, str], tuple[Fraction, Fraction]] = {
    ("[degF]", "Cel"): (Fraction(5, 9), Fraction(-160, 9)),
    ("K", "Cel"): (Fraction(1), Fraction(-27315, 100)),
    ("kPa", "mmHg"): (Fraction(10**12, 133_322_387_415), Fraction(0)),
    ("cm", "mm"): (Fraction(10), Fraction(0)),
    ("m", "mm"): (Fraction(1000), Fraction(0)),
    ("in", "mm"): (Fraction(254, 10), Fraction(0)),
    ("mm", "m"): (Fraction(1, 1000), Fraction(0)),
    ("cm", "m"): (Fraction(1, 100), Fraction(0)),
    ("in", "m"): (Fraction(254, 10_000), Fraction(0)),
    ("ft", "m"): (Fraction(3048, 10_000), Fraction(0)),
}


def convert(value: Fraction, unit: str, to: str) -> float | None:
    """The value in the unit `to`, rounded once; None where the units do not fit."""
    known = _NAMES.get(unit.strip())
    if known == to:
        return float(value)
    step = _EXACT.get((known or "", to))
    return None if step is None else float(value * step[0] + step[1])


def fits(unit: str, to: str) -> bool:
    """Whether values of this unit can be had in the unit `to`."""
    return convert(Fraction(1), unit, to) is not None

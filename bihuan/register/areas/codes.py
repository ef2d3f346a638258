"""Codes of areas: the national 12 digits, what follows below them, and schematic ones.

National (统计用区划代码, rules of the National Bureau of Statistics): province 2, city 2, county 2,
town or subdistrict 3, village or community 3 digits; what is not reached is zeros. Below a village
there is no national code: an area's own is its parent's with 2 to 6 digits after it.
"""

from __future__ import annotations

import re
from typing import Final, get_args

from bihuan.base.errors import Fault
from bihuan.register.entries import Level

LEVELS: Final[tuple[Level, ...]] = get_args(Level)
RANKS: Final[dict[str, int]] = {level: n for n, level in enumerate(LEVELS)}
NATIONAL: Final = ("county", "town", "village")


def national_level(code: str) -> Level | None:
    """The level that the zeros of a 12-digit code give; None for a city's, a province's or none."""
    if not re.fullmatch(r"[0-9]{12}", code) or code[4:6] == "00":
        return None
    if code[6:] == "000000":
        return "county"
    if code[6:9] == "000":
        return None
    return "town" if code[9:] == "000" else "village"


def parent_code(code: str) -> str | None:
    """The code of the town of a village, of the county of a town; None for a county's own."""
    level = national_level(code)
    if level in ("town", "village"):
        return code[: 6 if level == "town" else 9].ljust(12, "0")
    return None


def code_faults(
    code: str, level: str, parent: tuple[str, bool] | None, schematic: bool
) -> list[Fault]:
    """What is wrong with an area's code.

    parent     the parent's code, and whether that is a schematic one
    schematic  the code is said to be no national one: 2 to 32 digits will do
    """
    if schematic:
        is_code = re.fullmatch(r"[0-9]{2,32}", code) is not None
        return [] if is_code else [Fault("code", code, "2 to 32 digits")]
    if parent is not None and parent[1]:
        return [Fault("code", code, "a schematic code below a schematic one")]
    if level in NATIONAL:
        return _national_faults(code, level, parent)
    if parent is None or not re.fullmatch(re.escape(parent[0]) + r"[0-9]{2,6}", code):
        want = f"{parent[0] if parent else 'the code of a parent'} and 2 to 6 digits"
        return [Fault("code", code, want)]
    return []


def _national_faults(code: str, level: str, parent: tuple[str, bool] | None) -> list[Fault]:
    if national_level(code) is None:
        want = "12 digits of a county, town or village: 6, 9 or 12 of them, then zeros"
        return [Fault("code", code, want)]
    if national_level(code) != level:
        return [Fault("level", level, f"{national_level(code)}, as the zeros of {code} say")]
    above = parent_code(code)
    if parent is not None and parent[0] != above:
        got = f"{code} in {parent[0]}"
        return [Fault("code", got, f"a code in {above}" if above else "a county without a parent")]
    return []

"""Check digits of the numbers by which people and firms are known.

Resident identity number: GB 11643-1999 (ISO 7064 MOD 11-2). Unified social credit code:
GB 32100-2015, 18 of 31 characters (no I, O, S, V, Z), the last one a check character mod 31.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from bihuan.base.errors import bad

_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS: Final = "10X98765432"
_CREDIT: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def resident_number(text: str) -> str:
    """The 18 characters of an identity number, its x a capital; raises BadInputError.

    The message names what is wrong, never the number.
    """
    number = text.strip().upper()
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise bad("identity_number", f"{len(number)} characters", "17 digits and a digit or X")
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise bad("identity_number", "no such day", "a date of birth in places 7 to 14") from None
    total = sum(int(c) * w for c, w in zip(number, _ID_WEIGHTS, strict=False))
    if _ID_CHECKS[total % 11] != number[17]:
        got = f"check character {number[17]}"
        raise bad("identity_number", got, "the one that GB 11643 gives for the first 17 digits")
    return number


def credit_code(text: str) -> str:
    """The 18 characters of a unified social credit code, in capitals; raises BadInputError."""
    code = text.strip().upper()
    if len(code) != 18 or not set(code) <= set(_CREDIT):
        raise bad("credit_code", text, "18 digits and capitals without I, O, S, V, Z")
    if not re.fullmatch(r"[0-9]{6}", code[2:8]):
        raise bad("credit_code", text, "digits of an area in places 3 to 8")
    total = sum(_CREDIT.index(c) * w for c, w in zip(code, _CREDIT_WEIGHTS, strict=False))
    wanted = _CREDIT[(31 - total % 31) % 31]
    if code[17] != wanted:
        raise bad("credit_code", text, f"{wanted} as its last character, by GB 32100-2015")
    return code

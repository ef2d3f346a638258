"""The number and the code that a person without an account keeps: the code is never stored."""

from __future__ import annotations

from typing import Final

from django.utils.crypto import constant_time_compare, salted_hmac

SALT: Final = "bihuan.reported"
# without letters and digits that are read or heard as another: 32 signs, 5 bits each
SIGNS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH: Final = 12


def code_of(case_id: int) -> str:
    """ABCD-EFGH-JKLM: 60 bits, from the number and this installation's secret."""
    digest = salted_hmac(SALT, str(case_id), algorithm="sha256").digest()
    signs = "".join(SIGNS[byte % 32] for byte in digest[:LENGTH])
    return "-".join(signs[n : n + 4] for n in range(0, LENGTH, 4))


def is_code(case_id: int, typed: str) -> bool:
    """Whether the code is this number's, however it was typed."""
    said = "".join(sign for sign in typed.upper() if sign.isalnum())
    return constant_time_compare(said, code_of(case_id).replace("-", ""))

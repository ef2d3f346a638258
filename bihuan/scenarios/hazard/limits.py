"""The times of this system with whose figure each is. None is printed as law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bihuan.base.time import DAY_US, MINUTE_US


@dataclass(frozen=True, slots=True)
class Time:
    """A time that the county replaces: how long in its unit, whose figure, since when, where."""

    amount: int
    unit: str
    source: str
    effective_from: str
    region: str

    @property
    def us(self) -> int:
        """The time in µs; days are calendar days."""
        return self.amount * (DAY_US if self.unit == "d" else MINUTE_US)


_KNOWN = (
    "通行做法 [K]，以本县自定的为准 / general practice [K]; the county's own figure replaces it"
)
_HERE = "各县通用，本县可自定 / every county until it sets its own"
REVIEW: Final = Time(
    10,
    "d",
    ("到期或申请后10日内复查 [L] / review within 10 days of deadline or application [L]"),
    "2022-01-01",
    "Hubei",
)
MOVE: Final = Time(60, "min", _KNOWN, "2026-01-01", _HERE)
ASK_AGAIN: Final = Time(30, "min", _KNOWN, "2026-01-01", _HERE)
KEEP_MOVES: Final = Time(
    1_095, "d", ("三年，期满未经鉴定即销毁：通行做法 [K] /"
 " three years, then destroyed unless assessed: general practice [K]"),
    "2026-01-01", _HERE,
)  # fmt: skip
TIMES: Final = (REVIEW, MOVE, ASK_AGAIN, KEEP_MOVES)

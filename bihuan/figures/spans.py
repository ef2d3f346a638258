"""How long a case was open, in classes: what was open at a moment of the past is found by them.

A case of class k was open for less than 2^k hours, so of that class only those can have been open
at a moment that were opened within 2^k hours before it. An index by class and time of opening
thus reads about as many cases as were open then, however many there have been since.
"""

from __future__ import annotations

from typing import Final

from bihuan.base.time import HOUR_US

_HOUR_S: Final = 3_600
OPEN: Final = -1  # the class of a case that is open still
LONGEST: Final = 17  # 2^16 hours are seven years: whatever is longer has no bound
SPANS: Final = range(OPEN, LONGEST + 1)


def span_of(whole_s: int) -> int:
    """The class of a closed case that was open for so many seconds; of one under an hour 0."""
    return min(max(whole_s // _HOUR_S, 0).bit_length(), LONGEST)


def bound_us(span: int) -> int | None:
    """For less than how long its cases were open, µs; None = there is no bound."""
    return None if span in (OPEN, LONGEST) else HOUR_US << span

"""A slow counter of days, written from the words of the rule; imports none of our code.

It lists every day for years ahead, keeps those that count, and takes the n-th. The days are typed
from the two notices of the State Council, each date by itself.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))

OFF = {
    2025: "01-01 01-28 01-29 01-30 01-31 02-01 02-02 02-03 02-04 04-04 04-05 04-06 05-01 05-02 "
    "05-03 05-04 05-05 05-31 06-01 06-02 10-01 10-02 10-03 10-04 10-05 10-06 10-07 10-08",
    2026: "01-01 01-02 01-03 02-15 02-16 02-17 02-18 02-19 02-20 02-21 02-22 02-23 04-04 04-05 "
    "04-06 05-01 05-02 05-03 05-04 05-05 06-19 06-20 06-21 09-25 09-26 09-27 10-01 10-02 "
    "10-03 10-04 10-05 10-06 10-07",
}
MAKE_UP = {
    2025: "01-26 02-08 04-27 09-28 10-11",
    2026: "01-04 02-14 02-28 05-09 09-20 10-10",
}
SAME_EVERY_YEAR = "01-01 05-01 10-01 10-02 10-03"  # and 05-02 since 2025


def works(on: date) -> bool:
    month_day = on.isoformat()[5:]
    if month_day in MAKE_UP.get(on.year, ""):
        return True
    if month_day in OFF.get(on.year, SAME_EVERY_YEAR + " 05-02" * (on.year >= 2025)):
        return False
    return on.isoweekday() <= 5


def is_announced(on: date) -> bool:
    return on.year == 2025 or (on.year == 2026 and on.isoformat() < "2026-12-29")


Stops = list[tuple[datetime, datetime]]


def stands_still(on: date, stops: Stops) -> bool:
    """Whether 24:00 of a day lies in a suspension."""
    midnight = datetime(on.year, on.month, on.day, tzinfo=BEIJING) + timedelta(days=1)
    return any(begins < midnight <= ends for begins, ends in stops)


def last_day(start: datetime, amount: int, unit: str, law: tuple[bool, bool], stops: Stops) -> date:
    """The day at whose end the time is up. law = (start day excluded, last day moves on)."""
    is_start_excluded, moves_on = law
    begun = start.astimezone(BEIJING).date()
    ahead = [begun + timedelta(days=n) for n in range(3 * amount + 500)]
    if is_start_excluded:
        ahead = ahead[1:]
    ahead = [on for on in ahead if not stands_still(on, stops)]
    if unit == "working":
        return [on for on in ahead if works(on)][amount - 1]
    return next(on for on in ahead[amount - 1 :] if works(on) or not moves_on)

"""A county's limit and a notice about working days as somebody typed them, read strictly."""

from __future__ import annotations

from datetime import date, datetime

from bihuan.base.calendar import FIRST_YEAR, LAST_YEAR
from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import CHINA, datetime_of, us_of
from bihuan.loop.clocks.entries import DaySaid

MOST_SOURCE, MOST_NAME, MOST_LINES = 255, 32, 400
SCALES = {"seconds": 1, "minutes": 60, "hours": 3_600}
DAY_UNITS = ("calendar", "working")
# what a line of a notice says: the sign for work, the sign for a day off, or English
WORKING = {chr(0x73ED): True, "work": True, chr(0x4F11): False, "off": False}


def amount_of(text: str, unit: str) -> tuple[int, str]:
    """(amount, unit as the journal keeps it): 2 hours is 7200 seconds. Raises BadInputError."""
    if unit not in (*SCALES, *DAY_UNITS):
        raise bad("unit", unit or "nothing", " or ".join((*SCALES, *DAY_UNITS)))
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise bad("amount", text or "nothing", "a whole number from 1")
    if unit in SCALES:
        return int(text) * SCALES[unit], "seconds"
    return int(text), unit


def from_of(text: str, now_us: int) -> int:
    """The start of a day in China, µs; a day ahead, because what was opened keeps its limit.

    Raises BadInputError.
    """
    try:
        at = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=CHINA)
    except ValueError:
        raise bad("effective_from", text or "nothing", "a date such as 2027-02-06") from None
    if us_of(at) <= now_us:
        today = datetime_of(now_us).astimezone(CHINA).date()
        raise bad("effective_from", text, f"a day after {today}")
    return us_of(at)


def source_of(text: str) -> str:
    """Whose decision it is. Raises BadInputError where nobody's is named."""
    found = text.strip()
    if not found:
        raise bad("source", "nothing", "whose decision it is")
    if len(found) > MOST_SOURCE:
        raise bad("source", f"{len(found)} characters", f"at most {MOST_SOURCE}")
    return found


def year_of(text: str) -> int | None:
    """The year that a notice arranges; None where it arranges none. Raises BadInputError."""
    said = text.strip()
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and FIRST_YEAR <= int(said[:6]) <= LAST_YEAR):
        raise bad("year", said, f"{FIRST_YEAR} to {LAST_YEAR}, or nothing")
    return int(said)


def days_of(text: str) -> list[DaySaid]:
    """Lines such as `2027-02-06 休 春节` and `2027-02-14 班 春节`. Raises with every bad line."""
    found, faults = [], []
    lines = [line for line in text.splitlines() if line.strip()]
    if not 0 < len(lines) <= MOST_LINES:
        raise bad("days", f"{len(lines)} lines", f"1 to {MOST_LINES} lines")
    for n, line in enumerate(lines, 1):
        on, kind, name = (*line.split(maxsplit=2), "", "", "")[:3]
        is_day, is_working = _is_day(on), WORKING.get(kind)
        if not is_day or is_working is None or len(name) > MOST_NAME:
            want = f"a date, off or work, a name of at most {MOST_NAME} characters"
            faults.append(Fault("days", f"line {n}: {line[:40]}", want))
        else:
            found.append(DaySaid(date=on, is_working=is_working, name=name.strip()))
    if faults:
        raise BadInputError(*faults)
    return found


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and FIRST_YEAR <= date.fromisoformat(text).year <= LAST_YEAR
    except ValueError:
        return False

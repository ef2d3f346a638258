"""What a band's readings say of a moment: the last fix, whether it is worn, what is usual.

Pure over a `Book`. No data is never a good sign, and never "normal": it is None, and told so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from bihuan.base.time import CHINA, DAY_US, HOUR_US, MINUTE_US, datetime_of, us_of
from bihuan.loop.shows import Book, Measured

FIXES_WITHIN_US = 7 * DAY_US  # older than that a fix says nothing about where somebody is
SPREAD_US = 30 * MINUTE_US
USUAL_US = 14 * DAY_US
FEWEST = 10  # of fewer readings nothing is usual
METRES_PER_DEGREE = 111_195.0
PER_MAD = 1.4826  # of a normal spread: as the kind `baseline` has it


class Fix(NamedTuple):
    """Where a band was last: µs, degrees WGS-84, how old, and how far its fixes lay apart.

    spread_m    metres, the farthest of the fixes of the half hour before it; None: it was the only
                one. It is no accuracy: fixes may lie together and all be wrong
    satellites  by how many the fix was made; None: the protocol does not tell what it was made by
    hdop        how the satellites stood, 1 best; None: not told
    accuracy_m  metres, as the device told it of this fix; None: not told, and never made up
    without_us  when the band was last heard without a fix, if that was later; None: it was not
    """

    at_us: int
    lat: float
    lon: float
    age_us: int
    spread_m: float | None
    n_fixes: int
    satellites: int | None = None
    hdop: float | None = None
    without_us: int | None = None
    accuracy_m: float | None = None


class Usual(NamedTuple):
    """A sign of one person over the last two weeks: median, and the band about it."""

    middle: float
    low: float
    high: float
    n: int


class Sign(NamedTuple):
    """The last good reading of a channel, its age, and what is usual; None where not known."""

    value: float
    at_us: int
    age_us: int
    usual: Usual | None


class Worn(NamedTuple):
    """What a day's readings say of a band.

    heard_us   when it was last heard in the span; None: not at all
    worn_us    when it last felt a pulse; None: not worn, or not heard
    battery    percent, as last told; None: never told
    """

    heard_us: int | None
    worn_us: int | None
    battery: int | None


def last_fix(book: Book, subject_id: int) -> Fix | None:
    """The last good fix of a week; None: none, or positions are not kept for this person."""
    since_us = book.now_us - FIXES_WITHIN_US
    every = book.readings(subject_id, "lat", since_us, book.now_us + 1)
    lats = _good(every)
    lons = {one.at_us: one.value for one in _good(_lons(book, subject_id, since_us))}
    fixes = [(one.at_us, one.value, lons[one.at_us]) for one in lats if one.at_us in lons]
    if not fixes:
        return None
    at_us, lat, lon = fixes[-1]
    near = [fix for fix in fixes if fix[0] >= at_us - SPREAD_US]
    far = max(metres((lat, lon), (fix[1], fix[2])) for fix in near)
    spread = far if len(near) > 1 else None
    satellites = _told(book, subject_id, "fix_satellites", at_us)
    return Fix(
        at_us,
        lat,
        lon,
        book.now_us - at_us,
        spread,
        len(near),
        None if satellites is None else round(satellites),
        _told(book, subject_id, "fix_hdop", at_us),
        max((one.at_us for one in every if one.at_us > at_us and not one.is_good), default=None),
        _told(book, subject_id, "fix_accuracy", at_us),
    )


def _told(book: Book, subject_id: int, channel: str, at_us: int) -> float | None:
    """What was told of the fix of an instant; None: nothing."""
    found = _good(book.readings(subject_id, channel, at_us, at_us + 1))
    return found[-1].value if found else None


def _lons(book: Book, subject_id: int, since_us: int) -> Sequence[Measured]:
    return book.readings(subject_id, "lon", since_us, book.now_us + 1)


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Between two places (lat, lon) a few kilometres apart, on a plane."""
    north = (one[0] - other[0]) * METRES_PER_DEGREE
    east = (one[1] - other[1]) * METRES_PER_DEGREE * math.cos(math.radians(one[0]))
    return math.hypot(north, east)


def sign(book: Book, subject_id: int, channel: str) -> Sign | None:
    """The last good reading of a channel within two weeks, beside the person's own usual."""
    found = _good(book.readings(subject_id, channel, book.now_us - USUAL_US, book.now_us + 1))
    if not found:
        return None
    last = found[-1]
    return Sign(last.value, last.at_us, book.now_us - last.at_us, usual(found[:-1]))


def usual(before: Sequence[Measured]) -> Usual | None:
    """Median of the readings, and two and a half of their own deviations about it."""
    if len(before) < FEWEST:
        return None
    values = [one.value for one in before]
    middle = median(values)
    off = 2.5 * PER_MAD * median(abs(value - middle) for value in values)
    return Usual(middle, middle - off, middle + off, len(values))


def worn(book: Book, subject_id: int, since_us: int, until_us: int) -> Worn:
    """What was heard of a band from `since_us` until before `until_us`."""
    heard = book.readings(subject_id, "link", since_us, until_us)
    pulse = _good(book.readings(subject_id, "heart_rate", since_us, until_us))
    battery = _good(book.readings(subject_id, "battery", since_us, until_us))
    every = [one.at_us for one in (*heard, *pulse, *battery)]
    return Worn(
        heard_us=max(every, default=None),
        worn_us=pulse[-1].at_us if pulse else None,
        battery=round(battery[-1].value) if battery else None,
    )


def day_begins(at_us: int) -> int:
    """Midnight of the county's day in which a moment lies, µs."""
    at = datetime_of(at_us).astimezone(CHINA)
    return us_of(at.replace(hour=0, minute=0, second=0, microsecond=0))


def clock(at_us: int) -> str:
    """`15:10`, the county's time."""
    return f"{datetime_of(at_us).astimezone(CHINA):%H:%M}"


def age(age_us: int) -> tuple[str, str]:
    """How old, in words: `8 分钟前`, `3 小时前`, `2 天前`."""
    if age_us < HOUR_US:
        n = max(age_us, 0) // MINUTE_US
        if n == 0:
            return "刚刚", "just now"
        return f"{n} 分钟前", f"{n} min ago"
    if age_us < DAY_US:
        return f"{age_us // HOUR_US} 小时前", f"{age_us // HOUR_US} h ago"
    return f"{age_us // DAY_US} 天前", f"{age_us // DAY_US} d ago"


def _good(found: Sequence[Measured]) -> list[Measured]:
    return [one for one in found if one.is_good]

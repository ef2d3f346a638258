"""What a pattern of shifts means: pure, from pattern and day table to slots of time.

Local times are +08:00, which has had no summer time since 1992.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final, Literal, NamedTuple

import msgspec

from bihuan.base.calendar import DayTable
from bihuan.base.errors import BadInputError, Fault
from bihuan.base.time import CHINA, datetime_of, us_of

Days = Literal["every", "working", "off"]
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
ONE_DAY: Final = timedelta(days=1)
MOST_CREWS, MOST_IN_CREW, MOST_SHIFTS = 60, 30, 12


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """One shift of the day. until at or before from_ = it ends on the next day.

    days  whether days off, working days or every day have it: the day on which it begins counts
    """

    name: str
    from_: str
    until: str
    days: Days = "every"


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """Shifts and the crews that take them in turn.

    crews      person ids; the first has its first turn on the day `anchor`
    turn_days  how many days a crew keeps its turn: 1 = daily, 7 = weekly
    stagger    whether the second shift of a day is taken by the crew after the first one's
    """

    shifts: tuple[Shift, ...]
    crews: tuple[tuple[int, ...], ...]
    anchor: date
    turn_days: int = 1
    stagger: bool = True


class Slot(NamedTuple):
    """A shift of one day with the people who have it; times are µs."""

    from_us: int
    until_us: int
    shift: str
    people: tuple[int, ...]


def checked(pattern: Pattern) -> Pattern:
    """The pattern itself; raises with every field that is wrong."""
    faults = [*_shift_faults(pattern.shifts), *_crew_faults(pattern.crews)]
    if not 1 <= pattern.turn_days <= 366:
        faults.append(Fault("turn_days", str(pattern.turn_days), "1 to 366"))
    if faults:
        raise BadInputError(*faults)
    return pattern


def _shift_faults(shifts: tuple[Shift, ...]) -> list[Fault]:
    faults = []
    if not 1 <= len(shifts) <= MOST_SHIFTS:
        faults.append(Fault("shifts", str(len(shifts)), f"1 to {MOST_SHIFTS}"))
    names = [shift.name for shift in shifts]
    for n, shift in enumerate(shifts):
        at = f"shifts.{n}"
        if not shift.name.strip() or names.count(shift.name) > 1:
            faults.append(Fault(f"{at}.name", shift.name or "nothing", "a name of its own"))
        for field, text in (("from", shift.from_), ("until", shift.until)):
            if not _CLOCK.fullmatch(text):
                faults.append(Fault(f"{at}.{field}", text or "nothing", "a time as 08:00"))
    return faults


def _crew_faults(crews: tuple[tuple[int, ...], ...]) -> list[Fault]:
    faults = []
    if not 1 <= len(crews) <= MOST_CREWS:
        faults.append(Fault("crews", str(len(crews)), f"1 to {MOST_CREWS}"))
    for n, crew in enumerate(crews):
        if not 1 <= len(crew) <= MOST_IN_CREW or len(set(crew)) != len(crew):
            want = f"1 to {MOST_IN_CREW} people, each once"
            faults.append(Fault(f"crews.{n}", f"{len(crew)} people", want))
    return faults


def slots(pattern: Pattern, days: DayTable, between_us: tuple[int, int]) -> Iterator[Slot]:
    """Every slot that touches the interval, in the order in which they begin."""
    from_us, until_us = between_us
    on = datetime_of(from_us).astimezone(CHINA).date() - ONE_DAY  # yesterday's night may last
    last = datetime_of(until_us).astimezone(CHINA).date()
    while on <= last:
        for slot in _slots_of_day(pattern, days, on):
            if slot.from_us < until_us and slot.until_us > from_us:
                yield slot
        on += ONE_DAY


def _slots_of_day(pattern: Pattern, days: DayTable, on: date) -> list[Slot]:
    is_working = days.day(on).is_working
    turn = (on - pattern.anchor).days // pattern.turn_days
    found = []
    for n, shift in enumerate(pattern.shifts):
        if shift.days != "every" and (shift.days == "working") != is_working:
            continue
        crew = pattern.crews[(turn + (n if pattern.stagger else 0)) % len(pattern.crews)]
        begins, ends = _at(on, shift.from_), _at(on, shift.until)
        if ends <= begins:
            ends += ONE_DAY
        found.append(Slot(us_of(begins), us_of(ends), shift.name, crew))
    return sorted(found)


def _at(on: date, clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime.combine(on, time(int(hour), int(minute)), tzinfo=CHINA)

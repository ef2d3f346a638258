"""iCalendar both ways (RFC 5545): a roster as a calendar, and a calendar's events as covers.

Out: one event for each slot, its UID stays the same as long as roster, shift and begin do. In:
repeating events are spelled out within the interval; each must name people who are known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import NamedTuple

import icalendar
import recurring_ical_events

from bihuan.base.errors import BadInputError, Fault, bad, shown
from bihuan.base.time import datetime_of, us_of
from bihuan.register.rosters.acts import Cover
from bihuan.register.rosters.ical_bounds import event_faults
from bihuan.register.rosters.models import Roster
from bihuan.register.rosters.pattern import Slot

MOST_BYTES, MOST_EVENTS = 2_000_000, 5_000
PERSON = "X-BIHUAN-PERSON"
_ID = re.compile(r"[0-9]{1,18}")


class Calendar(NamedTuple):
    """Events as covers, and what was wrong with the others: (which event, got, want)."""

    covers: tuple[Cover, ...]
    faults: tuple[Fault, ...]


def to_ical(
    roster: Roster, slots: Iterable[Slot], name_of: Callable[[int], str], *, mark: str, now_us: int
) -> bytes:
    """The calendar of a roster. mark: 演示 or 演练 in front of each title, "" where it is live."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Bihuan//roster//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{mark}{roster.title}")
    for slot in slots:
        event = icalendar.Event()
        event.add("uid", f"roster-{roster.id}-{slot.from_us}-{slot.shift}@bihuan")
        event.add("dtstamp", datetime_of(now_us))
        event.add("dtstart", datetime_of(slot.from_us))
        event.add("dtend", datetime_of(slot.until_us))
        names = "、".join(name_of(person) for person in slot.people) or "无人"
        event.add("summary", f"{mark}{roster.title} {slot.shift} {names}")
        event.add("categories", [slot.shift])
        for person in slot.people:
            event.add(PERSON, str(person))
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def from_ical(
    content: bytes, between_us: tuple[int, int], person_of: Callable[[str], int | None]
) -> Calendar:
    """The events of a calendar within an interval.

    person_of  the person whose name or address an attendee bears; None = nobody or several
    Raises BadInputError where it is no calendar; faults of single events are listed.
    """
    if len(content) > MOST_BYTES:
        raise bad("calendar", f"{len(content)} bytes", f"at most {MOST_BYTES}")
    try:
        calendar = icalendar.Calendar.from_ical(content)
        wrong = event_faults(calendar.walk("VEVENT"))
        if wrong:
            return Calendar((), tuple(wrong))
        found = recurring_ical_events.of(calendar).between(*(datetime_of(t) for t in between_us))
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
        raise bad("calendar", str(error)[:80] or "nothing", "iCalendar (RFC 5545)") from None
    if len(found) > MOST_EVENTS:
        raise bad("calendar", f"{len(found)} events", f"at most {MOST_EVENTS}")
    covers: list[Cover] = []
    faults: list[Fault] = []
    for n, event in enumerate(sorted(found, key=_begin)):
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue  # called off by who wrote it: nobody has that duty
        try:
            covers.append(_cover(event, f"event {n + 1}", person_of))
        except BadInputError as error:
            faults += error.faults
    return Calendar(tuple(covers), tuple(faults))


def _begin(event: icalendar.Event) -> str:
    return str(event.get("DTSTART").to_ical()) if event.get("DTSTART") else ""


def _cover(event: icalendar.Event, where: str, person_of: Callable[[str], int | None]) -> Cover:
    faults: list[Fault] = []
    from_us, until_us = _time(event, "DTSTART", where, faults), _time(event, "DTEND", where, faults)
    people = _people(event, where, person_of, faults)
    shift = _shift(event)
    if not shift:
        faults.append(Fault(f"{where}.categories", "nothing", "the name of a shift"))
    if faults or from_us is None or until_us is None:
        raise BadInputError(*faults)
    summary = str(event.get("SUMMARY", ""))[:150]
    return Cover(shift, from_us, until_us, people, f"iCalendar: {summary}")


def _shift(event: icalendar.Event) -> str:
    categories = event.get("CATEGORIES")
    many = categories if isinstance(categories, list) else [categories] if categories else []
    names = [str(c) for one in many for c in one.cats]
    return names[0][:32] if names else str(event.get("SUMMARY", "")).strip()[:32]


def _time(event: icalendar.Event, field: str, where: str, faults: list[Fault]) -> int | None:
    value = event.get(field)
    at = value.dt if value is not None else None
    if isinstance(at, datetime) and at.tzinfo is not None:
        return us_of(at.astimezone(UTC))
    # a moment is a date as well: asked for first
    got = "a whole day" if isinstance(at, date) and not isinstance(at, datetime) else str(at)
    got = "nothing" if at is None else got
    faults.append(Fault(f"{where}.{field.lower()}", got, "a time with its zone"))
    return None


def _people(
    event: icalendar.Event,
    where: str,
    person_of: Callable[[str], int | None],
    faults: list[Fault],
) -> tuple[int, ...]:
    named = _listed(event.get(PERSON))
    if named:
        wrong = [word for word in named if not _ID.fullmatch(word)]
        # left out, it would leave the shift to nobody
        faults += [Fault(f"{where}.{PERSON.lower()}", shown(w, 40), "a person's id") for w in wrong]
        return () if wrong else tuple(dict.fromkeys(int(word) for word in named))
    people = []
    for attendee in _attendees(event):
        found = person_of(attendee)
        if found is None:
            faults.append(Fault(f"{where}.attendee", attendee, "one person of the register"))
        else:
            people.append(found)
    if not people and not faults:
        faults.append(Fault(f"{where}.attendee", "nobody", "who is on duty"))
    return tuple(dict.fromkeys(people))


def _attendees(event: icalendar.Event) -> list[str]:
    value = event.get("ATTENDEE")
    many = value if isinstance(value, list) else [value] if value is not None else []
    return [str(a.params.get("CN") or a).removeprefix("mailto:") for a in many]


def _listed(value: object) -> list[str]:
    if value is None:
        return []
    return [str(v) for v in value] if isinstance(value, list) else [str(value)]

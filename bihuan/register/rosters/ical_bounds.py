"""What of a calendar's events is refused before they are spelled out: what would never end.

A rule such as `INTERVAL=0` or one event a second keeps the reader busy for ever, and an end before
its begin is turned round in silence by it: each is told by the event it stands in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import icalendar

from bihuan.base.errors import Fault, shown

MOST_RULES: Final = 200
_FIRST_YEAR: Final = 2000
_PER: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_ONCE: Final = ("DTSTART", "DTEND", "DURATION", "RRULE", "RECURRENCE-ID", "STATUS", "SUMMARY")


def event_faults(events: Sequence[icalendar.Component]) -> list[Fault]:
    """Everything wrong with how events stand in the file; numbered as they stand there."""
    faults = [
        fault for n, event in enumerate(events) for fault in _one(event, f"event {n + 1} of file")
    ]
    rules = sum("RRULE" in event for event in events)
    if rules > MOST_RULES:
        faults.append(Fault("rrule", f"{rules} repeating events", f"at most {MOST_RULES}"))
    return faults


def _one(event: icalendar.Component, where: str) -> list[Fault]:
    twice = [name for name in _ONCE if isinstance(event.get(name), list)]
    if twice:
        return [Fault(f"{where}.{name.lower()}", "more than one", "one") for name in twice]
    start, end = (_at(event, name) for name in ("DTSTART", "DTEND"))
    if start is None:
        return [Fault(f"{where}.dtstart", "nothing that can be read", "a time with its zone")]
    faults = [
        # of an unknown zone, or of none: the reader would take the other one's
        Fault(f"{where}.{name.lower()}", str(at), "a time with its zone")
        for name, at in (("DTSTART", start), ("DTEND", end))
        if isinstance(at, datetime) and at.tzinfo is None
    ]
    faults += _rule_faults(event.get("RRULE"), where)
    if start.year < _FIRST_YEAR:
        faults.append(Fault(f"{where}.dtstart", str(start), f"{_FIRST_YEAR} or later"))
    if end is not None and _is_before(end, start):
        faults.append(Fault(f"{where}.dtend", str(end), f"later than {start}"))
    return faults


def _at(event: icalendar.Component, name: str) -> date | None:
    at = getattr(event.get(name), "dt", None)
    return at if isinstance(at, date) else None


def _is_before(end: date, start: date) -> bool:
    if isinstance(end, datetime) != isinstance(start, datetime):
        return False  # told as a whole day, where it is read
    if isinstance(end, datetime) and isinstance(start, datetime):
        return (end.tzinfo is None) == (start.tzinfo is None) and end <= start
    return end <= start


def _rule_faults(rule: Any, where: str) -> list[Fault]:
    if rule is None:
        return []
    if not isinstance(rule, Mapping):
        return [Fault(f"{where}.rrule", shown(rule, 40), "a rule (RFC 5545)")]
    faults = []
    per = [str(word) for word in rule.get("FREQ", ())]
    if len(per) != 1 or per[0] not in _PER:
        faults.append(Fault(f"{where}.rrule.freq", ",".join(per) or "nothing", " or ".join(_PER)))
    every = rule.get("INTERVAL", [1])
    if any(not isinstance(n, int) or n < 1 for n in every):
        faults.append(Fault(f"{where}.rrule.interval", shown(every, 40), "1 or more"))
    faults += [
        Fault(f"{where}.rrule.{name.lower()}", f"{len(rule[name])} of them", "one: a shift is long")
        for name in ("BYMINUTE", "BYSECOND")
        if len(rule.get(name, ())) > 1
    ]
    return faults

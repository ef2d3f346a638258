"""Who is on duty: patterns, overridden where somebody said so. Pure over rows.

A slot's people are those of the newest override that covers the moment, else the pattern's. An
override that covers part of a slot cuts it; one that meets no slot of its shift is a shift more.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from bihuan.base.calendar import OFFICIAL, DayTable
from bihuan.journal.rows import Rows
from bihuan.register.models import Person
from bihuan.register.rosters.models import Roster, RosterOverride, RosterPattern
from bihuan.register.rosters.pattern import Pattern, Slot, slots


class Gap(NamedTuple):
    """A shift that nobody has; times are µs."""

    roster_id: int
    shift: str
    from_us: int
    until_us: int


def on_duty(
    rows: Rows, area_id: int, role: str, at_us: int, days: DayTable = OFFICIAL
) -> list[int]:
    """Person ids on duty in a role for an area at a moment, each once, by roster and shift."""
    found: list[int] = []
    for roster in sorted(rows.where(Roster, area_id=area_id), key=lambda r: r.id):
        if roster.role == role:
            for slot in shifts(rows, roster, (at_us, at_us + 1), days):
                found += slot.people
    return list(dict.fromkeys(found))


def shifts(
    rows: Rows, roster: Roster, between_us: tuple[int, int], days: DayTable = OFFICIAL
) -> list[Slot]:
    """The slots of a roster that touch an interval, with overrides and cut where they cut."""
    from_us, until_us = between_us
    if roster.closed_us is not None:
        until_us = min(until_us, roster.closed_us)
    if until_us <= from_us:
        return []
    covers = [
        o
        for o in rows.where(RosterOverride, roster_id=roster.id)
        if o.from_us < until_us and o.until_us > from_us
    ]
    # so wide that each override meets every slot it cuts, whatever the interval asked for
    first_us = min([from_us, *(o.from_us for o in covers)])
    last_us = max([until_us, *(o.until_us for o in covers)])
    found = _patterned(rows, roster.id, (first_us, last_us), days)
    for cover in sorted(covers, key=lambda o: o.id):
        found = _covered(found, cover)
    return sorted(slot for slot in found if slot.from_us < until_us and slot.until_us > from_us)


def _alive(rows: Rows, slot: Slot) -> bool:
    """Whether somebody of a slot may come: the dead stand in a pattern until it is changed."""
    people = (rows.get(Person, one) for one in slot.people)
    return any(one is not None and one.died_us is None for one in people)


def _patterned(
    rows: Rows, roster_id: int, between_us: tuple[int, int], days: DayTable
) -> list[Slot]:
    """Of each version of the pattern the slots that begin while it holds."""
    versions = sorted(
        rows.where(RosterPattern, roster_id=roster_id), key=lambda p: (p.from_us, p.id)
    )
    found: list[Slot] = []
    for n, version in enumerate(versions):
        ends_us = versions[n + 1].from_us if n + 1 < len(versions) else None
        if ends_us is not None and ends_us <= version.from_us:
            continue  # replaced by a later word about the same day
        pattern = msgspec.json.decode(version.body, type=Pattern)
        for slot in slots(pattern, days, between_us):
            if slot.from_us < version.from_us or (ends_us is not None and slot.from_us >= ends_us):
                continue
            found.append(slot)
    return found


def _covered(found: Iterable[Slot], cover: RosterOverride) -> list[Slot]:
    people = tuple(msgspec.json.decode(cover.people, type=list[int]))
    kept: list[Slot] = []
    meets = False
    for slot in found:
        if slot.shift != cover.shift or not (
            slot.from_us < cover.until_us and slot.until_us > cover.from_us
        ):
            kept.append(slot)
            continue
        meets = True
        if slot.from_us < cover.from_us:
            kept.append(slot._replace(until_us=cover.from_us))
        if slot.until_us > cover.until_us:
            kept.append(slot._replace(from_us=cover.until_us))
        kept.append(
            Slot(
                max(slot.from_us, cover.from_us),
                min(slot.until_us, cover.until_us),
                slot.shift,
                people,
            )
        )
    if not meets:  # a shift beside the pattern
        kept.append(Slot(cover.from_us, cover.until_us, cover.shift, people))
    return kept


def gaps(
    rows: Rows, roster: Roster, between_us: tuple[int, int], days: DayTable = OFFICIAL
) -> list[Gap]:
    """Shifts without anybody alive, and a roster without any pattern: the whole interval."""
    found = shifts(rows, roster, between_us, days)
    if not found:
        is_over = roster.closed_us is not None and roster.closed_us <= between_us[0]
        return [] if is_over else [Gap(roster.id, "", *between_us)]
    return [Gap(roster.id, s.shift, s.from_us, s.until_us) for s in found if not _alive(rows, s)]

"""When a person is on duty today and tomorrow, by the rosters."""

from __future__ import annotations

from typing import NamedTuple

from bihuan.base.time import DAY_US
from bihuan.console.shown import area_name
from bihuan.journal.storage import MAIN
from bihuan.register.models import Area
from bihuan.register.rosters.models import Roster
from bihuan.register.rosters.tonight import slots_between

AHEAD_US = DAY_US


class MyShift(NamedTuple):
    """One shift of a person. Times are µs; is_now: it has begun."""

    title: str
    shift: str
    place: str
    from_us: int
    until_us: int
    is_now: bool


def shifts_of(person_id: int, now_us: int) -> list[MyShift]:
    """The shifts that a person has from now until this time tomorrow."""
    if not person_id:
        return []
    rosters = list(Roster.objects.using(MAIN).filter(closed_us=None).order_by("id"))
    mine = [
        (roster, slot)
        for roster, slot in slots_between(rosters, (now_us, now_us + AHEAD_US))
        if person_id in slot.people
    ]
    if not mine:
        return []
    areas = Area.objects.using(MAIN).in_bulk({roster.area_id for roster, _slot in mine})
    found = [
        MyShift(
            title=roster.title,
            shift=slot.shift,
            place=area_name(areas.get(roster.area_id)),
            from_us=slot.from_us,
            until_us=slot.until_us,
            is_now=slot.from_us <= now_us,
        )
        for roster, slot in mine
    ]
    return sorted(found, key=lambda one: (one.from_us, one.title))

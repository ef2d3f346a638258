"""Who is on duty until the morning, where nobody is, and what of the platform does not work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import NamedTuple

from django.utils.functional import Promise

from bihuan.base.time import CHINA, DAY_US, HOUR_US, datetime_of, us_of
from bihuan.console.home import keys
from bihuan.console.people import People
from bihuan.console.shown import area_name, is_english
from bihuan.console.words_shift import NOTICES, PARTS, SEEN
from bihuan.journal.storage import MAIN
from bihuan.loop.playbook import playbooks
from bihuan.loop.watch.models import Notice
from bihuan.register.models import Area
from bihuan.register.rights import Rights
from bihuan.register.rosters.models import Roster
from bihuan.register.rosters.pattern import Slot
from bihuan.register.rosters.tonight import slots_between

MOST_NOTICES = 8
MOST_ROSTERS = 200
MORNING_H = 8


class OnShift(NamedTuple):
    """One roster now and until the morning: who has it, until when, and its first gap (µs)."""

    title: str
    place: str
    names: str
    until_us: int | None
    gap: tuple[int, int] | None


class Fault(NamedTuple):
    """A fault of the platform that lasts: its kind in words, what was seen, since when (µs)."""

    id: int
    word: str | Promise
    detail: str
    since_us: int


class Noticed(NamedTuple):
    """A notice that lasts, as it was written down."""

    id: int
    kind: str
    key: str
    detail: str
    noticed_us: int


def noticed(rights: Rights) -> list[Noticed]:
    """What the watchdog found and nobody has mended, the oldest first.

    A gap of a roster only where the reader may see what is reported there: who answers for a
    kitchen can't fill a village's night, and learns nothing of it.
    """
    found = Notice.objects.using(MAIN).filter(settled_us=None).order_by("id")
    every = (Noticed(*row) for row in found.values_list(*Noticed._fields))
    return list(islice((one for one in every if _concerns(rights, one)), MOST_NOTICES))


def _concerns(rights: Rights, one: Noticed) -> bool:
    scenario, at, place = one.key.partition("@")
    if one.kind != "roster" or not at:
        return True
    path = place.rpartition(":")[0]
    return path.startswith(tuple(rights.paths(scenario, "see")))


def notices(found: Iterable[Noticed]) -> list[Fault]:
    """The same in the reader's words."""
    return [Fault(n.id, NOTICES.get(n.kind, n.kind), seen_words(n), n.noticed_us) for n in found]


def seen_words(notice: Notice | Noticed) -> str:
    """What was seen, in the reader's words; a text that this release does not know as it is."""
    part = notice.key.rstrip("0123456789").rstrip("_")
    named = str(PARTS.get(part, notice.key))
    for pattern, words in SEEN:
        match = pattern.fullmatch(notice.detail)
        if match is not None:
            return str(words) % {"name": named, **_read(match.groupdict())}
    return notice.detail


def _read(seen: dict[str, str]) -> dict[str, str]:
    """Place and steps, written down in Chinese, in the reader's script."""
    if "steps" not in seen:
        return seen
    steps = seen["steps"].split(", ")
    if not is_english():
        return seen | {"steps": "、".join(steps)}
    titles = {step.title[0]: step.title[1] for one in playbooks() for step in one.ladder}
    area = Area.objects.using(MAIN).filter(name=seen["area"]).first()
    return {
        "area": area_name(area) or seen["area"],
        "steps": ", ".join(titles.get(step, step) for step in steps),
    }


def until_morning_us(now_us: int) -> int:
    """The next 08:00 in China that is at least an hour away."""
    here = datetime_of(now_us).astimezone(CHINA)
    morning = us_of(here.replace(hour=MORNING_H, minute=0, second=0, microsecond=0))
    while morning < now_us + HOUR_US:
        morning += DAY_US
    return morning


def tonight(paths: Iterable[str], now_us: int) -> list[OnShift]:
    """Every roster of these subtrees, those with a gap first."""
    wanted = tuple(paths)
    if not wanted:
        return []
    rosters = list(Roster.objects.using(MAIN).filter(closed_us=None).order_by("id")[:MOST_ROSTERS])
    areas = Area.objects.using(MAIN).in_bulk({roster.area_id for roster in rosters})
    mine = [
        roster
        for roster in rosters
        if roster.area_id in areas and areas[roster.area_id].path.startswith(wanted)
    ]
    until_us = until_morning_us(now_us)
    slots = list(slots_between(mine, (now_us, until_us)))
    people = People(keys(), {person for _roster, slot in slots for person in slot.people})
    found = [
        _on_shift(
            roster, [s.slot for s in slots if s.roster.id == roster.id], people, areas, now_us
        )
        for roster in mine
    ]
    return sorted(found, key=lambda one: (one.gap is None, one.place, one.title))


def _on_shift(
    roster: Roster, slots: list[Slot], people: People, areas: Mapping[int, Area], now_us: int
) -> OnShift:
    now = [slot for slot in slots if slot.from_us <= now_us]
    names = [people.name(person) for slot in now for person in slot.people]
    gaps = [(max(slot.from_us, now_us), slot.until_us) for slot in slots if not slot.people]
    if not slots:
        gaps = [(now_us, until_morning_us(now_us))]
    return OnShift(
        title=roster.title,
        place=area_name(areas.get(roster.area_id)),
        names=(", " if is_english() else "、").join(dict.fromkeys(names)),
        until_us=max((slot.until_us for slot in now), default=None),
        gap=gaps[0] if gaps else None,
    )

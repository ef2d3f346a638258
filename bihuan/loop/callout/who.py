"""Whom an order names: roles on duty of areas, listed persons, households; each person once.

Read in bulk and outside any transaction: the order then carries the whole list itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Q

from bihuan.journal.storage import MAIN
from bihuan.loop.callout.entries import Listed
from bihuan.register.models import Area, Duty, Person, Post, Reach
from bihuan.register.parties.models import HouseholdMember, Party
from bihuan.register.rosters.now import duties_now

HOUSEHOLD, NAMED = "household", "named"
USUAL_RISK, AT_ONCE = 5, 5_000
Held = dict[int, dict[str, list[int]]]


@dataclass(frozen=True, slots=True)
class Whom:
    """Who is to be called.

    areas       each with everything below it
    roles       of these areas: who is on duty, where nobody is who is in post
    people      persons by name, each with the area that they stand for
    households  whether every household of the areas is called: its head, else who can be reached
    risk        0 to 9 by area id; an area below takes over what is said of the one above
    """

    areas: tuple[int, ...]
    roles: tuple[str, ...] = ()
    people: tuple[tuple[int, int], ...] = ()
    households: bool = False
    risk: Mapping[int, int] = field(default_factory=dict)


def everybody(
    whom: Whom, command: list[str], now_us: int
) -> tuple[list[Listed], list[tuple[int, list[str]]]]:
    """Everybody named, the most urgent first, and how each superior and knocker is reached."""
    areas = {area.id: area for area in Area.objects.using(MAIN).filter(until_us=None)}
    paths = [areas[one].path for one in whom.areas if one in areas]
    inside = [a for a in areas.values() if any(a.path.startswith(path) for path in paths)]
    held = _held({*whom.roles, *command}, now_us)
    named = _named(whom, [area.id for area in inside], held, now_us)
    line = _Line(areas, held, command)
    reaches = _reaches({*(one for one, _a, _r, _h in named), *line.people})
    line.is_reachable = reaches.keys()
    found: dict[int, Listed] = {}
    for person_id, area_id, role, household_id in named:
        one = Listed(
            person_id=person_id,
            area_id=area_id,
            role=role,
            risk=_risk(whom.risk, areas, area_id),
            channels=reaches.get(person_id, []),
            household_id=household_id,
            superior_id=line.superior(person_id, role, area_id),
            knocker_id=line.knocker(person_id, area_id),
        )
        before = found.get(person_id)
        if before is None or one.risk > before.risk:  # one call, for the most urgent place
            found[person_id] = one
    ordered = sorted(found.values(), key=lambda one: (-one.risk, one.area_id, one.person_id))
    aides = {a for one in ordered for a in (one.superior_id, one.knocker_id) if a is not None}
    return ordered, [(one, reaches.get(one, [])) for one in sorted(aides)]


def channels_of(person_ids: Iterable[int]) -> dict[int, list[str]]:
    """The channels of persons, first choice first; who has none is left out."""
    return _reaches(set(person_ids))


def _named(
    whom: Whom, inside: list[int], held: Held, now_us: int
) -> list[tuple[int, int, str, int | None]]:
    """(person, area, role, household) as often as somebody is named."""
    found: list[tuple[int, int, str, int | None]] = []
    for area_id in inside:
        for role in whom.roles:
            found += [(one, area_id, role, None) for one in held.get(area_id, {}).get(role, [])]
    found += [(person_id, area_id, NAMED, None) for person_id, area_id in whom.people]
    if whom.households:
        found += _households(inside, now_us)
    dead = set(
        Person.objects.using(MAIN).filter(died_us__isnull=False).values_list("id", flat=True)
    )
    return [one for one in found if one[0] not in dead]


def _held(roles: set[str], now_us: int) -> Held:
    """Who answers in a role for an area: on duty comes before merely in post."""
    is_now = Q(role__in=roles, from_us__lte=now_us)
    posts = Post.objects.using(MAIN).filter(is_now, Q(until_us=None) | Q(until_us__gt=now_us))
    duties = Duty.objects.using(MAIN).filter(is_now, until_us__gt=now_us)
    columns = ("area_id", "role", "person_id")
    on_duty = [
        *duties.order_by("id").values_list(*columns),
        *((d.area_id, d.role, d.person_id) for d in duties_now(now_us) if d.role in roles),
    ]
    found: Held = {}
    for area_id, role, person_id in on_duty:
        _add(found, area_id, role, person_id)
    has_duty = {(area_id, role) for area_id, role, _person in on_duty}
    for area_id, role, person_id in posts.order_by("id").values_list(*columns):
        if (area_id, role) not in has_duty:
            _add(found, area_id, role, person_id)
    return found


def _add(found: Held, area_id: int, role: str, person_id: int) -> None:
    people = found.setdefault(area_id, {}).setdefault(role, [])
    if person_id not in people:
        people.append(person_id)


def _households(inside: list[int], now_us: int) -> list[tuple[int, int, str, int | None]]:
    """For each household the head who can be reached, else any member who can, else the head."""
    areas = set(inside)
    homes = Party.objects.using(MAIN).filter(kind=HOUSEHOLD, survivor_id=None)
    where = {home: area for home, area in homes.values_list("id", "area_id") if area in areas}
    is_now = Q(from_us__lte=now_us) & (Q(until_us=None) | Q(until_us__gt=now_us))
    members: dict[int, list[tuple[bool, int]]] = {}
    rows = HouseholdMember.objects.using(MAIN).filter(is_now)
    for home, person_id, is_head in rows.values_list("household_id", "person_id", "is_head"):
        if home in where:
            members.setdefault(home, []).append((not is_head, person_id))
    reachable = _reaches({person for found in members.values() for _head, person in found})
    found: list[tuple[int, int, str, int | None]] = []
    for home, everyone in sorted(members.items()):
        _is_no_head, person_id = min(everyone, key=lambda m: (m[1] not in reachable, *m))
        area_id = where[home]
        assert area_id is not None, "only homes of these areas are here"
        found.append((person_id, area_id, HOUSEHOLD, home))
    return found


def _reaches(person_ids: set[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    wanted = sorted(person_ids)
    for first in range(0, len(wanted), AT_ONCE):
        rows = Reach.objects.using(MAIN).filter(person_id__in=wanted[first : first + AT_ONCE])
        for person_id, channel in rows.order_by("rank", "id").values_list("person_id", "channel"):
            known = found.setdefault(person_id, [])
            if channel not in known:
                known.append(channel)
    return found


def _risk(risk: Mapping[int, int], areas: Mapping[int, Area], area_id: int) -> int:
    if not risk or area_id not in areas:
        return risk.get(area_id, USUAL_RISK)
    above = [int(part) for part in reversed(areas[area_id].path.split(".")) if part]
    return next((risk[one] for one in above if one in risk), USUAL_RISK)


class _Line:
    """The line of command: whose superior is who, who can go to the door."""

    def __init__(self, areas: Mapping[int, Area], held: Held, command: list[str]) -> None:
        self._areas, self._held, self._command = areas, held, command
        self.is_reachable: Collection[int] = ()
        self.people = {
            one
            for roles in held.values()
            for role, found in roles.items()
            if role in command
            for one in found
        }

    def superior(self, person_id: int, role: str, area_id: int) -> int | None:
        """The nearest reachable person further up the line; None where nobody is."""
        rank = self._command.index(role) + 1 if role in self._command else 0
        return self._nearest(self._command[rank:], person_id, area_id)

    def knocker(self, person_id: int, area_id: int) -> int | None:
        """The nearest reachable person of the line, whatever the rank."""
        return self._nearest(self._command, person_id, area_id)

    def _nearest(self, roles: list[str], person_id: int, area_id: int) -> int | None:
        area = self._areas.get(area_id)
        for above in reversed(area.path.split(".")) if area is not None else ():
            if not above:
                continue
            here = self._held.get(int(above), {})
            for role in roles:
                for one in here.get(role, ()):
                    if one != person_id and one in self.is_reachable:
                        return one
        return None

"""Who a case can be given to: posts and units around its place, as a picker shows them.

A person is offered by the post that makes them one to be asked; whom the register knows otherwise
can be named over the API. Bounded: a county's picker shows at most `MOST` of each kind.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.shown import area_name, is_english, role_word
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.holding import held_by
from bihuan.loop.models import Case
from bihuan.loop.playbook import OF_THE_CASE, playbook_of
from bihuan.loop.scenario import installed
from bihuan.register.areas.spans import path_today
from bihuan.register.models import Area, Duty, Post
from bihuan.register.organisations.models import Organisation

MOST: Final = 200


class Choice(NamedTuple):
    """What is sent, and what is read."""

    value: str
    word: str | Promise


Groups = tuple[tuple[str | Promise, tuple[Choice, ...]], ...]


class Targets:
    """The people, posts and units of the area, the areas above it and those below it."""

    def __init__(self, case: Case) -> None:
        self._case = case
        path = path_today(case.area_path)
        above = [int(part) for part in path.split(".") if part]
        areas = Area.objects.using(MAIN).filter(
            Q(id__in=above) | Q(path__startswith=path), until_us=None
        )
        self._areas = {area.id: area for area in areas.order_by("path")[:MOST]}
        self._held = self._posts()
        self._people = People(keys(), {person for person, _role, _area in self._held})

    def _posts(self) -> list[tuple[int, str, int]]:
        """(person, role, area) of everybody in a post or on duty in a role that acts here."""
        acting = {role for act in playbook_of(self._case.playbook).acts for role in act.roles}
        acting |= set(_scenario_roles(self._case.scenario))
        now_us = clock().now_us()
        wanted = Q(role__in=acting - set(OF_THE_CASE), area_id__in=self._areas, from_us__lte=now_us)
        still = Q(until_us=None) | Q(until_us__gt=now_us)
        found = []
        for table in (Post, Duty):
            rows = table.objects.using(MAIN).filter(wanted, still).order_by("id")[:MOST]
            found += list(rows.values_list("person_id", "role", "area_id"))
        return list(dict.fromkeys(found))

    def groups(self, *, is_person_only: bool) -> Groups:
        """Posts, people and units; for a statement only people who held the case."""
        if is_person_only:
            held = held_by(Rows(MAIN), self._case)
            names = People(keys(), held)
            people = [Choice(f"person:{one}", names.name(one)) for one in sorted(held)]
            return ((_("办过这件事的人"), tuple(people)),)
        return (
            (_("岗位"), tuple(self._roles())),
            (_("人"), tuple(self._persons())),
            (_("单位"), tuple(self._units())),
        )

    def _roles(self) -> list[Choice]:
        places = dict.fromkeys((role, area) for _person, role, area in self._held)
        return [
            Choice(f"role:{role}@{area}", f"{self._role(role)} · {area_name(self._areas[area])}")
            for role, area in places
        ]

    def _persons(self) -> list[Choice]:
        first: dict[int, tuple[str, int]] = {}
        for person, role, area in self._held:
            first.setdefault(person, (role, area))
        return [
            Choice(f"person:{person}", f"{self._people.name(person)} · {self._role(role)}")
            for person, (role, _area) in first.items()
        ]

    def _units(self) -> list[Choice]:
        found = Organisation.objects.using(MAIN).filter(area_id__in=self._areas, until_us=None)
        name = "latin" if is_english() else "name"
        return [Choice(f"unit:{one.id}", getattr(one, name)) for one in found.order_by("id")[:MOST]]

    def _role(self, role: str) -> str:
        return role_word(self._case.scenario, role)


def _scenario_roles(scenario: str) -> tuple[str, ...]:
    declared = installed().get(scenario)
    return tuple(declared.roles) if declared is not None else ()

"""Who may see which case, by the register's one answer to who may do what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db.models import Q, QuerySet

from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case
from bihuan.loop.scenario import installed
from bihuan.loop.units.models import Assignment
from bihuan.register.accounts.offices import holds_no_office
from bihuan.register.rights import Rights, Verb, areas_under, for_user, known_as, lives

FEW: Final = 2_000  # of so many a list is put in order in a few ms


def visible_cases(person_id: int, now_us: int, verb: Verb = "see") -> QuerySet[Case]:
    """Every case for which a person has the right at a time; a stranger gets none."""
    return cases_for(for_user(person_id, now_us), verb)


def cases_for(mine: Rights, verb: Verb = "see") -> QuerySet[Case]:
    """The same for rights already known. Where a case's area lies today decides, not then.

    Besides posts and family: who reported it, holds it, or was given it. Rights that a key cuts
    find none outside of it, whoever reported it.
    """
    wanted = mine.where_area(verb, installed())
    if verb in ("see", "open", "act"):
        known = known_as(mine.person_id)
        wanted |= Q(origin_id__in=known) | Q(owner_id__in=known)
        wanted |= Q(id__in=_assigned_to(mine, known))
    found = Case.objects.using(MAIN).filter(wanted)
    if mine.scenarios:
        found = found.filter(scenario__in=mine.scenarios)
    if mine.below:
        found = found.filter(area_id__in=areas_under([mine.below]))
    # nor what an administrator reported, or somebody who died since
    return found.filter(holds_no_office(mine.person_id), lives(mine.person_id))


def listed_for(mine: Rights) -> QuerySet[Case]:
    """As cases_for, for a list in some order, or its newest.

    Whose cases are few, these are found first, by area, family, person and assignment, each by
    an index of its own. A database goes through everybody's cases in their order until there are
    enough; where one's own are few that is all of them, a second for a million.
    """
    visible = cases_for(mine)
    ids = _few(mine)
    return visible if ids is None else visible.filter(id__in=ids)


def _few(mine: Rights) -> set[int] | None:
    """Ids of the cases that somebody may see, and of some more; None = more than FEW."""
    stored, found = Case.objects.using(MAIN), set[int]()
    for wanted, order in _ways(mine):
        ordered = stored.filter(wanted).order_by(*order)
        found.update(ordered.values_list("id", flat=True)[: FEW + 1])
        if len(found) > FEW:
            return None
    return found


def _ways(mine: Rights) -> Iterator[tuple[Q, tuple[str, ...]]]:
    """The ways to a case of cases_for one by one, each with the order of its index: asked for in
    that order it is used, however unevenly the cases lie.
    """
    known = known_as(mine.person_id)
    for paths, named in mine.reaching("see", installed()):
        below = list(areas_under(paths).values_list("id", flat=True))
        yield Q(scenario__in=named, area_id__in=below), ("area_id", "scenario")
    if near := mine.near("see", installed()):
        yield Q(scenario__in=near, subject_id__in=mine.family), ("subject_id", "opened_us")
    yield Q(origin_id__in=known), ("origin_id",)
    yield Q(owner_id__in=known), ("owner_id",)
    yield Q(id__in=list(_assigned_to(mine, known)[: FEW + 1])), ("id",)


def _assigned_to(mine: Rights, known: frozenset[int]) -> QuerySet[Assignment, int]:
    """Cases that were given to the person, or to a role that they hold for that very area."""
    meant = Q(person_id__in=known) | Q(received_by__in=known)
    for role, path in mine.held:
        meant |= Q(role=role, area_id=int(path.rstrip(".").rsplit(".", 1)[-1]))
    found = Assignment.objects.using(MAIN).filter(meant).exclude(state="withdrawn")
    return found.values_list("case_id", flat=True)


def is_official(mine: Rights) -> bool:
    """Whether somebody acts for some area, whatever the scenario."""
    return any(mine.paths(scenario, "act") for scenario in installed())

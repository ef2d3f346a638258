"""Who may see which case, by the register's one answer to who may do what."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case
from bihuan.loop.scenario import installed
from bihuan.loop.units.models import Assignment
from bihuan.register.accounts.offices import holds_no_office
from bihuan.register.rights import Rights, Verb, areas_under, for_user, known_as, lives


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

"""Which rules there are, and whose subjects a person may see by them."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import Http404

from bihuan.base.errors import bad
from bihuan.journal.storage import MAIN
from bihuan.loop.scenario import installed
from bihuan.register.accounts.offices import office_of
from bihuan.register.models import Area, Subject
from bihuan.register.rights import Rights, Verb, for_user
from bihuan.rules.rule import Rule


def declared() -> dict[str, list[Rule]]:
    """Every version of every rule, by scenario."""
    return {
        name: [rule for rule in scenario.rules if isinstance(rule, Rule)]
        for name, scenario in installed().items()
    }


def versions(scenario: str, rule: str) -> list[Rule]:
    """A rule's versions, newest first; 404 where there is none of this name."""
    found = [one for one in declared().get(scenario, ()) if one.id == rule]
    if not found:
        raise Http404
    return sorted(found, key=lambda one: -one.version)


def newest(scenario: str, rule: str) -> Rule:
    """A rule in its newest version; raises BadInputError where there is none of this name."""
    found = [one for one in declared().get(scenario, ()) if one.id == rule]
    if not found:
        raise bad("rule", f"{scenario}.{rule}", "a declared rule")
    return max(found, key=lambda one: one.version)


def subjects_of(person_id: int, scenario: str, verb: Verb, now_us: int) -> list[int]:
    """Ids of the subjects for which a person's posts allow the verb now."""
    found = subjects_within(rights_of(person_id, now_us), scenario, verb)
    return list(found.values_list("id", flat=True))


def subjects_within(rights: Rights, scenario: str, verb: Verb) -> QuerySet[Subject]:
    """The subjects in the areas where a verb is allowed: of posts only, not of relatives."""
    inside = Q(pk__in=())
    for path in rights.paths(scenario, verb):
        inside |= Q(path__startswith=path)
    areas = Area.objects.using(MAIN).filter(inside).values("id")
    found = Subject.objects.using(MAIN).filter(scenario=scenario, area_id__in=areas)
    return found.filter(ended_us=None).order_by("id")


def rights_of(person_id: int, now_us: int) -> Rights:
    """A person's rights; an administrator of the system sees no business data."""
    return for_user(None if office_of(person_id) else person_id, now_us)

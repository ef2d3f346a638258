"""Who may see which case: post × area subtree × scenario, or family of the subject.

One function for pages, API, search and live feed.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case
from bihuan.loop.scenario import installed
from bihuan.register.models import Area, Contact, Duty, Post


def visible_cases(person_id: int, now_us: int) -> QuerySet[Case]:
    """Every case that a person may see at a time; a stranger sees none."""
    wanted = Q(pk__in=())
    for scenario in installed().values():
        acting = {
            role for playbook in scenario.playbooks for act in playbook.acts for role in act.roles
        }
        for path in _paths(person_id, acting, now_us):
            wanted |= Q(scenario=scenario.name, area_path__startswith=path)
    own = Contact.objects.using(MAIN).filter(person_id=person_id).values("subject_id")
    return Case.objects.using(MAIN).filter(wanted | Q(subject_id__in=own))


def is_official(person_id: int, now_us: int) -> bool:
    """Whether the person acts for some area now, whatever the scenario."""
    roles = {
        role
        for scenario in installed().values()
        for playbook in scenario.playbooks
        for act in playbook.acts
        for role in act.roles
    }
    return bool(_paths(person_id, roles, now_us))


def _paths(person_id: int, roles: set[str], now_us: int) -> list[str]:
    """The area paths where the person holds one of these roles now."""
    held = Q(person_id=person_id, role__in=roles, from_us__lte=now_us)
    posts = Post.objects.using(MAIN).filter(held, Q(until_us=None) | Q(until_us__gt=now_us))
    duties = Duty.objects.using(MAIN).filter(held, until_us__gt=now_us)
    areas = {*posts.values_list("area_id", flat=True), *duties.values_list("area_id", flat=True)}
    found = Area.objects.using(MAIN).filter(id__in=areas)
    return list(found.values_list("path", flat=True))

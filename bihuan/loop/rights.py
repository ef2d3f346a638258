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
    """Every case that a person may see at a time; a stranger sees none.

    Three queries, however many scenarios are installed.
    """
    held = _held(person_id, now_us)
    wanted = Q(pk__in=())
    for scenario in installed().values():
        acting = {
            role for playbook in scenario.playbooks for act in playbook.acts for role in act.roles
        }
        for path in {path for role, path in held if role in acting}:
            wanted |= Q(scenario=scenario.name, area_path__startswith=path)
    own = Contact.objects.using(MAIN).filter(person_id=person_id).values("subject_id")
    return Case.objects.using(MAIN).filter(wanted | Q(subject_id__in=own))


def is_official(person_id: int, now_us: int) -> bool:
    """Whether the person acts for some area now, whatever the scenario."""
    return bool({role for role, _path in _held(person_id, now_us)} & _acting_roles())


def _acting_roles() -> set[str]:
    return {
        role
        for scenario in installed().values()
        for playbook in scenario.playbooks
        for act in playbook.acts
        for role in act.roles
    }


def _held(person_id: int, now_us: int) -> set[tuple[str, str]]:
    """(role, area path) of every post and duty that the person holds now."""
    is_now = Q(person_id=person_id, from_us__lte=now_us)
    posts = Post.objects.using(MAIN).filter(is_now, Q(until_us=None) | Q(until_us__gt=now_us))
    duties = Duty.objects.using(MAIN).filter(is_now, until_us__gt=now_us)
    held = {*posts.values_list("role", "area_id"), *duties.values_list("role", "area_id")}
    found = Area.objects.using(MAIN).filter(id__in={area for _role, area in held})
    paths = dict(found.values_list("id", "path"))
    return {(role, paths[area]) for role, area in held if area in paths}

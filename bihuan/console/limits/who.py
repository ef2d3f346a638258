"""Who sets limits and working days: whoever may `tune` a scenario for the whole county.

A limit set here holds for every case of its playbook in the county, so that a post for a town or
a village is not enough.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest

from bihuan.console.visit import key_behind, person_of, rights_of
from bihuan.journal.storage import MAIN
from bihuan.loop.scenario import installed
from bihuan.register.accounts.offices import office_of
from bihuan.register.entries import Actor
from bihuan.register.models import Area
from bihuan.register.rights import granted


def tuners(request: HttpRequest) -> dict[str, tuple[str, str]]:
    """(role, path) by which the person tunes for the whole county, by scenario; mostly empty."""
    mine = rights_of(request)
    if office_of(mine.person_id):
        return {}
    held = sorted((role, path) for role, path in mine.held if path.count(".") == 1)
    found: dict[str, tuple[str, str]] = {}
    for name, scenario in installed().items():
        by = [one for one in held if mine.reaches(name) and "tune" in granted(name, one[0])]
        if by and scenario.playbooks:
            found[name] = by[0]
    return found


def tuner_or_404(request: HttpRequest, scenario: str = "") -> tuple[Actor, Area]:
    """Who asks, as an actor, and the county; whoever tunes nothing finds no such page.

    scenario  one that must be theirs to tune; empty: any
    """
    found = tuners(request)
    held = found.get(scenario) if scenario else next(iter(found.values()), None)
    area = Area.objects.using(MAIN).filter(path=held[1], until_us=None).first() if held else None
    if held is None or area is None:
        raise Http404
    via = "api" if key_behind(request) is not None else "page"
    return Actor(person_id=person_of(request), role=held[0], via=via), area

"""For which areas a person keeps the log, hands over and signs: those of the posts and duties."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from bihuan.console.visit import key_behind, person_of, rights_of, whole_or_404
from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case
from bihuan.loop.shift.models import FlashReport
from bihuan.register.accounts.offices import office_of
from bihuan.register.entries import Actor
from bihuan.register.models import Area
from bihuan.register.rights import Rights, areas_under


def paths_of(request: HttpRequest) -> frozenset[tuple[str, str]]:
    """As paths_for, of who is asking."""
    return paths_for(rights_of(request))


def paths_for(mine: Rights) -> frozenset[tuple[str, str]]:
    """(role, path) of every post and duty, as far as the key reaches; an administrator has none.

    A log holds what happened in every scenario, so a key that was cut to some has none either.
    """
    if not mine.held or mine.scenarios or office_of(mine.person_id):
        return frozenset()
    return mine.held


def areas_of(request: HttpRequest) -> list[Area]:
    """The areas of the person's posts and duties, the widest first."""
    paths = {path for _role, path in paths_of(request)}
    found = Area.objects.using(MAIN).filter(path__in=paths) if paths else ()
    return sorted(found, key=lambda area: (len(area.path), area.id))


def area_or_404(request: HttpRequest, said: str) -> Area:
    """The area that an address names, or the first of one's own; a stranger finds none."""
    if not said:
        for widest in areas_of(request):
            return widest
        raise Http404
    area = Area.objects.using(MAIN).filter(id=whole_or_404(said)).first()
    if area is None or not is_held(request, area.path):
        raise Http404
    return area


def is_held(request: HttpRequest, path: str) -> bool:
    """Whether a post or duty covers this path."""
    return any(path.startswith(above) for _role, above in paths_of(request))


def actor_of(request: HttpRequest, path: str) -> Actor:
    """Who acts, in the role of the post nearest to this path."""
    covering = [(above, role) for role, above in paths_of(request) if path.startswith(above)]
    role = max(covering, default=("", ""))[1]
    via = "api" if key_behind(request) is not None else "page"
    return Actor(person_id=person_of(request), role=role, via=via)


def reports_of(area: Area) -> QuerySet[FlashReport]:
    """The signed reports of an area and of what lies in it today, merged areas among it."""
    cases = Case.objects.using(MAIN).filter(area_id__in=areas_under([area.path]))
    return FlashReport.objects.using(MAIN).filter(about__in=cases.values("id"))

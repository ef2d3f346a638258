"""Who prepares a county: the system administrator, or who holds a post for the whole county."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from bihuan.console.shift.places import paths_of
from bihuan.console.signin import sessions
from bihuan.console.visit import key_behind, person_of
from bihuan.register.accounts.offices import office_of
from bihuan.register.entries import Actor


def holder_or_404(request: HttpRequest, *offices: str, leads: bool = False) -> Actor:
    """The one who asks, as an actor; whoever holds none of these finds no such page.

    An office needs a session that began with a second step, on a handset of one's own.
    leads  a post for the whole county will do too
    """
    person_id = person_of(request)
    via = "api" if key_behind(request) is not None else "page"
    held = office_of(person_id)
    if held in offices and is_proven(request):
        return Actor(person_id=person_id, role=f"{held}_administrator", via=via)
    if leads:
        for role, path in sorted(paths_of(request)):
            if path.count(".") == 1:
                return Actor(person_id=person_id, role=role, via=via)
    raise Http404


def is_proven(request: HttpRequest) -> bool:
    """Whether this session may exercise an office."""
    if key_behind(request) is not None:
        return False
    return sessions.has_second_step(request) and not request.session.get(sessions.SHARED)


def holds(request: HttpRequest, *offices: str) -> bool:
    """Whether the person holds one of these, proven or not: such a one is told how to go on."""
    return office_of(person_of(request)) in offices

"""Who may see which call-out here, and the log of names and numbers that were seen."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from bihuan.console.callouts.entries import CallOutViewed
from bihuan.console.home import clock
from bihuan.console.visit import MOST_SEEN, person_of, rights_of
from bihuan.journal.append import Appender
from bihuan.journal.models import VIEWS_LANE
from bihuan.loop.callout import rights
from bihuan.loop.callout.models import CallOut
from bihuan.register.areas.spans import path_today
from bihuan.register.entries import Actor
from bihuan.register.rights import Rights, Verb

SEEN, SHOWN = "seen_call_outs", "shows_call_outs"


def call_out_or_404(
    request: HttpRequest, identity: int, verb: Verb = "open"
) -> tuple[CallOut, Rights]:
    """The call-out; a stranger cannot tell a foreign one from none."""
    mine = rights_of(request)
    call_out = rights.visible(mine).filter(id=identity).first()
    if call_out is None or not rights.may(mine, verb, call_out.area_path):
        raise Http404
    return call_out, mine


def log_names(request: HttpRequest, call_out: CallOut, persons: int, purpose: str) -> None:
    """Record that a person saw names and numbers."""
    with Appender(VIEWS_LANE, clock()) as lane:
        lane.append(
            CallOutViewed(
                call_out_id=call_out.id, persons=persons, by=person_of(request), purpose=purpose
            )
        )
    seen = [one for one in request.session.get(SEEN, []) if one != call_out.id]
    request.session[SEEN] = [*seen, call_out.id][-MOST_SEEN:]


def log_first(request: HttpRequest, call_out: CallOut, persons: int, purpose: str) -> None:
    """Record what is seen of a call-out whose page was not opened in this session."""
    if call_out.id not in request.session.get(SEEN, []):
        log_names(request, call_out, persons, purpose)


def actor_of(request: HttpRequest, area_path: str, via: str = "page") -> Actor:
    """Who acts, in the role that gives the right there; the act itself checks it again."""
    held, area_path = rights_of(request).held, path_today(area_path) if area_path else ""
    near = sorted((p for p in held if area_path.startswith(p[1])), key=lambda p: (-len(p[1]), p[0]))
    return Actor(person_id=person_of(request), role=near[0][0] if near else "", via=via)

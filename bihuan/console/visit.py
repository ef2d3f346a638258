"""Who is asking: the person behind a request, what they may see, and the log of views."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control

from bihuan.console.entries import CaseViewed
from bihuan.console.home import clock
from bihuan.journal.append import Appender
from bihuan.journal.models import VIEWS_LANE
from bihuan.loop.models import Case
from bihuan.loop.rights import visible_cases

SEEN = "seen"
MOST_SEEN = 200
NOBODY = 0  # no person has this id: whose sign-in is joined to nobody sees nothing

View = Callable[..., HttpResponse]
# handsets are shared: after sign-out the browser's back button shows nothing
unkept = cache_control(private=True, no_store=True)


def person_of(request: HttpRequest) -> int:
    """The person behind a signed-in request."""
    try:
        return int(request.user.account.person_id)  # type: ignore[union-attr]  # added by Account
    except (ObjectDoesNotExist, AttributeError):
        return NOBODY


def signed_in(view: View) -> View:
    """The page asks for a sign-in first."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return view(request, *args, **kwargs)

    return login_required(unkept(guarded))


def cases_of(request: HttpRequest) -> QuerySet[Case]:
    """Every case that this request may show."""
    return visible_cases(person_of(request), clock().now_us())


def case_or_404(request: HttpRequest, case_id: int) -> Case:
    """The case; a stranger cannot tell a foreign one from none."""
    case = cases_of(request).filter(id=case_id).first()
    if case is None:
        raise Http404
    return case


def whole_or_404(text: str) -> int:
    """The number that an address or a form names; anything else names nothing."""
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise Http404
    return int(text)


def log_view(request: HttpRequest, case: Case, purpose: str) -> None:
    """Record that a person saw whom a case is about."""
    with Appender(VIEWS_LANE, clock()) as lane:
        lane.append(
            CaseViewed(
                case_id=case.id,
                subject_id=case.subject_id,
                by=person_of(request),
                purpose=purpose,
            )
        )
    seen = [one for one in request.session.get(SEEN, []) if one != case.id]
    request.session[SEEN] = [*seen, case.id][-MOST_SEEN:]


def log_first_view(request: HttpRequest, case: Case, purpose: str) -> None:
    """Record what is seen of a case whose page was not opened in this session."""
    if case.id not in request.session.get(SEEN, []):
        log_view(request, case, purpose)

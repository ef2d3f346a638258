"""Who is asking: the person behind a request, what they may see, and the log of views."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import cache_control

from bihuan.console.access.keys import Key
from bihuan.console.entries import CaseViewed
from bihuan.console.home import clock
from bihuan.console.people import People
from bihuan.console.signin import sessions
from bihuan.console.signin.whose import account_of, is_closed, signed_in_person
from bihuan.journal.append import Appender
from bihuan.journal.models import VIEWS_LANE
from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case
from bihuan.loop.rights import cases_for
from bihuan.register.models import Subject
from bihuan.register.rights import Rights, Verb, for_user

SEEN = "seen"
MOST_SEEN = 200

View = Callable[..., HttpResponse]
# handsets are shared: after sign-out the browser's back button shows nothing
unkept = cache_control(private=True, no_store=True)


def key_behind(request: HttpRequest) -> Key | None:
    """The key of another system by which an API request came; None of a person's own."""
    found: Key | None = getattr(request, "api_key", None)
    return found


def person_of(request: HttpRequest) -> int:
    """The person behind a signed-in request, or as whom another system's key acts."""
    if (key := key_behind(request)) is not None:
        return key.person_id
    return signed_in_person(request)


def signed_in(view: View) -> View:
    """The page asks for a sign-in first, and for a password of one's own after a one-time one."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if must_change(request):
            return redirect("password")
        return view(request, *args, **kwargs)

    return signed_in_for_password(guarded)


def signed_in_for_password(view: View) -> View:
    """The same for the one page that a one-time password opens."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if sessions.is_over(request) or (request.user.is_authenticated and is_closed(request)):
            logout(request)
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return login_required(unkept(guarded))


def must_change(request: HttpRequest) -> bool:
    """Whether the sign-in was by a one-time password that has not been changed yet."""
    account = account_of(request)
    return account is not None and account.must_change


def rights_of(request: HttpRequest) -> Rights:
    """What the person behind a request may do, less what its key does not; once a request."""
    held: Rights | None = getattr(request, "bihuan_rights", None)
    if held is None:
        key, now_us = key_behind(request), clock().now_us()
        held = for_user(person_of(request) or None, now_us) if key is None else key.rights(now_us)
        request.bihuan_rights = held  # type: ignore[attr-defined]  # lives as long as the request
    return held


def cases_of(request: HttpRequest, verb: Verb = "see") -> QuerySet[Case]:
    """Every case that this request may show, or of which it may do more."""
    return cases_for(rights_of(request), verb)


def case_or_404(request: HttpRequest, case_id: int, verb: Verb = "open") -> Case:
    """The case, to be opened or more; a stranger cannot tell a foreign one from none."""
    case = cases_of(request, verb).filter(id=case_id).first()
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
    if key_behind(request) is not None:
        return  # another system has no session, and each of its openings is a view
    seen = [one for one in request.session.get(SEEN, []) if one != case.id]
    request.session[SEEN] = [*seen, case.id][-MOST_SEEN:]


def subject_of(case: Case) -> Subject | None:
    """The subject of a case; None where it is about a place alone."""
    if case.subject_id is None:
        return None
    return Subject.objects.using(MAIN).filter(id=case.subject_id).first()


def person_behind(case: Case, subject: Subject | None) -> int | None:
    """Whom a case is about: the subject's person, else who reported it; None where sealed."""
    if subject is not None:
        return subject.person_id
    return None if case.is_sealed else case.origin_id


def name_of(people: People, subject: Subject | None, behind: int | None) -> str:
    """The full name on an opened case: of a thing its own, else of the person behind it."""
    return subject.name if subject is not None and subject.name else people.name(behind)


def log_first_view(request: HttpRequest, case: Case, purpose: str) -> None:
    """Record what is seen of a case whose page was not opened in this session."""
    if case.id not in request.session.get(SEEN, []):
        log_view(request, case, purpose)

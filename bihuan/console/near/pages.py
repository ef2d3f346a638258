"""The page itself: what stands now, who goes, who answers questions; solved or not solved.

No sign-in and no map. Every opening is recorded, and the link is void once it is taken back, the
contact is one no more, or the person no longer lets them see.
"""

from __future__ import annotations

import uuid

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError
from bihuan.console.home import clock, keys
from bihuan.console.near.entries import NearLinkViewed
from bihuan.console.near.given import SALT
from bihuan.console.near.shown import cases_of, context_of
from bihuan.console.visit import unkept, whole_or_404
from bihuan.journal.append import Appender
from bihuan.journal.models import VIEWS_LANE
from bihuan.journal.storage import MAIN
from bihuan.loop.act import Command, ForbiddenError, ParkedError, TakenError, act
from bihuan.register.models import Subject
from bihuan.register.near.acts import VIA, NearLinks
from bihuan.register.near.models import NearLink
from bihuan.register.records.acts import By
from bihuan.register.rights import for_user

SAYS = ("solved", "not_solved")


def link_of(token: str) -> tuple[NearLink, Subject] | None:
    """The link of an address and its subject, where it opens now."""
    try:
        link_id = int(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        raise Http404 from None
    link = NearLink.objects.using(MAIN).filter(id=link_id, revoked_us=None).first()
    if link is None or link.subject_id not in for_user(link.person_id, clock().now_us()).family:
        return None
    subject = Subject.objects.using(MAIN).filter(id=link.subject_id, ended_us=None).first()
    return None if subject is None else (link, subject)


@unkept
def near_page(request: HttpRequest, token: str) -> HttpResponse:
    """The page of one contact of one subject."""
    return _page(request, token)


@unkept
@csrf_exempt  # the signed link is the secret: no cookie stands between a person and an answer
@require_POST
def near_say(request: HttpRequest, token: str) -> HttpResponse:
    """Solved or not solved; said twice it is done once."""
    found, said = link_of(token), request.POST
    if found is None:
        return _page(request, token)
    link, subject = found
    case_id = whole_or_404(said.get("case", ""))
    on_page = {one.id for one in cases_of(link, subject, clock().now_us())[1]}
    if said.get("do") not in SAYS or case_id not in on_page:
        raise Http404
    command = Command(
        act=said["do"],
        case_id=case_id,
        person_id=link.person_id,
        via=VIA,
        key=said.get("key", "")[:64] or str(uuid.uuid4()),
        text=said.get("text", ""),
    )
    try:
        act(command, clock(), keys())
    except ForbiddenError:
        raise Http404 from None
    except (TakenError, BadInputError):
        return _page(request, token, note="late", status=409)
    except ParkedError:
        return render(request, "console/parked.html", status=503)
    return redirect("near", token)


@unkept
@csrf_exempt  # as above
@require_POST
def near_end(request: HttpRequest, token: str) -> HttpResponse:
    """The contact stops the page: the handset was lost, or somebody else has the address."""
    found = link_of(token)
    if found is not None and request.POST.get("sure") == "1":
        link, _subject = found
        NearLinks(clock()).revoke(link.id, By(link.person_id, VIA, f"end-{link.id}"))
    return redirect("near", token)


def _page(request: HttpRequest, token: str, note: str = "", status: int = 200) -> HttpResponse:
    found = link_of(token)
    if found is None:
        return render(request, "console/near_over.html", status=410)
    link, subject = found
    with Appender(VIEWS_LANE, clock()) as lane:
        said = NearLinkViewed(link_id=link.id, subject_id=subject.id, by=link.person_id)
        lane.append(said)
    context = context_of(link, subject) | {"token": token, "note": note}
    return render(request, "console/near.html", context, status=status)

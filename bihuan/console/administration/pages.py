"""三员 / the three administrators' pages: each sees and does what its office is for, no more.

An office is exercised only in a session that began with a second step, and never on a shared
handset. Whoever holds no office is told that there is no such page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from axes.models import AccessAttempt
from axes.utils import reset as forget_attempts
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError, bad
from bihuan.console import accounts
from bihuan.console.access import keys as api_keys
from bihuan.console.accounts import Desk
from bihuan.console.administration import audit
from bihuan.console.home import clock, keys
from bihuan.console.hooks.models import Hook
from bihuan.console.models import Account
from bihuan.console.people import People
from bihuan.console.register.fault_words import want_word
from bihuan.console.signin import sessions
from bihuan.console.signin.models import SecondTries
from bihuan.console.visit import person_of, signed_in, whole_or_404
from bihuan.register.accounts import offices
from bihuan.register.accounts.models import Administrator, IntegrationKey, Subscription
from bihuan.register.entries import Actor

MOST_ROWS = 500


@signed_in
def office(request: HttpRequest) -> HttpResponse:
    """The page of the office that the person holds."""
    held = _office(request)
    if not _is_proven(request):
        return _unproven(request)
    return _page(request, held)


@signed_in
@require_POST
def act(request: HttpRequest, what: str) -> HttpResponse:
    """One act of an office. 404 for what is another office's."""
    held = _office(request)
    if not _is_proven(request):
        return _unproven(request)
    do = ACTS.get((held, what))
    if do is None:
        raise Http404
    by = Actor(person_id=person_of(request), role=f"{held}_administrator", via="page")
    try:
        shown = do(request, Desk.here(by))
    except BadInputError as error:
        said = "；".join(f"{fault.field}: {want_word(fault.want)}" for fault in error.faults)
        return _page(request, held, fault=said, status=422)
    except offices.NotAllowedError:
        return _page(request, held, fault=_("不能给自己授权，也不能动管理员的账号"), status=403)
    return redirect("office") if shown is None else _page(request, held, **shown)


def _open(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    name, person = request.POST.get("username", ""), request.POST.get("person", "")
    password = accounts.create_with_one_time_password(name, _number("person", person), desk)
    return {"once": (name, password)}


def _reset(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    name = request.POST.get("username", "")
    return {"once": (name, accounts.reset(name, desk))}


def _switch(request: HttpRequest, desk: Desk) -> None:
    name = request.POST.get("username", "")
    do = accounts.enable if request.POST.get("on") == "1" else accounts.disable
    do(name, desk)


def _appoint(request: HttpRequest, desk: Desk) -> None:
    person = accounts.account_of(request.POST.get("username", "")).person_id
    offices.appoint(person, request.POST.get("office", ""), desk.by, desk.clock)


def _release(request: HttpRequest, desk: Desk) -> None:
    person = accounts.account_of(request.POST.get("username", "")).person_id
    offices.release(person, desk.by, desk.clock)


def _grant(request: HttpRequest, desk: Desk) -> None:
    said = request.POST
    person = accounts.account_of(said.get("username", "")).person_id
    area = _number("area", said.get("area", ""))
    offices.grant_post(person, said.get("role", ""), area, desk.by, desk.clock)


def _unlock(request: HttpRequest, desk: Desk) -> None:
    account = accounts.account_of(request.POST.get("username", ""))
    forget_attempts(username=account.user.username)
    SecondTries.objects.filter(account=account).delete()
    accounts.secured(account, "unlocked", desk)


def _revoke(request: HttpRequest, desk: Desk) -> None:
    api_keys.revoke(_number("key", request.POST.get("key", "")), desk)


def _verify(_request: HttpRequest, _desk: Desk) -> dict[str, Any]:
    return {"chain": audit.chain()}


Act = Callable[[HttpRequest, Desk], dict[str, Any] | None]
ACTS: dict[tuple[str, str], Act] = {
    ("system", "open"): _open,
    ("system", "reset"): _reset,
    ("system", "switch"): _switch,
    ("security", "appoint"): _appoint,
    ("security", "release"): _release,
    ("security", "grant"): _grant,
    ("security", "unlock"): _unlock,
    ("security", "revoke"): _revoke,
    ("audit", "verify"): _verify,
}


def _page(request: HttpRequest, held: str, **more: Any) -> HttpResponse:
    status = more.pop("status", 200)
    context = {"held": held, **_SHOWN[held](), **more}
    return render(request, "console/office.html", context, status=status)


def _system() -> dict[str, Any]:
    hooks = Hook.objects.in_bulk()
    rows = Subscription.objects.order_by("-id")[:MOST_ROWS]
    return {
        "accounts": _accounts(),
        "subscriptions": [{"row": row, "hook": hooks.get(row.id)} for row in rows],
    }


def _security() -> dict[str, Any]:
    locked = AccessAttempt.objects.values_list("username", flat=True).distinct()
    return {
        "accounts": _accounts(),
        "locked": sorted(name for name in locked if name),
        "api_keys": list(IntegrationKey.objects.order_by("-id")[:MOST_ROWS]),
        "now_us": clock().now_us(),
    }


def _audit() -> dict[str, Any]:
    return {"facts": audit.newest_facts(), "views": audit.newest_views()}


_SHOWN: dict[str, Callable[[], dict[str, Any]]] = {
    "system": _system,
    "security": _security,
    "audit": _audit,
}


def _accounts() -> list[dict[str, Any]]:
    rows = list(Account.objects.select_related("user").order_by("user__username")[:MOST_ROWS])
    people = People(keys(), [row.person_id for row in rows])
    held = dict(Administrator.objects.values_list("id", "office"))
    return [
        {"row": row, "name": people.name(row.person_id), "office": held.get(row.person_id, "")}
        for row in rows
    ]


def _office(request: HttpRequest) -> str:
    held = offices.office_of(person_of(request))
    if not held:
        raise Http404
    return held


def _is_proven(request: HttpRequest) -> bool:
    return sessions.has_second_step(request) and not request.session.get(sessions.SHARED)


def _unproven(request: HttpRequest) -> HttpResponse:
    return render(request, "console/office_locked.html", status=403)


def _number(field: str, text: str) -> int:
    try:
        return whole_or_404(text)
    except Http404:
        raise bad(field, text or "nothing", "a number") from None

"""There and back: the two addresses of an outside sign-in."""

from __future__ import annotations

from dataclasses import asdict
from secrets import compare_digest
from typing import Any

import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from bihuan.base.errors import BadInputError
from bihuan.console.accounts import Desk, actor_of
from bihuan.console.home import clock
from bihuan.console.models import Account
from bihuan.console.outside import binding
from bihuan.console.outside.flow import TRIP_US, Back, OutsideError, Provider, Trip
from bihuan.console.outside.providers import provider
from bihuan.console.signin import second, sessions
from bihuan.console.signin.pages import PENDING, PENDING_US, account_of_request, enter
from bihuan.loop.providers.sender import Sender

TRIP = "outside_trip"
log = structlog.get_logger(__name__)


@never_cache
@require_GET
def depart(request: HttpRequest, name: str) -> HttpResponse:
    """Send the browser to the provider; signed in already, it comes back to bind."""
    there, trip = _provider(name), Trip.begins(_callback(request, name))
    is_binding = request.user.is_authenticated
    if is_binding and request.session.get(sessions.SHARED):
        return _said(request, _("共用手机上不能更改登录方式"), 403)
    try:
        where = there.address(trip, Back({}, clock().now_us(), Sender()))
    except OutsideError as error:
        log.warning("outside sign-in cannot begin", provider=name, reason=error.reason)
        return _said(request, _("对方系统暂时联系不上，请用密码登录"), 502)
    wanted = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    request.session[TRIP] = {
        "provider": name,
        "trip": asdict(trip),
        "until_us": clock().now_us() + TRIP_US,
        "account": _account_pk(request),
        "next": wanted if is_ours else reverse("board"),
        "shared": request.GET.get("shared") == "1",
    }
    return redirect(where)


@never_cache
@require_GET
def arrive(request: HttpRequest, name: str) -> HttpResponse:
    """The browser comes back: check that it is this trip, learn who it is, sign in or bind."""
    there, kept = _provider(name), request.session.pop(TRIP, None)
    if not _is_this_trip(request, name, kept):
        return _said(request, _("这次登录已失效，请重新开始"), 400)
    trip, now_us = Trip(**kept["trip"]), clock().now_us()
    try:
        identity = there.identity(trip, Back(request.GET.dict(), now_us, Sender()))
    except OutsideError as error:
        log.warning("outside sign-in failed", provider=name, reason=error.reason)
        return _said(request, _("对方系统没有确认您的身份，请重试或用密码登录"), 403)
    if kept["account"] is not None:
        return _bind(request, kept["account"], (name, identity))
    account = binding.bound_to(name, identity)
    if account is None:
        words = _(
            "这个身份还没有和本系统的账号绑定。请先用密码登录，再到“账号与安全”绑定，或找管理员。"
        )
        return _said(request, words, 403)
    return _go_on(request, account, kept)


def _go_on(request: HttpRequest, account: Account, kept: dict[str, Any]) -> HttpResponse:
    """The provider's word stands for the password; a second step of ours is still asked."""
    if not second.is_needed(account):
        return enter(request, account, kept["next"], is_shared=kept["shared"])
    request.session[PENDING] = {
        "account": account.pk,
        "next": kept["next"],
        "shared": kept["shared"],
        "until_us": clock().now_us() + PENDING_US,
    }
    return redirect("second_step")


def _bind(request: HttpRequest, account_pk: int, found: tuple[str, str]) -> HttpResponse:
    account = account_of_request(request)
    if account is None or account.pk != account_pk:  # another person signed in meanwhile
        return _said(request, _("这次登录已失效，请重新开始"), 400)
    try:
        binding.bind(account, *found, Desk.here(actor_of(account)))
    except BadInputError:
        return _said(request, _("这个身份已经绑定了别的账号"), 409)
    return redirect("me")


def _is_this_trip(request: HttpRequest, name: str, kept: Any) -> bool:
    if kept is None or kept["provider"] != name or kept["until_us"] <= clock().now_us():
        return False
    said = request.GET.get("state", "")
    return compare_digest(said.encode(), str(kept["trip"]["state"]).encode())


def _account_pk(request: HttpRequest) -> int | None:
    account = account_of_request(request) if request.user.is_authenticated else None
    return account.pk if account else None


def _provider(name: str) -> Provider:
    found = provider(name)
    if found is None:
        raise Http404
    return found


def _callback(request: HttpRequest, name: str) -> str:
    scheme = "https" if settings.IS_HTTPS or request.is_secure() else "http"
    return f"{scheme}://{request.get_host()}{reverse('outside_back', args=[name])}"


def _said(request: HttpRequest, words: str, status: int) -> HttpResponse:
    return render(request, "console/outside.html", {"words": words}, status=status)

"""Signing in: password, then a second step where one is set up; or a passkey and no more.

What a stranger can learn here is the same for names that exist and names that do not: words,
status and the work of one password hash.
"""

from __future__ import annotations

from typing import Any

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.time import MINUTE_US
from bihuan.console.accounts import Desk, actor_of
from bihuan.console.home import clock
from bihuan.console.models import Account
from bihuan.console.outside.providers import offered
from bihuan.console.signin import passkeys, second, sessions
from bihuan.console.visit import unkept

PENDING, PENDING_US = "pending_sign_in", 10 * MINUTE_US
BACKEND = "django.contrib.auth.backends.ModelBackend"
SHARED_COOKIE = "shared_handset"


class SignIn(LoginView):
    """Name and password; axes counts what is wrong before this hears of it."""

    template_name = "console/sign_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shared = self.request.COOKIES.get(SHARED_COOKIE) == "1"
        return super().get_context_data(**kwargs) | {"was_shared": shared, "outside": offered()}

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user, is_shared = form.get_user(), self.request.POST.get("shared") == "1"
        account = Account.objects.filter(user=user).first()
        if account is None:  # joined to nobody: may sign in, sees nothing
            login(self.request, user, BACKEND)
            return redirect(self.get_success_url())
        if account.must_change and (account.one_time_until_us or 0) <= clock().now_us():
            form.add_error(None, _("临时密码已过期，请找管理员重新发放"))
            return self.form_invalid(form)
        if second.is_needed(account):
            self.request.session[PENDING] = {
                "account": account.pk,
                "next": self.get_success_url(),
                "shared": is_shared,
                "until_us": clock().now_us() + PENDING_US,
            }
            return redirect("second_step")
        return enter(self.request, account, self.get_success_url(), is_shared=is_shared)


def enter(
    request: HttpRequest,
    account: Account,
    onward: str,
    *,
    is_shared: bool,
    has_second: bool = False,
) -> HttpResponseRedirectBase:
    """Sign the account in, begin its session and go on; a one-time password is changed first."""
    login(request, account.user, BACKEND)
    sessions.begin(request, account, is_shared=is_shared, has_second=has_second)
    response = redirect("password") if account.must_change else redirect(onward)
    if is_shared:
        response.set_cookie(SHARED_COOKIE, "1", max_age=365 * 86400, samesite="Lax", httponly=True)
    else:
        response.delete_cookie(SHARED_COOKIE)
    return response


@never_cache
@unkept
def second_step(request: HttpRequest) -> HttpResponse:
    """The second step of who has just given the right password."""
    pending: Any = request.session.get(PENDING)
    if pending is None or pending["until_us"] <= clock().now_us():
        request.session.pop(PENDING, None)
        return redirect("sign_in")
    account = Account.objects.select_related("user").get(pk=pending["account"])
    if request.method != "POST":
        return _second_page(request, account)
    desk = Desk.here(actor_of(account))
    try:
        is_right = second.check(account, request.POST.get("code", ""), desk)
    except second.LockedError as error:
        del request.session[PENDING]
        return locked_page(request, sessions.left_s(clock().now_us(), error.until_us))
    if not is_right:
        return _second_page(request, account, is_wrong=True)
    del request.session[PENDING]
    onward, is_shared = pending["next"], pending["shared"]
    return enter(request, account, onward, is_shared=is_shared, has_second=True)


def _second_page(request: HttpRequest, account: Account, *, is_wrong: bool = False) -> HttpResponse:
    context = {"is_wrong": is_wrong, "has_app": second.has_app(account)}
    return render(request, "console/second_step.html", context)


@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    """What a browser needs to sign with a passkey."""
    return HttpResponse(passkeys.begin_sign_in(request), content_type="application/json")


@require_POST
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in by a passkey; the answer names where to go on."""
    pending: Any = request.session.get(PENDING)
    try:
        account = passkeys.signed_in_by(request, request.POST.get("credential", ""), Desk.here())
    except BadInputError as error:
        return JsonResponse({"faults": [f.as_dict() for f in error.faults]}, status=422)
    except second.LockedError as error:
        left_s = sessions.left_s(clock().now_us(), error.until_us)
        fault = Fault("passkey", "too many wrong ones", f"the next one in {left_s} s")
        locked = JsonResponse({"faults": [fault.as_dict()]}, status=429)
        locked["Retry-After"] = str(left_s)
        return locked
    is_shared = request.POST.get("shared") == "1" or bool(pending and pending["shared"])
    wanted = request.POST.get("next", "") or (pending["next"] if pending else "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    onward = wanted if is_ours else resolve_url("board")
    response = enter(request, account, onward, is_shared=is_shared, has_second=True)
    said = JsonResponse({"onward": response.url})
    said.cookies = response.cookies
    return said


def locked_out(request: HttpRequest, *_args: object, **_kwargs: object) -> HttpResponse:
    """What axes shows where too many passwords were wrong: how long it lasts from now."""
    name, address = request.POST.get("username", ""), request.META.get("REMOTE_ADDR", "")
    newest = AccessAttempt.objects.filter(username=name, ip_address=address)
    attempt = newest.order_by("-attempt_time").first()
    cool_off = get_cool_off()
    assert cool_off is not None, "AXES_COOLOFF_TIME is set"
    left = cool_off if attempt is None else attempt.attempt_time + cool_off - timezone.now()
    return locked_page(request, max(1, int(left.total_seconds())))


def locked_page(request: HttpRequest, left_s: int) -> HttpResponse:
    """429: how many minutes are left."""
    context = {"minutes": -(-left_s // 60)}
    response = render(request, "console/locked.html", context, status=429)
    response["Retry-After"] = str(left_s)
    return response


def account_of_request(request: HttpRequest) -> Account | None:
    """The account behind a signed-in request; None of a user joined to nobody."""
    try:
        found: Account = request.user.account  # type: ignore[union-attr]  # added by Account
    except (ObjectDoesNotExist, AttributeError):
        return None
    return found

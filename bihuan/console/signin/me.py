"""账号与安全: a person's own password, second step, passkeys, identities and sessions.

What changes how a person is recognised asks for the password again, and is not done on a shared
handset: whoever held it last could leave a key of his own there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import segno
from django.contrib.auth import authenticate, update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError
from bihuan.console import accounts
from bihuan.console.accounts import Desk, actor_of
from bihuan.console.models import Account
from bihuan.console.outside import binding
from bihuan.console.outside.providers import offered
from bihuan.console.signin import passkeys, second, sessions
from bihuan.console.signin.models import Passkey, RecoveryCode
from bihuan.console.signin.pages import account_of_request
from bihuan.console.signin.push import notices_of
from bihuan.console.visit import person_of, signed_in, signed_in_for_password, whole_or_404
from bihuan.register.accounts.offices import office_of
from bihuan.register.models import County


@signed_in
def me(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return _page(request, _account(request))


@signed_in_for_password
def password(request: HttpRequest) -> HttpResponse:
    """Set another password; after a one-time password nothing else opens before."""
    account = _account(request)
    if request.method != "POST":
        return render(request, "console/password.html", {"is_first": account.must_change})
    faults = _password_faults(request, account)
    if not faults:
        try:
            accounts.change_password(account, request.POST["new"], _desk(account))
        except BadInputError as error:
            faults = {"new": _words_of(error)}
    if faults:
        context = {"is_first": account.must_change, "faults": faults}
        return render(request, "console/password.html", context, status=422)
    sessions.end_every(account, but=request.session.session_key)
    old = request.session.session_key
    update_session_auth_hash(request, account.user)
    sessions.renamed(request, old)
    return redirect("board")


def _password_faults(request: HttpRequest, account: Account) -> dict[str, list[str]]:
    said = request.POST
    faults = {}
    if not account.must_change and not _knows_password(request, account):
        faults["old"] = [_("现在的密码不对")]
    if said.get("new", "") != said.get("again", ""):
        faults["again"] = [_("两次输入的新密码不一样")]
    return faults


@signed_in
@require_POST
def change(request: HttpRequest, what: str) -> HttpResponse:
    """One change of how the person is recognised, after the password."""
    account = _account(request)
    act = CHANGES.get(what)
    if act is None:
        raise Http404
    if request.session.get(sessions.SHARED):
        return _page(request, account, said=_("共用手机上不能更改登录方式"), status=403)
    if not _knows_password(request, account):
        return _page(request, account, said=_("现在的密码不对"), status=422)
    try:
        return act(request, account)
    except BadInputError as error:
        return _page(request, account, said=" ".join(_words_of(error)), status=422)


@signed_in
@require_POST
def confirm_app(request: HttpRequest) -> HttpResponse:
    """The first six digits from the app switch it on."""
    account = _account(request)
    try:
        codes = second.confirm(account, request.POST.get("code", "").strip(), _desk(account))
    except BadInputError:
        return _page(request, account, said=_("验证码不对，请看手机上现在的六位数字"), status=422)
    request.session[sessions.SECOND] = True
    return _page(request, account, codes=codes)


@signed_in
@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    """What a browser needs to make a passkey; asks for the password."""
    account = _account(request)
    if request.session.get(sessions.SHARED):
        return JsonResponse({"error": _("共用手机上不能更改登录方式")}, status=403)
    if not _knows_password(request, account):
        return JsonResponse({"error": _("现在的密码不对")}, status=422)
    return HttpResponse(passkeys.begin_adding(request, account), content_type="application/json")


@signed_in
@require_POST
def passkey_add(request: HttpRequest) -> HttpResponse:
    """Keep the passkey that the browser made."""
    account, said = _account(request), request.POST
    try:
        passkeys.add(
            request, account, said.get("credential", ""), said.get("name", ""), _desk(account)
        )
    except BadInputError as error:
        return JsonResponse({"faults": [f.as_dict() for f in error.faults]}, status=422)
    return JsonResponse({"onward": request.path_info.rsplit("passkeys", 1)[0]})


@signed_in
@require_POST
def end_session(request: HttpRequest) -> HttpResponse:
    """Sign out one other browser of one's own, or all of them."""
    account, key = _account(request), request.POST.get("session", "")
    if key == "every":
        sessions.end_every(account)
        accounts.secured(account, "signed_out_everywhere", _desk(account))
        return redirect("sign_in")
    listed = [one for one in sessions.of(account) if short(one.key) == key]
    if not listed:
        raise Http404
    sessions.end(account, listed[0].key)
    return redirect("me")


def short(key: str) -> str:
    """What a page names a session by: the key itself would be a ticket in."""
    return accounts.public_name(key)


def _app(request: HttpRequest, account: Account) -> HttpResponse:
    second.begin(account, _county(), _desk(account))
    return redirect("me")


def _app_off(request: HttpRequest, account: Account) -> HttpResponse:
    second.remove(account, _desk(account))
    return redirect("me")


def _codes(request: HttpRequest, account: Account) -> HttpResponse:
    return _page(request, account, codes=second.renew_codes(account, _desk(account)))


def _passkey_off(request: HttpRequest, account: Account) -> HttpResponse:
    passkeys.remove(account, whole_or_404(request.POST.get("passkey", "")), _desk(account))
    return redirect("me")


def _identity_off(request: HttpRequest, account: Account) -> HttpResponse:
    binding.release(account, whole_or_404(request.POST.get("binding", "")), _desk(account))
    return redirect("me")


CHANGES: dict[str, Callable[[HttpRequest, Account], HttpResponse]] = {
    "app": _app,
    "app-off": _app_off,
    "codes": _codes,
    "passkey-off": _passkey_off,
    "identity-off": _identity_off,
}


def _page(request: HttpRequest, account: Account, **more: Any) -> HttpResponse:
    desk, status = _desk(account), more.pop("status", 200)
    secret = second.waiting_secret(account, desk)
    picture = ""
    if secret:
        picture = segno.make(second.address(secret, account, _county())).svg_data_uri(scale=4)
    context = {
        "username": account.user.username,
        "has_app": second.has_app(account),
        "secret": secret,
        "picture": picture,
        "codes_left": RecoveryCode.objects.filter(account=account).count(),
        "passkeys": list(Passkey.objects.filter(account=account).order_by("id")),
        "sessions": [
            {"row": one, "name": short(one.key), "is_this": one.key == request.session.session_key}
            for one in sessions.of(account)
        ],
        "is_shared": request.session.get(sessions.SHARED, False),
        "identities": binding.of(account),
        "outside": offered(),
        "office": office_of(account.person_id),
        "notices": notices_of(person_of(request)),
        **more,
    }
    return render(request, "console/me.html", context, status=status)


def _knows_password(request: HttpRequest, account: Account) -> bool:
    """Asked through axes, so that guessing here is locked as on the sign-in page."""
    typed = request.POST.get("old", "")
    return authenticate(request, username=account.user.username, password=typed) is not None


def _account(request: HttpRequest) -> Account:
    account = account_of_request(request)
    if account is None:
        raise Http404
    return account


def _desk(account: Account) -> Desk:
    return Desk.here(actor_of(account))


def _county() -> str:
    return County.objects.values_list("name", flat=True).first() or "Bihuan"


def _words_of(error: BadInputError) -> list[str]:
    return [fault.want for fault in error.faults]

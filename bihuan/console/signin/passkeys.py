"""Passkeys (WebAuthn): a phone or token signs a challenge; no name is typed, nothing to guess.

The person is always verified by the device (finger, face, PIN), so a passkey is both steps.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import webauthn
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bihuan.base.errors import bad
from bihuan.console import accounts
from bihuan.console.accounts import Desk
from bihuan.console.models import Account
from bihuan.console.signin import second
from bihuan.console.signin.models import Passkey

CHALLENGE = "passkey_challenge"
MOST = 10
_NEEDED = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True)
class Site:
    """What a passkey is bound to: this host, and the origin that its pages come from."""

    host: str
    origin: str

    @classmethod
    def of(cls, request: HttpRequest) -> Site:
        name = request.get_host()
        scheme = "https" if settings.IS_HTTPS or request.is_secure() else "http"
        return cls(name.rsplit(":", 1)[0], f"{scheme}://{name}")


def begin_adding(request: HttpRequest, account: Account) -> str:
    """The options for `navigator.credentials.create`, as JSON; the challenge is kept."""
    known = Passkey.objects.filter(account=account).values_list("credential", flat=True)
    options = webauthn.generate_registration_options(
        rp_id=Site.of(request).host,
        rp_name="闭环 Bihuan",
        user_name=account.user.username,
        user_id=salted_hmac("bihuan.passkey", str(account.pk), algorithm="sha256").digest(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_NEEDED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=bytes(one)) for one in known],
    )
    request.session[CHALLENGE] = bytes_to_base64url(options.challenge)
    return webauthn.options_to_json(options)


def add(request: HttpRequest, account: Account, said: str, name: str, desk: Desk) -> None:
    """Keep a new passkey. Raises BadInputError where it is not an answer to our challenge."""
    site, challenge = Site.of(request), _challenge(request)
    if Passkey.objects.filter(account=account).count() >= MOST:
        raise bad("passkeys", MOST, f"at most {MOST}; take one away first")
    try:
        verified = webauthn.verify_registration_response(
            credential=said,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise bad("credential", type(error).__name__, "an answer to this challenge") from None
    with transaction.atomic():
        if Passkey.objects.filter(credential=verified.credential_id).exists():
            raise bad("credential", "one that is registered", "a new passkey")
        Passkey.objects.create(
            account=account,
            credential=verified.credential_id,
            public_key=verified.credential_public_key,
            signs=verified.sign_count,
            name=name.strip()[:64] or "—",
            made_us=desk.clock.now_us(),
        )
        accounts.secured(account, "passkey_added", desk)


def remove(account: Account, identity: int, desk: Desk) -> None:
    """Take one of the account's own passkeys away. Again: nothing happens."""
    with transaction.atomic():
        removed, _ = Passkey.objects.filter(account=account, id=identity).delete()
        if removed:
            accounts.secured(account, "passkey_removed", desk)


def begin_sign_in(request: HttpRequest) -> str:
    """The options for `navigator.credentials.get`: no name is asked, so none can be probed."""
    options = webauthn.generate_authentication_options(
        rp_id=Site.of(request).host, user_verification=_NEEDED
    )
    request.session[CHALLENGE] = bytes_to_base64url(options.challenge)
    return webauthn.options_to_json(options)


def signed_in_by(request: HttpRequest, said: str, desk: Desk) -> Account:
    """Whose passkey signed our challenge. Raises BadInputError, in the same words for all.

    A wrong signature for somebody's passkey counts as a wrong second step of theirs: LockedError
    from the fifth on, and while it lasts.
    """
    site, challenge = Site.of(request), _challenge(request)
    found = Passkey.objects.select_related("account__user").filter(credential=_credential(said))
    passkey = found.first()
    refused = bad("passkey", "not accepted", "a passkey of an account that may sign in")
    if passkey is None or not passkey.account.user.is_active:
        raise refused
    second.must_not_be_locked(passkey.account, desk.clock.now_us())
    try:
        verified = webauthn.verify_authentication_response(
            credential=said,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=passkey.signs,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        second.missed(passkey.account, desk.clock.now_us())
        raise refused from None
    second.right(passkey.account)
    passkey.signs, passkey.used_us = verified.new_sign_count, desk.clock.now_us()
    passkey.save(update_fields=["signs", "used_us"])
    return passkey.account


def _challenge(request: HttpRequest) -> bytes:
    """The challenge that was given out; it is good once."""
    kept = request.session.pop(CHALLENGE, None)
    if kept is None:
        raise bad("challenge", "none", "a challenge asked for in this browser")
    return base64url_to_bytes(kept)


def _credential(said: str) -> bytes:
    try:
        fields: Any = json.loads(said)
        return base64url_to_bytes(fields["rawId"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise bad("credential", "not readable", "the browser's answer as JSON") from None

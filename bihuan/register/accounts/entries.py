"""What lane 0 says about accounts, administrators, keys and subscriptions: never a secret."""

from __future__ import annotations

from typing import Literal

from bihuan.journal.payloads import Payload, entry_type
from bihuan.register.entries import Actor

Office = Literal["system", "security", "audit"]
Secured = Literal[
    "password_changed",
    "password_reset",
    "totp_added",
    "totp_removed",
    "passkey_added",
    "passkey_removed",
    "recovery_codes_made",
    "unlocked",
    "signed_out_everywhere",
]


@entry_type("account.opened.v1")
class AccountOpened(Payload, frozen=True, kw_only=True):
    """A person may sign in. username: sealed, it often is the person's name."""

    person_id: int
    username: bytes
    by: Actor


@entry_type("account.disabled.v1")
class AccountDisabled(Payload, frozen=True, kw_only=True):
    person_id: int
    by: Actor


@entry_type("account.enabled.v1")
class AccountEnabled(Payload, frozen=True, kw_only=True):
    person_id: int
    by: Actor


@entry_type("account.secured.v1")
class AccountSecured(Payload, frozen=True, kw_only=True):
    """How the person proves who it is was changed; the secret itself is never here."""

    person_id: int
    what: Secured
    by: Actor


@entry_type("administrator.appointed.v1")
class AdministratorAppointed(Payload, frozen=True, kw_only=True):
    person_id: int
    office: Office
    by: Actor


@entry_type("administrator.released.v1")
class AdministratorReleased(Payload, frozen=True, kw_only=True):
    person_id: int
    by: Actor


@entry_type("right.granted.v1")
class RightGranted(Payload, frozen=True, kw_only=True):
    """Who gave a person a post; the post itself is the entry before (post_id)."""

    person_id: int
    role: str
    area_id: int
    post_id: int
    by: Actor


@entry_type("identity.bound.v1")
class IdentityBound(Payload, frozen=True, kw_only=True):
    """A person's identity at another sign-in. identity: sealed."""

    person_id: int
    provider: str
    identity: bytes
    by: Actor


@entry_type("identity.released.v1")
class IdentityReleased(Payload, frozen=True, kw_only=True):
    binding_id: int
    by: Actor


@entry_type("api_key.made.v1")
class ApiKeyMade(Payload, frozen=True, kw_only=True):
    """A system acts as this person, within scenarios × verbs × area, until a time.

    scenarios, verbs  empty: as far as the person's posts reach
    """

    person_id: int
    name: str
    scenarios: tuple[str, ...]
    verbs: tuple[str, ...]
    area_id: int | None
    expires_us: int
    by: Actor


@entry_type("api_key.revoked.v1")
class ApiKeyRevoked(Payload, frozen=True, kw_only=True):
    key_id: int
    by: Actor


@entry_type("subscription.made.v1")
class SubscriptionMade(Payload, frozen=True, kw_only=True):
    """Another system is told of these events of cases in an area. key_id: on whose rights."""

    key_id: int
    url: str
    events: tuple[str, ...]
    area_id: int | None
    by: Actor


@entry_type("subscription.ended.v1")
class SubscriptionEnded(Payload, frozen=True, kw_only=True):
    """reason: cancelled, or failed: nobody answered too often."""

    subscription_id: int
    reason: Literal["cancelled", "failed"]
    by: Actor

"""Whose an outside identity is: a binding that a person or an administrator made, never a name."""

from __future__ import annotations

from django.utils.crypto import salted_hmac

from bihuan.base.errors import bad
from bihuan.console.accounts import Desk
from bihuan.console.models import Account
from bihuan.console.signin.models import OutsideIdentity
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.register.accounts import entries


def bind(account: Account, provider: str, identity: str, desk: Desk) -> None:
    """Say that this identity is this account's person. Again: nothing happens.

    Raises BadInputError where it is somebody else's already.
    """
    digest = _digest(provider, identity)
    with Appender(FACTS_LANE, desk.clock) as lane:
        known = OutsideIdentity.objects.filter(digest=digest).first()
        if known is not None and known.account_id != account.pk:
            raise bad("identity", "one of another account", "an identity that is not bound")
        if known is not None:
            return
        said = entries.IdentityBound(
            person_id=account.person_id,
            provider=provider,
            identity=desk.keys.seal(account.person_id, identity),
            by=desk.by,
        )
        binding_id = lane.append(said).id()
        OutsideIdentity.objects.create(
            digest=digest, account=account, provider=provider, binding_id=binding_id
        )


def release(account: Account, binding_id: int, desk: Desk) -> None:
    """Undo one of the account's own bindings. Again: nothing happens."""
    with Appender(FACTS_LANE, desk.clock) as lane:
        found = OutsideIdentity.objects.filter(account=account, binding_id=binding_id)
        if found.exists():
            found.delete()
            lane.append(entries.IdentityReleased(binding_id=binding_id, by=desk.by))


def bound_to(provider: str, identity: str) -> Account | None:
    """The account that an identity opens; None of one unbound, or of a disabled account."""
    rows = OutsideIdentity.objects.select_related("account__user")
    found = rows.filter(digest=_digest(provider, identity)).first()
    return found.account if found and found.account.user.is_active else None


def of(account: Account) -> list[OutsideIdentity]:
    """The account's bindings."""
    return list(OutsideIdentity.objects.filter(account=account).order_by("provider"))


def _digest(provider: str, identity: str) -> str:
    said = f"{provider}\n{identity}"
    return salted_hmac("bihuan.outside", said, algorithm="sha256").hexdigest()

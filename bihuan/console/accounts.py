"""Sign-ins: a user of Django joined to a person of the register, each change an entry.

Passwords stay here, hashed; the journal says that a person may sign in, who allowed it, and that
a password was set, never which.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import HOUR_US, Clock
from bihuan.console import home
from bihuan.console.models import Account
from bihuan.console.signin import sessions
from bihuan.console.signin.models import OneTimeCode, Passkey, RecoveryCode, SecondTries
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.payloads import Payload
from bihuan.register.accounts import entries
from bihuan.register.accounts.models import KnownAccount
from bihuan.register.accounts.offices import OPERATOR, must_be, must_not_hold
from bihuan.register.entries import Actor
from bihuan.register.models import Person

ONE_TIME_US = 72 * HOUR_US  # over a weekend; after it the administrator makes another
LETTERS = (
    "23456789abcdefghjkmnpqrstuvwxyz"  # read aloud on the telephone, none is taken for another
)


@dataclass(frozen=True)
class Desk:
    """At which an account is changed: whose clock, which keys, and who does it."""

    clock: Clock
    keys: KeyRing
    by: Actor = OPERATOR

    @classmethod
    def here(cls, by: Actor = OPERATOR) -> Desk:
        """This process's clock and keys."""
        return cls(home.clock(), home.keys(), by)


def create(username: str, password: str, person_id: int, desk: Desk | None = None) -> None:
    """Make a sign-in; raises BadInputError with everything that is wrong."""
    _open(username, password, person_id, desk or Desk.here())


def create_with_one_time_password(username: str, person_id: int, desk: Desk) -> str:
    """Make a sign-in whose password, told once, must be changed at the first sign-in."""
    must_be("system", desk.by)
    must_not_hold(person_id, desk.by)
    password = one_time_password()
    account = _open(username, password, person_id, desk)
    _is_one_time(account, desk)
    return password


def reset(username: str, desk: Desk) -> str:
    """A new one-time password; second steps are taken away and every session ends.

    The way back for who lost phone and codes: an administrator has seen the person.
    """
    must_be("system", desk.by)
    account, password = account_of(username), one_time_password()
    must_not_hold(account.person_id, desk.by)
    hashed = make_password(password)  # slow on purpose: not while the lane is held
    with Appender(FACTS_LANE, desk.clock) as lane:
        account.user.password = hashed
        account.user.save(update_fields=["password"])
        for table in (Passkey, RecoveryCode, OneTimeCode, SecondTries):
            table.objects.filter(account=account).delete()
        _is_one_time(account, desk)
        sessions.end_every(account)
        lane.append(_secured(account, "password_reset", desk.by))
    return password


def disable(username: str, desk: Desk) -> None:
    """Nobody signs in by this account any more; its sessions end. Again: nothing happens."""
    _switch(username, desk, is_active=False)


def enable(username: str, desk: Desk) -> None:
    """The account may sign in again. Again: nothing happens."""
    _switch(username, desk, is_active=True)


def change_password(account: Account, password: str, desk: Desk) -> None:
    """Set a password of the person's own choice; raises BadInputError with every reason."""
    faults = _weak(password, account.user)
    if account.user.check_password(password):
        faults.append(Fault("password", "(not shown)", _("要和原来的密码不同")))
    if faults:
        raise BadInputError(*faults)
    hashed = make_password(password)
    with Appender(FACTS_LANE, desk.clock) as lane:
        account.user.password = hashed
        account.user.save(update_fields=["password"])
        account.must_change, account.one_time_until_us = False, None
        account.save(update_fields=["must_change", "one_time_until_us"])
        lane.append(_secured(account, "password_changed", desk.by))


def secured(account: Account, what: entries.Secured, desk: Desk) -> None:
    """Record that the way in which a person proves who it is was changed."""
    with Appender(FACTS_LANE, desk.clock) as lane:
        lane.append(_secured(account, what, desk.by))


def account_of(username: str) -> Account:
    """The account of this name; raises BadInputError where there is none."""
    account = Account.objects.select_related("user").filter(user__username=username).first()
    if account is None:
        raise bad("username", username, "a sign-in of this county")
    return account


def actor_of(account: Account, via: str = "page") -> Actor:
    """The person behind an account, acting for itself or from an office."""
    return Actor(person_id=account.person_id, role="self", via=via)


def public_name(key: str) -> str:
    """A name for a session or another secret that may stand in a page."""
    return salted_hmac("bihuan.public", key, algorithm="sha256").hexdigest()[:16]


def one_time_password() -> str:
    """Sixteen letters in fours: 79 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _n in range(4)) for _part in range(4))


def _open(username: str, password: str, person_id: int, desk: Desk) -> Account:
    faults = []
    if not username.isalnum() or len(username) > 32:
        faults.append(Fault("username", username, "1 to 32 letters and digits"))
    if User.objects.filter(username=username).exists():
        faults.append(Fault("username", username, "a name that is not taken"))
    if not Person.objects.filter(id=person_id).exists():
        faults.append(Fault("person_id", str(person_id), "a registered person"))
    if Account.objects.filter(person_id=person_id).exists():
        faults.append(Fault("person_id", str(person_id), "a person without a sign-in"))
    faults += _weak(password, User(username=username))
    if faults:
        raise BadInputError(*faults)
    hashed = make_password(password)
    with Appender(FACTS_LANE, desk.clock) as lane:
        user = User.objects.create(username=username, password=hashed)
        account = Account.objects.create(user=user, person_id=person_id)
        if not KnownAccount.objects.filter(id=person_id).exists():
            sealed = desk.keys.seal(person_id, username)
            said = entries.AccountOpened(person_id=person_id, username=sealed, by=desk.by)
            lane.append(said)
    return account


def _weak(password: str, user: User) -> list[Fault]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [Fault("password", "(not shown)", text) for text in error.messages]
    return []


def _is_one_time(account: Account, desk: Desk) -> None:
    account.must_change = True
    account.one_time_until_us = desk.clock.now_us() + ONE_TIME_US
    account.save(update_fields=["must_change", "one_time_until_us"])


def _switch(username: str, desk: Desk, *, is_active: bool) -> None:
    must_be("system", desk.by)
    account = account_of(username)
    must_not_hold(account.person_id, desk.by)
    if account.user.is_active == is_active:
        return
    with Appender(FACTS_LANE, desk.clock) as lane:
        account.user.is_active = is_active
        account.user.save(update_fields=["is_active"])
        sessions.end_every(account)
        kind: type[Payload] = entries.AccountEnabled if is_active else entries.AccountDisabled
        lane.append(kind(person_id=account.person_id, by=desk.by))


def _secured(account: Account, what: entries.Secured, by: Actor) -> entries.AccountSecured:
    return entries.AccountSecured(person_id=account.person_id, what=what, by=by)

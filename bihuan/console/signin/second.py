"""The second step: six digits from an app on the phone (RFC 6238), or a code on paper.

A code is good once: the newest time step used is kept, and a recovery code is struck out. Five
wrong ones, passkeys among them, lock the second step of this account for 15 minutes, whoever
types them.
"""

from __future__ import annotations

import secrets
from typing import Final

import pyotp
from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac

from bihuan.base.errors import bad
from bihuan.base.time import MINUTE_US, SECOND_US
from bihuan.console import accounts
from bihuan.console.accounts import Desk
from bihuan.console.models import Account
from bihuan.console.signin.models import OneTimeCode, Passkey, RecoveryCode, SecondTries

STEP_S: Final = 30
AROUND: Final = (-1, 0, 1)  # a phone's clock may be half a minute off
MOST_WRONG: Final = 5
LOCKED_US: Final = 15 * MINUTE_US
CODES: Final = 10
LETTERS: Final = accounts.LETTERS


class LockedError(Exception):
    """Too many wrong codes. until_us: when the next one is taken."""

    def __init__(self, until_us: int) -> None:
        super().__init__("second step locked")
        self.until_us = until_us


def is_needed(account: Account) -> bool:
    """Whether a password alone does not open this account."""
    has_app = OneTimeCode.objects.filter(account=account, is_on=True).exists()
    return has_app or Passkey.objects.filter(account=account).exists()


def has_app(account: Account) -> bool:
    """Whether six digits from an app are set up."""
    return OneTimeCode.objects.filter(account=account, is_on=True).exists()


def begin(account: Account, county: str, desk: Desk) -> tuple[str, str]:
    """A secret for the app, not yet in use; (secret, address for the picture to scan)."""
    if has_app(account):
        raise bad("second step", "one that is set up", "none; take the old one away first")
    secret = pyotp.random_base32()
    sealed = desk.keys.seal(account.person_id, secret)
    OneTimeCode.objects.update_or_create(account=account, defaults={"secret": sealed, "step": 0})
    return secret, address(secret, account, county)


def waiting_secret(account: Account, desk: Desk) -> str | None:
    """The secret that waits for its first code; None where none does."""
    found = OneTimeCode.objects.filter(account=account, is_on=False).first()
    return desk.keys.open(found.secret) if found else None


def address(secret: str, account: Account, county: str) -> str:
    """What the picture says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.user.username, issuer_name=county)


def confirm(account: Account, code: str, desk: Desk) -> list[str]:
    """The first code from the app switches it on; the recovery codes, shown once.

    Raises BadInputError for a wrong code.
    """
    if not _takes_code(account, code, desk, is_on=False):
        raise bad("code", "another", "the six digits that the app shows now")
    with transaction.atomic():
        OneTimeCode.objects.filter(account=account).update(is_on=True)
        codes = _new_codes(account)
        accounts.secured(account, "totp_added", desk)
    return codes


def renew_codes(account: Account, desk: Desk) -> list[str]:
    """New recovery codes; the old ones open nothing any more."""
    with transaction.atomic():
        codes = _new_codes(account)
        accounts.secured(account, "recovery_codes_made", desk)
    return codes


def remove(account: Account, desk: Desk) -> None:
    """Take the app and the recovery codes away. Again: nothing happens."""
    with transaction.atomic():
        removed, _ = OneTimeCode.objects.filter(account=account).delete()
        RecoveryCode.objects.filter(account=account).delete()
        if removed:
            accounts.secured(account, "totp_removed", desk)


def check(account: Account, code: str, desk: Desk) -> bool:
    """Whether this is the account's second step now. Raises LockedError after five wrong ones."""
    now_us = desk.clock.now_us()
    must_not_be_locked(account, now_us)
    typed = "".join(code.lower().split()).replace("-", "")
    if _takes_code(account, typed, desk, is_on=True) or _takes_paper(account, typed):
        right(account)
        return True
    missed(account, now_us)
    return False


def must_not_be_locked(account: Account, now_us: int) -> None:
    """Raise LockedError while no second step of this account is taken, of whichever kind."""
    tries = SecondTries.objects.filter(account=account, locked_until_us__gt=now_us).first()
    if tries is not None:
        raise LockedError(tries.locked_until_us)


def right(account: Account) -> None:
    """The second step was taken: what was wrong before it counts no more."""
    SecondTries.objects.filter(account=account).update(wrong=0)


def missed(account: Account, now_us: int) -> None:
    """Count a wrong code or passkey; raises LockedError from the fifth on.

    Counted in the database, so that of many sent at the same moment each one counts.
    """
    SecondTries.objects.get_or_create(account=account)
    mine = SecondTries.objects.filter(account=account)
    mine.update(wrong=F("wrong") + 1)
    if mine.filter(wrong__gte=MOST_WRONG).update(wrong=0, locked_until_us=now_us + LOCKED_US):
        raise LockedError(now_us + LOCKED_US)
    must_not_be_locked(account, now_us)


def _takes_code(account: Account, code: str, desk: Desk, *, is_on: bool) -> bool:
    found = OneTimeCode.objects.filter(account=account, is_on=is_on).first()
    secret = desk.keys.open(found.secret) if found else None
    if found is None or secret is None:
        return False
    now = desk.clock.now_us() // SECOND_US // STEP_S
    app = pyotp.TOTP(secret)
    for step in (now + around for around in AROUND):
        if constant_time_compare(app.generate_otp(step), code):
            # of two browsers with the same code one wins
            unused = OneTimeCode.objects.filter(pk=found.pk, step__lt=step)
            return bool(unused.update(step=step))
    return False


def _takes_paper(account: Account, code: str) -> bool:
    found = RecoveryCode.objects.filter(account=account, hash=_hash(account, code))
    return bool(found.delete()[0])


def _new_codes(account: Account) -> list[str]:
    RecoveryCode.objects.filter(account=account).delete()
    codes = ["".join(secrets.choice(LETTERS) for _n in range(12)) for _code in range(CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(account=account, hash=_hash(account, code)) for code in codes
    )
    return ["-".join(code[n : n + 4] for n in (0, 4, 8)) for code in codes]


def _hash(account: Account, code: str) -> str:
    """Keyed: 59 random bits need no slow hash, and a copy of the table alone tells nothing."""
    return salted_hmac(f"bihuan.recovery.{account.pk}", code, algorithm="sha256").hexdigest()

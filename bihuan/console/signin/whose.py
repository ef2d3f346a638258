"""Whose a sign-in is today: accounts follow the person that another was merged into.

A merged person's account acts as the one that stands. Where that one has a sign-in of its own,
the merged one's is closed for as long as the merging holds: one person, one way in. Undoing the
merging gives it back. Both are read, never stored, so a rebuild or a restore needs nothing.
"""

from __future__ import annotations

from typing import Any, Final

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from bihuan.console.access.models import ApiSecret, KeptAnswer
from bihuan.console.models import Account, Listener
from bihuan.console.signin.models import OpenSession
from bihuan.console.tuning.models import Trial
from bihuan.journal.storage import MAIN
from bihuan.loop.models import ScreenPhone
from bihuan.register.accounts.models import IntegrationKey
from bihuan.register.models import Person
from bihuan.register.parties.models import Party

NOBODY: Final = 0  # no person has this id: whose sign-in is joined to nobody sees nothing


def account_of(request: HttpRequest) -> Account | None:
    """The account behind a request, `stands_as` today's person; None of nobody's. One query."""
    user_id = getattr(getattr(request, "user", None), "pk", None)
    kept: tuple[Any, Account | None] | None = getattr(request, "bihuan_account", None)
    if kept is None or kept[0] != user_id:  # a sign-in changes whose the request is
        found = standing().filter(user_id=user_id).first() if user_id is not None else None
        kept = user_id, found
        request.bihuan_account = kept  # type: ignore[attr-defined]  # lives as long as the request
    return kept[1]


def signed_in_person(request: HttpRequest) -> int:
    """Today's person behind a signed-in request; NOBODY of a closed account, and of no one's."""
    account: Any = account_of(request)
    return NOBODY if account is None or account.is_closed else int(account.stands_as)


def is_closed(request: HttpRequest) -> bool:
    """Whether the sign-in is closed because its person was merged into one with another."""
    account: Any = account_of(request)
    return account is not None and bool(account.is_closed)


def standing() -> QuerySet[Any]:
    """Accounts with `stands_as` (today's person) and `is_closed`: that one signs in itself, or
    is registered as dead.
    """
    survivor = Party.objects.using(MAIN).filter(id=OuterRef("person_id"))
    whose = Coalesce(Subquery(survivor.values("survivor_id")[:1]), "person_id")
    own = Account.objects.filter(person_id=OuterRef("stands_as")).exclude(id=OuterRef("id"))
    dead = Person.objects.using(MAIN).filter(id=OuterRef("stands_as"), died_us__isnull=False)
    is_closed = Q(Exists(own)) | Q(Exists(dead))
    return Account.objects.annotate(stands_as=whose).annotate(is_closed=is_closed)


def forget(person_id: int) -> int:
    """Remove every local row of an erased person: sign-in, passkeys, sessions; how many accounts.

    Again: nothing happens. Called after the key is destroyed, and again after a restore.
    """
    accounts = list(Account.objects.select_related("user").filter(person_id=person_id))
    for account in accounts:
        keys = list(OpenSession.objects.filter(account=account).values_list("key", flat=True))
        Session.objects.filter(session_key__in=keys).delete()
        _forget_tries(account.user.username)
        account.user.delete()  # passkeys, codes, tries and identities go with it
    _forget_sessions({str(account.user_id) for account in accounts})
    mine = IntegrationKey.objects.using(MAIN).filter(person_id=person_id)
    ApiSecret.objects.filter(key_id__in=list(mine.values_list("id", flat=True))).delete()
    KeptAnswer.objects.filter(who=f"person:{person_id}").delete()
    Listener.objects.filter(person_id=person_id).delete()
    ScreenPhone.objects.filter(person_id=person_id).delete()
    Trial.objects.filter(person_id=person_id).delete()
    return len(accounts)


def _forget_tries(username: str) -> None:
    for table in (AccessAttempt, AccessFailureLog, AccessLog):
        table.objects.filter(username=username).delete()


def _forget_sessions(user_ids: set[str]) -> None:
    """Sessions that began by other means than our page are in nobody's list: look into each."""
    for one in Session.objects.iterator() if user_ids else ():
        if str(one.get_decoded().get(SESSION_KEY)) in user_ids:
            one.delete()

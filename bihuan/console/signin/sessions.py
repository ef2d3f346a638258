"""Signed-in browsers: how long one stays signed in, on whose handset, and how it is ended.

Handsets of a village go from hand to hand. On one that is said to be shared a session ends after
10 minutes without a person's doing, and with the browser; elsewhere it lasts a shift. What a page
fetches by itself (live parts, the board that says it is open) is nobody's doing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from bihuan.base.time import MINUTE_US, SECOND_US, datetime_of
from bihuan.console.home import clock
from bihuan.console.models import Account
from bihuan.console.signin import whose
from bihuan.console.signin.models import OpenSession

SHARED_IDLE_US = 10 * MINUTE_US
NOTED_EVERY_US = MINUTE_US  # how finely the last doing is known; each note is a write
SHARED, SEEN, SECOND = "is_shared", "seen_at_us", "second_step"
BY_ITSELF = ("/live", "/listening")


def begin(request: HttpRequest, account: Account, *, is_shared: bool, has_second: bool) -> None:
    """After a sign-in: note what kind of handset it is and list the session."""
    session: Any = request.session
    now_us = clock().now_us()
    session[SHARED], session[SEEN], session[SECOND] = is_shared, now_us, has_second
    if is_shared:
        session.set_expiry(0)  # with the browser
    if session.session_key is None:
        session.save()
    OpenSession.objects.update_or_create(
        key=session.session_key,
        defaults={
            "account": account,
            "began_us": now_us,
            "seen_us": now_us,
            "is_shared": is_shared,
            "browser": request.headers.get("User-Agent", "")[:120],
            "address": request.META.get("REMOTE_ADDR", "")[:45],
        },
    )


def is_over(request: HttpRequest) -> bool:
    """Whether nobody did anything on a shared handset for too long. Notes that somebody does."""
    session: Any = request.session
    now_us, seen_us = clock().now_us(), session.get(SEEN)
    if seen_us is None:  # signed in by other means than our page
        return False
    if session.get(SHARED) and now_us - seen_us > SHARED_IDLE_US:
        return True
    if now_us - seen_us >= NOTED_EVERY_US and not request.path.endswith(BY_ITSELF):
        session[SEEN] = now_us
        OpenSession.objects.filter(key=session.session_key).update(seen_us=now_us)
    return False


def has_second_step(request: HttpRequest) -> bool:
    """Whether this session began with more than a password."""
    return bool(request.session.get(SECOND))


def renamed(request: HttpRequest, old_key: str | None) -> None:
    """Django gave the session a new key (after a change of password): the list follows."""
    new = request.session.session_key
    if old_key and new and new != old_key:
        OpenSession.objects.filter(key=old_key).update(key=new)


def of(account: Account) -> list[OpenSession]:
    """The account's sessions that are still signed in, newest first; what is over is let go."""
    listed = OpenSession.objects.filter(account=account)
    alive = set(
        Session.objects.filter(session_key__in=listed.values("key")).values_list(
            "session_key", flat=True
        )
    )
    listed.exclude(key__in=alive).delete()
    return list(listed.order_by("-began_us"))


def end(account: Account, key: str) -> bool:
    """End one of the account's own sessions; False where it has no such session."""
    found, _ = OpenSession.objects.filter(account=account, key=key).delete()
    if found:
        Session.objects.filter(session_key=key).delete()
    return bool(found)


def end_every(account: Account, *, but: str | None = None) -> int:
    """Sign an account out everywhere (but here); how many sessions ended."""
    listed = OpenSession.objects.filter(account=account)
    if but:
        listed = listed.exclude(key=but)
    keys = list(listed.values_list("key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    listed.delete()
    return len(keys)


def left_s(now_us: int, until_us: int) -> int:
    """Whole seconds until a time, at least 0."""
    return max(0, -(-(until_us - now_us) // SECOND_US))


def alive(asked: Mapping[str, int], now_us: int) -> dict[str, int]:
    """Of sessions (key → user) those that are still signed in, with today's person. Three queries.

    What a request's guard looks at, for many at once: the session and its end, the password that
    it began with, a shared handset that nobody touches, an account that is closed or must first
    set a password.
    """
    stored = Session.objects.filter(
        session_key__in=list(asked), expire_date__gt=datetime_of(now_us)
    )
    users = User.objects.filter(id__in=set(asked.values()), is_active=True).in_bulk()
    accounts = {a.user_id: a for a in whose.standing().filter(user_id__in=users)}
    found = {}
    for row in stored:
        user, account = users.get(asked[row.session_key]), accounts.get(asked[row.session_key])
        if user is None or account is None or account.is_closed or account.must_change:
            continue
        data: dict[str, Any] = row.get_decoded()
        is_idle = data.get(SHARED) and now_us - data.get(SEEN, now_us) > SHARED_IDLE_US
        began_with = data.get(HASH_SESSION_KEY, "")
        if not is_idle and constant_time_compare(began_with, user.get_session_auth_hash()):
            found[row.session_key] = int(account.stands_as)
    return found

"""Subscriptions: which system is told of which events, made and ended by a key's holder."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.time import Clock
from bihuan.console.access.keys import Key
from bihuan.console.hooks.models import Hook
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.storage import MAIN
from bihuan.loop.providers.sender import is_allowed
from bihuan.register.accounts import entries
from bihuan.register.accounts.models import Subscription
from bihuan.register.entries import Actor
from bihuan.register.models import Area

# the journal's own names without version: what happened to a case
EVENTS: Final = (
    "case.opened",
    "case.joined",
    "case.taken",
    "case.progressed",
    "case.reported",
    "case.asked_again",
    "case.answered_by_origin",
    "case.lapsed",
    "case.closed",
    "clock.missed",
    "pursuit.ran_out",
)
MOST = 20  # subscriptions of one key


def subscribe(
    key: Key, url: str, events: Sequence[str], area_id: int | None, clock: Clock
) -> tuple[int, str]:
    """(id, secret) of a new subscription; it is told of what happens from now on.

    Raises BadInputError with every fault. The secret is shown this once.
    """
    if faults := _faults(key, url, events, area_id):
        raise BadInputError(*faults)
    secret = secrets.token_urlsafe(32)
    with Appender(FACTS_LANE, clock) as lane:
        said = entries.SubscriptionMade(
            key_id=key.id,
            url=url,
            events=tuple(sorted(set(events))),
            area_id=area_id,
            by=Actor(person_id=key.person_id, role="integration", via="api"),
        )
        entry = lane.append(said)
        Hook.objects.create(id=entry.id(), secret=secret, position=entry.position)
    return entry.id(), secret


def cancel(key: Key, subscription_id: int, clock: Clock) -> bool:
    """End one of the key's own subscriptions; False where it has none with this id."""
    by = Actor(person_id=key.person_id, role="integration", via="api")
    return end(subscription_id, "cancelled", by, clock, key_id=key.id)


def end(
    subscription_id: int,
    reason: str,
    by: Actor,
    clock: Clock,
    *,
    key_id: int | None = None,
) -> bool:
    """End a subscription; what still waits is given up. Again: nothing more happens."""
    with Appender(FACTS_LANE, clock) as lane:
        row = lane.rows.get(Subscription, subscription_id)
        if row is None or (key_id is not None and row.key_id != key_id):
            return False
        if not row.ended:
            said = entries.SubscriptionEnded(
                subscription_id=subscription_id,
                reason="failed" if reason == "failed" else "cancelled",
                by=by,
            )
            lane.append(said)
        for hook in Hook.objects.filter(id=subscription_id, is_off=False):
            hook.is_off = True
            hook.save(update_fields=["is_off"])
            hook.calls.filter(state="waiting").update(state="given_up")
    return True


def _faults(key: Key, url: str, events: Sequence[str], area_id: int | None) -> list[Fault]:
    faults = []
    parts = urlsplit(url)
    if len(url) > 500 or not is_allowed(url) or parts.username or parts.fragment:
        faults.append(Fault("url", url[:80] or "nothing", "an https address, up to 500 characters"))
    if not events:
        faults.append(Fault("events", "none", " or ".join(EVENTS)))
    faults += [Fault("events", e, " or ".join(EVENTS)) for e in events if e not in EVENTS]
    if area_id is not None:
        path = Area.objects.using(MAIN).filter(id=area_id).values_list("path", flat=True).first()
        if path is None or not path.startswith(key.path):
            faults.append(Fault("area_id", str(area_id), "an area within the key's own"))
    open_ = Subscription.objects.using(MAIN).filter(key_id=key.id, ended="")
    if open_.count() >= MOST:
        faults.append(Fault("subscriptions", str(MOST), f"at most {MOST} for a key"))
    return faults

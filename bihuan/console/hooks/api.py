"""The API of webhooks: a system subscribes, sees what became of its calls, and cancels."""

from __future__ import annotations

import json
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Header, Path, Query, Router, Schema
from pydantic import ConfigDict, Field

from bihuan.console.access.answers import ErrorOut, FaultsOut
from bihuan.console.access.caller import key_of_request
from bihuan.console.access.cursor import page
from bihuan.console.access.once import once
from bihuan.console.home import clock
from bihuan.console.hooks.models import HookCall
from bihuan.console.hooks.subscribe import cancel, subscribe
from bihuan.register.accounts.models import Subscription

PAGE = 100
MOST_ID = 2**63 - 1

router = Router(tags=["webhooks"])
Identity = Annotated[int, Path(ge=1, le=MOST_ID)]
Cursor = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=PAGE)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]


class SubscriptionIn(Schema):
    """What to be told of, and where. area_id: None = as far as the key reaches."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(max_length=500)
    events: list[str] = Field(max_length=20)
    area_id: int | None = Field(None, ge=1, le=MOST_ID)


class SubscriptionOut(Schema):
    """ended: empty while it runs, cancelled, or failed after eight failures."""

    id: int
    url: str
    events: list[str]
    area_id: int | None
    ended: str


class MadeOut(Schema):
    """secret: for the signature; shown this once."""

    id: int
    secret: str


class SubscriptionsOut(Schema):
    subscriptions: list[SubscriptionOut]
    next: str | None


class HookCallOut(Schema):
    """state: waiting, sent or given_up; told: what came of the last try."""

    id: int
    event: str
    state: str
    tries: int
    told: str


class HookCallsOut(Schema):
    calls: list[HookCallOut]
    next: str | None


REFUSALS = {401: ErrorOut, 403: ErrorOut, 422: FaultsOut}


@router.get("", response={200: SubscriptionsOut, **REFUSALS})
def list_subscriptions(
    request: HttpRequest, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """The key's own subscriptions, newest first."""
    key = key_of_request(request)
    found = Subscription.objects.filter(key_id=key.id)
    rows, onward = page(found, "subscriptions", cursor, limit)
    return {"subscriptions": [_subscription(row) for row in rows], "next": onward}


@router.post("", response={200: MadeOut, 409: FaultsOut, **REFUSALS})
def make_subscription(request: HttpRequest, body: SubscriptionIn, key: Key) -> dict[str, Any]:
    """Be told of events from now on."""
    caller = key_of_request(request)

    def do() -> dict[str, Any]:
        made = subscribe(caller, body.url, body.events, body.area_id, clock())
        return {"id": made[0], "secret": made[1]}

    return once(request, key, do)


@router.delete("/{subscription_id}", response={200: SubscriptionOut, 404: ErrorOut, **REFUSALS})
def cancel_subscription(request: HttpRequest, subscription_id: Identity) -> dict[str, Any]:
    """End it; what waits is given up. Again: the same answer."""
    if not cancel(key_of_request(request), subscription_id, clock()):
        raise Http404
    return _subscription(Subscription.objects.get(id=subscription_id))


@router.get("/{subscription_id}/calls", response={200: HookCallsOut, 404: ErrorOut, **REFUSALS})
def list_calls(
    request: HttpRequest, subscription_id: Identity, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """What was sent, what waits and what was given up, newest first."""
    key = key_of_request(request)
    if not Subscription.objects.filter(id=subscription_id, key_id=key.id).exists():
        raise Http404
    found = HookCall.objects.filter(hook_id=subscription_id)
    rows, onward = page(found, f"calls-{subscription_id}", cursor, limit)
    names = ("id", "event", "state", "tries", "told")
    return {"calls": [{n: getattr(row, n) for n in names} for row in rows], "next": onward}


def _subscription(row: Subscription) -> dict[str, Any]:
    return {
        "id": row.id,
        "url": row.url,
        "events": json.loads(row.events),
        "area_id": row.area_id,
        "ended": row.ended,
    }

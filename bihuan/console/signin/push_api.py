"""The API of a person's notices in a browser: its own only, by its own session."""

from __future__ import annotations

import json
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Header, Router, Schema
from pydantic import ConfigDict, Field

from bihuan.console.access.answers import ErrorOut, FaultsOut
from bihuan.console.access.once import once
from bihuan.console.signin.push import is_shared, notices_of, turn_off, turn_on
from bihuan.console.visit import key_behind, person_of
from bihuan.loop.act import ForbiddenError
from bihuan.register.entries import Actor

router = Router(tags=["notices"])
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
REFUSALS = {401: ErrorOut, 403: ErrorOut, 409: FaultsOut, 422: FaultsOut}


class NoticesOut(Schema):
    """public_key: to subscribe with, base64url, empty where the county sends no notices.

    browsers: SHA-256 of the address of each browser that gets them, hex; the last one turned on
    at the end.
    """

    public_key: str
    browsers: list[str]


class BrowserKeys(Schema):
    model_config = ConfigDict(extra="forbid")

    p256dh: str = Field(max_length=200)
    auth: str = Field(max_length=100)


class BrowserIn(Schema):
    """A `PushSubscription` as the browser gives it."""

    model_config = ConfigDict(extra="forbid")

    endpoint: str = Field(max_length=1_500)
    expirationTime: float | None = None  # noqa: N815 - the browser's own name
    keys: BrowserKeys


@router.get("/me/push", response={200: NoticesOut, **REFUSALS})
def read_notices(request: HttpRequest) -> dict[str, Any]:
    """Whether this person gets notices in a browser, and what one needs to."""
    return _now(_self(request))


@router.post("/me/push", response={200: NoticesOut, **REFUSALS})
def turn_notices_on(request: HttpRequest, body: BrowserIn, key: Key) -> dict[str, Any]:
    """This browser gets them too, of five at most; not on a shared handset."""
    by = _self(request)
    if is_shared(request):
        raise ForbiddenError

    def do() -> dict[str, Any]:
        said = {"endpoint": body.endpoint, "keys": body.keys.model_dump()}
        turn_on(by, json.dumps(said), f"api:{key}")
        return _now(by)

    return once(request, key, do)


@router.post("/me/push/off", response={200: NoticesOut, **REFUSALS})
def turn_notices_off(request: HttpRequest, key: Key) -> dict[str, Any]:
    """No browser gets them any more."""
    by = _self(request)

    def do() -> dict[str, Any]:
        turn_off(by, f"api:{key}")
        return _now(by)

    return once(request, key, do)


def _self(request: HttpRequest) -> Actor:
    """The person with a session; another system's key is nobody's browser."""
    if key_behind(request) is not None:
        raise ForbiddenError
    return Actor(person_id=person_of(request), role="self", via="api")


def _now(by: Actor) -> dict[str, Any]:
    assert by.person_id is not None
    now = notices_of(by.person_id)
    return {"public_key": now.public_key, "browsers": now.marks}

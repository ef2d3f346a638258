"""The API of unsealing: ask, agree or refuse as the second person, read; each reading logged."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Header, Path, Query, Router, Schema
from pydantic import ConfigDict, Field

from bihuan.base.time import rfc3339
from bihuan.console.access.answers import ErrorOut, FaultsOut, TakenOut
from bihuan.console.access.cursor import page
from bihuan.console.case import unseal
from bihuan.console.home import clock
from bihuan.console.visit import person_of
from bihuan.loop.playbook import MOST_TEXT

PAGE = 100
MOST_ID = 2**63 - 1
router = Router(tags=["unsealing"])
Identity = Annotated[int, Path(ge=1, le=MOST_ID)]
Cursor = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=PAGE)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
REFUSALS = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 422: FaultsOut}
WRITES = {**REFUSALS, 409: TakenOut | FaultsOut}


class AskIn(Schema):
    """Why who reported has to be known."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=MOST_TEXT)


class DecideIn(Schema):
    """Whether the second person agrees."""

    model_config = ConfigDict(extra="forbid")

    is_agreed: bool


class UnsealingOut(Schema):
    """state: asked, granted, refused or over; until: to when it waits, or may be read."""

    id: int
    state: str
    asked_by: str
    asked: str
    reason: str | None
    decided_by: str | None
    until: str


class UnsealingsOut(Schema):
    """Newest first; next: the cursor of the next page, None = the end."""

    unsealings: list[UnsealingOut]
    next: str | None


class AskedOut(Schema):
    id: int


class StateOut(Schema):
    state: str


class OriginOut(Schema):
    """Who reported; this answer is kept nowhere."""

    person_id: int
    name: str | None
    phone: str | None
    contact: str | None


@router.get("/cases/{case_id}/unsealings", response={200: UnsealingsOut, **REFUSALS})
def list_unsealings(
    request: HttpRequest, case_id: Identity, cursor: Cursor = None, limit: Limit = PAGE
) -> dict[str, Any]:
    """What was asked and decided, newest first; never who reported."""
    case = unseal.case_of(request, case_id)
    found, onward = page(unseal.unsealings(case), f"unsealings-{case.id}", cursor, limit)
    rows = unseal.shown_of(found, person_of(request), clock().now_us())
    return {
        "unsealings": [
            {
                "id": one["id"],
                "state": one["state"],
                "asked_by": one["who"],
                "asked": rfc3339(one["asked_us"]),
                "reason": one["reason"],
                "decided_by": one["second"] or None,
                "until": rfc3339(one["until_us"]),
            }
            for one in rows
        ],
        "next": onward,
    }


@router.post("/cases/{case_id}/unsealings", response={200: AskedOut, **WRITES})
def ask_to_unseal(request: HttpRequest, case_id: Identity, body: AskIn, key: Key) -> dict[str, Any]:
    """Ask; the same key gives the same id."""
    case = unseal.case_of(request, case_id)
    return {"id": unseal.acts().ask(case.id, body.reason, unseal.by_of(request), key)}


@router.post(
    "/cases/{case_id}/unsealings/{unsealing_id}/decision", response={200: StateOut, **WRITES}
)
def decide_unsealing(
    request: HttpRequest, case_id: Identity, unsealing_id: Identity, body: DecideIn, key: Key
) -> dict[str, Any]:
    """Agree or refuse; 403 for who asked. Said again it is done once, whatever the key."""
    row = unseal.unsealing_of(request, unseal.case_of(request, case_id), unsealing_id)
    unseal.acts().decide(row.id, unseal.by_of(request), is_agreed=body.is_agreed)
    return {"state": "granted" if body.is_agreed else "refused"}


@router.post(
    "/cases/{case_id}/unsealings/{unsealing_id}/readings", response={200: OriginOut, **WRITES}
)
def read_origin(
    request: HttpRequest, case_id: Identity, unsealing_id: Identity, key: Key
) -> dict[str, Any]:
    """Who reported, for the two alone. Every call is a reading of its own and is logged."""
    row = unseal.unsealing_of(request, unseal.case_of(request, case_id), unsealing_id)
    return unseal.acts().read(row.id, unseal.by_of(request), "api")._asdict()

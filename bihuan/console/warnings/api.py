"""The API of official warnings: what stands, and taking one down by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from ninja import Header, Path, Query, Router, Schema
from pydantic import ConfigDict, Field

from bihuan.base.time import rfc3339
from bihuan.console.access.answers import ErrorOut, FaultsOut
from bihuan.console.access.caller import must_have
from bihuan.console.access.cursor import page
from bihuan.console.access.keys import READ
from bihuan.console.access.once import once
from bihuan.console.home import clock
from bihuan.console.visit import rights_of
from bihuan.console.warnings.hand import MOST_TEXT, MOST_TITLE, ByHand, take_down
from bihuan.console.warnings.shown import may_see, order_of, seen
from bihuan.journal.storage import MAIN
from bihuan.loop.warned.words import issuer_of, level_of, quoted
from bihuan.register.warnings.colours import Colour
from bihuan.register.warnings.models import OfficialWarning

REFUSALS = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 422: FaultsOut}
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
MOST_ID = 2**63 - 1
Id = Annotated[int, Path(ge=1, le=MOST_ID)]
AreaId = Annotated[int, Field(ge=1, le=MOST_ID)]
Cursor = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=100)]
CALL_OUT = "call_out"
router = Router(tags=["warnings"])


class ByHandIn(Schema):
    """A warning in the station's words. issued, expires: its own times, RFC 3339.

    change: issue, or change and lift of the warning `about`; areas: ids of the register;
    colour: said where the title does not tell one alone
    """

    model_config = ConfigDict(extra="forbid")

    change: Literal["issue", "change", "lift"]
    issuer: str = Field(max_length=128)
    issued: datetime
    title: str = Field(max_length=MOST_TITLE)
    areas: list[AreaId] = Field(max_length=500)
    text: str = Field("", max_length=MOST_TEXT)
    advice: str = Field("", max_length=MOST_TEXT)
    expires: datetime | None = None
    about: int | None = Field(None, ge=1, le=MOST_ID)
    colour: Colour = ""


@router.get("", response={200: dict[str, Any], **REFUSALS})
def list_warnings(
    request: HttpRequest,
    state: Literal["", "current", "superseded", "cancelled", "expired"] = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """Official warnings, newest first, in their issuers' words."""
    must_have(request, READ)
    if not may_see(rights_of(request)):
        raise Http404
    found = OfficialWarning.objects.using(MAIN).exclude(state="message")
    if state:
        found = found.filter(state=state)
    rows, onward = page(found, "warnings", cursor, limit)
    return {"warnings": [_warning(row) for row in rows], "next": onward}


@router.post("", response={200: dict[str, Any], **REFUSALS})
def by_hand(request: HttpRequest, body: ByHandIn, key: Key) -> dict[str, Any]:
    """Take one down that came by phone or on paper; the same key takes it down once."""
    must_have(request, CALL_OUT)
    said = ByHand(**{**body.model_dump(), "areas": tuple(body.areas)}, key=key, via="api")

    def do() -> dict[str, Any]:
        taken = take_down(said, rights_of(request), clock())
        return {
            "id": taken.id,
            "change": taken.change,
            "ended": list(taken.ended),
            "signal": taken.signal_id,
        }

    return once(request, key, do)


@router.get("/{warning_id}", response={200: dict[str, Any], **REFUSALS})
def open_warning(request: HttpRequest, warning_id: Id) -> dict[str, Any]:
    """One warning, its cases and its call-outs."""
    must_have(request, READ)
    row = OfficialWarning.objects.using(MAIN).filter(id=warning_id).first()
    if row is None or not may_see(rights_of(request)):
        raise Http404
    return {**_warning(row), **seen(row, rights_of(request))}


def _warning(row: OfficialWarning) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state_at(clock().now_us()),
        "change": row.change,
        "quote": quoted(row),
        "issuer": issuer_of(row),
        "level": level_of(row),
        "issued": rfc3339(row.sent_us),
        "received": rfc3339(row.received_us),
        "expires": None if row.expires_us is None else rfc3339(row.expires_us),
        "severity": row.severity,
        "headline": row.headline,
        "description": row.description,
        "instruction": row.instruction,
        "status": row.status,
        "source": "by_hand" if row.source.startswith("by hand") else "cap",
        "ended_by": row.ended_by,
        "order": order_of(row),
    }

"""The API of a case's work orders at other platforms: which there are, and send it to one."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Header, Path, Router, Schema
from pydantic import ConfigDict, Field

from bihuan.base.time import rfc3339
from bihuan.console.access.answers import ErrorOut, FaultsOut
from bihuan.console.access.caller import must_have
from bihuan.console.access.keys import READ, SEND_OUT
from bihuan.console.access.once import once
from bihuan.console.case import platforms
from bihuan.console.visit import log_first_view

MOST_ID = 2**63 - 1
router = Router(tags=["exchange"])
Identity = Annotated[int, Path(ge=1, le=MOST_ID)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
REFUSALS = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 422: FaultsOut}


class OrderOut(Schema):
    """direction: in (theirs) or out (ours); state: their last word about an order of ours."""

    partner: str
    title: str
    number: str
    direction: str
    due: str | None
    state: str | None
    text: str | None


class OrdersOut(Schema):
    orders: list[OrderOut]


class SendIn(Schema):
    """To which platform. text: empty for the words in which it was reported."""

    model_config = ConfigDict(extra="forbid")

    partner: str = Field(min_length=1, max_length=32)
    text: str = Field("", max_length=2000)


class NumberOut(Schema):
    number: str


@router.get("/cases/{case_id}/orders", response={200: OrdersOut, **REFUSALS})
def list_orders(request: HttpRequest, case_id: Identity) -> dict[str, Any]:
    """Work orders about a case, for who acts on it."""
    must_have(request, READ)
    case = platforms.case_of(request, case_id)
    log_first_view(request, case, "orders")
    return {"orders": [_shown(one) for one in platforms.orders_of(case)]}


@router.post("/cases/{case_id}/orders", response={200: NumberOut, 409: FaultsOut, **REFUSALS})
def send_order(request: HttpRequest, case_id: Identity, body: SendIn, key: Key) -> dict[str, Any]:
    """Send the case to a platform. Sent again, it is the same order with the same number."""
    must_have(request, SEND_OUT)
    case = platforms.case_of(request, case_id)

    def do() -> dict[str, Any]:
        return {"number": platforms.send_out(request, case, body.partner, body.text)}

    return once(request, key, do)


def _shown(one: dict[str, Any]) -> dict[str, Any]:
    due_us = one.pop("due_us")
    return {
        **one,
        "direction": "out" if one.pop("is_ours") else "in",
        "due": rfc3339(due_us) if due_us is not None else None,
    }

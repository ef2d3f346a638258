"""Work orders to and from another platform, by its key; the key's areas are all it can reach."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Header, Path, Query, Router, Schema
from pydantic import ConfigDict, Field

from bihuan.base.errors import bad
from bihuan.base.ids import is_id
from bihuan.console.access.answers import ErrorOut, FaultsOut
from bihuan.console.access.keys import EXCHANGE
from bihuan.console.access.once import once
from bihuan.console.home import clock, keys
from bihuan.console.visit import key_behind, rights_of
from bihuan.loop.acting import ForbiddenError
from bihuan.loop.exchange.acts import MOST_ORDERS, MOST_REPLIES, Exchange

router = Router(tags=["exchange"])
PartnerName = Annotated[str, Path(max_length=32)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
REFUSALS = {401: ErrorOut, 403: ErrorOut, 422: FaultsOut}


class OrdersIn(Schema):
    """Orders as the platform has them; its mapping says which field is what."""

    model_config = ConfigDict(extra="forbid")

    orders: list[dict[str, Any]] = Field(max_length=MOST_ORDERS)


class FaultOut(Schema):
    field: str
    got: str
    want: str


class TakenOrderOut(Schema):
    """what: new, same, changed or refused; row counts from 1."""

    row: int
    number: str
    what: str
    case_id: int | None
    faults: list[FaultOut]


class TakenOrdersOut(Schema):
    orders: list[TakenOrderOut]


class ReplyOut(Schema):
    number: str
    state: str
    answer: str | None
    cursor: str


class RepliesOut(Schema):
    """next: ask for it the next time; the same again where nothing is new."""

    replies: list[ReplyOut]
    next: str


class SentOut(Schema):
    """An order of ours. area and kind in the platform's words, place as people say it."""

    number: str
    area: str
    place: str
    kind: str
    text: str | None
    cursor: str


class SentOrdersOut(Schema):
    orders: list[SentOut]
    next: str


class AnswerIn(Schema):
    """What became of an order that we sent, in the platform's words."""

    model_config = ConfigDict(extra="forbid")

    number: str = Field(max_length=64)
    state: str = Field(max_length=64)
    text: str = Field("", max_length=2000)


class AnsweredOut(Schema):
    what: str


def _exchange(request: HttpRequest, partner: str) -> Exchange:
    """The exchange within the areas of the request's key.

    Raises ForbiddenError unless the key was made for this platform, by name and by verb.
    """
    key = key_behind(request)
    if key is None or key.name != partner or EXCHANGE not in key.verbs:
        raise ForbiddenError
    mine = rights_of(request)
    return Exchange(clock(), keys(), (mine.below,), mine.scenarios)


@router.post("/{partner}/orders", response={200: TakenOrdersOut, **REFUSALS})
def take_orders(
    request: HttpRequest, partner: PartnerName, said: OrdersIn, idempotency: Key
) -> dict[str, Any]:
    """Hand orders over. A good one is a case when this answers; a bad one says what is wrong."""
    exchange = _exchange(request, partner)

    def do() -> dict[str, Any]:
        taken = exchange.receive(partner, said.orders)
        return {
            "orders": [
                {
                    **one._asdict(),
                    "faults": [
                        {"field": f.field, "got": f.got, "want": f.want} for f in one.faults
                    ],
                }
                for one in taken
            ]
        }

    return once(request, idempotency, do)


@router.get("/{partner}/replies", response={200: RepliesOut, **REFUSALS})
def replies(
    request: HttpRequest,
    partner: PartnerName,
    cursor: Annotated[str, Query(max_length=64)] = "",
    limit: Annotated[int, Query(ge=1, le=MOST_REPLIES)] = 100,
) -> dict[str, Any]:
    """What became of the platform's orders since a cursor, oldest change first."""
    found = _exchange(request, partner).replies(partner, cursor, limit)
    return {
        "replies": [
            {"number": r.number, "state": r.state, "answer": r.answer, "cursor": r.cursor}
            for r in found
        ],
        "next": found[-1].cursor if found else cursor,
    }


@router.get("/{partner}/sent", response={200: SentOrdersOut, **REFUSALS})
def sent(
    request: HttpRequest,
    partner: PartnerName,
    cursor: Annotated[str, Query(max_length=32)] = "0",
    limit: Annotated[int, Query(ge=1, le=MOST_ORDERS)] = 100,
) -> dict[str, Any]:
    """Orders of ours for the platform that it has not answered, after a cursor."""
    if not is_id(cursor):
        raise bad("cursor", cursor, "the `next` of a page of sent orders")
    found = _exchange(request, partner).sent(partner, int(cursor), limit)
    orders = [{"cursor": str(one.pop("position")), **one} for one in found]
    return {"orders": orders, "next": orders[-1]["cursor"] if orders else cursor}


@router.post("/{partner}/answers", response={200: AnsweredOut, **REFUSALS})
def answer(
    request: HttpRequest, partner: PartnerName, said: AnswerIn, idempotency: Key
) -> dict[str, Any]:
    """Say what became of an order that we sent; it stands on our case's timeline."""
    exchange = _exchange(request, partner)
    return once(
        request,
        idempotency,
        lambda: {"what": exchange.answer(partner, said.number, said.state, said.text)},
    )

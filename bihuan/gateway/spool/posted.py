"""A posted request as an arrival: kept at a spool, stored by the core's own handlers.

What is wrong in its form is told to its sender at the spool, before it is kept. Whose the things
are that it names only the core knows.
"""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from bihuan.base.errors import BadInputError, bad
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoded import Decoded
from bihuan.gateway.formats import cap, fhir
from bihuan.gateway.http.forms import reader_of
from bihuan.gateway.http.request import Request
from bihuan.gateway.http.signals import Posted, Seen, many, seen_faults

PROTOCOL: Final = "http post"
# by the kind of key that sends them; what may wake somebody goes before what only measures
IS_URGENT: Final = {"readings": False, "observations": False, "signals": True, "warnings": True,
                    "camera": True}  # fmt: skip


class Post(msgspec.Struct, frozen=True, array_like=True):
    """One request as the core needs it. kind: what its key must be for."""

    kind: str
    sender_id: int
    media_type: str
    query: dict[str, str]
    body: bytes


def rows_of(kind: str, request: Request) -> int:
    """How many things a request holds; raises with everything that is wrong in its form."""
    if kind == "readings":
        checked = reader_of(request.media_type)(request.body)
        if checked.faults and not (request.is_lenient and len(checked.columns)):
            raise BadInputError(*checked.faults)
        return len(checked.columns)
    if kind == "warnings":
        cap.parse(request.body)
    elif kind == "observations":
        fhir.parse(request.body)
    elif kind == "signals":
        return len(many(request.body, Posted))
    else:
        seen = many(request.body, Seen)
        faults = [fault for one in seen for fault in seen_faults(one)]
        if faults:
            raise BadInputError(*faults)
        return len(seen)
    return 1


def arrival_of(kind: str, request: Request) -> Arrival:
    """A request as the spool keeps it."""
    query = dict(request.query)
    post = Post(kind, request.sender.id, request.media_type, query, request.body)
    return Arrival(PROTOCOL, msgspec.msgpack.encode(post), Decoded(None, kind), request.received_us)


def post_of(arrival: Arrival) -> Post:
    """The request of an arrival; raises BadInputError for other bytes."""
    try:
        return msgspec.msgpack.decode(arrival.raw, type=Post)
    except msgspec.MsgspecError as error:
        raise bad("post", type(error).__name__, "one that a spool packed") from error


def identity_of(kind: str, request: Request) -> bytes | None:
    """By what the same request is known within a day; None: every one is new.

    16 bytes of who and key, 16 of the body; messages that have an identity of their own go by
    their bytes.
    """
    if request.idem is not None or kind not in ("warnings", "observations"):
        return request.idem
    said = f"{kind}|{request.sender.id}".encode()
    return hashlib.sha256(said).digest()[:16] + hashlib.sha256(request.body).digest()[:16]

"""One arrival as bytes, for the spool's file and for the way to the core."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import msgspec

from bihuan.base.errors import BadInputError, bad
from bihuan.gateway.arrival import Arrival

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Arrival)


def packed(arrival: Arrival) -> bytes:
    """The bytes of an arrival, whole: a spool decodes, the core never decodes again."""
    return _encoder.encode(arrival)


def unpacked(body: bytes, key: bytes) -> Arrival:
    """The arrival of such bytes, known by `key`; raises BadInputError for other bytes."""
    try:
        arrival = _decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise bad("arrival", type(error).__name__, "one that a spool packed") from error
    return replace(arrival, key=key)


def message(what: object) -> bytes:
    """A message between spool and core."""
    return _encoder.encode(what)


def read(body: bytes, kind: type[Any]) -> Any:
    """A message of a kind; raises BadInputError for other bytes."""
    try:
        return msgspec.msgpack.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise BadInputError(*bad("message", type(error).__name__, kind.__name__).faults) from error

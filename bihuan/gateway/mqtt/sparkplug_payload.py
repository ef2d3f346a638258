"""The payload of Sparkplug B: metrics with name or alias, datatype, time and value.

Values are read by datatype: whole numbers are sent as unsigned and mean two's complement. A
32-bit float is read as the shortest decimal that is that float (4.2, not 4.19999981).

Source: Eclipse Sparkplug 3.0.0, chapter 6 (payloads), and sparkplug_b.proto for field numbers.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bihuan.base.errors import bad
from bihuan.base.time import EPOCH
from bihuan.gateway.formats.strict_json import Json, Number
from bihuan.gateway.mqtt.protobuf import BYTES, FIXED32, FIXED64, VARINT, Part, delimited, parts
from bihuan.gateway.mqtt.protobuf import varint as varint_field

MAX_BYTES = 1024 * 1024
MAX_METRICS = 10_000
REBIRTH = "Node Control/Rebirth"
BOOLEAN = 11

INT, LONG, FLOAT, DOUBLE, BOOL, STRING, RAW = 10, 11, 12, 13, 14, 15, 16
_WIRES = {
    INT: VARINT,
    LONG: VARINT,
    FLOAT: FIXED32,
    DOUBLE: FIXED64,
    BOOL: VARINT,
    STRING: BYTES,
    RAW: BYTES,
}
_SIGNED_BITS = {1: 8, 2: 16, 3: 32, 4: 64}  # datatypes Int8 to Int64
_LATER = {17: "DataSet", 18: "Template", 19: "extension"}


@dataclass(slots=True)
class Metric:
    """One metric as it was sent; `held` is (field number, the wire's own value)."""

    name: str | None = None
    alias: int | None = None
    at_ms: int | None = None
    datatype: int | None = None
    is_historical: bool = False
    is_null: bool = False
    unit: str | None = None
    held: tuple[int, int | bytes] | None = None


@dataclass(slots=True)
class Payload:
    """One message."""

    at_ms: int | None = None
    seq: int | None = None
    metrics: list[Metric] = field(default_factory=list)

    def named(self, name: str) -> Metric | None:
        return next((metric for metric in self.metrics if metric.name == name), None)


def read(raw: bytes) -> Payload:
    """The message; raises BadInputError for bytes that are none, or for too many."""
    if len(raw) > MAX_BYTES:
        raise bad("payload", f"{len(raw)} bytes", f"at most {MAX_BYTES} bytes")
    payload = Payload()
    for part in parts(raw, "payload"):
        if part.field == 1:
            payload.at_ms = _whole(part, "timestamp")
        elif part.field == 2:
            if len(payload.metrics) >= MAX_METRICS:
                raise bad("metrics", "more", f"at most {MAX_METRICS} metrics")
            payload.metrics.append(_metric(_inner(part, "metrics")))
        elif part.field == 3:
            payload.seq = _whole(part, "seq")
            if payload.seq > 255:
                raise bad("seq", payload.seq, "0 to 255")
    return payload


def value_of(metric: Metric, datatype: int | None) -> Json:
    """The value as a node of JSON, read by its datatype; None = null.

    Raises BadInputError for a kind of value that is not read here.
    """
    if metric.is_null or metric.held is None:
        return None
    where, held = metric.held
    if where in _LATER:
        raise bad(metric.name or "metric", _LATER[where], "a number, boolean or text")
    if where == BOOL:
        return bool(held)
    if isinstance(held, int):
        return Number(str(_signed(held, datatype)))
    if where in (FLOAT, DOUBLE):
        return _float(held, where == FLOAT)
    if where == STRING:
        return _utf8(held, "string_value")
    return held.hex()


def rebirth(at: datetime) -> bytes:
    """The NCMD payload that asks a node for its births."""
    at_ms = (at - EPOCH) // timedelta(milliseconds=1)
    metric = (
        delimited(1, REBIRTH.encode())
        + varint_field(3, at_ms)
        + varint_field(4, BOOLEAN)
        + varint_field(BOOL, 1)
    )
    return varint_field(1, at_ms) + delimited(2, metric)


def _metric(raw: bytes) -> Metric:
    metric = Metric()
    for part in parts(raw, "metric"):
        number = part.field
        if number == 1:
            metric.name = _utf8(_inner(part, "name"), "name")
        elif number in (2, 3, 4):
            setattr(metric, ("alias", "at_ms", "datatype")[number - 2], _whole(part, "metric"))
        elif number in (5, 7):
            name = "is_historical" if number == 5 else "is_null"
            setattr(metric, name, _whole(part, name) != 0)
        elif number == 9:
            metric.unit = _unit(_inner(part, "properties"))
        elif number in _WIRES or number in _LATER:
            metric.held = _held(part)
    return metric


def _held(part: Part) -> tuple[int, int | bytes]:
    wire = _WIRES.get(part.field, BYTES)
    if part.wire != wire:
        raise bad("value", f"wire type {part.wire} in field {part.field}", f"wire type {wire}")
    return part.field, part.number if wire == VARINT else part.raw


def _unit(raw: bytes) -> str | None:
    """The property `engUnit` of a property set: keys and values are two parallel lists."""
    keys: list[str] = []
    values: list[bytes] = []
    for part in parts(raw, "properties"):
        if part.field == 1:
            keys.append(_utf8(_inner(part, "properties"), "properties"))
        elif part.field == 2:
            values.append(_inner(part, "properties"))
    told: Mapping[str, bytes] = dict(zip(keys, values, strict=False))
    for part in parts(told.get("engUnit", b""), "engUnit"):
        if part.field == 8:
            return _utf8(_inner(part, "engUnit"), "engUnit")
    return None


def _whole(part: Part, field_name: str) -> int:
    if part.wire != VARINT:
        raise bad(field_name, f"wire type {part.wire}", "a whole number")
    return part.number


def _inner(part: Part, field_name: str) -> bytes:
    if part.wire != BYTES:
        raise bad(field_name, f"wire type {part.wire}", "text or a message")
    return part.raw


def _utf8(raw: bytes, field_name: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise bad(field_name, raw[:40], "text in UTF-8") from error


def _signed(number: int, datatype: int | None) -> int:
    """Two's complement of a signed datatype; senders fill 32 bits also for 8 and 16."""
    bits = _SIGNED_BITS.get(datatype or 0)
    if bits is None:
        return number
    number &= (1 << bits) - 1
    return number - (1 << bits) if number >> (bits - 1) else number


def _float(raw: bytes, is_single: bool) -> Json:
    value: float = struct.unpack("<f" if is_single else "<d", raw)[0]
    if not math.isfinite(value):
        return str(value)  # "nan" is no value, "inf" is refused as a number
    if is_single:
        for digits in range(6, 10):
            short = float(f"{value:.{digits}g}")
            if abs(short) < 3.4e38 and struct.pack("<f", short) == raw:
                return Number(repr(short))
    return Number(repr(value))

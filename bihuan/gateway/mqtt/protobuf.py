"""The wire form of Protocol Buffers, as far as Sparkplug needs it: fields in, fields out.

Source: https://protobuf.dev/programming-guides/encoding/. Groups (wire types 3 and 4) are
obsolete and refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bihuan.base.errors import bad

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_FIXED = {FIXED64: 8, FIXED32: 4}
_WIDEST = 10  # bytes of a varint of 64 bits


class Part(NamedTuple):
    """One field of a message; `number` for varints, `raw` for everything else."""

    field: int
    wire: int
    number: int = 0
    raw: bytes = b""


def parts(message: bytes, where: str) -> Iterator[Part]:
    """The fields of a message in order; raises BadInputError naming `where` at a broken one."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at, where)
        field, wire = key >> 3, key & 7
        if field == 0:
            raise bad(where, f"field number 0 at byte {at}", "a field number from 1")
        if wire == VARINT:
            number, at = _varint(message, at, where)
            yield Part(field, wire, number)
            continue
        if wire == BYTES:
            size, at = _varint(message, at, where)
        elif wire in _FIXED:
            size = _FIXED[wire]
        else:
            raise bad(where, f"wire type {wire} in field {field}", "wire type 0, 1, 2 or 5")
        if size > len(message) - at:
            raise bad(where, f"{len(message) - at} bytes", f"{size} bytes in field {field}")
        yield Part(field, wire, 0, message[at : at + size])
        at += size


def varint(field: int, number: int) -> bytes:
    """A field with a whole number from 0 to 2^64-1."""
    return _encoded(field << 3 | VARINT) + _encoded(number)


def delimited(field: int, raw: bytes) -> bytes:
    """A field with bytes, a text or a message."""
    return _encoded(field << 3 | BYTES) + _encoded(len(raw)) + raw


def _varint(message: bytes, at: int, where: str) -> tuple[int, int]:
    number = 0
    for place, byte in enumerate(message[at : at + _WIDEST]):
        number |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            if number >= 1 << 64:
                raise bad(where, f"a number beyond 64 bits at byte {at}", "at most 64 bits")
            return number, at + place + 1
    raise bad(where, f"a number without end at byte {at}", "a varint of at most 10 bytes")


def _encoded(number: int) -> bytes:
    made = bytearray()
    while number >= 0x80:
        made.append(number & 0x7F | 0x80)
        number >>= 7
    made.append(number)
    return bytes(made)

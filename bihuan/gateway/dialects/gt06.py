"""Orders of `gt06` devices: type 80 carries a line of text, as they take it by SMS.

The four bytes of the server's flag come back in the answer (type 15, or 21 in newer firmware),
so an answer names its order. Source: the maker's JM-VL03 document, "Online Command" [V]; the
words WHERE, TIMER and SOS from its makers' SMS tables, as public servers send them [R].
"""

from __future__ import annotations

from collections.abc import Mapping

from bihuan.gateway.decoded import Decoded
from bihuan.gateway.decoders.gt06 import encode
from bihuan.gateway.dialects.parts import (
    Addressee,
    Dialect,
    Order,
    PhoneNumbers,
    Sending,
    Texts,
    WholeNumber,
)

_COMMAND = 0x80
_MARKS = 1 << 32
_ANSWERS = ("15", "21")

ORDERS: Mapping[str, Order] = {
    "locate": Order("WHERE#", {}, _ANSWERS),
    "report_every": Order("TIMER,{interval_s}#", {"interval_s": WholeNumber(5, 18_000)}, _ANSWERS),
    "sos_numbers": Order("SOS,A,{phones}#", {"phones": PhoneNumbers(3)}, _ANSWERS),
}


def _write(order: Order, texts: Texts, _to: Addressee, sending: Sending) -> bytes:
    words = order.template.format(**texts).encode("ascii")
    flag = (sending.number % _MARKS).to_bytes(4, "big")
    serial = (sending.number & 0xFFFF).to_bytes(2, "big")
    return encode(_COMMAND, bytes((4 + len(words),)) + flag + words, serial)


def _mark(decoded: Decoded) -> int | None:
    flag = (decoded.attributes or {}).get("server_flag")
    return flag if isinstance(flag, int) and flag else None


GT06 = Dialect(ORDERS, _write, mark=_mark, marks=_MARKS)

"""Orders of `minifinder2` (Eview) devices: configuration keys, answered under the same index.

Source: key 44 (three intervals) as public servers send it [R], and Eview's own document, by
which an answer carries the number of what it answers [V]. Its keys of SOS numbers and of
locating at once are in no document at hand, so there are no orders for them.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from bihuan.gateway.decoded import Decoded
from bihuan.gateway.decoders.minifinder2 import CONFIGURATION, framed
from bihuan.gateway.dialects.parts import Addressee, Dialect, Order, Sending, Texts, WholeNumber

_DAY_S = 86_400
_MARKS = 1 << 16
_INTERVALS = struct.Struct("<III")
_IS_ON = 1 << 31

ORDERS: Mapping[str, Order] = {
    "intervals": Order(
        "44",
        {
            "measure_s": WholeNumber(10, _DAY_S),
            "interval_s": WholeNumber(10, _DAY_S),
            "idle_interval_s": WholeNumber(300, _DAY_S),
        },
        ("7F",),
    ),
}


def _write(order: Order, texts: Texts, _to: Addressee, sending: Sending) -> bytes:
    value = _INTERVALS.pack(
        _IS_ON | int(texts["measure_s"]), int(texts["interval_s"]), int(texts["idle_interval_s"])
    )
    content = bytes((CONFIGURATION, 1 + len(value), int(order.template, 16))) + value
    return framed(content, (sending.number % _MARKS).to_bytes(2, "little"), wants_answer=True)


def _mark(decoded: Decoded) -> int | None:
    return int(decoded.identity) if decoded.identity is not None else None


MINIFINDER2 = Dialect(ORDERS, _write, mark=_mark, marks=_MARKS)

"""Orders of `topin` devices: one type each, and no number in the answer.

Source: the types 80 (where are you), 98 (interval) and 41 (SOS number) of the public zx303
servers [R]; 41 is what Traccar sends, too [T]. A device that can locate itself answers 80 with
its position; only one that cannot sends 80 back, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping

from bihuan.gateway.decoders.topin import encode
from bihuan.gateway.dialects.parts import (
    Addressee,
    Dialect,
    Order,
    PhoneNumber,
    Sending,
    Texts,
    WholeNumber,
)

ORDERS: Mapping[str, Order] = {
    "locate": Order("80", {}, ("80", "08", "10", "69")),
    "report_every": Order("98", {"interval_s": WholeNumber(10, 65_535)}, ("98",)),
    "sos_number": Order("41", {"phone": PhoneNumber()}, ("41",)),
}


def _write(order: Order, texts: Texts, _to: Addressee, _sending: Sending) -> bytes:
    content = texts.get("phone", "").encode("ascii")
    if "interval_s" in texts:
        content = int(texts["interval_s"]).to_bytes(2, "big")
    return encode(1 + len(content), int(order.template, 16), content)


TOPIN = Dialect(ORDERS, _write)

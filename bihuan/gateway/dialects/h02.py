"""Orders of `h02` devices: `*HQ,id,D1,hhmmss,30,1#`, answered by `V4,D1,…`.

Source: a maker's command set as it is public [R]: D1 sets the interval, S71 with 02 the SOS
numbers. It knows no order to locate at once and none to measure.
"""

from __future__ import annotations

from collections.abc import Mapping

from bihuan.base.time import datetime_of
from bihuan.gateway.decoded import Decoded
from bihuan.gateway.dialects.parts import (
    Addressee,
    Dialect,
    Order,
    PhoneNumbers,
    Sending,
    Texts,
    WholeNumber,
)

ORDERS: Mapping[str, Order] = {
    "report_every": Order(
        "D1,{now},{interval_s},1", {"interval_s": WholeNumber(10, 65_535)}, ("V4,D1",)
    ),
    "sos_numbers": Order("S71,{now},02,{phones}", {"phones": PhoneNumbers(2)}, ("V4,S71",)),
}


def _write(order: Order, texts: Texts, to: Addressee, sending: Sending) -> bytes:
    words = order.template.format(now=f"{datetime_of(sending.at_us):%H%M%S}", **texts)
    return f"*{to.maker},{to.device},{words}#".encode("ascii")


def _told(decoded: Decoded) -> str:
    return f"{decoded.kind},{(decoded.attributes or {}).get('answer', '')}"


H02 = Dialect(ORDERS, _write, maker="HQ", told=_told)

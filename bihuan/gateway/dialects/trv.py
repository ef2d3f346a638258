"""Orders of `trv` and IW bands: `IWBP16,IMEI,SERIAL#`, answered by `IWAP16,SERIAL#`.

The serial of six digits is the order's own number, so an answer names its order. Source: three
public servers of IW bands agree on BP12, BP15, BP16, BPXL [R]; BPXY stands in two of them. A
TRV band hears the same words under its own maker, as its replies do; none was seen to answer.
"""

from __future__ import annotations

from collections.abc import Mapping

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

_MARKS = 1_000_000

ORDERS: Mapping[str, Order] = {
    "locate": Order("BP16", {}, ("AP16",)),
    "measure_now": Order("BPXL", {}, ("APXL",)),
    "measure_pressure_now": Order("BPXY", {}, ("APXY",)),
    "report_every": Order("BP15", {"interval_s": WholeNumber(60, 65_535)}, ("AP15",)),
    "sos_numbers": Order("BP12", {"phones": PhoneNumbers(3, is_padded=True)}, ("AP12",)),
}


def _write(order: Order, texts: Texts, to: Addressee, sending: Sending) -> bytes:
    serial = f"{sending.number % _MARKS:06}"
    words = ",".join([f"{to.maker}{order.template}", to.device, serial, *texts.values()])
    return f"{words}#".encode("ascii")


def _mark(decoded: Decoded) -> int | None:
    content = (decoded.attributes or {}).get("content")
    serial = content[:6] if isinstance(content, str) else ""
    return int(serial) if len(serial) == 6 and serial.isascii() and serial.isdecimal() else None


TRV = Dialect(ORDERS, _write, maker="IW", mark=_mark, marks=_MARKS)

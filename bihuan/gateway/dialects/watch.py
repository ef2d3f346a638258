"""Orders of `watch` bands. Source: devices.md, "Downlink" [V]."""

from __future__ import annotations

from collections.abc import Mapping

from bihuan.gateway.decoders import watch
from bihuan.gateway.dialects.parts import (
    SWITCH,
    Addressee,
    Dialect,
    Order,
    PhoneNumber,
    Sending,
    Texts,
    WholeNumber,
)

# HEALTHAUTOSET and hrtstart measure at least 300 s apart; CR locates for three minutes.
ORDERS: Mapping[str, Order] = {
    "locate": Order("CR", {}, ("CR",)),
    "measure_now": Order("hrtstart,1", {}, ("hrtstart",)),
    "measure_every": Order(
        "hrtstart,{interval_s}", {"interval_s": WholeNumber(300, 65_535)}, ("hrtstart",)
    ),
    "measure_stop": Order("hrtstart,0", {}, ("hrtstart",)),
    "health_every": Order(
        "HEALTHAUTOSET,1,1,{interval_s}",
        {"interval_s": WholeNumber(300, 65_535)},
        ("HEALTHAUTOSET",),
    ),
    "report_every": Order(
        "UPLOAD,{interval_s}", {"interval_s": WholeNumber(10, 65_535)}, ("UPLOAD",)
    ),
    "fall_detection": Order(
        "FALLDOWN,{is_on},{is_calling}", {"is_on": SWITCH, "is_calling": SWITCH}, ("FALLDOWN",)
    ),
    "removal_alarm": Order("REMOVE,{is_on}", {"is_on": SWITCH}, ("REMOVE",)),
    "sos_number": Order(
        "SOS{slot},{phone}", {"slot": WholeNumber(1, 3), "phone": PhoneNumber()}, ("SOS",)
    ),
}


def _write(order: Order, texts: Texts, to: Addressee, _sending: Sending) -> bytes:
    return watch.encode(to.maker, to.device, to.index, order.template.format(**texts))


WATCH = Dialect(ORDERS, _write, maker=None)

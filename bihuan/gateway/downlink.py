"""Orders to devices, as data: what can be asked of a protocol, and the bytes that ask it.

Source: devices.md, "Downlink" [V]. Protocols for which it gives none have none here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bihuan.base.errors import BadInputError, Fault, bad, shown
from bihuan.gateway.decoders import watch

_PHONE = re.compile(r"\+?[0-9]{3,20}", re.ASCII)
_ID = re.compile(r"[0-9A-Za-z]{1,20}", re.ASCII)
_MAKER = re.compile(r"[0-9A-Za-z]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """A value of an order, with its unit in its name."""

    low: int
    high: int

    def text(self, name: str, value: object) -> str:
        if isinstance(value, bool) or not isinstance(value, int):
            raise bad(name, value, "a whole number")
        if not self.low <= value <= self.high:
            raise bad(name, value, f"{self.low} to {self.high}")
        return str(value)


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number to call; empty takes the stored one away."""

    def text(self, name: str, value: object) -> str:
        if not isinstance(value, str) or (value and not _PHONE.fullmatch(value)):
            raise bad(name, value, "3 to 20 digits, a + before them allowed")
        return value


Parameter = WholeNumber | PhoneNumber
SWITCH = WholeNumber(0, 1)


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to ask of a device: its words in the protocol, and the values that it needs."""

    template: str
    parameters: Mapping[str, Parameter]
    answer: str  # the type of the frame in which the device says that it was heard


# HEALTHAUTOSET and hrtstart measure at least 300 s apart; CR locates for three minutes.
WATCH_ORDERS: Mapping[str, Order] = {
    "locate": Order("CR", {}, "CR"),
    "measure_now": Order("hrtstart,1", {}, "hrtstart"),
    "measure_every": Order(
        "hrtstart,{interval_s}", {"interval_s": WholeNumber(300, 65_535)}, "hrtstart"
    ),
    "measure_stop": Order("hrtstart,0", {}, "hrtstart"),
    "health_every": Order(
        "HEALTHAUTOSET,1,1,{interval_s}", {"interval_s": WholeNumber(300, 65_535)}, "HEALTHAUTOSET"
    ),
    "report_every": Order("UPLOAD,{interval_s}", {"interval_s": WholeNumber(10, 65_535)}, "UPLOAD"),
    "fall_detection": Order(
        "FALLDOWN,{is_on},{is_calling}", {"is_on": SWITCH, "is_calling": SWITCH}, "FALLDOWN"
    ),
    "removal_alarm": Order("REMOVE,{is_on}", {"is_on": SWITCH}, "REMOVE"),
    "sos_number": Order(
        "SOS{slot},{phone}", {"slot": WholeNumber(1, 3), "phone": PhoneNumber()}, "SOS"
    ),
}
ORDERS: Mapping[str, Mapping[str, Order]] = {"watch": WATCH_ORDERS}


@dataclass(frozen=True, slots=True)
class Addressee:
    """The device as its own frames name it: maker and index are echoed to it."""

    device: str
    maker: str
    index: str | None = None


def encode_order(
    protocol: str, order: str, to: Addressee, values: Mapping[str, object] | None = None
) -> bytes:
    """The bytes of an order; raises BadInputError that names every value at fault."""
    orders = ORDERS.get(protocol)
    if orders is None:
        raise bad("protocol", protocol, "one that takes orders: " + ", ".join(sorted(ORDERS)))
    if order not in orders:
        raise bad("order", order, "one of " + ", ".join(sorted(orders)))
    words = orders[order].template.format(**_texts(orders[order], values or {}))
    for name, text, form in (("device", to.device, _ID), ("maker", to.maker, _MAKER)):
        if not form.fullmatch(text):
            raise bad(name, text, "the letters and digits of the device's own frames")
    if to.index is not None and not _ID.fullmatch(to.index):
        raise bad("index", to.index, "the letters and digits of the device's own frames")
    return watch.encode(to.maker, to.device, to.index, words)


def _texts(order: Order, values: Mapping[str, object]) -> dict[str, str]:
    faults = [
        Fault(name, shown(values[name]), "absent") for name in values.keys() - order.parameters
    ]
    texts: dict[str, str] = {}
    for name, parameter in order.parameters.items():
        if name not in values:
            faults.append(Fault(name, "nothing", "a value"))
            continue
        try:
            texts[name] = parameter.text(name, values[name])
        except BadInputError as error:
            faults.extend(error.faults)
    if faults:
        raise BadInputError(*faults)
    return texts

"""Orders to devices, as data: what can be asked of a protocol, and the bytes that ask it.

Each protocol's dialect names its source. What stands in no document at hand is not offered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bihuan.base.errors import BadInputError, Fault, bad, shown
from bihuan.gateway.dialects.gt06 import GT06
from bihuan.gateway.dialects.h02 import H02
from bihuan.gateway.dialects.minifinder2 import MINIFINDER2
from bihuan.gateway.dialects.parts import Addressee, Dialect, Order, Sending
from bihuan.gateway.dialects.topin import TOPIN
from bihuan.gateway.dialects.trv import TRV
from bihuan.gateway.dialects.watch import WATCH

_ID = re.compile(r"[0-9A-Za-z]{1,20}", re.ASCII)
_MAKER = re.compile(r"[0-9A-Za-z]{2,3}", re.ASCII)

DIALECTS: Mapping[str, Dialect] = {
    "gt06": GT06,
    "h02": H02,
    "minifinder2": MINIFINDER2,
    "topin": TOPIN,
    "trv": TRV,
    "watch": WATCH,
}
ORDERS: Mapping[str, Mapping[str, Order]] = {
    name: dialect.orders for name, dialect in DIALECTS.items()
}


def encode_order(
    protocol: str,
    order: str,
    to: Addressee,
    values: Mapping[str, object] | None = None,
    sending: Sending = Sending(),  # noqa: B008 - frozen
) -> bytes:
    """The bytes of an order; raises BadInputError that names every value at fault."""
    dialect = DIALECTS.get(protocol)
    if dialect is None:
        raise bad("protocol", protocol, "one that takes orders: " + ", ".join(sorted(DIALECTS)))
    if order not in dialect.orders:
        raise bad("order", order, "one of " + ", ".join(sorted(dialect.orders)))
    texts = _texts(dialect.orders[order], values or {})
    named = [("device", to.device, _ID)]
    if dialect.maker != "":
        named.append(("maker", to.maker, _MAKER))
    if to.index is not None:
        named.append(("index", to.index, _ID))
    for name, text, form in named:
        if not form.fullmatch(text):
            raise bad(name, text, "the letters and digits of the device's own frames")
    return dialect.write(dialect.orders[order], texts, to, sending)


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

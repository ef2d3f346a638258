"""One file per device protocol: bytes in, typed results and replies out; no socket, no clock."""

from collections.abc import Mapping
from types import MappingProxyType

from bihuan.gateway.decoders.gt06 import GT06
from bihuan.gateway.decoders.h02 import H02
from bihuan.gateway.decoders.minifinder2 import MINIFINDER2
from bihuan.gateway.decoders.protocol import DeviceProtocol
from bihuan.gateway.decoders.topin import TOPIN
from bihuan.gateway.decoders.trv import TRV
from bihuan.gateway.decoders.watch import WATCH

__all__ = ["PROTOCOLS"]

PROTOCOLS: Mapping[str, DeviceProtocol] = MappingProxyType(
    {protocol.name: protocol for protocol in (WATCH, TRV, GT06, TOPIN, H02, MINIFINDER2)}
)

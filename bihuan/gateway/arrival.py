"""One frame as it came, with what it says: what every server hands to what stores it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from bihuan.gateway.decoded import Decoded
from bihuan.gateway.mqtt.heard import EVENT

# Message types that are sent because something happened; in all others an alarm bit is a state,
# and only its appearance is news. Protocols that are not here name their presses EVENT.
ALARM_TYPES = {
    "watch": ("AL",),
    "trv": ("AP10",),
    "gt06": ("16", "26", "27", "95", "a4"),
    "topin": ("99",),
    "h02": (),
    "minifinder2": (),
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """One frame as it came: its bytes, what it says, when it was received (µs).

    list_again_us  how long a device that nobody adopted is not listed again (0: each frame is)
    spoken         which of its signals are news, where that was decided before (a spool's gateway)
    key            its identity where it was stored before under one (a spool's position); it holds
                   for good, where a protocol's serial holds for a day
    """

    protocol: str
    raw: bytes
    decoded: Decoded
    received_us: int
    list_again_us: int = 0
    spoken: tuple[str, ...] | None = None
    key: bytes | None = None

    @property
    def idem(self) -> bytes | None:
        """Identity by its key, or that the protocol gives; None where it gives none."""
        if self.key is not None:
            return self.key
        if self.decoded.identity is None:
            return None
        said = f"{self.protocol}|{self.decoded.device}|{self.decoded.identity}|".encode()
        return hashlib.sha256(said + self.raw).digest()[:16]

    @property
    def is_alarm_frame(self) -> bool:
        kind = self.decoded.kind.upper()
        return any(kind.startswith(k.upper()) for k in ALARM_TYPES.get(self.protocol, (EVENT,)))

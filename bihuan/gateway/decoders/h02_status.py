"""The h02 status word: 32 bits, an alarm where a bit is 0, in text and binary frames alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bihuan.gateway.decoders.draft import Draft
from bihuan.gateway.decoders.protocol import Options

# Bits that mean an alarm when they are 0; every one that is 0 is told: vibration hides no SOS.
ACTIVE_LOW: Mapping[int, str] = {
    0: "vibration",
    1: "sos",
    2: "other",
    18: "sos",
    19: "power_cut",
}
MODEL_ACTIVE_LOW: Mapping[str, Mapping[int, str]] = {
    "bit0-none": {0: ""},  # firmware whose bit 0 idles at 0
}
BIT_NAMES: Mapping[int, str] = {2: "overspeed"}
IGNITION = 10


def read_status(draft: Draft, status: int, at: datetime | None, options: Options) -> None:
    draft.attributes["status"] = f"{status:08X}"
    draft.attributes["ignition"] = bool(status >> IGNITION & 1)
    bits = {**ACTIVE_LOW, **MODEL_ACTIVE_LOW.get(options.model or "", {})}
    for bit, kind in bits.items():
        if status >> bit & 1 or not kind:
            continue
        if kind == "other":
            draft.other(BIT_NAMES[bit], at)
        else:
            draft.signal(kind, at)

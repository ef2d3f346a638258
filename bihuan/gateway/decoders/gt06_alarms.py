"""What the alarm codes and status bits of gt06 mean, by default and per model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bihuan.gateway.decoders.draft import Draft

# Alarm byte: a kind of ours, or "other" with the name under which the code is told.
ALARMS: Mapping[int, tuple[str, str]] = {
    0x01: ("sos", ""),
    0x02: ("power_cut", ""),
    0x03: ("vibration", ""),
    0x04: ("zone_enter", ""),
    0x05: ("zone_leave", ""),
    0x06: ("other", "overspeed"),
    0x09: ("vibration", ""),
    0x0C: ("tamper", ""),
    0x0E: ("low_battery", ""),
    0x0F: ("low_battery", ""),
    0x10: ("other", "sim changed"),
    0x11: ("other", "power off"),
    0x12: ("other", "airplane mode"),
    0x13: ("tamper", ""),
    0x14: ("other", "door"),
    0x18: ("off_wrist", ""),
    0x19: ("low_battery", ""),
    0x1A: ("other", "hard braking"),
    0x1B: ("other", "hard cornering"),
    0x23: ("fall", ""),
    0x25: ("tamper", ""),
    0x26: ("other", "hard acceleration"),
    0x27: ("other", "hard braking"),
    0x28: ("other", "hard braking"),
    0x29: ("other", "hard acceleration"),
    0x2A: ("other", "hard cornering"),
    0x2B: ("other", "hard cornering"),
    0x2C: ("other", "accident"),
    0x2E: ("other", "hard cornering"),
    0x30: ("other", "jamming"),
}
# 00 is normal, 0A 0B 0D tell of GPS reception, FE FF of the ignition
SILENT = frozenset((0x00, 0x0A, 0x0B, 0x0D, 0xFE, 0xFF))

# Where a model's firmware gives a code another meaning. A name ending in * is a beginning.
MODEL_ALARMS: Mapping[str, Mapping[int, tuple[str, str]]] = {
    "LW*": {0x18: ("other", "accident"), 0x19: ("other", "hard acceleration")},
    "SEEWORLD": {0x28: ("other", "hard cornering"), 0x29: ("other", "accident")},
    "VL103": {0x09: ("other", "tow"), 0x30: ("other", "hard braking")},
    "LL303": {0x09: ("other", "tow"), 0x30: ("other", "hard braking")},
    "VL512": {0x09: ("other", "tow"), 0x30: ("other", "hard braking")},
    "G18": {0x09: ("other", "tow"), 0x30: ("other", "hard braking")},
}

# Bits 3 to 5 of the status byte.
STATUS_ALARMS: Mapping[int, tuple[str, str]] = {
    1: ("vibration", ""),
    2: ("power_cut", ""),
    3: ("low_battery", ""),
    4: ("sos", ""),
    5: ("other", "status 5"),
    6: ("other", "geofence"),
    7: ("off_wrist", ""),
}
VARIANT_STATUS: Mapping[str, Mapping[int, tuple[str, str]]] = {
    "vxt01": {7: ("other", "overspeed")},
}

# Event byte of an alarm of the camera models (type 95).
EVENTS: Mapping[int, tuple[str, str]] = {
    0x01: ("sos", ""),
    0x0E: ("low_battery", ""),
    0x76: ("other", "temperature"),
    0x80: ("vibration", ""),
    0x87: ("other", "overspeed"),
    0x88: ("power_cut", ""),
    0x90: ("other", "hard acceleration"),
    0x91: ("other", "hard braking"),
    0x92: ("other", "hard cornering"),
    0x93: ("other", "accident"),
}

# Event byte of a modular frame (type 70, module 2B).
MODULE_EVENTS: Mapping[int, tuple[str, str]] = {
    0x11: ("low_battery", ""),
    0x12: ("other", "low power"),
    0x13: ("power_cut", ""),
    0x14: ("off_wrist", ""),
}


def tell(draft: Draft, meaning: tuple[str, str], at: datetime | None) -> None:
    kind, name = meaning
    if kind == "other":
        draft.other(name, at)
    else:
        draft.signal(kind, at)


def tell_alarm(draft: Draft, code: int, model: str, at: datetime | None) -> None:
    """The signal of an alarm byte; a code that nobody explained is an alarm all the same."""
    draft.attributes["alarm_code"] = code
    if code in SILENT:
        return
    for name, special in MODEL_ALARMS.items():
        is_model = model.startswith(name[:-1]) if name.endswith("*") else model == name
        if is_model and code in special:
            tell(draft, special[code], at)
            return
    tell(draft, ALARMS.get(code, ("other", f"code {code:02X}")), at)


def tell_status(draft: Draft, status: int, variant: str, at: datetime | None) -> None:
    """The state that a status byte tells, and the alarm in its bits 3 to 5."""
    draft.attributes["status"] = status
    draft.attributes["ignition"] = bool(status >> 1 & 1)
    draft.attributes["is_charging"] = bool(status >> 2 & 1)
    draft.attributes["is_blocked"] = bool(status >> 7 & 1)
    alarm = status >> 3 & 7
    if alarm:
        meanings = {**STATUS_ALARMS, **VARIANT_STATUS.get(variant, {})}
        tell(draft, meanings[alarm], at)

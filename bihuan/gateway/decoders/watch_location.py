"""Location and alarm frames of the watch protocol (UD*, AL*, WT*): position, state, alarms.

Fields: date ddmmyy, time hhmmss, A|V, latitude, N|S, longitude, E|W, speed km/h, course,
altitude m, satellites, GSM %, battery %, steps, turnovers, status (hex bits), then cell towers
and Wi-Fi networks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from bihuan.gateway.decoded import Position
from bihuan.gateway.decoders.draft import Draft, decimal_parts, number, whole
from bihuan.gateway.decoders.protocol import Options

# Status bits that need attention. All that are set are told: a low battery never hides an SOS.
# Bits 0-2 are states and 16-22 alarms of the same meaning; some firmware sets only the former.
STATUS_BITS: Mapping[int, str] = {
    0: "low_battery",
    1: "zone_leave",
    2: "zone_enter",
    14: "power_cut",
    16: "sos",
    17: "low_battery",
    18: "zone_leave",
    19: "zone_enter",
    20: "off_wrist",
    21: "fall",
    22: "other",  # the maker: abnormal heart rate, without saying which side
}
# Where a firmware means something else by a bit; the model is what the operator entered.
MODEL_BITS: Mapping[str, Mapping[int, str]] = {
    "bit22-fall": {22: "fall"},
    "bit22-vibration": {22: "vibration"},
}
BIT_NAMES: Mapping[int, str] = {22: "heart rate abnormal"}
OFF_WRIST_STATE, NOT_MOVING = 3, 4  # bit 4: the maker says "not moving"

_FIELDS = 16
_HEX = re.compile(r"[0-9A-Fa-f]{1,8}")


@lru_cache(maxsize=4096)
def signals_of(status: int, model: str | None) -> tuple[tuple[str, str], ...]:
    """(kind, the protocol's own name) of every alarm bit that is set."""
    special = MODEL_BITS.get(model or "", {})
    found: dict[str, str] = {}
    for bit in range(32):
        kind = special.get(bit) or STATUS_BITS.get(bit) or ("other" if bit > 16 else None)
        if status >> bit & 1 and kind is not None:
            name = BIT_NAMES.get(bit, "") if kind == "other" else ""
            found.setdefault(kind, name or f"status bit {bit}")
    return tuple(found.items())


def read_location(draft: Draft, fields: list[str], options: Options) -> None:
    if len(fields) < _FIELDS:
        draft.fault("fields", len(fields), f"{_FIELDS} or more")
        if draft.kind[:2].upper() == "AL":
            draft.other("alarm frame that cannot be read")
        return
    at = _time(draft, fields)
    _alarms(draft, fields[15], at, options)
    _position(draft, fields, at, options)
    draft.read_text("battery", fields[12], at)
    draft.read_text("steps", fields[13], at)
    draft.read_text("turnovers", fields[14], at)
    attributes = draft.attributes
    attributes["altitude_m"] = number(fields[9])
    attributes["satellites"] = whole(fields[10])
    attributes["gsm"] = whole(fields[11])
    if draft.kind.upper().startswith("UD2"):
        attributes["is_backlog"] = True
    _surroundings(draft, fields[_FIELDS:])


def _time(draft: Draft, fields: list[str]) -> datetime | None:
    date, time = decimal_parts(fields[0]), decimal_parts(fields[1])
    if date is not None and time is not None:
        try:
            return datetime(2000 + date[2], date[1], date[0], *time, tzinfo=UTC)
        except ValueError:
            pass  # told below, as any other text that is no time
    draft.fault("time", f"{fields[0]},{fields[1]}", "ddmmyy,hhmmss of a time that exists")
    return None


def _alarms(draft: Draft, text: str, at: datetime | None, options: Options) -> None:
    draft.attributes["status"] = text
    is_alarm = draft.kind[:2].upper() == "AL"
    if _HEX.fullmatch(text) is None:
        draft.fault("status", text, "up to 8 hex digits")
    else:
        _status(draft, int(text, 16), at, options)
    if is_alarm and not draft.signals:
        # the band says alarm, and repeats it until acknowledged: it must not be silent here
        draft.other(f"alarm frame with status {text}", at)


def _status(draft: Draft, status: int, at: datetime | None, options: Options) -> None:
    for kind, name in signals_of(status, options.model):
        if kind == "other":
            draft.other(name, at)
        else:
            draft.signal(kind, at)
    if status >> OFF_WRIST_STATE & 1:
        draft.attributes["is_off_wrist"] = True
    if status >> NOT_MOVING & 1:
        draft.attributes["is_still"] = True


def _position(draft: Draft, fields: list[str], at: datetime | None, options: Options) -> None:
    lat, lon = number(fields[3]), number(fields[5])
    if lat is None or lon is None:
        draft.fault("position", f"{fields[3]},{fields[5]}", "latitude and longitude in degrees")
        return
    if fields[4] == "S":
        lat = -abs(lat)
    if fields[6] == "W":
        lon = -abs(lon)
    speed, course = number(fields[7]), number(fields[8])
    is_valid = fields[2] == "A"
    draft.fix(Position(lat, lon, at, is_valid, options.datum, speed, course))


def _surroundings(draft: Draft, fields: list[str]) -> None:
    """count, timing advance, mcc, mnc, (lac, cell, signal)*, count, (name, mac, signal)*, metres"""
    count = whole(fields[0]) if fields else None
    if count is None or (fields[3:4] and whole(fields[3]) is None and fields[3]):
        if any(fields):
            draft.attributes["surroundings"] = ",".join(fields)
        return
    after = 1
    if count:
        after = 4 + 3 * count
        draft.attributes["mobile_network"] = fields[2:4]
        draft.attributes["cells"] = [fields[i : i + 3] for i in range(4, len(fields[:after]), 3)]
    networks = whole(fields[after]) if len(fields) > after else None
    if networks:
        rest = fields[after + 1 : after + 1 + 3 * networks]
        seen = [rest[i + 1 : i + 3] for i in range(0, len(rest), 3) if rest[i + 1 : i + 2] > [""]]
        if seen:
            draft.attributes["wifi"] = seen
    if count and networks is not None:  # without towers it is not known where the list ends
        _accuracy(draft, fields[after + 1 + 3 * networks :])


def _accuracy(draft: Draft, rest: list[str]) -> None:
    """The last field, "positioning accuracy, it's meter" [V]; 0 is none, and many send none."""
    metres = number(rest[0]) if len(rest) == 1 else None
    if metres is not None and metres > 0:
        draft.attributes["accuracy_m"] = metres

"""The keys of a minifinder2 data message: one reader for each, little-endian throughout."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bihuan.gateway.decoders.cursor import Cursor
from bihuan.gateway.decoders.draft import Draft

# Bits of key 02. Those without a kind of ours are kept by name; `other` are those that need
# a person's attention.
ALARM_BITS: Mapping[int, tuple[str | None, str]] = {
    0: ("low_battery", "low battery"),
    1: ("other", "overspeed"),
    2: ("fall", "fall"),
    3: ("other", "tilt"),
    8: ("other", "power off"),
    9: (None, "power on"),
    10: (None, "motion"),
    11: ("other", "no motion"),
    12: ("sos", "sos"),
    13: (None, "button 1"),
    14: (None, "button 2"),
    31: (None, "bark"),
}
ZONE_BITS = (4, 5, 6, 7)  # bit n: zone n - 3 crossed; bit n + 22: inwards
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SCALE = 1e-7


@dataclass(slots=True)
class Record:
    """The keys that belong to one moment; a message may carry a backlog of them."""

    at: datetime | None = None
    keys: set[int] = field(default_factory=set)
    lat: float | None = None
    lon: float | None = None
    is_valid: bool = False
    speed_kmh: float | None = None
    course_deg: float | None = None
    battery: int | None = None
    signals: list[tuple[str, str]] = field(default_factory=list)
    signals_at: datetime | None = None
    attributes: dict[str, object] = field(default_factory=dict)


Reader = Callable[[Draft, Record, Cursor], None]


def moment(seconds: int) -> datetime | None:
    """The UTC time of seconds since 1970; 0 is a clock that was never set."""
    return _EPOCH + timedelta(seconds=seconds) if seconds else None


def _device(draft: Draft, _record: Record, body: Cursor) -> None:
    device = body.text(min(body.left, 15))
    if device.isdecimal() and device.isascii():
        draft.device = device
    else:
        draft.fault("device", device, "15 digits")


def _alarms(_draft: Draft, record: Record, body: Cursor) -> None:
    bits = body.uint_le(4)
    names = []
    for bit, (kind, name) in ALARM_BITS.items():
        if bits >> bit & 1:
            names.append(name)
            if kind is not None:
                record.signals.append((kind, name))
    for zone, bit in enumerate(ZONE_BITS, start=1):
        if bits >> bit & 1:
            kind = "zone_enter" if bits >> (bit + 22) & 1 else "zone_leave"
            record.signals.append((kind, f"zone {zone}"))
            names.append(f"{kind} {zone}")
    record.attributes["alarms"] = names
    record.attributes["alarm_bits"] = f"{bits:08X}"
    if body.left >= 4:
        record.signals_at = moment(body.uint_le(4))


def _battery(_draft: Draft, record: Record, body: Cursor) -> None:
    record.battery = body.u8()
    if body.left >= 2:
        record.attributes["battery_v"] = body.uint_le(2) / 1000


def _place(record: Record, body: Cursor) -> None:
    record.lat = round(body.sint_le(4) * _SCALE, 7)
    record.lon = round(body.sint_le(4) * _SCALE, 7)
    record.is_valid = True


def _gps(_draft: Draft, record: Record, body: Cursor) -> None:
    _place(record, body)
    record.is_valid = False
    record.speed_kmh = float(body.uint_le(2))
    record.course_deg = float(body.uint_le(2))
    record.attributes["altitude_m"] = body.sint_le(2)
    hdop = body.uint_le(2)
    record.is_valid = hdop > 0
    record.attributes["hdop"] = hdop / 10
    record.attributes["odometer_m"] = body.uint_le(4)
    record.attributes["satellites"] = body.u8()


def _cells(size: int) -> Reader:
    def read(_draft: Draft, record: Record, body: Cursor) -> None:
        record.attributes["mobile_network"] = [body.uint_le(2), body.u8()]
        towers = []
        while body.left >= 3 + size:
            signal = body.sint_le(1)
            towers.append([body.uint_le(2), body.uint_le(size), signal])
        record.attributes["cells"] = towers

    return read


def _wifi(_draft: Draft, record: Record, body: Cursor) -> None:
    seen = []
    while body.left >= 7:
        signal = body.sint_le(1)
        seen.append([body.take(6).hex(":"), signal])
    record.attributes["wifi"] = seen


def _named_wifi(_draft: Draft, record: Record, body: Cursor) -> None:
    seen = []
    while body.left >= 8:
        signal = body.sint_le(1)
        seen.append([body.take(6).hex(":"), signal])
        body.take(body.u8())
    record.attributes["wifi"] = seen


def _beacon_home(_draft: Draft, record: Record, body: Cursor) -> None:
    """23: tag, place[, name]"""
    record.attributes["tag"] = body.take(6)[::-1].hex()
    if body.left >= 8:
        _place(record, body)
    if body.left:
        record.attributes["description"] = body.text(body.left)


def _wifi_home(_draft: Draft, record: Record, body: Cursor) -> None:
    """26: access point, place, accuracy, altitude"""
    record.attributes["tag"] = body.take(6)[::-1].hex()
    _smart_place(_draft, record, body)


def _smart_place(_draft: Draft, record: Record, body: Cursor) -> None:
    """27: place, accuracy, altitude"""
    _place(record, body)
    if body.left >= 4:
        record.attributes["hdop"] = body.uint_le(2) / 10
        record.attributes["altitude_m"] = body.sint_le(2)


def _state(_draft: Draft, record: Record, body: Cursor) -> None:
    record.at = moment(body.uint_le(4))
    status = body.uint_le(4)
    record.battery = status >> 24
    record.attributes["status"] = f"{status:08X}"
    record.attributes["gsm"] = status >> 19 & 0x1F
    record.attributes["is_charging"] = bool(status >> 4 & 1)
    record.attributes["is_backlog"] = bool(status >> 7 & 1)
    record.attributes["is_moving"] = bool(status >> 9 & 1)


def _call(_draft: Draft, record: Record, body: Cursor) -> None:
    at = moment(body.uint_le(4))
    record.at = record.at or at
    status, seconds, result = body.u8(), body.uint_le(2), body.u8()
    record.attributes["call"] = [status, seconds, result]


def _beacon(is_long: bool) -> Reader:
    """28 and 2C: flags, tag, signal, signal at 1 m[, battery][, place][, name][, temperature]"""

    def read(_draft: Draft, record: Record, body: Cursor) -> None:
        flags = body.u8()
        tag: list[object] = [body.take(6)[::-1].hex(), body.sint_le(1), body.sint_le(1)]
        if is_long:
            tag.append(body.u8())
        if flags >> 7 & 1:
            _place(record, body)
        if flags >> 6 & 1:
            size = min(body.u8(), body.left) if is_long else body.left
            record.attributes["description"] = body.text(size)
        tags = record.attributes.setdefault("tags", [])
        if isinstance(tags, list):
            tags.append(tag)

    return read


def _wifi_tag(_draft: Draft, record: Record, body: Cursor) -> None:
    """2A: flags, access point, signal[, place][, name]"""
    flags = body.u8()
    record.attributes["tag"] = body.take(6).hex()
    record.attributes["tag_signal"] = body.sint_le(1)
    if flags >> 7 & 1:
        _place(record, body)
    if flags >> 6 & 1 and body.left:
        record.attributes["description"] = body.text(body.left)


def _timed(channel: str, size: int, floor: int) -> Reader:
    """A value with its own time; below `floor` it says that there was no contact."""

    def read(draft: Draft, _record: Record, body: Cursor) -> None:
        at = moment(body.uint_le(4))
        value = body.uint_le(min(size, body.left))
        draft.read(channel, 0 if value < floor else value, at)

    return read


def _activity(_draft: Draft, record: Record, body: Cursor) -> None:
    found = []
    while body.left >= 8:
        found.append([body.uint_le(4), body.uint_le(4)])
    record.attributes["activity"] = found


def _bark(_draft: Draft, record: Record, body: Cursor) -> None:
    at, count = moment(body.uint_le(4)), body.uint_le(4)
    record.at = record.at or at
    record.attributes["barks"] = count & 0x7FFFFFFF


REPEATABLE = frozenset((0x28, 0x2C, 0x40, 0x41, 0x30, 0x31))  # several within one record

READERS: Mapping[int, Reader] = {
    0x01: _device,
    0x02: _alarms,
    0x14: _battery,
    0x19: _named_wifi,
    0x20: _gps,
    0x21: _cells(2),
    0x22: _wifi,
    0x23: _beacon_home,
    0x24: _state,
    0x25: _call,
    0x26: _wifi_home,
    0x27: _smart_place,
    0x28: _beacon(is_long=False),
    0x29: _cells(4),
    0x2A: _wifi_tag,
    0x2C: _beacon(is_long=True),
    0x30: _timed("steps", 4, 0),
    0x31: _activity,
    0x37: _bark,
    0x40: _timed("heart_rate", 1, 2),
    0x41: _timed("spo2", 1, 2),
}

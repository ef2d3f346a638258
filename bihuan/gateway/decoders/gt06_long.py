"""The 7979 message types of gt06: texts, peripherals, and the modular frame."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from bihuan.gateway.decoders.draft import number
from bihuan.gateway.decoders.gt06_alarms import MODULE_EVENTS, tell
from bihuan.gateway.decoders.gt06_parts import (
    Frame,
    fix,
    gps,
    place,
    read_cell,
    read_time,
    tell_time,
)
from bihuan.gateway.decoders.gt06_types import content

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNIT = 1_800_000
_TEXT_PLACE = re.compile(
    r"Current position!\s*Lat:([NS])(\d+\.\d+),\s*Lon:([EW])(\d+\.\d+),\s*Course:(\d+\.\d+),"
    r"\s*Speed:(\d+\.\d+),\s*DateTime:(\d{4})-(\d\d)-(\d\d)\s+(\d\d):(\d\d):(\d\d)",
    re.ASCII,
)
_OIL = re.compile(r"!AIOIL,\d+,\d+\.\d+,(-?\d+\.\d+),[^,]+,[^,]+,(\d+\.\d+),", re.ASCII)

Block = Callable[[Frame], None]


def _text_21(f: Frame) -> None:
    """An answer to an order, as text; to an order for the place, the place."""
    f.draft.attributes["server_flag"] = f.body.u32()  # of the order that it answers
    encoding = "latin-1" if f.body.u8() == 1 else "utf-16-be"
    text = f.body.rest().decode(encoding, "replace").strip("\0")
    f.draft.attributes["result"] = text
    found = _TEXT_PLACE.search(text)
    if found is None:
        return
    year, month, day, hour, minute, second = (int(found[i]) for i in range(7, 13))
    f.at = f.draft.moment((year, month, day, hour, minute, second), f.zone)
    flags = 1 << 12 | (found[1] == "N") << 10 | (found[3] == "W") << 11
    course = round(float(found[5]))
    if course > 360:
        f.draft.fault("course_deg", course, "0 to 360")
        course = 0
    fix(f, float(found[2]), float(found[4]), flags | course, float(found[6]))


def _info_94(f: Frame) -> None:
    kind = f.body.u8()
    f.draft.attributes["information"] = f"{kind:02X}"
    _INFORMATION.get(kind, content)(f)


def _volts(f: Frame) -> None:
    f.draft.attributes["power_v"] = f.body.u16() / 100


def _state_text(f: Frame) -> None:
    text = f.body.rest().decode("latin-1")
    f.draft.attributes["state"] = dict(
        pair.split("=", 1) for pair in text.split(";") if "=" in pair
    )


def _door(f: Frame) -> None:
    if f.body.left >= 7:
        tell_time(f, read_time(f))
    f.draft.attributes["door"] = f.body.u8()


def _sim(f: Frame) -> None:
    """IMEI, IMSI, ICCID: the frame names its device"""
    imei = f.body.take(8).hex()
    if imei.isdecimal():
        f.draft.device = imei[1:]
    f.draft.attributes["imsi"] = f.body.take(8).hex().lstrip("0")
    f.draft.attributes["iccid"] = f.body.take(10).hex().replace("f", "")


def _network(f: Frame) -> None:
    if f.body.left == 1:
        f.draft.attributes["network"] = "4G" if f.body.u8() else "2G"
    else:
        _volts(f)


def _fuel(f: Frame) -> None:
    text = f.body.rest().decode("latin-1")
    f.draft.attributes["result"] = text
    found = _OIL.search(text)
    if found is not None:
        f.draft.attributes["temperature_c"] = number(found[1])
        f.draft.attributes["fuel"] = number(found[2])


def _tag(f: Frame) -> None:
    if chr(f.body.peek()).isalpha():
        f.draft.attributes["serial_text"] = f.body.text(f.body.left)
    else:
        f.body.take(2)
        f.draft.attributes["driver"] = f.body.take(4).hex()


def _climate(f: Frame) -> None:
    f.draft.read("air_temperature", f.body.sint(4) / 10)
    f.draft.read("humidity", f.body.sint(4) / 10)


_INFORMATION: Mapping[int, Block] = {
    0x00: _volts,
    0x04: _state_text,
    0x05: _door,
    0x0A: _sim,
    0x0B: _network,
    0x0D: _fuel,
    0x1B: _tag,
    0x1E: _climate,
}


def _az735(f: Frame) -> None:
    """time, [GPS], cell, more towers, Wi-Fi, state: GPS and cell are there if their length is"""
    f.at = read_time(f)
    if f.body.u8():
        place(f)
    else:
        tell_time(f, f.at)
    length = f.body.u8()
    if length:
        read_cell(f, f.body.sub(max(length - 1, 8)), (2, 3))
        f.draft.attributes["gsm"] = f.body.u8()
    f.body.take(f.body.u8())
    f.body.take(f.body.u8())
    state = f.body.u8()
    f.draft.attributes["status"] = state
    if f.kind == 0x33:
        if state in (0xA2, 0xA3):
            f.draft.signal("low_battery", f.at)
        elif state not in (0xA0, 0xA1):
            f.draft.other(f"state {state:02X}", f.at)


def _obd_8c(f: Frame) -> None:
    tell_time(f, read_time(f))
    f.draft.attributes["ignition"] = f.body.u8() > 0
    text = f.body.take(max(f.body.left - 12, 0)).decode("latin-1")  # 12 bytes of place follow
    f.draft.attributes["obd"] = dict(pair.split("=", 1) for pair in text.split(",") if "=" in pair)


def _module_gps(f: Frame) -> None:
    seconds = f.body.u32()
    f.at = _EPOCH + timedelta(seconds=seconds) if seconds else None  # 0: the clock was never set
    f.draft.attributes["satellites"] = f.body.u8()
    f.draft.attributes["altitude_m"] = f.body.sint(2)
    lat, lon = f.body.u32() / _UNIT, f.body.u32() / _UNIT
    speed = float(f.body.u8())
    fix(f, lat, lon, f.body.u16(), speed)


def _module_event(f: Frame) -> None:
    event = f.body.u8()
    f.draft.attributes["event"] = event
    if event in MODULE_EVENTS:
        tell(f.draft, MODULE_EVENTS[event], f.at)


def _module_cell(f: Frame) -> None:
    f.draft.attributes["mobile_network"] = [f.body.u16(), f.body.u16()]
    f.draft.attributes["cells"] = [[f.body.u16(), f.body.uint(3), f.body.u8()]]


def _module_battery(f: Frame) -> None:
    f.draft.attributes["battery_v"] = f.body.u16() / 100


_MODULES: Mapping[int, Block] = {
    0x11: _module_cell,
    0x18: _module_battery,
    0x2B: _module_event,
    0x33: _module_gps,
}


def _modular_70(f: Frame) -> None:
    """Modules of type, length, value; a value that is too long for the frame ends it."""
    whole = f.body
    while whole.left >= 4:
        module, size = whole.u16(), whole.u16()
        f.body = whole.sub(size)
        if module in _MODULES:
            _MODULES[module](f)
        else:
            f.draft.attributes[f"module_{module:02X}"] = f.body.rest().hex()


def _gps_38(f: Frame) -> None:
    """GPS, how and when uploaded, cell with its kind before it, modules"""
    gps(f)
    f.body.u8()  # how
    f.draft.attributes["is_backlog"] = f.body.u8() > 0
    is_wide = f.body.u8() >= 3
    read_cell(f, f.body, (4, 8) if is_wide else (2, 3))
    f.body.take(2 if is_wide else 1)
    while f.body.left >= 3:
        module, size = f.body.u16(), f.body.u8()
        f.draft.attributes[f"module_{module:02X}"] = f.body.take(min(size, f.body.left)).hex()


def _state_f1(f: Frame) -> None:
    """time, then items of number, length, value; item 5 is the voltage"""
    tell_time(f, _EPOCH + timedelta(seconds=f.body.u32()))
    while f.body.left >= 3:
        item, size = f.body.u16(), f.body.u8()
        value = f.body.take(min(size, f.body.left))
        if item == 5:
            f.draft.attributes["power_v"] = int.from_bytes(value, "big") / 100
        else:
            f.draft.attributes[f"module_{item:02X}"] = value.hex()


def _serial_9b(f: Frame) -> None:
    f.body.u8()  # kind of the peripheral
    raw = f.body.rest()
    text = raw.decode("latin-1").strip("\r\n\0 ")
    f.draft.attributes["result"] = text if text.isprintable() and text.isascii() else raw.hex()


LONG_TYPES: Mapping[int, Block] = {
    0x21: _text_21,
    0x32: _az735,
    0x33: _az735,
    0x36: content,
    0x38: _gps_38,
    0x41: content,
    0x70: _modular_70,
    0x84: content,
    0x8C: _obd_8c,
    0x94: _info_94,
    0x9B: _serial_9b,
    0xF1: _state_f1,
    0xF2: content,
}

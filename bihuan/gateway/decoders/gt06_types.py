"""The 7878 message types of gt06: each is a row of blocks, read one after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bihuan.gateway.decoders.gt06_alarms import EVENTS, tell, tell_alarm, tell_status
from bihuan.gateway.decoders.gt06_parts import (
    Frame,
    GpsForm,
    battery_level,
    cell,
    fence,
    gps,
    ignition,
    is_date,
    is_imei,
    long_cell,
    measured_cell,
    odometer,
    read_cell,
    read_time,
    status,
    status_with_volts,
    tell_time,
    volts,
)
from bihuan.gateway.decoders.gt06_radio import bcd_wifi, towers, wifi_list

Block = Callable[[Frame], None]

# (type, length byte) by which a maker's layout is known.
VARIANTS: Mapping[tuple[int, int], str] = {
    (0x12, 0x24): "vxt01",
    (0x16, 0x24): "vxt01",
    (0x24, 0x31): "wanway",
    (0x24, 0x2E): "sr411",
    (0x12, 0x21): "benway",
    (0x12, 0x2B): "s5",
    (0x12, 0x29): "wetrust",
    (0x13, 0x13): "obd6",
    (0x34, 0x37): "sl4x",
    (0x31, 0x2A): "sl4x",
    (0x32, 0x27): "sl4x",
    (0x32, 0x29): "sl4x",
    (0x22, 0x2F): "seeworld",
    (0x16, 0x26): "seeworld",
    (0xA3, 0x0C): "seeworld",
    (0x17, 0x28): "rfid",
    (0xA2, 0x40): "lw4g",
}


def variant_of(kind: int, length: int) -> str:
    if kind == 0x12 and length >= 0x71:
        return "card"
    if kind == 0x19 and length >= 0x17:
        return "space10x"
    return VARIANTS.get((kind, length), "")


def _device(f: Frame) -> None:
    """An IMEI that some models put before the rest: known by its digits and the date after it."""
    raw, at = f.body.raw, f.body.at
    if not is_date(raw[at:]) and is_imei(raw[at:]) and is_date(raw[at + 8 :]):
        f.draft.device = f.body.take(8).hex()[1:]


def _is_long_22(f: Frame) -> bool:
    """source, IMEI, time of sending, time of the fix (NT20 and XT40)"""
    raw, at = f.body.raw, f.body.at
    return is_imei(raw[at + 1 :]) and is_date(raw[at + 9 :]) and is_date(raw[at + 15 :])


def _sent(f: Frame) -> None:
    f.draft.attributes["source"] = f.body.u8()
    f.draft.device = f.body.take(8).hex()[1:]
    sent = read_time(f)
    if sent is not None:
        f.draft.attributes["sent"] = sent.isoformat().replace("+00:00", "Z")


def _state_and_hours(f: Frame) -> None:
    """status, voltage, battery of 60 steps, signal, alarm, language, odometer, minutes run"""
    status_with_battery(f)
    f.draft.attributes["language"] = f.body.u8()
    f.draft.attributes["odometer"] = f.body.uint(3)
    f.draft.attributes["engine_min"] = f.body.uint(3)


def status_with_battery(f: Frame) -> None:
    tell_status(f.draft, f.body.u8(), f.variant, f.at)
    volts(f, "power_v")
    f.draft.attributes["battery_raw"] = f.body.u8()
    f.draft.attributes["gsm"] = f.body.u8()
    tell_alarm(f.draft, f.body.u8(), f.model, f.at)


def _gps_22(f: Frame) -> None:
    if _is_long_22(f):
        for block in (_sent, gps, measured_cell, _state_and_hours):
            block(f)
    elif f.variant == "seeworld":
        for block in (gps, cell, ignition, odometer, _climate):
            block(f)
    else:
        for block in (gps, cell, ignition, odometer):
            block(f)


def _climate(f: Frame) -> None:
    f.body.take(4)  # time travelled
    value = f.body.u16()
    sign = -1 if value >> 15 else 1
    f.draft.attributes["temperature_c"] = sign * (value & 0x7FFF) / 100
    f.draft.read("humidity", f.body.u16() / 100, f.at)


def _tagged(f: Frame) -> None:
    """type 25 of XT40: as 22 of NT20, with the kind of network, and a driver's tag"""
    _sent(f)
    gps(f)
    measured_cell(f)
    f.draft.attributes["network_kind"] = f.body.u8()
    _state_and_hours(f)
    if f.body.left:
        length = f.body.u8()
        if length > 1:
            f.draft.attributes["tag_kind"] = f.body.u8()
            f.draft.attributes["driver"] = f.body.take(length - 1).hex()


def _gps_12(f: Frame) -> None:
    _device(f)
    gps(f)
    if f.body.left < 7:
        return
    cell(f)
    _TAILS_12.get(f.variant, _tail_12)(f)


def _tail_12(f: Frame) -> None:
    if f.body.left in (3, 7):
        ignition(f)
    odometer(f)


def _tail_vxt01(f: Frame) -> None:
    status_with_volts(f)
    f.draft.attributes["alarm_extension"] = f.body.u8()


def _tail_s5(f: Frame) -> None:
    status_with_volts(f)
    tell_alarm(f.draft, f.body.u8(), f.model, f.at)
    f.draft.attributes["oil"] = f.body.u16()
    value = f.body.u8()
    f.draft.attributes["temperature_c"] = -(value & 0x7F) if value >> 7 else value
    f.draft.attributes["odometer"] = f.body.u32() * 10


def _tail_benway(f: Frame) -> None:
    mask = f.body.u16()
    f.draft.attributes["ignition"] = bool(mask >> 15 & 1)
    f.draft.attributes["input_2"] = bool(mask >> 14 & 1)
    if mask >> 12 & 1:
        value = mask & 0x1FF
        f.draft.attributes["temperature_c"] = -value if mask >> 9 & 1 else value
    else:
        f.draft.attributes["analog"] = mask & 0x3FF if mask >> 13 & 1 else (mask & 0x3FF) / 10


def _tail_card(f: Frame) -> None:
    odometer(f)
    f.draft.attributes["card"] = f.body.text(f.body.u8())
    alarm = f.body.u8()
    f.draft.attributes["card_state"] = f.body.u8()
    if alarm and f.variant == "wetrust":
        f.draft.other("card reader", f.at)


_TAILS_12: Mapping[str, Block] = {
    "vxt01": _tail_vxt01,
    "s5": _tail_s5,
    "benway": _tail_benway,
    "card": _tail_card,
    "wetrust": _tail_card,
}


def _status_13(f: Frame) -> None:
    if f.body.left in (14, 16):
        _status_obd(f)
    else:
        status(f)


def _status_obd(f: Frame) -> None:
    tell_status(f.draft, f.body.u8(), f.variant, f.at)
    signal = f.body.u16()
    f.draft.attributes["satellites"] = (signal >> 10 & 0x1F) + (signal >> 5 & 0x1F)
    f.draft.attributes["gsm"] = signal & 0x1F
    tell_alarm(f.draft, f.body.u8(), f.model, f.at)
    f.body.u8()  # language
    f.draft.read("battery", f.body.u8())
    mode = f.body.u8()
    f.draft.attributes["mode"] = mode
    volts(f, "power_v")
    f.body.take(f.body.left - 2)
    value = f.body.sint(2)
    if mode == 4:
        f.draft.attributes["temperature_c"] = value / 10


def _alarm_16(f: Frame) -> None:
    gps(f)
    if f.variant == "vxt01":
        cell(f)
        _tail_vxt01(f)
    else:
        measured_cell(f)
        status(f)


def _alarm_32(f: Frame) -> None:
    gps(f)
    measured_cell(f)
    status(f)
    if f.body.left:
        f.draft.attributes["language"] = f.body.u8()
    if f.body.left >= 2:
        f.draft.attributes["altitude_m"] = f.body.sint(2)


def _gps_31(f: Frame) -> None:
    for block in (gps, cell, ignition):
        block(f)
    if f.variant == "sl4x" and f.body.left >= 2:
        if f.body.left > 2:
            odometer(f)
        f.draft.attributes["altitude_m"] = f.body.sint(2)


def _gps_37(f: Frame) -> None:
    for block in (gps, cell, ignition):
        block(f)
    while f.body.left >= 3:
        module, size = f.body.u16(), f.body.u8()
        f.draft.attributes[f"module_{module:02X}"] = f.body.take(min(size, f.body.left)).hex()


def _long_a2(f: Frame) -> None:
    if f.variant != "lw4g":
        towers(f)
        return
    gps(f)
    long_cell(f)
    f.draft.attributes["network_kind"] = f.body.u8()
    tell_status(f.draft, f.body.u8(), f.variant, f.at)
    volts(f, "power_v")
    battery_level(f, f.body.u8())
    f.draft.attributes["gsm"] = f.body.u8()
    tell_alarm(f.draft, f.body.u8(), f.model, f.at)
    f.draft.attributes["language"] = f.body.u8()
    odometer(f)
    f.draft.attributes["engine_h"] = f.body.u32()
    f.body.take(8)  # the terminal's own id
    f.draft.attributes["inputs"] = f.body.u16()


def _alarm_a3(f: Frame) -> None:
    if f.variant == "seeworld":  # GL21L: a heartbeat whose layout only its status byte is sure of
        tell_status(f.draft, f.body.u8(), f.variant, f.at)
        f.draft.attributes["content"] = f.body.rest().hex()
        return
    for block in (gps, cell, ignition, odometer):
        block(f)


def _wifi_17(f: Frame) -> None:
    if f.variant != "rfid":
        bcd_wifi(f)
        return
    gps(f)
    cell(f)
    f.draft.attributes["driver"] = f.body.take(8).hex()
    f.draft.attributes["is_driver_valid"] = f.body.u8()


def _status_36(f: Frame) -> None:
    """A status with modules (4G), or GPS with a driver's tag (VL103)."""
    if is_date(f.body.raw[f.body.at :]) and f.body.left >= 35:
        gps(f)
        read_cell(f, f.body, (2, 4))
        ignition(f)
        odometer(f)
        f.draft.attributes["content"] = f.body.take(f.body.left - 8).hex()
        f.draft.attributes["driver"] = f.body.rest().hex()
        return
    status(f)
    f.body.u8()  # language
    while f.body.left >= 3:
        module, size = f.body.u16(), f.body.u8()
        value = f.body.take(min(size, f.body.left))
        f.draft.attributes[f"module_{module:02X}"] = value.hex()


def _heartbeat_23(f: Frame) -> None:
    state = f.body.u8()
    f.draft.attributes["ignition"] = bool(state >> 1 & 1)
    f.draft.attributes["is_charging"] = bool(state >> 2 & 1)
    if f.body.left >= 2:
        volts(f, "battery_v")
    if f.body.left:
        f.draft.attributes["gsm"] = f.body.u8()


def _towers_24(f: Frame) -> None:
    if f.variant != "sr411":
        towers(f)
        return
    gps(f)
    cell(f)
    f.draft.attributes["ignition"] = f.body.u8() > 0
    volts(f, "power_v")
    volts(f, "battery_v")


def _towers_19(f: Frame) -> None:
    if f.variant == "space10x":
        f.draft.attributes["content"] = f.body.rest().hex()
    else:
        cell(f)
        status(f)


def _gps_34(f: Frame) -> None:
    if f.variant == "sl4x":
        towers(f)
        return
    f.draft.attributes["data_and_alarm"] = f.body.u32()
    gps(f)
    f.body.u16()  # state of the terminal
    odometer(f)
    read_cell(f, f.body, (2, 4))
    f.draft.attributes["driver"] = f.body.u32()
    volts(f, "battery_v")
    volts(f, "power_v")
    f.draft.attributes["content"] = f.body.rest().hex()


def _text_15(f: Frame) -> None:
    """length (0 in some firmware), the order that it answers, text, language"""
    length = f.body.u8()
    if f.body.left < 4:
        return
    f.body.u32()
    size = min(length - 4, f.body.left) if length >= 4 else f.body.left
    f.draft.attributes["result"] = f.body.text(size).rstrip("\0\1\2")


def _camera_95(f: Frame) -> None:
    """An alarm of a camera model: time or GPS, event, its data, names of files"""
    raw, at = f.body.raw, f.body.at
    is_jc400 = raw[at : at + 2] == b"\xff\xff"
    is_brief = f.body.left <= 7
    if is_jc400:
        f.body.take(3)
        gps(f, GpsForm(speed_bytes=2, is_flags_first=True))
        f.draft.attributes["power_v"] = f.body.u16() / 10
    elif is_brief:
        tell_time(f, read_time(f))
    else:
        gps(f, GpsForm(has_satellites=False, speed_bytes=0))
    event = f.body.u8()
    f.draft.attributes["event"] = event
    if event in EVENTS and not (is_brief and event == 0x01):  # brief, 01 is any alarm
        tell(f.draft, EVENTS[event], f.at)
    else:
        f.draft.other(f"event {event:02X}", f.at)
    if f.body.left >= 2:
        f.draft.attributes["event_data"] = f.body.u16()
    if f.body.left:
        f.draft.attributes["files"] = f.body.text(f.body.left)


def _wifi_f3(f: Frame) -> None:
    wifi_list(f, has_head=True)


def content(f: Frame) -> None:
    """What is well formed and not for us: a vehicle's engine, pictures, a peripheral."""
    f.draft.attributes["content"] = f.body.rest().hex()


def _row(*blocks: Block) -> Block:
    def read(f: Frame) -> None:
        for block in blocks:
            block(f)

    return read


def _driver_61(f: Frame) -> None:
    f.draft.device = f.body.take(8).hex()[1:]
    gps(f)
    cell(f)
    f.draft.attributes["driver"] = f.body.take(6).hex()


TYPES: Mapping[int, Block] = {
    0x10: gps,
    0x11: _row(gps, cell),
    0x12: _gps_12,
    0x13: _status_13,
    0x14: content,
    0x15: _text_15,
    0x16: _alarm_16,
    0x17: _wifi_17,
    0x18: towers,
    0x19: _towers_19,
    0x1A: gps,
    0x1E: gps,
    0x22: _gps_22,
    0x23: _heartbeat_23,
    0x24: _towers_24,
    0x25: _tagged,
    0x26: _row(gps, measured_cell, status),
    0x27: _row(gps, measured_cell, status, fence),
    0x28: towers,
    0x2A: content,
    0x2C: towers,
    0x2D: _row(gps, cell, ignition, odometer),
    0x2E: towers,
    0x31: _gps_31,
    0x32: _alarm_32,
    0x33: towers,
    0x34: _gps_34,
    0x35: content,
    0x36: _status_36,
    0x37: _gps_37,
    0x40: content,
    0x41: content,
    0x61: _driver_61,
    0x65: content,
    0x66: content,
    0x69: bcd_wifi,
    0x80: content,
    0x81: content,
    0x82: content,
    0x8A: content,
    0x94: lambda f: volts(f, "power_v"),
    0x95: _camera_95,
    0x9B: content,
    0xA0: _row(gps, long_cell, ignition, odometer),
    0xA1: towers,
    0xA2: _long_a2,
    0xA3: _alarm_a3,
    0xA4: _row(gps, measured_cell, status, fence),
    0xA5: _row(long_cell, status),
    0xA7: cell,
    0xF2: content,
    0xF3: _wifi_f3,
}

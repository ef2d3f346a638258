"""The 7878 message types of gt06: each is a row of blocks, read one after another."""

from __future__ import annotations

from collections.abc import Mapping

from bihuan.gateway.decoders.gt06_alarms import tell_alarm, tell_status
from bihuan.gateway.decoders.gt06_makers import (
    TAILS_12,
    Block,
    camera,
    climate,
    is_nt20,
    leading_imei,
    sent,
    state_and_hours,
    status_obd,
    tagged_xt40,
    tail_plain,
    tail_vxt01,
)
from bihuan.gateway.decoders.gt06_parts import (
    Frame,
    battery_level,
    cell,
    fence,
    gps,
    ignition,
    is_date,
    long_cell,
    measured_cell,
    odometer,
    read_cell,
    status,
    volts,
)
from bihuan.gateway.decoders.gt06_radio import bcd_wifi, towers, wifi_list

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


def _gps_22(f: Frame) -> None:
    if is_nt20(f):
        for block in (sent, gps, measured_cell, state_and_hours):
            block(f)
    elif f.variant == "seeworld":
        for block in (gps, cell, ignition, odometer, climate):
            block(f)
    else:
        for block in (gps, cell, ignition, odometer):
            block(f)


def _gps_12(f: Frame) -> None:
    leading_imei(f)
    gps(f)
    if f.body.left < 7:
        return
    cell(f)
    TAILS_12.get(f.variant, tail_plain)(f)


def _status_13(f: Frame) -> None:
    if f.body.left in (14, 16):
        status_obd(f)
    else:
        status(f)


def _alarm_16(f: Frame) -> None:
    gps(f)
    if f.variant == "vxt01":
        cell(f)
        tail_vxt01(f)
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
    f.draft.attributes["server_flag"] = f.body.u32()
    size = min(length - 4, f.body.left) if length >= 4 else f.body.left
    f.draft.attributes["result"] = f.body.text(size).rstrip("\0\1\2")


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
    0x25: tagged_xt40,
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
    0x95: camera,
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

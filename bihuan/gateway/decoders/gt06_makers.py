"""Layouts of gt06 frames that single makers have: tails, long forms, cameras."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bihuan.gateway.decoders.gt06_alarms import EVENTS, tell, tell_alarm, tell_status
from bihuan.gateway.decoders.gt06_parts import (
    Frame,
    GpsForm,
    gps,
    ignition,
    is_date,
    is_imei,
    measured_cell,
    odometer,
    read_time,
    status_with_volts,
    tell_time,
    volts,
)

Block = Callable[[Frame], None]


def leading_imei(f: Frame) -> None:
    """An IMEI that some models put before the rest: known by its digits and the date after it."""
    raw, at = f.body.raw, f.body.at
    if not is_date(raw[at:]) and is_imei(raw[at:]) and is_date(raw[at + 8 :]):
        f.draft.device = f.body.take(8).hex()[1:]


def is_nt20(f: Frame) -> bool:
    """source, IMEI, time of sending, time of the fix (NT20 and XT40)"""
    raw, at = f.body.raw, f.body.at
    return is_imei(raw[at + 1 :]) and is_date(raw[at + 9 :]) and is_date(raw[at + 15 :])


def sent(f: Frame) -> None:
    f.draft.attributes["source"] = f.body.u8()
    f.draft.device = f.body.take(8).hex()[1:]
    at = read_time(f)
    if at is not None:
        f.draft.attributes["sent"] = at.isoformat().replace("+00:00", "Z")


def state_and_hours(f: Frame) -> None:
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


def climate(f: Frame) -> None:
    f.body.take(4)  # time travelled
    value = f.body.u16()
    sign = -1 if value >> 15 else 1
    f.draft.attributes["temperature_c"] = sign * (value & 0x7FFF) / 100
    f.draft.read("humidity", f.body.u16() / 100, f.at)


def tagged_xt40(f: Frame) -> None:
    """type 25 of XT40: as 22 of NT20, with the kind of network, and a driver's tag"""
    sent(f)
    gps(f)
    measured_cell(f)
    f.draft.attributes["network_kind"] = f.body.u8()
    state_and_hours(f)
    if f.body.left:
        length = f.body.u8()
        if length > 1:
            f.draft.attributes["tag_kind"] = f.body.u8()
            f.draft.attributes["driver"] = f.body.take(length - 1).hex()


def tail_plain(f: Frame) -> None:
    if f.body.left in (3, 7):
        ignition(f)
    odometer(f)


def tail_vxt01(f: Frame) -> None:
    status_with_volts(f)
    f.draft.attributes["alarm_extension"] = f.body.u8()


def tail_s5(f: Frame) -> None:
    status_with_volts(f)
    tell_alarm(f.draft, f.body.u8(), f.model, f.at)
    f.draft.attributes["oil"] = f.body.u16()
    value = f.body.u8()
    f.draft.attributes["temperature_c"] = -(value & 0x7F) if value >> 7 else value
    f.draft.attributes["odometer"] = f.body.u32() * 10


def tail_benway(f: Frame) -> None:
    mask = f.body.u16()
    f.draft.attributes["ignition"] = bool(mask >> 15 & 1)
    f.draft.attributes["input_2"] = bool(mask >> 14 & 1)
    if mask >> 12 & 1:
        value = mask & 0x1FF
        f.draft.attributes["temperature_c"] = -value if mask >> 9 & 1 else value
    else:
        f.draft.attributes["analog"] = mask & 0x3FF if mask >> 13 & 1 else (mask & 0x3FF) / 10


def tail_card(f: Frame) -> None:
    odometer(f)
    f.draft.attributes["card"] = f.body.text(f.body.u8())
    alarm = f.body.u8()
    f.draft.attributes["card_state"] = f.body.u8()
    if alarm and f.variant == "wetrust":
        f.draft.other("card reader", f.at)


def status_obd(f: Frame) -> None:
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


def camera(f: Frame) -> None:
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


TAILS_12: Mapping[str, Block] = {
    "vxt01": tail_vxt01,
    "s5": tail_s5,
    "benway": tail_benway,
    "card": tail_card,
    "wetrust": tail_card,
}

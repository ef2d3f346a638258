"""The blocks of which gt06 frames are built: time, GPS, cell, status, and their variants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bihuan.gateway.decoded import Position
from bihuan.gateway.decoders.cursor import Cursor
from bihuan.gateway.decoders.draft import Draft
from bihuan.gateway.decoders.gt06_alarms import tell_alarm, tell_status

_UNIT = 1_800_000  # of a coordinate, in degrees: 1/30000 of a minute


@dataclass(slots=True)
class Frame:
    """A frame while it is read: what is left of its body, and what is known of its sender."""

    draft: Draft
    body: Cursor
    kind: int
    variant: str
    model: str
    zone: timedelta
    datum: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GpsForm:
    """How a model writes its GPS block."""

    has_satellites: bool = True
    speed_bytes: int = 1
    is_flags_first: bool = False


PLAIN_GPS = GpsForm()


def is_date(raw: bytes) -> bool:
    """Whether six bytes can be year (of 2000), month, day, hour, minute, second."""
    if len(raw) < 6:
        return False
    year, month, day, hour, minute, second = raw[:6]
    return (
        8 <= year <= 99
        and 1 <= month <= 12
        and 1 <= day <= 31
        and hour < 24
        and minute < 60
        and second < 60
    )


def is_imei(raw: bytes) -> bool:
    """Whether eight bytes can be an IMEI: a 0 and fifteen decimal digits."""
    digits = raw[:8].hex()
    return len(digits) == 16 and digits[0] == "0" and digits.isdecimal() and digits != "0" * 16


def read_time(f: Frame) -> datetime | None:
    year, month, day, hour, minute, second = f.body.take(6)
    return f.draft.moment((2000 + year, month, day, hour, minute, second), f.zone)


def read_bcd_time(f: Frame) -> datetime | None:
    """The time of Wi-Fi frames: UTC, two decimal digits in a byte."""
    digits = f.body.take(6).hex()
    if not digits.isdecimal():
        f.draft.fault("time", digits, "yymmddhhmmss in decimal digits")
        return None
    year, month, day, hour, minute, second = (int(digits[i : i + 2]) for i in range(0, 12, 2))
    return f.draft.moment((2000 + year, month, day, hour, minute, second))


def tell_time(f: Frame, at: datetime | None) -> None:
    """Keep the time of a frame in which nothing else carries it."""
    f.at = at
    if at is not None:
        f.draft.attributes["device_time"] = at.isoformat().replace("+00:00", "Z")


def gps(f: Frame, form: GpsForm = PLAIN_GPS) -> None:
    f.at = read_time(f)
    place(f, form)


def place(f: Frame, form: GpsForm = PLAIN_GPS) -> None:
    """[satellites,] latitude, longitude, speed km/h, course and flags"""
    if form.has_satellites:
        f.draft.attributes["satellites"] = f.body.u8() & 0x0F
    lat, lon = f.body.u32() / _UNIT, f.body.u32() / _UNIT
    flags = f.body.u16() if form.is_flags_first else 0
    speed = float(f.body.uint(form.speed_bytes)) if form.speed_bytes else None
    if not form.is_flags_first:
        flags = f.body.u16()
    fix(f, lat, lon, flags, speed)


def fix(f: Frame, lat: float, lon: float, flags: int, speed: float | None) -> None:
    """A position from its flags: bits 0-9 course, 10 north, 11 west, 12 valid, 14-15 ignition."""
    f.draft.fix(
        Position(
            lat if flags >> 10 & 1 else 0.0 - lat,
            0.0 - lon if flags >> 11 & 1 else lon,
            f.at,
            bool(flags >> 12 & 1),
            f.datum,
            speed,
            float(flags & 0x3FF),
        )
    )
    if flags >> 14 & 1:
        f.draft.attributes["ignition"] = bool(flags >> 15 & 1)


def tell_cell(f: Frame, network: list[int], cell: list[int]) -> None:
    f.draft.attributes["mobile_network"] = network
    f.draft.attributes["cells"] = [cell]


def cell(f: Frame) -> None:
    """mcc, mnc, lac, cell without a length before them"""
    read_cell(f, f.body, _cell_form(f))


def long_cell(f: Frame) -> None:
    read_cell(f, f.body, (4, 8))


def _cell_form(f: Frame) -> tuple[int, int]:
    """Bytes of lac and of cell."""
    is_wide = f.kind in (0x11, 0x61) or f.variant in ("seeworld", "sl4x")
    return (2, 4) if is_wide else (2, 3)


def read_cell(f: Frame, body: Cursor, form: tuple[int, int]) -> None:
    mcc = body.u16()
    is_wide = mcc >> 15 or f.kind == 0x11 or f.variant == "sl4x"
    mnc = body.u16() if is_wide else body.u8()
    tell_cell(f, [mcc & 0x7FFF, mnc], [body.uint(form[0]), body.uint(form[1])])


def measured_cell(f: Frame) -> None:
    """A cell with its length before it, which some firmware counts with itself, some without."""
    length = f.body.u8()
    if length == 0:
        # no cell; some firmware leaves its eight bytes there, zero
        if f.body.left >= 12 and not any(f.body.raw[f.body.at : f.body.at + 8]):
            f.body.take(8)
        return
    if f.variant == "sl4x":
        read_cell(f, f.body.sub(length), (2, 4))
    elif f.variant == "seeworld":
        read_cell(f, f.body.sub(max(length - 1, 9)), (2, 4))
    elif length >= 0x10:
        read_cell(f, f.body.sub(length - 1), (4, 8))
    else:
        read_cell(f, f.body.sub(max(length - 1, 8)), (2, 3))


def battery_level(f: Frame, value: int) -> None:
    """0 to 6 is a level, 7 to 100 percent, more is neither"""
    if value <= 6:
        f.draft.read("battery", value * 100 // 6, f.at)
    elif value <= 100:
        f.draft.read("battery", value, f.at)
    else:
        f.draft.attributes["battery_raw"] = value


def status(f: Frame) -> None:
    """status, battery, signal, alarm"""
    tell_status(f.draft, f.body.u8(), f.variant, f.at)
    if f.kind == 0x13 and f.model == "R11":
        volts(f, "power_v")
    else:
        battery_level(f, f.body.u8())
    f.draft.attributes["gsm"] = f.body.u8()
    if f.kind == 0x13 and f.model.startswith("LW"):
        f.draft.attributes["power_v"] = (f.body.u16() & 0xFFF) / 10
    elif f.kind == 0x13 and f.model == "SEEWORLD":
        f.draft.attributes["power_v"] = f.body.u8()
    elif f.body.left:
        tell_alarm(f.draft, f.body.u8(), f.model, f.at)


def status_with_volts(f: Frame) -> None:
    """status, voltage, signal"""
    tell_status(f.draft, f.body.u8(), f.variant, f.at)
    volts(f, "power_v")
    f.draft.attributes["gsm"] = f.body.u8()


def volts(f: Frame, name: str) -> None:
    f.draft.attributes[name] = f.body.u16() / 100


def ignition(f: Frame) -> None:
    """ignition, reason of the upload, whether it was stored"""
    if f.body.left >= 3:
        f.draft.attributes["ignition"] = f.body.u8() > 0
        f.draft.attributes["reason"] = f.body.u8()
        f.draft.attributes["is_backlog"] = f.body.u8() > 0


def odometer(f: Frame) -> None:
    if f.body.left >= 4:
        f.draft.attributes["odometer"] = f.body.u32()


def fence(f: Frame) -> None:
    """high bits of the alarm and language, fence number"""
    if f.body.left >= 2:
        f.draft.attributes["language"] = f.body.u8()
        f.draft.attributes["fence"] = f.body.u8()

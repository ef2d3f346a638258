"""The `topin` protocol (365GPS): 7878 frames without serial and CRC, TCP port 5199.

The length byte means little: for Wi-Fi frames it is the number of networks. Times are UTC.
Types 01 10 11 13 17 69 must be answered or the device hangs up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from bihuan.gateway.decoded import Decoded, Position
from bihuan.gateway.decoders.cursor import Cursor, ShortFrameError
from bihuan.gateway.decoders.draft import Draft
from bihuan.gateway.decoders.gt06_frame import topin_splitter
from bihuan.gateway.decoders.gt06_parts import Frame, gps, read_bcd_time, read_time, tell_time
from bihuan.gateway.decoders.protocol import PLAIN, DeviceProtocol, Options

LOGIN, CLOCK = 0x01, 0x30
ACCEPTED, REFUSED = b"\x01", b"\x44"
# Bits of the alarm byte; all that are set are told.
ALARM_BITS: Mapping[int, tuple[str, str]] = {
    0: ("vibration", ""),
    1: ("other", "overspeed"),
    4: ("low_battery", ""),
}


def _alarms(f: Frame, bits: int) -> None:
    f.draft.attributes["alarm_bits"] = bits
    for bit, (kind, name) in ALARM_BITS.items():
        if bits >> bit & 1:
            if kind == "other":
                f.draft.other(name, f.at)
            else:
                f.draft.signal(kind, f.at)


def _gps(f: Frame) -> None:
    """10, 11 (stored): GPS as in gt06[, altitude, alarms]"""
    if not f.body.left:
        return
    gps(f)
    if f.body.left >= 3:
        f.draft.attributes["altitude_m"] = f.body.sint(2)
        _alarms(f, f.body.u8())
    f.draft.attributes["is_backlog"] = f.kind == 0x11


def _degrees(body: Cursor) -> float:
    """degrees, sign in the high nibble, millionths in twenty bits"""
    whole, rest = body.u8(), body.uint(3)
    value = whole + (rest & 0xFFFFF) / 1_000_000
    return -value if rest >> 20 else value


def _gps_2(f: Frame) -> None:
    """08, 09 (stored): time, two places, speed, half the course, satellites"""
    if not f.body.left:
        return
    f.at = read_time(f)
    lat, lon = _degrees(f.body), _degrees(f.body)
    f.body.take(8)
    speed, course = float(f.body.u8()), f.body.u8() * 2.0
    f.draft.fix(Position(lat, lon, f.at, f.kind == 0x08, f.datum, speed, course))
    f.draft.attributes["satellites"] = f.body.u8()
    f.draft.attributes["is_backlog"] = f.kind == 0x09


def _status(f: Frame) -> None:
    """13: battery %, version, zone, interval[, signal[, 3 of temperature, charging, pulse]]"""
    f.draft.read("battery", f.body.u8())
    names = ("version", "zone", "interval_min", "gsm")
    for name in names:
        if f.body.left:
            f.draft.attributes[name] = f.body.u8()
    if f.body.left >= 3:
        f.body.take(3)
    if f.body.left:
        f.draft.attributes["is_charging"] = f.body.u8() > 0
    if f.body.left:
        f.draft.read("heart_rate", f.body.raw[f.body.end - 1])
        f.body.rest()


def _radio(f: Frame) -> None:
    """17, 18, 19, 1A, 69: time, Wi-Fi networks, towers[, alarms]"""
    if not f.body.left:
        return
    tell_time(f, read_bcd_time(f))
    networks = f.body.raw[2]
    f.draft.attributes["wifi"] = [[f.body.take(6).hex(":"), -f.body.u8()] for _ in range(networks)]
    count = f.body.u8()
    f.draft.attributes["mobile_network"] = [f.body.u16(), f.body.u8()]
    size = 4 if count and f.body.left >= 9 * count else 2  # 4G towers are twice as wide
    f.draft.attributes["cells"] = [
        [f.body.uint(size), f.body.uint(size), -f.body.u8()] for _ in range(count)
    ]
    if f.body.left:
        _alarms(f, f.body.u8())


def _sos(f: Frame) -> None:
    f.draft.signal("sos")
    f.draft.attributes["content"] = f.body.rest().hex()


def _vibration(f: Frame) -> None:
    f.draft.signal("vibration")


def _content(f: Frame) -> None:
    f.draft.attributes["content"] = f.body.rest().hex()


# sleep, reset, clock, numbers, switches, settings, answers to orders: nothing in them is for us
_NOTED = bytes.fromhex("0506141516303334363841424344464748495152535657616667808184929397 98b3")

TYPES: Mapping[int, Callable[[Frame], None]] = {
    0x08: _gps_2,
    0x09: _gps_2,
    0x10: _gps,
    0x11: _gps,
    0x13: _status,
    0x17: _radio,
    0x18: _radio,
    0x19: _radio,
    0x1A: _radio,
    0x69: _radio,
    0x94: _vibration,
    0x99: _sos,
    **dict.fromkeys(_NOTED, _content),
}
_WITH_TIME = frozenset((0x10, 0x11, 0x17, 0x18, 0x19, 0x1A, 0x69))


class TopinDecoder:
    """Reads the frames of one device; who it is comes with the login."""

    def __init__(self, options: Options = PLAIN) -> None:
        self.device: str | None = None
        self._options = options

    def decode(self, frame: bytes, received: datetime) -> Decoded:
        if len(frame) < 6 or frame[:2] != b"\x78\x78" or frame[-2:] != b"\r\n":
            draft = Draft(self.device, "unreadable")
            draft.fault("frame", frame, "7878, length, type, content, 0D0A")
            return draft.done(received)
        kind = frame[3]
        draft = Draft(self.device, f"{kind:02X}")
        content = frame[4:-2]
        if kind == LOGIN:
            self._login(draft, frame, received)
        else:
            self._read(draft, frame, kind)
            draft.replies.extend(_answers(frame[2], kind, content, received))
        return draft.done(received)

    def _login(self, draft: Draft, frame: bytes, received: datetime) -> None:
        digits = frame[4:12].hex()
        if len(frame) >= 14 and digits.isdecimal():
            self.device = draft.device = digits[1:]
            if frame[12:-2]:
                draft.attributes["version"] = frame[12]
            draft.replies.append(encode(frame[2], LOGIN, ACCEPTED))
            draft.replies.append(_clock(received))
        else:
            draft.fault("device", frame[4:12], "an IMEI in 16 decimal digits")
            draft.replies.append(encode(frame[2], LOGIN, REFUSED))

    def _read(self, draft: Draft, frame: bytes, kind: int) -> None:
        body = Cursor(frame, 4, len(frame) - 2)
        reader = TYPES.get(kind)
        if reader is None:
            draft.attributes["content"] = body.rest().hex()
            draft.unsupported(draft.kind)
            return
        try:
            reader(Frame(draft, body, kind, "", "", timedelta(0), self._options.datum))
        except ShortFrameError as short:
            draft.fault("body", frame, f"more bytes for type {draft.kind} ({short})")


def _answers(length: int, kind: int, content: bytes, received: datetime) -> list[bytes]:
    if kind == CLOCK:
        return [_clock(received)]
    if kind in _WITH_TIME:
        return [encode(length, kind, content[:6])]
    if kind == 0x13:
        return [encode(length, kind, content)]
    return [encode(1, kind, b"")] if kind in TYPES and kind not in (0x80, 0x81) else []


def encode(length: int, kind: int, content: bytes) -> bytes:
    """A frame to a device; the length byte is the one that the device wrote."""
    return b"\x78\x78" + bytes((length, kind)) + content + b"\r\n"


def _clock(received: datetime) -> bytes:
    now = received.astimezone(UTC)
    clock = bytes((now.month, now.day, now.hour, now.minute, now.second))
    return encode(7, CLOCK, now.year.to_bytes(2, "big") + clock)


TOPIN = DeviceProtocol(
    name="topin",
    port=5199,
    transports=("tcp",),
    starts=(b"\x78\x78",),
    splitter=topin_splitter,
    decoder=TopinDecoder,
)

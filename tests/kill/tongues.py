"""Frames of every protocol with a number of their own, and how a band of it signs in.

What of a frame is looked for: of an SOS its time, of a `steps` reading its value, of a position or
a pulse its time. Which protocol has an identity, so that a frame may stand once only, is what
docs/gateway.md promises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bihuan.gateway.decoders import gt06, minifinder2, topin
from tests.kill.frames import LAST, Frame, frame

NUMBERS: Mapping[str, str] = {
    "trv": "861265063710001",
    "gt06": "861265063710002",
    "topin": "861265063710003",
    "h02": "8168000004",
    "minifinder2": "861265063710005",
}
PLACE = (40_500_000).to_bytes(4, "big") + (205_200_000).to_bytes(4, "big")
GPS_END = PLACE + bytes.fromhex("24145a")
CELL = bytes.fromhex("01cc00253900553d")
FIELDS = "A2233.0000N11406.0000E003.5"


@dataclass(frozen=True, slots=True)
class Tongue:
    """login: what a band says first on a line; make: (number, whether an SOS is wanted) → frame."""

    login: bytes
    make: Callable[[int, str, bool], Frame]


def _clock(at: datetime) -> bytes:
    return bytes((at.year - 2000, at.month, at.day, at.hour, at.minute, at.second))


def _trv(n: int, band: str, is_sos: bool) -> Frame:
    at = LAST - timedelta(seconds=n)
    if not is_sos:
        raw = f"IWAP03,06000908000102,{n},30#".encode()
        return Frame(n, band, False, False, raw, b"IWBP03#")
    where = f"{at:%y%m%d}{FIELDS}{at:%H%M%S}154.8006000908000102,460,0,9520,3671"
    return Frame(n, band, True, False, f"IWAP10{where},01,zh-cn,00#".encode(), b"IWBP10#")


def _gt06(n: int, band: str, _is_sos: bool) -> Frame:
    """Alarm frames alone: no other of this protocol carries a number."""
    at, serial = LAST - timedelta(seconds=n), (n & 0xFFFF).to_bytes(2, "big")
    body = _clock(at) + b"\xc9" + GPS_END + b"\x09" + CELL + bytes.fromhex("2006040102")
    raw = gt06.encode(0x26, body, serial)
    return Frame(n, band, True, True, raw, gt06.encode(0x26, b"", serial))


def _topin(n: int, band: str, _is_sos: bool) -> Frame:
    """Positions alone: its SOS carries nothing."""
    clock = _clock(LAST - timedelta(seconds=n))
    raw = topin.encode(0x12, 0x10, clock + b"\xc9" + GPS_END)
    return Frame(n, band, False, False, raw, topin.encode(0x12, 0x10, clock), "lat")


def _h02(n: int, band: str, _is_sos: bool) -> Frame:
    """Positions alone: its SOS is a state, and news only when it appears."""
    at = LAST - timedelta(seconds=n)
    where = "A,2233.0000,N,11406.0000,E,010.00,090"
    raw = f"*HQ,{band},V1,{at:%H%M%S},{where},{at:%d%m%y},FFFFFFFF#".encode()
    return Frame(n, band, False, False, raw, f"*HQ,{band},V4,V1,".encode(), "lat")


def _minifinder2(n: int, band: str, _is_sos: bool) -> Frame:
    """A pulse with a time of its own, under an index that its answer repeats."""
    seconds = int((LAST - timedelta(seconds=n)).timestamp())
    index = (n & 0xFFFF).to_bytes(2, "little")
    content = b"\x01\x06\x40" + seconds.to_bytes(4, "little") + b"\x48"
    raw = minifinder2.framed(content, index, wants_answer=True)
    reply = minifinder2.framed(bytes((0x7F, 1, 0)), index)
    return Frame(n, band, False, True, raw, reply, "heart_rate")


def _watch(n: int, band: str, is_sos: bool) -> Frame:
    return frame(n, band, is_sos=is_sos, has_index=n % 2 == 0)


def _imei(number: str) -> bytes:
    return bytes.fromhex("0" + number)


TONGUES: Mapping[str, Tongue] = {
    "watch": Tongue(b"", _watch),
    "trv": Tongue(f"IWAP00{NUMBERS['trv']}#".encode(), _trv),
    "gt06": Tongue(gt06.encode(0x01, _imei(NUMBERS["gt06"]), b"\0\1"), _gt06),
    "topin": Tongue(topin.encode(0x0D, 0x01, _imei(NUMBERS["topin"]) + b"\x4d"), _topin),
    "h02": Tongue(b"", _h02),
    "minifinder2": Tongue(
        minifinder2.framed(b"\x01\x10\x01" + NUMBERS["minifinder2"].encode(), b"\xff\xff"),
        _minifinder2,
    ),
}

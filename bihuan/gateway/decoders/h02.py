"""The `h02` protocol: text `*HQ,id,TYPE,…#` and binary `$…`, TCP and UDP, port 5013.

Times are UTC, speeds in knots; an alarm is a status bit that is 0. Source: devices.md.
"""

from __future__ import annotations

import re
from datetime import datetime

from bihuan.gateway.decoded import Decoded, Position
from bihuan.gateway.decoders.draft import Draft
from bihuan.gateway.decoders.h02_frame import splitter
from bihuan.gateway.decoders.h02_status import read_status
from bihuan.gateway.decoders.h02_text import KNOT_KMH, READERS, answer, read_position
from bihuan.gateway.decoders.protocol import PLAIN, DeviceProtocol, Options

_HEAD = re.compile(r"\*([A-Za-z]{2}),([^,#]{0,20}),([^,#]{1,12})(?:,|$)")
_BATTERY_STEPS = {1: 0, 2: 10, 3: 20, 4: 60, 5: 80, 6: 100}  # a level of six as percent


class H02Decoder:
    """Reads the frames of one connection; every frame names its device."""

    def __init__(self, options: Options = PLAIN) -> None:
        self.device: str | None = None
        self._options = options

    def decode(self, frame: bytes, received: datetime) -> Decoded:
        if frame[:1] in (b"$", b"X"):
            return self._binary(frame).done(received)
        return self._text(frame, received).done(received)

    def _text(self, frame: bytes, received: datetime) -> Draft:
        text = frame.decode("latin-1").strip("\r\n ").removesuffix("#")
        head = _HEAD.match(text)
        if head is None:
            draft = Draft(self.device, "unreadable")
            draft.fault("frame", frame, "*HQ,id,TYPE,…")
            return draft
        maker, device, kind = head.groups()
        self.device = device or self.device
        draft = Draft(self.device, kind)
        draft.attributes["maker"] = maker
        rest = text[head.end() :]
        self._read(draft, kind, rest.split(",") if rest else [])
        if self.device is not None:
            reply = answer(maker, self.device, kind, received, self._options)
            if reply is not None:
                draft.replies.append(reply.encode("latin-1"))
        return draft

    def _read(self, draft: Draft, kind: str, fields: list[str]) -> None:
        if kind in READERS:
            if fields or kind in ("HTBT", "V0"):
                READERS[kind](draft, fields, self._options)
        elif kind.startswith("V") and (kind != "V4" or len(fields) > 6):
            read_position(draft, fields, self._options)
        else:
            draft.attributes["answer"] = ",".join(fields)
            if kind != "V4":
                draft.unsupported(kind)

    def _binary(self, frame: bytes) -> Draft:
        """id, hhmmss, ddmmyy, lat, battery, lon and flags, speed and course, status: all BCD"""
        id_bytes = 8 if len(frame) == 42 else 5
        digits = frame[1 + id_bytes : 24 + id_bytes].hex()
        device = frame[1 : 1 + id_bytes].hex()[:15]
        mark = chr(frame[0])
        if len(digits) < 46 or not device.isdecimal():
            draft = Draft(self.device, mark)
            draft.fault("frame", frame, "at least 29 bytes, with an id of decimal digits")
            return draft
        self.device = device
        draft = Draft(device, mark)
        at = _binary_time(draft, digits)
        read_status(draft, int(digits[38:46], 16), at, self._options)
        self._binary_position(draft, digits, at)
        _battery(draft, int(digits[20:22], 16), at)
        draft.attributes["more"] = frame[24 + id_bytes :].hex()
        return draft

    def _binary_position(self, draft: Draft, digits: str, at: datetime | None) -> None:
        numbers = digits[12:20] + digits[22:31] + digits[32:38]
        if not numbers.isdecimal():
            draft.fault("position", digits[12:38], "decimal digits")
            return
        lat = int(digits[12:14]) + int(digits[14:20]) / 10_000 / 60
        lon = int(digits[22:25]) + int(digits[25:31]) / 10_000 / 60
        flags = int(digits[31], 16)
        draft.fix(
            Position(
                lat if flags & 4 else -lat,
                lon if flags & 8 else -lon,
                at,
                bool(flags & 2),
                self._options.datum,
                round(int(digits[32:35]) * KNOT_KMH, 3),
                float(int(digits[35:38])),
            )
        )


def _binary_time(draft: Draft, digits: str) -> datetime | None:
    if not digits[:12].isdecimal():
        draft.fault("time", digits[:12], "hhmmss ddmmyy in decimal digits")
        return None
    h, m, s, day, month, year = (int(digits[i : i + 2]) for i in range(0, 12, 2))
    return draft.moment((2000 + year, month, day, h, m, s))


def _battery(draft: Draft, value: int, at: datetime | None) -> None:
    """0 is nothing; 1 to 6 a level; 7 to 100 percent; F1 to F6 a level of charging"""
    if value in _BATTERY_STEPS:
        draft.read("battery", _BATTERY_STEPS[value], at)
    elif 7 <= value <= 100:
        draft.read("battery", value, at)
    elif value:
        draft.attributes["battery_raw"] = f"{value:02X}"


H02 = DeviceProtocol(
    name="h02",
    port=5013,
    transports=("tcp", "udp"),
    starts=(b"*", b"$", b"X"),
    splitter=splitter,
    decoder=H02Decoder,
    delimiter=b"#",
)

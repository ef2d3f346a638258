"""The `gt06` protocol (Concox, Jimi and their many kin): 7878 and 7979 frames, TCP port 5023.

Serial and CRC-16/X.25 close every frame. Times are in the device's zone: UTC unless the login
or the operator says otherwise.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bihuan.gateway.decoded import Decoded
from bihuan.gateway.decoders.crc import x25
from bihuan.gateway.decoders.cursor import Cursor, ShortFrameError
from bihuan.gateway.decoders.draft import Draft
from bihuan.gateway.decoders.gt06_frame import WIFI_TYPES, splitter
from bihuan.gateway.decoders.gt06_long import LONG_TYPES
from bihuan.gateway.decoders.gt06_parts import Frame, is_imei
from bihuan.gateway.decoders.gt06_types import TYPES, variant_of
from bihuan.gateway.decoders.protocol import PLAIN, DeviceProtocol, Options

LOGIN, ADDRESS, ADDRESS_ANSWER, CLOCK, MODULAR = 0x01, 0x2A, 0x97, 0x8A, 0x70
_UNANSWERED = frozenset((0x80, 0x81, 0x82, 0x94))
_LONG_ANSWERED = frozenset((0x32, 0x33, 0x38, 0x41, 0xF2))
_NO_ADDRESS = b"NA&&NA&&0##"
_LEAST = 10  # start 2, length 1, type 1, serial 2, CRC 2, end 2
_FARTHEST = timedelta(hours=14)


class Gt06Decoder:
    """Reads the frames of one device; who it is comes with the login."""

    def __init__(self, options: Options = PLAIN) -> None:
        self.device: str | None = None
        self._options = options
        self._zone = options.zone

    def decode(self, frame: bytes, received: datetime) -> Decoded:
        is_long = frame[:2] == b"\x79\x79"
        if (
            len(frame) < _LEAST + is_long
            or (not is_long and frame[:2] != b"\x78\x78")
            or frame[-2:] != b"\r\n"
        ):
            draft = Draft(self.device, "unreadable")
            draft.fault("frame", frame, "7878 or 7979, length, type, serial, CRC, 0D0A")
            return draft.done(received)
        at = 4 if is_long else 3
        kind = frame[at]
        serial = frame[-6:-4]
        draft = Draft(self.device, f"{kind:02X}", str(int.from_bytes(serial, "big")))
        if self._fits(draft, frame, kind):
            self._read(draft, Cursor(frame, at + 1, len(frame) - 6), kind, is_long)
            reply = _answer(frame, kind, serial, received)
            if reply is not None:
                draft.replies.append(reply)
        self.device = draft.device
        return draft.done(received)

    def _fits(self, draft: Draft, frame: bytes, kind: int) -> bool:
        is_long = frame[0] == 0x79
        told = int.from_bytes(frame[2:4], "big") if is_long else frame[2]
        found = len(frame) - (6 if is_long else 5)
        if told != found and not (kind in WIFI_TYPES and not is_long):
            draft.attributes["length_mismatch"] = {"told": told, "found": found}
            if self._options.must_length_fit:
                draft.fault("length", found, f"{told}, as the frame says")
                return False
        told_sum, found_sum = int.from_bytes(frame[-4:-2], "big"), x25(frame[2:-4])
        if told_sum != found_sum and not (kind in WIFI_TYPES and told < 0x0D):
            draft.attributes["checksum_mismatch"] = {
                "told": f"{told_sum:04X}",
                "found": f"{found_sum:04X}",
            }
            if self._options.must_sum_fit:
                draft.fault("checksum", f"{found_sum:04X}", f"{told_sum:04X}, as the frame says")
                return False
        return True

    def _read(self, draft: Draft, body: Cursor, kind: int, is_long: bool) -> None:
        length = int.from_bytes(body.raw[2:4], "big") if is_long else body.raw[2]
        if kind in WIFI_TYPES and not is_long and length < 0x0D:
            body = Cursor(body.raw, body.at, len(body.raw) - 2)  # neither serial nor CRC
            draft.identity = None
        frame = Frame(
            draft,
            body,
            kind,
            "" if is_long else variant_of(kind, length),
            (self._options.model or "").upper(),
            self._zone,
            self._options.datum,
        )
        try:
            if kind == LOGIN and not is_long:
                self._login(draft, body)
            else:
                reader = (LONG_TYPES if is_long else TYPES).get(kind)
                if reader is None:
                    draft.attributes["content"] = body.rest().hex()
                    draft.unsupported(draft.kind)
                else:
                    reader(frame)
        except ShortFrameError as short:
            draft.fault("body", body.raw, f"more bytes for type {draft.kind} ({short})")

    def _login(self, draft: Draft, body: Cursor) -> None:
        raw = body.take(8)
        if raw.hex().isdecimal() and (is_imei(raw) or any(raw)):
            draft.device = raw.hex()[1:]
        else:
            draft.fault("device", raw, "an IMEI in 16 decimal digits")
        if body.left >= 2:
            draft.attributes["model_code"] = body.take(2).hex()
        if body.left >= 2:
            bits = body.u16()
            hours, minutes = divmod(bits >> 4, 100)
            zone = timedelta(hours=hours, minutes=minutes) * (-1 if bits & 8 else 1)
            if minutes < 60 and abs(zone) <= _FARTHEST:
                self._zone = zone
                draft.attributes["zone_min"] = zone // timedelta(minutes=1)
            else:
                draft.fault("zone", f"{bits:04X}", "an offset of at most 14 hours")


def _answer(frame: bytes, kind: int, serial: bytes, received: datetime) -> bytes | None:
    """Same type and serial; some types want content, some nothing at all."""
    if frame[0] == 0x79:
        if kind == MODULAR:
            return encode(kind, b"", serial)
        return encode(kind, b"", serial, is_long=True) if kind in _LONG_ANSWERED else None
    if kind in _UNANSWERED:
        return None
    if kind in WIFI_TYPES and frame[2] < 0x0D:
        return b"\x78\x78\x00" + bytes((kind,)) + frame[4:10] + b"\r\n"
    if kind == ADDRESS:
        content = bytes((len(_NO_ADDRESS),)) + bytes(4) + _NO_ADDRESS
        return encode(ADDRESS_ANSWER, content, serial, is_long=True)
    if kind == CLOCK:
        now = received.astimezone(UTC)
        clock = (now.year - 2000, now.month, now.day, now.hour, now.minute, now.second)
        return encode(kind, bytes(clock), serial)
    return encode(kind, b"", serial)


def encode(kind: int, content: bytes, serial: bytes, *, is_long: bool = False) -> bytes:
    """A frame to a device, its length and CRC computed."""
    length = len(content) + 5
    head = length.to_bytes(2 if is_long else 1, "big") + bytes((kind,))
    body = head + content + serial
    return (b"\x79\x79" if is_long else b"\x78\x78") + body + x25(body).to_bytes(2, "big") + b"\r\n"


GT06 = DeviceProtocol(
    name="gt06",
    port=5023,
    transports=("tcp",),
    starts=(b"\x78\x78", b"\x79\x79"),
    splitter=splitter,
    decoder=Gt06Decoder,
)

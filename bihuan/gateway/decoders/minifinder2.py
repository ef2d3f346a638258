"""The `minifinder2` (Eview) protocol: AB header, little-endian keys, CRC16/XMODEM, port 5187.

Header: AB, flags (bit 4: answer wanted), length, CRC over the content, index; then the content:
a message type and keys of length (which counts the key), key, value. Times are UTC seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bihuan.base.time import SECOND_US, us_of
from bihuan.gateway.decoded import Decoded, Position
from bihuan.gateway.decoders.crc import xmodem
from bihuan.gateway.decoders.cursor import Cursor, ShortFrameError
from bihuan.gateway.decoders.draft import Draft
from bihuan.gateway.decoders.framing import NO_FRAME, WAIT, Measured, StreamSplitter
from bihuan.gateway.decoders.minifinder2_keys import READERS, REPEATABLE, Record
from bihuan.gateway.decoders.protocol import PLAIN, DeviceProtocol, Options

DATA, CONFIGURATION, SERVICES, CONTROL, FIRMWARE, ANSWER = 0x01, 0x02, 0x03, 0x04, 0x7E, 0x7F
_HEAD = 8
LIMIT = 8 * 1024
_WANTS_ANSWER = 4
_SUCCESS = bytes((ANSWER, 1, 0))


def splitter() -> StreamSplitter:
    return StreamSplitter(_measure, LIMIT, "AB, flags, length (at most 8 KB), CRC, index")


def _measure(buffer: bytes, at: int, is_last: bool) -> Measured:
    start = buffer.find(b"\xab", at)
    if start < 0:
        return Measured(len(buffer), WAIT)
    missing = NO_FRAME if is_last else WAIT
    if len(buffer) < start + _HEAD:
        return Measured(start, missing)
    length = int.from_bytes(buffer[start + 2 : start + 4], "little")
    end = start + _HEAD + length
    if not 0 < length <= LIMIT - _HEAD or buffer[start + 1] & 0xC0:
        return Measured(start, NO_FRAME)
    if end <= len(buffer):
        return Measured(start, end)
    return Measured(start, len(buffer) if is_last and _is_data(buffer, start) else missing)


def _is_data(buffer: bytes, start: int) -> bool:
    """Whether a frame cut short says enough of itself to be read as far as it goes."""
    return len(buffer) > start + _HEAD and buffer[start + _HEAD] == DATA


class Minifinder2Decoder:
    """Reads the frames of one device; who it is comes with key 01 of its data."""

    def __init__(self, options: Options = PLAIN) -> None:
        self.device: str | None = None
        self._options = options

    def decode(self, frame: bytes, received: datetime) -> Decoded:
        if len(frame) <= _HEAD or frame[0] != 0xAB:
            draft = Draft(self.device, "unreadable")
            draft.fault("frame", frame, "AB, flags, length, CRC, index and a message type")
            return draft.done(received)
        index = frame[6:8]
        kind = frame[_HEAD]
        draft = Draft(self.device, f"{kind:02X}", str(int.from_bytes(index, "little")))
        content = frame[_HEAD:]
        if self._fits(draft, frame, content):
            self._read(draft, kind, Cursor(content, 1))
        if frame[1] >> _WANTS_ANSWER & 1:
            draft.replies.append(_answer(index, kind, content, received))
        self.device = draft.device
        return draft.done(received)

    def _fits(self, draft: Draft, frame: bytes, content: bytes) -> bool:
        told_length = int.from_bytes(frame[2:4], "little")
        told_sum = int.from_bytes(frame[4:6], "little")
        if told_length != len(content):
            draft.attributes["length_mismatch"] = {"told": told_length, "found": len(content)}
            if self._options.must_length_fit:
                draft.fault("length", len(content), f"{told_length}, as the frame says")
                return False
        found = xmodem(content)
        if told_sum != found:
            draft.attributes["checksum_mismatch"] = {
                "told": f"{told_sum:04X}",
                "found": f"{found:04X}",
            }
            if self._options.must_sum_fit:
                draft.fault("checksum", f"{found:04X}", f"{told_sum:04X}, as the frame says")
                return False
        return True

    def _read(self, draft: Draft, kind: int, body: Cursor) -> None:
        if kind in (DATA, SERVICES):
            self._records(draft, body)
        elif kind == ANSWER:
            draft.attributes["result"] = ",".join(str(key) for key, _ in _keys(body, draft))
        elif kind == CONTROL:
            for key, value in _keys(body, draft):
                draft.attributes["key"] = f"{key:02X}"
                draft.attributes["result"] = value[1:].decode("latin-1")
        elif kind in (CONFIGURATION, FIRMWARE):
            draft.attributes["configuration"] = {
                f"{key:02X}": value.hex() for key, value in _keys(body, draft)
            }
        else:
            draft.attributes["content"] = body.rest().hex()
            draft.unsupported(draft.kind)

    def _records(self, draft: Draft, body: Cursor) -> None:
        record = Record()
        records = [record]
        for key, value in _keys(body, draft):
            if key in record.keys and key not in REPEATABLE:
                record = Record()
                records.append(record)
            record.keys.add(key)
            reader = READERS.get(key)
            if reader is None:
                record.attributes[f"key_{key:02X}"] = value.hex()
                continue
            try:
                reader(draft, record, Cursor(value))
            except ShortFrameError as short:
                draft.fault(f"key {key:02X}", value, f"more bytes ({short})")
        for each in records:
            self._keep(draft, each)
        if len(records) > 1:
            draft.attributes["records"] = len(records)

    def _keep(self, draft: Draft, record: Record) -> None:
        """Put one record's facts into the frame's; the last position is the frame's own."""
        for kind, name in record.signals:
            if kind == "other":
                draft.other(name, record.signals_at or record.at)
            else:
                draft.signal(kind, record.signals_at or record.at)
        if record.battery is not None:
            draft.read("battery", record.battery, record.at)
        draft.attributes.update(record.attributes)
        if record.lat is not None and record.lon is not None:
            found = draft.possible(
                Position(
                    record.lat,
                    record.lon,
                    record.at,
                    record.is_valid,
                    self._options.datum,
                    record.speed_kmh,
                    record.course_deg,
                )
            )
            if found is not None:
                if draft.position is not None:
                    draft.track.append(draft.position)
                draft.position = found


def _keys(body: Cursor, draft: Draft) -> Iterator[tuple[int, bytes]]:
    """(key, value) pairs; a value that the frame cuts off is a fault, and the last one."""
    while body.left:
        length = body.u8()
        if length == 0:
            continue
        if length > body.left:
            draft.fault("key", body.rest(), f"{length} bytes, as its length says")
            return
        key = body.u8()
        yield key, body.take(length - 1)


def _answer(index: bytes, kind: int, content: bytes, received: datetime) -> bytes:
    """Success; to a request for services what was asked: no place is known here, but the time."""
    answer = _SUCCESS
    if kind == SERVICES:
        parts = []
        for key, _ in _keys(Cursor(content, 1), Draft(None, "")):
            if key == 0x11:
                parts.append(bytes((10, key)) + bytes(9))
            elif key == 0x12:
                seconds = us_of(received) // SECOND_US
                parts.append(bytes((5, key)) + seconds.to_bytes(4, "little"))
        if parts:
            answer = bytes((SERVICES,)) + b"".join(parts)
    return framed(answer, index)


def framed(content: bytes, index: bytes, *, wants_answer: bool = False) -> bytes:
    """A frame to a device, its length and CRC computed."""
    flags = bytes((0xAB, wants_answer << _WANTS_ANSWER))
    size, crc = len(content).to_bytes(2, "little"), xmodem(content).to_bytes(2, "little")
    return flags + size + crc + index + content


MINIFINDER2 = DeviceProtocol(
    name="minifinder2",
    port=5187,
    transports=("tcp", "udp"),
    starts=(b"\xab",),
    splitter=splitter,
    decoder=Minifinder2Decoder,
)

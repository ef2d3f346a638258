"""Where gt06 and topin frames end: `7878 len …` and `7979 len len …`, closed by 0D0A.

Wi-Fi frames write the number of networks where the length belongs, some firmware leaves the CRC
out of the length, and topin's length byte means little: so an end is believed where 0D0A stands,
at the length told first, at the places known for the type next, at the first 0D0A otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bihuan.gateway.decoders.framing import NO_FRAME, WAIT, Measured, StreamSplitter

_START = re.compile(rb"\x78\x78|\x79\x79")
_CLOSE = b"\r\n"
LIMIT = 16 * 1024
SHORT_LIMIT = 2 * 1024  # of a 7878 frame: 255 Wi-Fi networks of 7 bytes, and what is around them
WIFI_TYPES = (0x17, 0x69)
# topin: bytes of content below which a 0D0A is content, by type; others may be empty
TOPIN_LEAST = {0x01: 9, 0x10: 18, 0x11: 18, 0x13: 4, 0x30: 0, 0x99: 0}
TOPIN_WIFI = (0x17, 0x18, 0x19, 0x1A, 0x69)


def splitter() -> StreamSplitter:
    return StreamSplitter(_measure_gt06, LIMIT, "7878 or 7979, a length, a type and 0D0A")


def topin_splitter() -> StreamSplitter:
    return StreamSplitter(_measure_topin, LIMIT, "7878, a length, a type and 0D0A")


def _begin(buffer: bytes, at: int, is_last: bool) -> int:
    begin = _START.search(buffer, at)
    if begin is not None:
        return begin.start()
    may_go_on = not is_last and buffer[-1:] in (b"x", b"y") and len(buffer) > at
    return len(buffer) - may_go_on


def _measure_gt06(buffer: bytes, at: int, is_last: bool) -> Measured:
    start = _begin(buffer, at, is_last)
    if len(buffer) - start < 5:
        missing = NO_FRAME if is_last and start < len(buffer) else WAIT
        return Measured(start, missing)
    for end in _ends(buffer, start):
        if end - start > LIMIT:
            return Measured(start, NO_FRAME)
        if len(buffer) < end and not is_last:
            return Measured(start, WAIT)
        if buffer[end - 2 : end] == _CLOSE:
            return Measured(start, end)
    limit = SHORT_LIMIT if buffer[start] == 0x78 else LIMIT
    return Measured(start, _first_close(buffer, start + 4, limit, is_last))


def _ends(buffer: bytes, start: int) -> Iterator[int]:
    """The places where the frame can end, from the length it tells and from its type."""
    if buffer[start] == 0x78:
        told, kind = buffer[start + 2], buffer[start + 3]
        if kind in WIFI_TYPES and told < 0x0D:
            yield from _wifi_ends(buffer, start, told, 5)
        else:
            yield start + 5 + told
            yield start + 7 + told
    else:
        told = int.from_bytes(buffer[start + 2 : start + 4], "big")
        yield start + 6 + told
        yield start + 8 + told


def _wifi_ends(buffer: bytes, start: int, networks: int, cell_size: int) -> Iterator[int]:
    """time 6, networks of 7 bytes, a count of cells, mcc 2, mnc 1, cells[, alarm 1]"""
    counted = start + 4 + 6 + 7 * networks
    if counted >= len(buffer):
        yield counted + 6  # more is needed to know
        return
    end = counted + 4 + cell_size * buffer[counted]
    yield end + 2
    yield end + 3


def _measure_topin(buffer: bytes, at: int, is_last: bool) -> Measured:
    start = _begin(buffer, at, is_last)
    if len(buffer) - start < 6:
        missing = NO_FRAME if is_last and start < len(buffer) else WAIT
        return Measured(start, missing)
    told, kind = buffer[start + 2], buffer[start + 3]
    least = TOPIN_LEAST.get(kind, 0)
    if kind in TOPIN_WIFI:
        least = 6 + 7 * told + 1
    elif kind in (0x08, 0x09) and told:
        least = 25
    elif told == 0 and kind in (0x10, 0x11):
        least = 0
    close = _first_close(buffer, start + 4 + least, SHORT_LIMIT, is_last)
    if close == NO_FRAME:  # shorter than its type: an earlier end is better than none
        close = _first_close(buffer, start + 4, SHORT_LIMIT, is_last)
    return Measured(start, close)


def _first_close(buffer: bytes, at: int, limit: int, is_last: bool) -> int:
    close = buffer.find(_CLOSE, at, at + limit)
    if close >= 0:
        return close + 2
    return NO_FRAME if is_last or len(buffer) >= at + limit else WAIT

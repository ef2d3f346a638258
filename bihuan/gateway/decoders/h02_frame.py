"""Where an h02 frame ends: text `*HQ,…#`, and binary `$…`/`X…` of 32 or 45 bytes.

A binary frame does not say which of the lengths it has. It ends where the next frame begins, or
where nothing follows (end of datagram, of connection, or a silence: `flush`).
"""

from __future__ import annotations

import re

from bihuan.gateway.decoders.framing import NO_FRAME, WAIT, Measured, StreamSplitter

_START = re.compile(rb"[*$X]")
_HEADER = re.compile(rb"\*[A-Za-z]{2},\d{8,15},")  # inside a frame: that one was cut short
SHORT = 32
LENGTHS = (SHORT, 45, 46)  # 46: with odometer, temperature and fuel before the cell
ALONE = (SHORT, 42, 45, 46)  # 42: an id of 15 digits; told apart only when it stands alone
LIMIT = 4 * 1024


def splitter() -> StreamSplitter:
    return StreamSplitter(_measure, LIMIT, "*HQ,id,TYPE,…# or a binary frame from $")


def _measure(buffer: bytes, at: int, is_last: bool) -> Measured:
    begin = _START.search(buffer, at)
    if begin is None:
        return Measured(len(buffer), WAIT)
    start = begin.start()
    if begin[0] == b"*":
        end = buffer.find(b"#", start)
        if end >= 0:
            is_half = _HEADER.search(buffer, start + 1, end) is not None
            return Measured(start, NO_FRAME if is_half else end + 1)
        return Measured(start, NO_FRAME if is_last else WAIT)
    return Measured(start, _binary_end(buffer, start, is_last))


def _binary_end(buffer: bytes, start: int, is_last: bool) -> int:
    have = len(buffer) - start
    for length in LENGTHS:
        after = buffer[start + length : start + length + 1]
        if after and after in b"*$X":
            return start + length
        if not after and not is_last:
            return WAIT
    if have in ALONE:
        return start + have
    return start + SHORT if have >= SHORT else (NO_FRAME if is_last else WAIT)

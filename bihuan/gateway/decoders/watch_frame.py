"""Where a watch frame `[MF*id*(index*)LEN*TYPE,…]` begins and ends on the wire.

LEN counts the content after unescaping. A third of the recorded frames carry a LEN that does not
fit (they were anonymised), and names of Wi-Fi networks bring brackets of their own, so LEN is
believed where a `]` stands at the place it says, and brackets are balanced otherwise.
"""

from __future__ import annotations

import re

from bihuan.gateway.decoders.framing import NO_FRAME, WAIT, Measured, StreamSplitter

_HEADER = re.compile(
    rb"\[[^\[\]*]{2}\*[^\[\]*]{1,20}\*(?:[^\[\]*,]{1,8}\*)?(?P<len>[0-9A-Fa-f]{4})\*"
)
_HEADER_MOST = 40
_BRACKET = re.compile(rb"[\[\]]")
_ESCAPED = re.compile(rb"\}([\x01-\x05])")
_MEANING = {b"\x01": b"}", b"\x02": b"[", b"\x03": b"]", b"\x04": b",", b"\x05": b"*"}
LIMIT = 128 * 1024  # the largest LEN, 65,535, with every byte escaped, fits


def splitter() -> StreamSplitter:
    """A splitter whose frames are unescaped."""
    return StreamSplitter(_measure, LIMIT, "[MF*id*LEN*TYPE,…] with 4 hex digits of LEN", unescape)


def unescape(raw: bytes) -> bytes:
    """The frame with 7D01-7D05 turned back into } [ ] , *; other pairs stay as they are."""
    return _ESCAPED.sub(lambda pair: _MEANING[pair[1]], raw) if b"}" in raw else raw


def _measure(buffer: bytes, at: int, is_last: bool) -> Measured:
    start = buffer.find(b"[", at)
    if start < 0:
        return Measured(len(buffer), WAIT)
    header = _HEADER.match(buffer, start)
    if header is None:
        is_whole = is_last or len(buffer) - start > _HEADER_MOST
        return Measured(start, NO_FRAME if is_whole else WAIT)
    body = header.end()
    end = _end_by_length(buffer, body, int(header["len"], 16))
    following = _HEADER.search(buffer, body, end)
    if following is not None:
        return Measured(start, _end_before(buffer, body, following.start()))
    if end < len(buffer):
        if buffer[end] == 0x5D:
            return Measured(start, end + 1)
    elif not is_last:
        return Measured(start, WAIT)
    return Measured(start, _end_by_brackets(buffer, body, is_last))


def _end_before(buffer: bytes, body: int, following: int) -> int:
    """The end of a frame after which another begins, or none if it was cut short."""
    end = len(buffer[body:following].rstrip()) + body
    return end if end > body and buffer[end - 1] == 0x5D else NO_FRAME


def _end_by_length(buffer: bytes, body: int, length: int) -> int:
    """Where the closing bracket must stand if LEN, which counts unescaped bytes, is right."""
    end = body + length
    if buffer.find(b"}", body, end) >= 0:
        for escape in _ESCAPED.finditer(buffer, body):
            if escape.start() >= end:
                break
            end += 1
    return end


def _end_by_brackets(buffer: bytes, body: int, is_last: bool) -> int:
    following = _HEADER.search(buffer, body)
    depth = 0
    for bracket in _BRACKET.finditer(buffer, body, following.start() if following else len(buffer)):
        if bracket[0] == b"[":
            depth += 1
        elif depth == 0:
            return bracket.end()
        else:
            depth -= 1
    if following is not None:
        return _end_before(buffer, body, following.start())
    last = buffer.rfind(b"]", body)
    if is_last:
        return last + 1 if last >= 0 else NO_FRAME
    return WAIT

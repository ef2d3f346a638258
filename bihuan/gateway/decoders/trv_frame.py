"""Where a TRV/IW frame ends: at `#`, except in recordings, which say how many bytes follow."""

from __future__ import annotations

import re

from bihuan.gateway.decoders.framing import NO_FRAME, WAIT, Measured, StreamSplitter

_HEAD = re.compile(rb"(?:TRV|IW)[A-Z]P[0-9A-Z]{2}")
_INNER = re.compile(rb"(?:TRV|IW)[AY]P(?:\d\d[\dA-Z,]|H[TP],)")
_BEGIN = re.compile(rb"TRV|IW")
_HALF_BEGIN = (b"T", b"TR", b"I")
_HEAD_MOST = 7
# AP07 (recording) and AP42 (picture): ,time,packets,number,bytes,<bytes>#
_MEDIA = re.compile(rb"(?:TRV|IW)AP(?:07|42),[^,#]{1,20},\d{1,6},\d{1,6},(\d{1,5}),")
LIMIT = 16 * 1024


def splitter() -> StreamSplitter:
    return StreamSplitter(_measure, LIMIT, "TRV or IW, a type such as AP01, and an end #")


def _measure(buffer: bytes, at: int, is_last: bool) -> Measured:
    begin = _BEGIN.search(buffer, at)
    if begin is None:
        # the last letters may be the beginning of TRV or IW
        tail = b"" if is_last else buffer[max(at, len(buffer) - 2) :]
        keep = next((len(part) for part in (tail, tail[1:]) if part in _HALF_BEGIN), 0)
        return Measured(len(buffer) - keep, WAIT)
    start = begin.start()
    if _HEAD.match(buffer, start) is None:
        is_whole = is_last or len(buffer) - start >= _HEAD_MOST
        return Measured(start, NO_FRAME if is_whole else WAIT)
    media = _MEDIA.match(buffer, start)
    if media is not None:
        end = media.end() + int(media[1])
        if len(buffer) <= end and not is_last:
            return Measured(start, WAIT)
        if buffer[end : end + 1] == b"#":
            return Measured(start, end + 1)
    end = buffer.find(b"#", start)
    if end < 0:
        return Measured(start, NO_FRAME if is_last else WAIT)
    # a head inside a frame: that one was cut short, and takes none that follows with it
    is_half = _INNER.search(buffer, start + 1, end) is not None
    return Measured(start, NO_FRAME if is_half else end + 1)

"""Cutting a byte stream into frames: one bounded loop, given each protocol's way to measure one."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from bihuan.base.errors import Fault, shown
from bihuan.gateway.decoders.protocol import Piece


class Measured(NamedTuple):
    """Where the next frame lies in a buffer.

    start   first byte of the next possible frame; the buffer's length if none can begin
    end     one past its last byte; WAIT = more bytes are needed; NO_FRAME = none begins at start
    """

    start: int
    end: int


WAIT = 0
NO_FRAME = -1

# (buffer, first byte to look at, whether nothing will follow) -> where the next frame lies
Measure = Callable[[bytes, int, bool], Measured]

_BLANK = b"\r\n\t \0"  # between text frames, not worth a fault


class StreamSplitter:
    """Feeds a protocol's measure; keeps at most `limit` bytes of an unfinished frame.

    `finish` makes the frame of the bytes on the wire (unescaping); None = as they are.
    """

    def __init__(
        self,
        measure: Measure,
        limit: int,
        want: str,
        finish: Callable[[bytes], bytes] | None = None,
    ) -> None:
        self._measure = measure
        self._limit = limit
        self._want = want
        self._finish = finish
        self._buffer = b""
        self._junk = b""  # bytes before the buffer that are no frame, not yet told

    def feed(self, data: bytes) -> list[Piece]:
        self._buffer += data
        return self._cut(is_last=False)

    @property
    def is_pending(self) -> bool:
        return bool(self._buffer or self._junk)

    def flush(self) -> list[Piece]:
        pieces = self._cut(is_last=True)
        self._junk += self._buffer
        self._buffer = b""
        self._tell_junk(pieces)
        return pieces

    def _cut(self, *, is_last: bool) -> list[Piece]:
        pieces: list[Piece] = []
        buffer, at = self._buffer, 0
        junk_from = 0  # bytes from here to `at` are no frame, and not yet kept as junk
        while at < len(buffer):
            start, end = self._measure(buffer, at, is_last)
            assert start >= at, "a measure that goes back would never end"
            at = start
            if end > start:
                self._add_junk(buffer[junk_from:start], pieces)
                self._tell_junk(pieces)
                raw = buffer[start:end]
                pieces.append(Piece(raw if self._finish is None else self._finish(raw)))
                at = junk_from = end
            elif start < len(buffer) and (end == NO_FRAME or len(buffer) - start > self._limit):
                at = start + 1
            else:
                break
        self._add_junk(buffer[junk_from:at], pieces)
        self._buffer = buffer[at:]
        return pieces

    def _add_junk(self, raw: bytes, pieces: list[Piece]) -> None:
        self._junk += raw
        for at in range(0, len(self._junk) - self._limit, self._limit):
            piece = self._junk[at : at + self._limit]
            pieces.append(Piece(piece, self._fault(piece)))
        told = max(0, -(-(len(self._junk) - self._limit) // self._limit)) * self._limit
        self._junk = self._junk[told:]

    def _tell_junk(self, pieces: list[Piece]) -> None:
        if self._junk.strip(_BLANK):
            pieces.append(Piece(self._junk, self._fault(self._junk)))
        self._junk = b""

    def _fault(self, raw: bytes) -> Fault:
        return Fault("frame", shown(raw), self._want)

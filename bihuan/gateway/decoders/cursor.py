"""Reading numbers out of a binary frame, in order, with an end that cannot be run over."""

from __future__ import annotations


class ShortFrameError(ValueError):
    """The frame ended before what its type promises."""

    def __init__(self, at: int, need: int, have: int) -> None:
        self.at = at
        super().__init__(f"byte {at}: need {need}, have {have}")


class Cursor:
    """A place in a frame's bytes; big-endian unless told otherwise."""

    __slots__ = ("at", "end", "raw")

    def __init__(self, raw: bytes, at: int = 0, end: int | None = None) -> None:
        self.raw = raw
        self.at = at
        self.end = len(raw) if end is None else max(at, min(end, len(raw)))

    @property
    def left(self) -> int:
        return self.end - self.at

    def take(self, count: int) -> bytes:
        after = self.at + count
        if count < 0 or after > self.end:
            raise ShortFrameError(self.at, count, self.left)
        found = self.raw[self.at : after]
        self.at = after
        return found

    def peek(self, ahead: int = 0) -> int:
        """The byte `ahead` of the place, which does not move."""
        at = self.at + ahead
        if not 0 <= at < self.end:
            raise ShortFrameError(at, 1, self.left)
        return self.raw[at]

    def rest(self) -> bytes:
        return self.take(self.left)

    def u8(self) -> int:
        return self.take(1)[0]

    def uint(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def sint(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big", signed=True)

    def u16(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def u32(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def uint_le(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def sint_le(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little", signed=True)

    def text(self, size: int) -> str:
        return self.take(size).decode("latin-1").strip("\0 ")

    def sub(self, size: int) -> Cursor:
        """A cursor over the next `size` bytes alone, past which this one moves."""
        at = self.at
        self.take(size)
        return Cursor(self.raw, at, at + size)

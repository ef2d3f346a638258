"""The shape every device protocol has here: a splitter, a decoder, and what may be chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from bihuan.base.errors import Fault
from bihuan.gateway.decoded import WGS84, Decoded


class Piece(NamedTuple):
    """A stretch of the byte stream: a frame, or with `fault` bytes that are none."""

    raw: bytes
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What is known of a device or chosen by the operator before its first frame.

    model           the maker's model name, where its firmware differs from the others
    zone            offset of the device's clock from UTC, for protocols that send local time;
                    a login frame that carries an offset overrides it
    datum           what its coordinates refer to
    must_length_fit, must_sum_fit
                    refuse a frame whose length or checksum does not fit, not only record it
    answers_all     answer also where the protocol makes it optional (h02 R12)
    """

    model: str | None = None
    zone: timedelta = timedelta(0)
    datum: str = WGS84
    must_length_fit: bool = False
    must_sum_fit: bool = False
    answers_all: bool = False


PLAIN = Options()


class Splitter(Protocol):
    """Cuts a byte stream into frames; bounded, never raises, finds its way back after garbage."""

    def feed(self, data: bytes) -> list[Piece]:
        """The frames that became whole, in order; the same ones however the stream was cut."""
        ...

    @property
    def is_pending(self) -> bool:
        """Whether bytes are kept of which it is not known yet what they are."""
        ...

    def flush(self) -> list[Piece]:
        """What is left when nothing follows: end of a datagram, of a connection, or a silence."""
        ...


class Decoder(Protocol):
    """Reads the frames of one connection; never raises on any bytes."""

    device: str | None

    def decode(self, frame: bytes, received: datetime) -> Decoded: ...


@dataclass(frozen=True, slots=True)
class DeviceProtocol:
    """One protocol: how to listen for it and how to read it.

    starts      the bytes a frame can begin with
    delimiter   what ends a text frame, where people write frames down without it
    """

    name: str
    port: int
    transports: tuple[str, ...]
    starts: tuple[bytes, ...]
    splitter: Callable[[], Splitter]
    decoder: Callable[[Options], Decoder]
    delimiter: bytes = b""

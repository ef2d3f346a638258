"""The pure core of `bihuan decode`: lines of frames in, one JSON object per frame out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from bihuan.base.errors import Fault, shown
from bihuan.gateway.decoded import Decoded
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import DeviceProtocol, Options, Piece

_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
FORMS = ("hex", "text")


def run(
    protocol: str, lines: Iterable[str], form: str | None, now: datetime
) -> Iterator[dict[str, object]]:
    """One object per frame, in the shape of `Decoded.as_dict`; a line may hold several frames.

    protocol  a name of PROTOCOLS, or `name:model` where a model's firmware differs
    form      "hex", "text", or None: told from each line
    now       the time of receipt that replies and checks use

    What the decoder learns from a line (who the device is) holds for the lines after it.
    An unknown protocol or form gives a single object with the fault; a bad line gives its own.
    """
    name, _, model = protocol.partition(":")
    chosen = PROTOCOLS.get(name)
    if chosen is None or (form is not None and form not in FORMS):
        field, got, want = (
            ("protocol", name, "one of " + ", ".join(sorted(PROTOCOLS)))
            if chosen is None
            else ("form", str(form), "hex or text")
        )
        yield Decoded(None, "unreadable", faults=(Fault(field, shown(got), want),)).as_dict()
        return
    decoder = chosen.decoder(Options(model=model or None))
    for line in lines:
        for piece in _pieces(chosen, line.rstrip("\r\n"), form):
            if piece.fault is None:
                decoded = decoder.decode(piece.raw, now)
            else:
                decoded = Decoded(decoder.device, "unreadable", faults=(piece.fault,))
            yield decoded.as_dict()


def _pieces(protocol: DeviceProtocol, line: str, form: str | None) -> list[Piece]:
    """The frames of a line; blank lines hold none.

    A line that begins like a frame and is not cleanly one or several is taken as one: then the
    decoder says what is wrong with it.
    """
    text = line.strip()
    if not text:
        return []
    is_hex = form == "hex" or (form is None and _looks_hex(protocol, text))
    if not is_hex:
        raw = text.encode("utf-8", "surrogateescape")
    elif _HEX.fullmatch(text.replace(" ", "")):
        raw = bytes.fromhex(text)
    else:
        return [Piece(b"", Fault("hex", shown(text), "pairs of hex digits"))]
    for ending in (b"", protocol.delimiter):
        splitter = protocol.splitter()
        pieces = splitter.feed(raw + ending) + splitter.flush()
        if all(piece.fault is None for piece in pieces):
            return pieces
    if raw.startswith(protocol.starts):
        return [Piece(raw)]
    return [piece for piece in pieces if piece.fault is None] or pieces[:1]


def _looks_hex(protocol: DeviceProtocol, text: str) -> bool:
    packed = text.replace(" ", "")
    return bool(_HEX.fullmatch(packed)) and bytes.fromhex(packed).startswith(protocol.starts)

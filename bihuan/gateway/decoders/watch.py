"""The `watch` protocol of 3G/SG/CS/ZJ bands: `[MF*id*(index*)LEN*TYPE,…]` over TCP, port 5093.

Sources: the maker's server protocol page (4P-Touch Beesure/SeTracker) and devices.md.
Times are UTC. Vitals carry no time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from bihuan.base.errors import shown
from bihuan.gateway.decoded import Decoded
from bihuan.gateway.decoders.draft import Draft
from bihuan.gateway.decoders.protocol import PLAIN, DeviceProtocol, Options
from bihuan.gateway.decoders.watch_frame import splitter
from bihuan.gateway.decoders.watch_location import read_location
from bihuan.gateway.decoders.watch_vitals import VITALS

_HEADER = re.compile(
    r"\[([^\[\]*]{2})\*([^\[\]*]{1,20})\*(?:([^\[\]*,]{1,8})\*)?([0-9A-Fa-f]{4})\*([^,\]]*),?"
)
_LOCATION = ("UD", "AL", "WT")

# What must be answered, and with what; without `LK` a band sends nothing else and reboots,
# and it repeats an alarm until it has its `AL`.
REPLIES: Mapping[str, str] = {
    "LK": "LK",
    "INIT": "INIT,1",
    "BPHRT": "bphrt",
    "OXYGEN": "oxygen,1",
    "BTEMP2": "btemp2",
    "CONFIG": "CONFIG,1",
    "TKQ": "TKQ",
    "TKQ2": "TKQ2",
    "JXTK": "JXTKR,1",
}

# Recordings and pictures: (what it is, how many fields stand before the bytes).
MEDIA: Mapping[str, tuple[str, int]] = {
    "TK": ("audio", 0),
    "JXTK": ("audio", 4),
    "IMG": ("image", 2),
}

# A band answers an order by sending its name back, mostly alone. These answers carry content.
ANSWERS = frozenset(("CCID", "ICCID", "IMEI", "RYIMEI", "TS", "VERNO", "PHB", "FIND", "UPLOAD"))


def _link(draft: Draft, fields: list[str], _options: Options) -> None:
    """LK[,steps,turnovers,battery]"""
    if len(fields) >= 3:
        draft.read_text("steps", fields[0])
        draft.read_text("turnovers", fields[1])
        draft.read_text("battery", fields[2])
    elif fields:
        draft.attributes["link"] = fields


def _note(draft: Draft, fields: list[str], _options: Options) -> None:
    if fields:
        draft.attributes["content"] = fields


_READERS: Mapping[str, Callable[[Draft, list[str], Options], None]] = {
    "LK": _link,
    "INIT": _note,
    "CONFIG": _note,
    "TKQ": _note,
    "TKQ2": _note,
    **VITALS,
}


class WatchDecoder:
    """Reads the frames of one band."""

    def __init__(self, options: Options = PLAIN) -> None:
        self.device: str | None = None
        self._options = options

    def decode(self, frame: bytes, received: datetime) -> Decoded:
        text = frame.decode("latin-1")
        header = _HEADER.match(text)
        if header is None:
            draft = Draft(self.device, "unreadable")
            draft.fault("frame", frame, "[MF*id*LEN*TYPE,…] with 4 hex digits of LEN")
            return draft.done(received)
        maker, device, index, length, kind = header.groups()
        self.device = device
        draft = Draft(device, kind, index)
        end = len(text) - text.endswith("]")
        if self._fits(draft, int(length, 16), end - header.start(5)):
            draft.attributes["maker"] = maker
            self._read(draft, kind, text[header.end() : end])
            self._answer(draft, maker, device, kind)
        return draft.done(received)

    def _fits(self, draft: Draft, told: int, found: int) -> bool:
        if told == found:
            return True
        if self._options.must_length_fit:
            draft.fault("length", found, f"{told}, as the frame says")
            return False
        draft.attributes["length_mismatch"] = {"told": told, "found": found}
        return True

    def _read(self, draft: Draft, kind: str, content: str) -> None:
        upper = kind.upper()
        if upper.startswith(_LOCATION):
            read_location(draft, content.split(","), self._options)
        elif upper in MEDIA:
            _read_media(draft, upper, content)
        elif upper in _READERS:
            _READERS[upper](draft, content.split(",") if content else [], self._options)
        elif kind and (not content or upper in ANSWERS):
            draft.attributes["answer"] = content
        else:
            draft.attributes["content"] = shown(content)
            draft.unsupported(kind)

    def _answer(self, draft: Draft, maker: str, device: str, kind: str) -> None:
        upper = kind.upper()
        content = "AL" if upper.startswith("AL") else REPLIES.get(upper)
        if content is not None:
            draft.replies.append(encode(maker, device, draft.identity, content))


def encode(maker: str, device: str, index: str | None, content: str) -> bytes:
    """A frame to a band, its LEN computed, maker, id and index as the band wrote them."""
    parts = [maker, device, *([index] if index is not None else []), f"{len(content):04X}", content]
    return f"[{'*'.join(parts)}]".encode("latin-1")


def _read_media(draft: Draft, kind: str, content: str) -> None:
    """Recordings and pictures stay in the frame as it was received; here only what they are."""
    what, ahead = MEDIA[kind]
    *fields, media = content.split(",", ahead)
    draft.attributes["media"] = {"what": what, "bytes": len(media), "fields": fields}


WATCH = DeviceProtocol(
    name="watch",
    port=5093,
    transports=("tcp",),
    starts=(b"[",),
    splitter=splitter,
    decoder=WatchDecoder,
    delimiter=b"]",
)

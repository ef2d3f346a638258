"""Photos for other eyes: the picture stays byte for byte, what a phone wrote beside it goes.

Pure functions over JPEG, PNG and WebP; nothing is decoded or encoded anew. Of EXIF only the
orientation is kept, since without it a portrait lies on its side. What is not understood is
refused, never passed on.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from bihuan.base.errors import bad

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_APP0, _APP1, _APP2, _APP14, _APP15, _COM = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT: Final = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT pHYs bKGD acTL fcTL fdAT".split()
)
_WEBP_KEPT: Final = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_WEBP_METADATA_FLAGS: Final = 0b0000_1100  # EXIF and XMP


def without_metadata(content: bytes) -> bytes:
    """The same picture without place, time, camera and comments; a second time the same.

    Raises BadInputError where it is no JPEG, PNG or WebP, or is cut off.
    """
    try:
        if content.startswith(b"\xff\xd8\xff"):
            return b"".join(_jpeg(content))
        if content.startswith(_PNG):
            return b"".join(_png(content))
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _webp(content)
    except (IndexError, struct.error):
        raise bad("photo", "an image that is cut off", "a whole one") from None
    raise bad("photo", content[:8], "a JPEG, PNG or WebP image")


def _jpeg(content: bytes) -> Iterator[bytes]:
    """Segments that make the picture; of APP1 the orientation, of APP2 the colour profile."""
    yield content[:2]
    at = 2
    while True:
        if content[at] != 0xFF:
            raise bad("photo", f"byte {content[at]:#04x} at {at}", "a JPEG marker")
        kind = content[at + 1]
        if kind == 0xFF:  # a fill byte
            at += 1
            continue
        if kind == _EOI:
            yield content[at : at + 2]
            return  # what some phones write behind the end is another picture, or text
        (length,) = struct.unpack_from(">H", content, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(content):
            raise IndexError
        segment = content[at:end]
        yield _kept(kind, segment)
        at = end
        if kind == _SOS:
            at = _scan_end(content, end)
            yield content[end:at]


def _kept(kind: int, segment: bytes) -> bytes:
    if kind == _APP1 and segment[4:10] == b"Exif\x00\x00":
        return _orientation_alone(_orientation(segment[10:]))
    is_profile = kind == _APP2 and segment[4:16] == b"ICC_PROFILE\x00"
    is_dropped = (_APP1 <= kind <= _APP15 and kind != _APP14) or kind == _COM
    return b"" if is_dropped and not is_profile else segment


def _scan_end(content: bytes, at: int) -> int:
    """Where the next marker stands behind a scan: not a stuffed byte, not a restart."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0:
            raise IndexError
        follows = content[at + 1]
        if follows != 0x00 and not 0xD0 <= follows <= 0xD7:
            return at
        at += 2


def _orientation(tiff: bytes) -> int | None:
    """1 to 8 of the first directory; None where it says none, or nothing that can be read."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return None
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for n in range(count):
            tag, kind, _many, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * n)
            if tag == 0x0112 and kind == 3:
                return int(value) if 1 <= value <= 8 else None
    except struct.error:
        return None  # EXIF that is cut off goes as a whole
    return None


def _orientation_alone(orientation: int | None) -> bytes:
    if orientation in (None, 1):
        return b""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = b"MM\x00\x2a" + struct.pack(">I", 8) + struct.pack(">H", 1) + entry + b"\x00" * 4
    body = b"Exif\x00\x00" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _png(content: bytes) -> Iterator[bytes]:
    yield _PNG
    at = len(_PNG)
    while True:
        (length,) = struct.unpack_from(">I", content, at)
        kind, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content):
            raise IndexError
        if kind in _PNG_KEPT:
            yield content[at:end]
        if kind == b"IEND":
            return
        at = end


def _webp(content: bytes) -> bytes:
    kept, at = [], 12
    while at < len(content):
        kind = content[at : at + 4]
        (length,) = struct.unpack_from("<I", content, at + 4)
        end = at + 8 + length + length % 2
        if at + 8 + length > len(content):
            raise IndexError
        chunk = content[at:end]
        if kind == b"VP8X":
            chunk = chunk[:8] + bytes((chunk[8] & ~_WEBP_METADATA_FLAGS,)) + chunk[9:]
        if kind in _WEBP_KEPT:
            kept.append(chunk)
        at = end
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body

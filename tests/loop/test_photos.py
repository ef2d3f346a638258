"""What other eyes get of a photo: the picture, and nothing that the phone wrote beside it."""

from __future__ import annotations

import struct
import zlib

import pytest

from bihuan.base.errors import BadInputError
from bihuan.loop.photos import without_metadata

PLACE = b"30.1032N 119.2051E"
SOI, EOI = b"\xff\xd8", b"\xff\xd9"


def segment(kind: int, body: bytes) -> bytes:
    return b"\xff" + bytes((kind,)) + struct.pack(">H", len(body) + 2) + body


JFIF = segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")
PROFILE = segment(0xE2, b"ICC_PROFILE\x00\x01\x01profile")
TABLE = segment(0xDB, b"\x00" + bytes(range(1, 65)))
# a scan with a stuffed 0xFF, a restart marker, then a second scan, as progressive images have
SCAN = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd0\x56"
PICTURE = SOI + JFIF + PROFILE + TABLE + SCAN + TABLE + SCAN + EOI


def exif(orientation: int) -> bytes:
    """Big-endian EXIF with an orientation and a maker's text, as a phone writes it."""
    entries = struct.pack(">HHIHH", 0x010F, 2, 4, 0, 0)
    entries += struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = b"MM\x00\x2a" + struct.pack(">IH", 8, 2) + entries + b"\x00" * 4 + PLACE
    return segment(0xE1, b"Exif\x00\x00" + tiff)


def test_jpeg_loses_place_text_and_what_hangs_behind_its_end() -> None:
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + PLACE)
    iptc = segment(0xED, b"Photoshop 3.0\x00" + PLACE)
    comment, pictures = segment(0xFE, PLACE), segment(0xE2, b"MPF\x00" + PLACE)
    taken = SOI + JFIF + exif(1) + xmp + iptc + comment + pictures + PICTURE[len(SOI + JFIF) :]
    assert without_metadata(taken + PLACE) == PICTURE


def test_jpeg_keeps_which_way_is_up() -> None:
    kept = without_metadata(SOI + exif(6) + PICTURE[len(SOI) :])
    assert PLACE not in kept
    # by hand: APP1 of 34 bytes, MM, one entry: tag 0x0112, SHORT, 1 value, 6
    wanted = "ffe10022" + "457869660000" + "4d4d002a00000008" + "0001"
    wanted += "0112" + "0003" + "00000001" + "0006" + "0000" + "00000000"
    assert kept == SOI + bytes.fromhex(wanted) + PICTURE[len(SOI) :]
    assert without_metadata(kept) == kept


def chunk(kind: bytes, body: bytes) -> bytes:
    crc = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)


def test_png_loses_text_time_and_exif() -> None:
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels, end = chunk(b"IDAT", zlib.compress(b"\x00\x00")), chunk(b"IEND", b"")
    said = b"".join(chunk(kind, PLACE) for kind in (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"))
    assert without_metadata(head + said + pixels + end + PLACE) == head + pixels + end


def test_webp_loses_exif_and_xmp_and_says_so_in_its_flags() -> None:
    def part(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) % 2)

    def whole(*parts: bytes) -> bytes:
        body = b"WEBP" + b"".join(parts)
        return b"RIFF" + struct.pack("<I", len(body)) + body

    pixels = part(b"VP8 ", b"pixels!")
    # flags: 0x10 alpha, 0x08 EXIF, 0x04 XMP
    taken = whole(
        part(b"VP8X", b"\x1c" + bytes(9)), pixels, part(b"EXIF", PLACE), part(b"XMP ", PLACE)
    )
    assert without_metadata(taken) == whole(part(b"VP8X", b"\x10" + bytes(9)), pixels)


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a", PICTURE[:-2], PICTURE[:30], SOI + b"\xff\xe1\xff\xff12", SOI + b"nonsense"],
)
def test_what_is_not_whole_is_refused(content: bytes) -> None:
    with pytest.raises(BadInputError, match="photo"):
        without_metadata(content)

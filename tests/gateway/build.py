"""Device frames made from the tables of the protocols, with checksums that owe nothing to ours."""

from __future__ import annotations

import binascii
from datetime import UTC, datetime

from bihuan.gateway.decoded import Decoded
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN, Options

NOW = datetime(2026, 3, 1, 8, 0, 0, tzinfo=UTC)
WATCH_TAIL = "1,255,460,0,9529,21809,155,0"


def crc_x25(data: bytes) -> int:
    """CRC-16/X.25, bit by bit from its definition: reflected 1021, start and end FFFF."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0x8408 if value & 1 else value >> 1
    return value ^ 0xFFFF


def watch(content: str, *, maker: str = "3G", device: str = "8800000015", index: str = "") -> bytes:
    middle = f"{index}*" if index else ""
    return f"[{maker}*{device}*{middle}{len(content):04X}*{content}]".encode("latin-1")


def watch_location(kind: str = "UD", status: str = "00000000", **changes: str) -> bytes:
    """A location frame: 2026-03-01 07:59:30 UTC, 22.57 N 113.86 E, battery 83 %."""
    fields = {
        "date": "010326",
        "time": "075930",
        "valid": "A",
        "lat": "22.570512",
        "north": "N",
        "lon": "113.862327",
        "east": "E",
        "speed": "3.50",
        "course": "154.8",
        "altitude": "12.0",
        "satellites": "7",
        "gsm": "100",
        "battery": "83",
        "steps": "4211",
        "turnovers": "12",
        "status": status,
        **changes,
    }
    return watch(",".join([kind, *fields.values(), WATCH_TAIL]))


def gt06(kind: int, body: bytes | str, serial: int = 1, *, is_long: bool = False) -> bytes:
    content = bytes((kind,)) + (bytes.fromhex(body) if isinstance(body, str) else body)
    content += serial.to_bytes(2, "big")
    size = 2 if is_long else 1
    counted = (len(content) + 2).to_bytes(size, "big") + content
    start = b"\x79\x79" if is_long else b"\x78\x78"
    return start + counted + crc_x25(counted).to_bytes(2, "big") + b"\r\n"


# 2026-03-01 07:59:30, 9 satellites, 22.5 N (40,500,000) 114 E (205,200,000), 36 km/h, valid,
# north, course 90
GPS = "1a0301073b1ec9" + f"{40_500_000:08x}{205_200_000:08x}" + "24" + "145a"
CELL = "01cc00253900553d"  # mcc 460, mnc 0, lac 9529, cell 21821
IMEI = "0355488020199660"


def minifinder2(*keys: tuple[int, bytes], kind: int = 1, flags: int = 0x10) -> bytes:
    """A message of index 7."""
    content = bytes((kind,))
    for key, value in keys:
        content += bytes((len(value) + 1, key)) + value
    checksum = binascii.crc_hqx(content, 0).to_bytes(2, "little")
    return (
        b"\xab"
        + bytes((flags,))
        + len(content).to_bytes(2, "little")
        + checksum
        + (b"\x07\x00" + content)
    )


def decode(protocol: str, *frames: bytes | str, options: Options = PLAIN) -> Decoded:
    """What the last of the frames of one connection says."""
    decoder = PROTOCOLS[protocol].decoder(options)
    decoded = None
    for frame in frames:
        raw = frame.encode("latin-1") if isinstance(frame, str) else frame
        decoded = decoder.decode(raw, NOW)
    assert decoded is not None
    return decoded


def values(decoded: Decoded) -> dict[str, float]:
    """channel -> value"""
    return {reading.channel: reading.value for reading in decoded.readings}


def kinds(decoded: Decoded) -> list[str]:
    return sorted(signal.kind for signal in decoded.signals)

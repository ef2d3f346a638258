"""Frames decoded per second and core, beside a bare regex split of the same stream.

    python -m bench.gateway [--quick]

Each stream is cut as TCP would hand it over (1,460 bytes), split, checked (length, CRC, values)
and decoded to typed results with their replies. The pair is what any decoder must at least do:
find the frames. Frames are made here from the protocols' tables.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.crc import x25, xmodem
from bihuan.gateway.decoders.protocol import PLAIN

SEGMENT = 1_460
NOW = datetime(2026, 3, 1, 8, 0, 0, tzinfo=UTC)
GPS = "1a0301073b1ec9" + f"{40_500_000:08x}{205_200_000:08x}" + "24145a"
CELL = "01cc00253900553d"


def watch(content: str) -> bytes:
    return f"[3G*8800000015*{len(content):04X}*{content}]".encode()


def gt06(kind: int, body: str, serial: int) -> bytes:
    content = bytes((kind,)) + bytes.fromhex(body) + serial.to_bytes(2, "big")
    counted = bytes((len(content) + 2,)) + content
    return b"\x78\x78" + counted + x25(counted).to_bytes(2, "big") + b"\r\n"


def minifinder2(*keys: tuple[int, str]) -> bytes:
    content = b"\x01" + b"".join(
        bytes((len(value) // 2 + 1, key)) + bytes.fromhex(value) for key, value in keys
    )
    head = b"\xab\x10" + len(content).to_bytes(2, "little") + xmodem(content).to_bytes(2, "little")
    return head + b"\x07\x00" + content


FIX = "010326,075930,A,22.570512,N,113.862327,E,3.50,154.8,12.0,7,100,83,4211,12"
TOWERS = "5,255,460,0,9529,21809,155,9529,21242,132,9529,21405,131,9529,63554,131,9529,63555,130,0"
PLACE = "260301A2233.0000N11406.0000E003.5075930154.8006000908000102,460,0,9520,3671"
STATE = (0x24, "e2f3a36900000053")

# A quarter of positions, heartbeats, vitals, and an alarm now and then: (frames, the bare split).
STREAMS: dict[str, tuple[list[bytes], re.Pattern[bytes]]] = {
    "watch": (
        [watch(f"UD,{FIX},00000000,{TOWERS}")] * 5
        + [watch("LK,4211,12,83")] * 4
        + [watch("bphrt,112,73,67,,,,")] * 2
        + [watch(f"AL,{FIX},00010001,{TOWERS}")],
        re.compile(rb"\[[^\]]*\]"),
    ),
    "trv": (
        [f"IWAP01{PLACE}#".encode()] * 5
        + [b"IWAP03,06000908000102,5555,30#"] * 4
        + [b"IWAPHT,60,130,85#"] * 2
        + [f"IWAP10{PLACE},01,zh-cn,00#".encode()],
        re.compile(rb"[^#]*#"),
    ),
    "h02": (
        [b"*HQ,4106011660,V1,075930,A,2233.0000,N,11406.0000,E,010.00,090,010326,FFFFFFFF#"] * 6
        + [b"*HQ,4106011660,LINK,075930,15,0,84,4211,7,010326,FFFFFFFF#"] * 6,
        re.compile(rb"\*[^#]*#"),
    ),
    "gt06": (
        [gt06(0x22, GPS + CELL + "010000", serial) for serial in range(6)]
        + [gt06(0x13, "0006040002", serial) for serial in range(5)]
        + [gt06(0x26, GPS + "09" + CELL + "2006040102", 9)],
        re.compile(rb"\x78\x78.*?\r\n", re.DOTALL),
    ),
    "topin": (
        [b"\x78\x78\x12\x10" + bytes.fromhex(GPS) + b"\r\n"] * 6
        + [b"\x78\x78\x0a\x13" + bytes.fromhex("514d08191f00016d0148") + b"\r\n"] * 6,
        re.compile(rb"\x78\x78.*?\r\n", re.DOTALL),
    ),
    "minifinder2": (
        [minifinder2((1, "383632333131303632373037333735"), STATE, (0x40, "e2f3a36948"))] * 12,
        re.compile(rb"\xab.{7}.*?(?=\xab|\Z)", re.DOTALL),
    ),
}


def decode_all(protocol: str, segments: list[bytes]) -> int:
    splitter = PROTOCOLS[protocol].splitter()
    decoder = PROTOCOLS[protocol].decoder(PLAIN)
    count = 0
    for segment in segments:
        for piece in splitter.feed(segment):
            assert piece.fault is None
            decoded = decoder.decode(piece.raw, NOW)
            assert not decoded.faults
            count += 1
    return count + len(splitter.flush())


def rate(count: int, run: Callable[[], int], rounds: int) -> float:
    """Frames per second of the best of the rounds, in CPU time of this process."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        found = run()
        best = min(best, time.process_time() - start)
        assert found == count, f"found {found} of {count} frames"
    return count / best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the frames")
    repeats = 50 if parser.parse_args().quick else 500
    print(f"{'protocol':12} {'frames':>7} {'decoded/s':>10} {'split/s':>10} {'ratio':>7}")
    for protocol, (frames, bare) in STREAMS.items():
        stream = b"".join(frames * repeats)
        segments = [stream[i : i + SEGMENT] for i in range(0, len(stream), SEGMENT)]
        count = len(frames) * repeats

        def decode(protocol: str = protocol, segments: list[bytes] = segments) -> int:
            return decode_all(protocol, segments)

        def split(bare: re.Pattern[bytes] = bare, stream: bytes = stream) -> int:
            return len(bare.findall(stream))

        decoded, found = rate(count, decode, 5), rate(count, split, 5)
        print(f"{protocol:12} {count:7} {decoded:10.0f} {found:10.0f} {decoded / found:7.4f}")


if __name__ == "__main__":
    main()

"""Splitters: the same frames however the stream is cut, back on their feet after garbage."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN, Piece
from tests.gateway.build import CELL, GPS, IMEI, NOW, gt06, minifinder2, watch, watch_location
from tests.gateway.test_h02 import binary, text
from tests.gateway.test_topin import topin
from tests.gateway.test_trv import CELL as TRV_CELL
from tests.gateway.test_trv import PLACE

WIFI = b"\x78\x78\x01\x69" + bytes.fromhex("16030418034914759059d30e250101cc0028660f21320d0a")
# a length that leaves the CRC out, around content that looks like an end
UNCOUNTED = b"\x78\x78\x0a\x13" + bytes.fromhex("46060d0a02000102034dc50d0a")
FRAMES: dict[str, list[bytes]] = {
    "watch": [
        watch("LK"),
        watch("LK,50,100,100", maker="ZJ", device="357653059860416", index="0007"),
        watch_location("AL", "00010001"),
        watch("UD,x,[LG A/C]e725,y"),
        watch("heart,72").replace(b"*0008*", b"*0003*"),
    ],
    "trv": [
        b"IWAP00353456789012345#",
        f"TRVAP01{PLACE}{TRV_CELL}#".encode(),
        b"IWAP07,20260301075930,1,1,5,#a#b##",
    ],
    "h02": [text().encode(), binary(), binary(tail="ff001506" + "00" * 11 + "1f")],
    "gt06": [
        gt06(0x01, IMEI),
        gt06(0x12, GPS + CELL),
        gt06(0x94, "1e000000d5000002ee", is_long=True),
        b"\x78\x78\x01\x69"
        + bytes.fromhex("16030418034914759059d30e250101cc0028660f2132")
        + b"\r\n",
        gt06(0x15, "0d0a0d0a0d0a"),
        UNCOUNTED,
    ],
    "topin": [
        topin(0x01, IMEI + "4d", length=0x0D),
        topin(0x10, GPS),
        topin(0x99, ""),
        topin(0x69, "26030107593014759059d30e250101cc0025390f2132", length=1),
    ],
    "minifinder2": [
        minifinder2((0x01, b"862311062707375"), (0x24, bytes(8))),
        minifinder2((0x02, b"\x00\x10\x00\x00")),
    ],
}
UNENDING = {
    "watch": b"[3G*8800000015*FFFF*TK,",
    "trv": b"IWAP01",
    "h02": b"*HQ,1,V1,",
    "gt06": b"\x78\x78\xff\x12",
    "topin": b"\x78\x78\xff\x12",
    "minifinder2": b"\xab\x10\xff\xff",
}
ESCAPED = b"[CS*1234567890*000e*TK,#!AMR}\x01}\x02}\x03}\x04}\x05\xff]"


def split(protocol: str, *parts: bytes) -> list[Piece]:
    splitter = PROTOCOLS[protocol].splitter()
    pieces = [piece for part in parts for piece in splitter.feed(part)]
    return pieces + splitter.flush()


def frames(pieces: list[Piece]) -> list[bytes]:
    return [piece.raw for piece in pieces if piece.fault is None]


@pytest.mark.parametrize("protocol", FRAMES)
def test_splitter_finds_frames_in_a_row(protocol: str) -> None:
    given_frames = FRAMES[protocol] * 2
    pieces = split(protocol, b"".join(given_frames))
    assert frames(pieces) == given_frames
    assert all(piece.fault is None for piece in pieces)


@pytest.mark.parametrize("protocol", FRAMES)
def test_splitter_finds_frames_byte_by_byte(protocol: str) -> None:
    stream = b"".join(FRAMES[protocol])
    assert frames(split(protocol, *(bytes((byte,)) for byte in stream))) == FRAMES[protocol]


def test_splitter_gives_a_frame_as_soon_as_it_is_whole() -> None:
    """An SOS waits for nothing; only a binary h02 frame cannot know that it has ended."""
    for protocol, known in FRAMES.items():
        for frame in known:
            pieces = PROTOCOLS[protocol].splitter().feed(frame)
            assert frames(pieces) == ([] if frame[:1] == b"$" else [frame]), frame


def test_splitter_unescapes_watch_frames() -> None:
    expected = b"[CS*1234567890*000e*TK,#!AMR}[],*\xff]"
    assert frames(split("watch", ESCAPED + watch("LK"))) == [expected, watch("LK")]


def test_splitter_counts_a_length_after_unescaping() -> None:
    """A recording with an escape and, in careless firmware, a bracket that is not escaped."""
    frame = b"[CS*1234567890*0008*TK,a}\x01b]c]"
    assert frames(split("watch", frame + watch("LK"))) == [
        b"[CS*1234567890*0008*TK,a}b]c]",
        watch("LK"),
    ]


@pytest.mark.parametrize("protocol", FRAMES)
def test_splitter_tells_garbage_and_goes_on(protocol: str) -> None:
    for frame in FRAMES[protocol]:
        pieces = split(protocol, b"GET / HTTP/1.1\r\n\r\n" + frame)
        assert pieces[-1] == Piece(frame)
        assert pieces[0].fault is not None
        assert pieces[0].raw.startswith(b"GET")


@pytest.mark.parametrize(
    ("protocol", "half", "sos"),
    [
        ("watch", watch_location("UD")[:60], watch_location("AL", "00010000")),
        ("h02", text().encode()[:40], text(0xFFFFFFFD).encode()),
        ("trv", f"IWAP01{PLACE}".encode()[:30], f"IWAP10{PLACE}{TRV_CELL},01#".encode()),
    ],
)
def test_splitter_lets_no_half_frame_take_the_next_one_with_it(
    protocol: str, half: bytes, sos: bytes
) -> None:
    """A band that fell silent within a frame and came back: its SOS is a frame of its own."""
    splitter = PROTOCOLS[protocol].splitter()
    pieces = splitter.feed(half) + splitter.feed(sos)
    assert frames(pieces) == [sos]
    assert pieces[0].raw == half


@pytest.mark.parametrize("protocol", FRAMES)
def test_splitter_is_bounded(protocol: str) -> None:
    """Half a frame that never ends is told and dropped; the next one is read."""
    start = UNENDING[protocol]
    splitter = PROTOCOLS[protocol].splitter()
    pieces = splitter.feed(start)
    for _ in range(40):
        pieces += splitter.feed(b"A" * 8192)
    pieces += splitter.feed(FRAMES[protocol][0]) + splitter.flush()
    assert pieces[0].fault is not None
    assert max(len(piece.raw) for piece in pieces) <= 256 * 1024
    assert frames(pieces)[-1:] == [FRAMES[protocol][0]]


def parts(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return [stream[a:b] for a, b in pairwise(places)]


@pytest.mark.parametrize("protocol", FRAMES)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_splitter_gives_the_same_frames_however_cut(protocol: str, data: st.DataObject) -> None:
    """Frames, bits of frames and any bytes between them; cut anywhere, or not at all."""
    known = [*FRAMES[protocol], ESCAPED]
    piece = st.one_of(
        st.sampled_from(known),
        st.sampled_from(known).map(lambda frame: frame[: len(frame) // 2]),
        st.sampled_from(known).map(lambda frame: frame[len(frame) // 3 :]),
        st.binary(max_size=12),
    )
    stream = b"".join(data.draw(st.lists(piece, max_size=6)))
    cuts = data.draw(st.lists(st.integers(0, 10_000), max_size=8))
    assert frames(split(protocol, *parts(stream, cuts))) == frames(split(protocol, stream))


@pytest.mark.parametrize("protocol", FRAMES)
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_decoder_never_raises(protocol: str, data: st.DataObject) -> None:
    """Any bytes, and any frame with bytes changed, cut off or put in, is read or refused."""
    frame = bytearray(data.draw(st.sampled_from(FRAMES[protocol])))
    for at, byte in data.draw(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)))):
        frame[at % len(frame)] = byte
    cut = data.draw(st.integers(0, len(frame)))
    decoder = PROTOCOLS[protocol].decoder(PLAIN)
    for raw in (bytes(frame), bytes(frame[:cut]), data.draw(st.binary(max_size=80))):
        decoded = decoder.decode(raw, NOW)
        decoded.as_dict()
        assert decoded.faults or decoded.kind != "unreadable"


@pytest.mark.parametrize("kind", range(256))
def test_binary_decoders_read_or_refuse_every_type_and_length(kind: int) -> None:
    """Every message type, with a body of every length up to 90 bytes."""
    body = bytes.fromhex(GPS + CELL) * 4
    for length in range(0, 90, 3):
        for protocol, frame in (
            ("gt06", gt06(kind, body[:length])),
            ("gt06", gt06(kind, body[:length], is_long=True)),
            ("topin", topin(kind, body[:length].hex())),
            ("minifinder2", minifinder2((kind, body[:length]))),
            ("minifinder2", minifinder2((1, body[:length]), kind=kind)),
        ):
            PROTOCOLS[protocol].decoder(PLAIN).decode(frame, NOW).as_dict()

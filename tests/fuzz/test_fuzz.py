"""Nothing that comes over a wire breaks its reader, and nothing it says is beyond its bounds.

Short in the ordinary suite; `long` runs minutes. A fault prints the bytes that made it.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from bihuan.base.errors import BadInputError
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoded import CHANNELS, GCJ02, SIGNALS, Decoded
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN, Options
from bihuan.gateway.formats import cap, fhir
from bihuan.gateway.http.app import NOBODY
from bihuan.gateway.http.arrow import from_arrow
from bihuan.gateway.http.lines import from_json
from bihuan.gateway.http.open311 import Requests, api_key
from bihuan.gateway.http.request import RefusedError, Request
from bihuan.gateway.http.signals import many
from bihuan.gateway.spool.records import packed, unpacked
from tests.fuzz.guided import Fuzzed, Target, fuzz
from tests.gateway.build import NOW, watch, watch_location
from tests.gateway.formats.test_cap import ALERT
from tests.gateway.formats.test_fhir import heart_rate, pressure
from tests.gateway.test_splitters import FRAMES
from tests.outside import SHARED

SEED = 20260302
RUNS, LONG_RUNS = 400, 100_000
ODD = Options(zone=timedelta(hours=8), datum=GCJ02, must_length_fit=True, must_sum_fit=True)


def decodes(protocol: str) -> Target:
    """The whole way of a stream: split, decode, pack for a spool, unpack, show."""
    kept = PROTOCOLS[protocol]

    def target(stream: bytes) -> None:
        for options in (PLAIN, ODD):
            splitter, decoder = kept.splitter(), kept.decoder(options)
            middle = len(stream) // 2
            pieces = [*splitter.feed(stream[:middle]), *splitter.feed(stream[middle:])]
            for piece in [*pieces, *splitter.flush()]:
                if piece.fault is None:
                    holds(decoder.decode(piece.raw, NOW))
            if options is PLAIN:
                decoder.decode(stream, NOW)  # what `bihuan decode` is given need be no frame
            assert not splitter.is_pending

    return target


def holds(decoded: Decoded) -> None:
    """What is said is within the bounds of its channel, of known kinds, and can be kept."""
    for reading in decoded.readings:
        span = CHANNELS[reading.channel]
        assert span.low <= reading.value <= span.high
        assert reading.unit == span.unit
    assert {signal.kind for signal in decoded.signals} <= set(SIGNALS)
    for position in (*decoded.track, *([decoded.position] if decoded.position else [])):
        assert math.isfinite(position.lat)
        assert abs(position.lat) <= 90
        assert abs(position.lon) <= 180
    json.dumps(decoded.as_dict(), allow_nan=False)
    came = Arrival("watch", b"x", decoded, 1)
    assert unpacked(packed(came), b"k").decoded.as_dict() == decoded.as_dict()


def refuses(read: Callable[[bytes], object]) -> Target:
    """A reader that may refuse, with every fault named, and raise nothing else."""

    def target(body: bytes) -> None:
        with suppress(BadInputError):  # it cannot be made without a fault
            try:
                read(body)
            except RefusedError as refused:
                if not 400 <= refused.status < 500:
                    raise

    return target


class Kept(BaseException):
    """The form was read: nothing is stored here."""


class Keeps:
    def keep(self, *_said: Any) -> None:
        raise Kept


def form(body: bytes) -> None:
    api_key(body)
    request = Request(NOBODY, "POST", ".json", {}, {}, body, None, 1)
    try:
        Requests(Keeps(), None, lambda _at: "open").post(request)  # type: ignore[arg-type]
    except Kept:
        return


def arrow() -> bytes:
    table = pa.table(
        {
            "device": pa.array(["watch/1", "watch/2"]).dictionary_encode(),
            "channel": ["heart_rate", "heart_rate"],
            "value": [70.0, 71.0],
            "unit": ["bpm", "bpm"],
            "at": pa.array([1, 2], pa.timestamp("us", "UTC")),
        }
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


ROW = {"device": "watch/1", "channel": "heart_rate", "value": 72, "unit": "bpm", "at": None}
BODIES: dict[str, tuple[Target, list[bytes], str]] = {
    "json": (
        refuses(lambda body: from_json(body, is_lines=False)),
        [json.dumps([ROW, ROW]).encode(), b"[]", b"\xef\xbb\xbf[{}]"],
        "gateway/http",
    ),
    "lines": (
        refuses(lambda body: from_json(body, is_lines=True)),
        [json.dumps(ROW).encode() + b"\n" + json.dumps(ROW).encode()],
        "gateway/http",
    ),
    "arrow": (refuses(from_arrow), [arrow()], "gateway/http"),
    "cap": (refuses(cap.parse), [ALERT.encode()], "gateway/formats"),
    "fhir": (
        refuses(fhir.parse),
        [json.dumps(one).encode() for one in (heart_rate(), pressure())],
        "gateway/formats",
    ),
    "form": (
        refuses(form),
        [b"service_code=sos&lat=30.1&long=119.2&description=%E7%A7%AF%E6%B0%B4&api_key=a"],
        "gateway/http",
    ),
    "signals": (
        refuses(lambda body: many(body, dict)),
        [b'{"kind": "sos", "device": "watch/1"}', b'[{"kind": "fall"}]'],
        "gateway/http",
    ),
}


def frames(protocol: str) -> list[bytes]:
    """Frames of our own, and those that are recorded where they are at hand."""
    seeds = list(FRAMES.get(protocol, []))
    if protocol == "watch":
        seeds += [watch("bphrt,120,80,72,170,1,70,60"), watch_location("AL", "00010001")]
    recorded = SHARED / "frames.jsonl"
    if recorded.exists():
        for line in recorded.read_text().splitlines():
            case = json.loads(line)
            frame = case["frame"]
            if case["protocol"] == protocol and len(seeds) < 300:
                raw = bytes.fromhex(frame["hex"]) if "hex" in frame else frame["text"].encode()
                seeds.append(raw)
    return seeds


def run(target: Target, seeds: list[bytes], under: str, runs: int) -> Fuzzed:
    done = fuzz(target, seeds, under, runs, SEED)
    sys.stdout.write(f"{done}\n")
    return done


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_decoder_breaks_at_nothing(protocol: str) -> None:
    done = run(decodes(protocol), frames(protocol)[:40], "gateway/decoders", RUNS)
    assert done.grown > 0, "no mutation reached anything new: the guide is blind"


@pytest.mark.parametrize("intake", BODIES)
def test_intake_breaks_at_nothing(intake: str) -> None:
    target, seeds, under = BODIES[intake]
    assert run(target, seeds, under, RUNS).grown > 0


@pytest.mark.long
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_decoder_breaks_at_nothing_for_minutes(protocol: str) -> None:
    run(decodes(protocol), frames(protocol), "gateway/decoders", LONG_RUNS)


@pytest.mark.long
@pytest.mark.parametrize("intake", BODIES)
def test_intake_breaks_at_nothing_for_minutes(intake: str) -> None:
    target, seeds, under = BODIES[intake]
    run(target, seeds, under, LONG_RUNS // 5)


def test_fuzzer_finds_what_is_hidden_behind_three_bytes() -> None:
    """It must be able to fail: blind chance would need some ten million tries."""

    def hidden(given: bytes) -> None:
        # each comparison is a line, and so a step that is kept
        if given[:1] != b"[":
            return
        if given[1:2] != b"*":
            return
        if given[2:3] != b"#":
            return
        raise ValueError("found")

    with pytest.raises(AssertionError, match="found"):
        fuzz(hidden, [b"abc"], "test_fuzz", 60_000, SEED)

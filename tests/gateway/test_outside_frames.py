"""Frames recorded from real devices (beside the repository): every record is read as expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import pytest

from bihuan.gateway.decoded import Decoded, Position
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import Options
from tests.gateway.build import NOW
from tests.outside import json_lines, outside

FASTEST_KMH = 1610  # 869 knots

Record = dict[str, Any]
FRAMES: list[Record] = json_lines("frames.jsonl")
REPLIES: list[Record] = json_lines("replies.jsonl")
ABSENT: list[Record] = [{"id": "absent", "protocol": "watch", "absent": True}]

# The other server's word for an alarm -> ours, with the name under which `other` is told.
ALARMS = {
    "sos": ("sos", None),
    "removing": ("off_wrist", None),
    "lowBattery": ("low_battery", None),
    "tampering": ("tamper", None),
    "fallDown": ("fall", None),
    "vibration": ("vibration", None),
    "powerCut": ("power_cut", None),
    "hardBraking": ("other", "hard braking"),
}


def reading(channel: str) -> Callable[[Decoded], object]:
    return lambda decoded: next((r.value for r in decoded.readings if r.channel == channel), None)


def attribute(name: str) -> Callable[[Decoded], object]:
    return lambda decoded: (decoded.attributes or {}).get(name)


# The other server's attribute -> where we keep it.
KEPT: Mapping[str, Callable[[Decoded], object]] = {
    "batteryLevel": reading("battery"),
    "steps": reading("steps"),
    "bloodOxygen": reading("spo2"),
    "pressureDiastolic": reading("diastolic"),
    "temperature": reading("temperature"),
    "humidity": reading("humidity"),
    "power": attribute("power_v"),
    "temp1": attribute("temperature_c"),
    "event": attribute("event"),
    "eventFiles": attribute("files"),
    "ignition": attribute("ignition"),
    "driverUniqueId": attribute("driver"),
    "result": attribute("result"),
    "description": attribute("description"),
    "status": lambda decoded: int(str((decoded.attributes or {})["status"]), 16),
    "hours": lambda decoded: int(str((decoded.attributes or {})["engine_min"])) * 60_000,
    "bark": lambda decoded: "bark" in str((decoded.attributes or {})["alarms"]),
    "audio": lambda decoded: "mock.amr" if "media" in (decoded.attributes or {}) else None,
}


def model_of(record: Record) -> str | None:
    for name, value in record["setup"]:
        if name == "setModelOverride":
            return str(value["value"])
    return None


def session(record: Record) -> tuple[str, str, str]:
    return record["protocol"], record["id"].split("#")[0], str(model_of(record))


def decoded_records() -> list[tuple[Record, Decoded]]:
    """Each decoder record with what we make of it; one decoder serves a test method in order."""
    found = []
    records = [record for record in FRAMES if record["layer"] == "decoder"]
    for (protocol, _, _), group in groupby(records, key=session):
        decoder = None
        for record in sorted(group, key=lambda record: int(record["seq"])):
            decoder = decoder or PROTOCOLS[protocol].decoder(Options(model=model_of(record)))
            found.append((record, decoder.decode(bytes.fromhex(record["frame"]["hex"]), NOW)))
    return found


DECODED = decoded_records()


def check_place(position: Position) -> None:
    assert -90 <= position.lat <= 90
    assert -180 <= position.lon <= 180
    assert position.at is None or 1999 < position.at.year <= 2030
    assert position.speed_kmh is None or 0 <= position.speed_kmh <= FASTEST_KMH
    assert position.course_deg is None or 0 <= position.course_deg <= 360


def check_expected(record: Record, decoded: Decoded) -> None:
    kind, expected = record["kind"], record["expected"]
    if kind == "null":
        assert (decoded.readings, decoded.signals, decoded.position) == ((), (), None)
    elif kind == "position":
        assert decoded.position is not None
        if "position" in expected:
            check_position(expected["position"], decoded.position)
    elif kind == "attribute" and expected["key"] == "alarm":
        ours, name = ALARMS[expected["value"]]
        assert ours in [signal.kind for signal in decoded.signals]
        assert name is None or name in str((decoded.attributes or {})["alarm"])
    elif kind == "attribute":
        assert KEPT[expected["key"]](decoded) == pytest.approx(expected["value"])
    else:
        told = {**(decoded.attributes or {})}
        told.pop("maker", None)
        assert told or decoded.readings or decoded.position


def check_position(expected: Mapping[str, Any], position: Position) -> None:
    at = datetime.strptime(expected["fix_time"], "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
    assert position.at == at
    assert position.is_valid is expected["valid"]
    assert (position.lat, position.lon) == pytest.approx(
        (expected["latitude"], expected["longitude"]), abs=1e-5
    )


@outside
@pytest.mark.parametrize("pair", DECODED or [(ABSENT[0], None)], ids=lambda pair: pair[0]["id"])
def test_decoder_reads_a_recorded_frame_as_expected(pair: tuple[Record, Decoded]) -> None:
    record, decoded = pair
    for position in (*decoded.track, *([decoded.position] if decoded.position else [])):
        check_place(position)
    for each in decoded.readings:
        assert each.channel != "battery" or 0 <= each.value <= 100
    assert [fault.field for fault in decoded.faults if fault.field != "time"] == []
    check_expected(record, decoded)
    decoded.as_dict()


@outside
@pytest.mark.parametrize(
    "record",
    [record for record in FRAMES if record["layer"] == "frame"] or ABSENT,
    ids=lambda record: record["id"],
)
def test_splitter_cuts_a_recorded_stream_as_expected(record: Record) -> None:
    splitter = PROTOCOLS[record["protocol"]].splitter()
    pieces = splitter.feed(bytes.fromhex(record["frame"]["hex"])) + splitter.flush()
    assert all(piece.fault is None for piece in pieces)
    assert pieces[0].raw.hex() == record["expected"]["frame"]["hex"]


def reply_of(record: Record) -> list[bytes]:
    text = record.get("tx_text", "")
    wanted = text.replace("<yyyyMMddHHmmss UTC>", f"{NOW:%Y%m%d%H%M%S}").encode()
    return [bytes.fromhex(record["tx_hex"]) if "tx_hex" in record else wanted]


@outside
@pytest.mark.parametrize("record", REPLIES or ABSENT, ids=lambda record: record.get("what", ""))
def test_decoder_answers_a_recorded_request_as_expected(record: Record) -> None:
    decoder = PROTOCOLS[record["protocol"]].decoder(Options())
    given = bytes.fromhex(record["rx_hex"]) if "rx_hex" in record else record["rx_text"].encode()
    assert list(decoder.decode(given, NOW).replies) == reply_of(record)

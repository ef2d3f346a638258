"""Readings over HTTP: durable before the answer, nothing twice, every fault with its line."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pytest

from bihuan.base.time import MovableClock
from bihuan.journal.series import SeriesKey
from bihuan.register.entries import DeviceAdopted, DeviceBound
from bihuan.register.models import RefusedFrame
from tests.county import BAND, World
from tests.gateway.http.post import AT_US, Gate, Got, Posting, key_for, reading, stored

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
LINES = "application/x-ndjson"
ARROW = "application/vnd.apache.arrow.stream"


def arrow(rows: list[dict[str, Any]], **more: Any) -> bytes:
    """The rows as an Arrow stream; columns and compression can be changed."""
    columns = {
        "device": pa.array([row["device"] for row in rows]).dictionary_encode(),
        "channel": pa.array([row["channel"] for row in rows], pa.string()),
        "value": pa.array([row["value"] for row in rows], pa.float64()),
        "unit": pa.array([row["unit"] for row in rows], pa.string()),
        "at": pa.array([AT_US] * len(rows), pa.timestamp("us", "UTC")),
        **more.get("columns", {}),
    }
    table = pa.table({name: column for name, column in columns.items() if column is not None})
    sink = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression=more.get("compression"))
    with pa.ipc.new_stream(sink, table.schema, options=options) as stream:
        stream.write_table(table)
    return sink.getvalue()


def bound(world: World) -> SeriesKey:
    people = world.people
    (binding,) = {row[0].binding for row in stored()}
    return SeriesKey(people.subject, people.device, binding)


@pytest.mark.parametrize("form", ["json", "lines", "arrow"])
def test_readings_are_durable_when_they_are_answered(
    world: World, gate: Gate, clock: MovableClock, form: str
) -> None:
    rows = [
        reading(BAND, 71),
        reading(BAND, 97, channel="spo2", unit="%"),
        reading(BAND, 0),
        reading(BAND, None),
    ]
    bodies = {
        "json": (json.dumps(rows).encode(), "application/json"),
        "lines": ("\n".join(json.dumps(row) for row in rows).encode(), LINES),
        "arrow": (arrow(rows), ARROW),
    }
    body, media = bodies[form]

    def talk(line: Posting) -> None:
        got = line.post("/v1/readings", body, media=media)
        assert (got.status, got.json) == (201, {"stored": 4, "new": True})
        found = sorted((c, u, at, repr(v), q) for _s, c, u, at, v, q in stored())
        assert found == [
            ("heart_rate", "bpm", AT_US, "0.0", 1),  # no contact: kept, and marked bad
            ("heart_rate", "bpm", AT_US, "71.0", 0),
            ("heart_rate", "bpm", AT_US, "nan", 1),
            ("spo2", "%", AT_US, "97.0", 0),
        ]

    gate.talk(key_for(clock, "readings", areas=[world.people.village]).token, talk)
    assert {row[0] for row in stored()} == {bound(world)}


def test_readings_without_a_time_have_that_of_their_coming(
    world: World, gate: Gate, clock: MovableClock
) -> None:
    clock.advance(hours=1)
    row = reading(BAND)
    del row["at"]

    def talk(line: Posting) -> None:
        assert line.post("/v1/readings", [row, reading(BAND, at=None)]).status == 201

    gate.talk(key_for(clock, "readings", areas=[world.people.county]).token, talk)
    assert [row[3] for row in stored()] == [AT_US + 3_600_000_000] * 2


def test_readings_list_every_fault_with_its_line_and_store_nothing(
    world: World, gate: Gate, clock: MovableClock
) -> None:
    rows: list[Any] = [
        reading(BAND),
        reading(BAND, unit="/min"),
        reading(BAND, 900),
        reading(BAND, channel="pulse"),
        reading(BAND, "72", at="2026-03-02T08:00:00", colour="red"),
        reading("0000000000"),
        17,
    ]
    body = "\n".join(json.dumps(row) for row in rows).encode() + b"\n{"

    def talk(line: Posting) -> None:
        got = line.post("/v1/readings", body, media=LINES)
        assert got.status == 422
        found = {(fault["line"], fault["field"]) for fault in got.json["faults"]}
        assert found == {
            (2, "unit"),
            (3, "value"),
            (4, "channel"),
            (5, "value"),
            (5, "at"),
            (5, "colour"),
            (7, "document"),
            (8, "document"),
        }
        unit = next(fault for fault in got.json["faults"] if fault["field"] == "unit")
        assert (unit["got"], unit["want"]) == ("/min", "bpm, the unit of heart_rate")
        lenient = {"Prefer": "handling=lenient"}
        got = line.post("/v1/readings", body, media=LINES, headers=lenient)
        assert (got.status, got.json["stored"], got.json["count"]) == (201, 1, 9)
        assert (6, "device") in {(f["line"], f["field"]) for f in got.json["faults"]}

    gate.talk(key_for(clock, "readings", areas=[world.people.county]).token, talk)
    assert [row[4] for row in stored()] == [72.0]
    listed = RefusedFrame.objects.values_list("protocol", "device")
    assert list(listed) == [("watch", "0000000000")]


def test_readings_with_a_key_are_stored_once_and_stand_for_one_body(
    world: World, gate: Gate, clock: MovableClock
) -> None:
    key = {"Idempotency-Key": "night-17"}
    answers: list[Got] = []

    def talk(line: Posting) -> None:
        answers.append(line.post("/v1/readings", [reading(BAND)], headers=key))
        answers.append(line.post("/v1/readings", [reading(BAND)], headers=key))
        answers.append(line.post("/v1/readings", [reading(BAND, 73)], headers=key))
        # two equal readings that are two
        answers.append(line.post("/v1/readings", [reading(BAND)]))
        answers.append(line.post("/v1/readings", [reading(BAND)]))

    issued = key_for(clock, "readings", areas=[world.people.county])
    gate.talk(issued.token, talk)
    gate.talk(
        issued.token,
        lambda line: answers.append(  # after a restart
            line.post("/v1/readings", [reading(BAND)], headers=key)
        ),
    )
    assert [got.status for got in answers] == [201, 200, 409, 201, 201, 200]
    assert answers[1].json == {"stored": 1, "new": False}
    assert answers[2].fields == ["Idempotency-Key"]
    assert [row[4] for row in stored()] == [72.0] * 3


def test_readings_key_of_one_sender_is_no_key_of_another(
    world: World, gate: Gate, clock: MovableClock
) -> None:
    first, second = (key_for(clock, "readings", areas=[world.people.county]) for _ in range(2))
    key = {"Idempotency-Key": "1"}

    def talk(line: Posting) -> None:
        for issued in (first, second):
            got = line.post("/v1/readings", [reading(BAND)], headers=key, token=issued.token)
            assert (got.status, got.json["new"]) == (201, True)

    gate.talk(first.token, talk)
    assert len(stored()) == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"compression": "zstd"}, "document"),
        ({"columns": {"at": None}}, "at"),
        ({"columns": {"at": pa.array([AT_US], pa.timestamp("us"))}}, "at"),
        ({"columns": {"unit": pa.array(["/min"])}}, "unit"),
        ({"columns": {"device": pa.array([None], pa.string())}}, "device"),
        ({"columns": {"value": pa.array(["72"])}}, "value"),
        ({"columns": {"value": pa.array([float("inf")])}}, "value"),
        ({"columns": {"more": pa.array([1])}}, "more"),
    ],
)
def test_readings_refuse_an_arrow_stream_that_is_not_ours(
    world: World, gate: Gate, clock: MovableClock, change: dict[str, Any], field: str
) -> None:
    def talk(line: Posting) -> None:
        got = line.post("/v1/readings", arrow([reading(BAND)], **change), media=ARROW)
        assert (got.status, got.fields) == (422, [field])

    gate.talk(key_for(clock, "readings", areas=[world.people.county]).token, talk)
    assert stored() == []


def test_readings_survive_any_bytes_as_arrow(world: World, gate: Gate, clock: MovableClock) -> None:
    """Every cut and every byte changed: an answer each time, and the gateway goes on."""
    whole = arrow([reading(BAND)] * 3)

    def talk(line: Posting) -> None:
        for n in range(0, len(whole), 29):
            changed = whole[:n] + bytes([whole[n] ^ 0xFF]) + whole[n + 1 :]
            for body in (whole[:n], changed):
                got = line.post("/v1/readings", body, media=ARROW)
                assert got.status in (201, 422), (n, got.body)

    issued = key_for(clock, "readings", areas=[world.people.county], rows_per_s=1e6)
    gate.talk(issued.token, talk)


def test_readings_are_of_whoever_wears_the_band_when_they_come(
    world: World, gate: Gate, clock: MovableClock
) -> None:
    """Signals in between change nobody's band; a new binding does, at once."""
    people = world.people
    other = world.subject(people.village)

    def talk(line: Posting) -> None:
        assert line.post("/v1/readings", [reading(BAND, 71)]).status == 201
        world.press()
        assert line.post("/v1/readings", [reading(BAND, 72)]).status == 201
        world.add(DeviceBound(device_id=people.device, subject_id=other))
        assert line.post("/v1/readings", [reading(BAND, 73)]).status == 201

    gate.talk(key_for(clock, "readings", areas=[people.village]).token, talk)
    found = {row[4]: row[0].subject for row in stored()}
    assert found == {71.0: people.subject, 72.0: people.subject, 73.0: other}


def test_readings_of_gauges_keep_rain_and_level(
    world: World, gate: Gate, clock: MovableClock
) -> None:
    gauge = world.add(DeviceAdopted(protocol="http", number="underpass-3", model=None))
    rows = [
        {"device": "underpass-3", "channel": "level", "value": 0.27, "unit": "m", "at": None},
        {"device": "http/underpass-3", "channel": "rain", "value": 12.5, "unit": "mm", "at": None},
    ]

    def talk(line: Posting) -> None:
        assert line.post("/v1/readings", rows).status == 201
        bad = [{**rows[0], "unit": "cm"}]
        assert line.post("/v1/readings", bad).fields == ["unit"]

    gate.talk(key_for(clock, "readings", devices=[gauge]).token, talk)
    found = {(row[0], row[1], row[4]) for row in stored()}
    series = SeriesKey(None, gauge, None)
    assert found == {(series, "level", 0.27), (series, "rain", 12.5)}

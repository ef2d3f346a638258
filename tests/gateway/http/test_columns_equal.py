"""The fast path of columns says of odd readings what a plain loop over them says."""

from __future__ import annotations

import io
import json
import math
import random
from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest

from bihuan.base.time import MovableClock, us_of
from bihuan.gateway.http.arrow import from_arrow
from bihuan.gateway.http.lines import CHANNEL_KEYS, KNOWN, NO_TIME, Checked, from_json
from bihuan.gateway.http.request import Request
from bihuan.gateway.http.store_readings import Posted, ReadingStore
from bihuan.journal.batch import QUALITY_BAD, QUALITY_GOOD
from bihuan.register.entries import DeviceAdopted, DeviceBound
from bihuan.register.senders.acts import in_force
from tests.county import BAND, World
from tests.gateway.http.post import AT, AT_US, key_for, reading, stored

DEVICES = ("watch/1", "watch/2", "h02/1", "雨量站", " ", "watch/" + "9" * 60)
CHANNELS = ("heart_rate", "spo2", "temperature", "rain_step", "lat", "none of ours", "")
UNITS = ("bpm", "%", "Cel", "mm", "deg", "BPM", "")
VALUES = (None, math.nan, 0.0, -0.0, 72.0, 350.0, 350.0000001, -90.0, 1e300, -1e300, 5e-324)
TIMES = (None, AT, "2099-12-31T23:59:59.999999Z", "1970-01-01T00:00:00Z", AT)
Row = dict[str, Any]
Plain = tuple[list[tuple[Any, ...]], list[tuple[str, int]]]


def odd(rng: random.Random) -> list[Row]:
    """Rows of every oddity; every fourth is the row before it again, to the letter."""
    rows: list[Row] = []
    for _ in range(rng.randrange(1, 60)):
        if rows and not rng.randrange(4):
            rows.append(dict(rows[-1]))
            continue
        channel = rng.choice([*CHANNELS, *KNOWN])
        fit = KNOWN[channel].unit if channel in KNOWN else ""
        unit = rng.choice([*UNITS, fit, fit, fit, fit])
        said = {"device": rng.choice(DEVICES), "channel": channel, "unit": unit}
        rows.append({**said, "value": rng.choice(VALUES), "at": rng.choice(TIMES)})
    return rows


def plainly(rows: list[Row]) -> Plain:
    """What is kept and what is refused, a row after the other, by no code of the intake."""
    kept: list[tuple[Any, ...]] = []
    refused: list[tuple[str, int]] = []
    for line, row in enumerate(rows, start=1):
        span, value = KNOWN.get(row["channel"]), row["value"]
        is_none = value is None or math.isnan(value)
        if span is None:
            refused.append(("channel", line))
        elif span.unit != row["unit"]:
            refused.append(("unit", line))
        else:
            is_bad = is_none or (span.is_vital and value == 0)
            if not is_bad and not span.low <= value <= span.high:
                refused.append(("value", line))
                continue
            at_us = NO_TIME if row["at"] is None else us_of(datetime.fromisoformat(row["at"]))
            quality = QUALITY_BAD if is_bad else QUALITY_GOOD
            said = "none" if is_none else repr(float(value))
            kept.append((row["device"], row["channel"], row["unit"], at_us, said, quality, line))
    return kept, refused


def found(checked: Checked) -> Plain:
    of = checked.columns
    rows = zip(of.device, of.channel, of.event_us, of.value, of.quality, of.line, strict=True)
    kept = [
        (of.devices[d], *CHANNEL_KEYS[c], int(at), "none" if math.isnan(v) else repr(float(v)),
         int(q), int(n))
        for d, c, at, v, q, n in rows
    ]  # fmt: skip
    faults = zip(checked.faults, checked.lines, strict=True)
    return kept, [(fault.field, line) for fault, line in faults]


def as_arrow(rows: list[Row], *, is_coded: bool) -> bytes:
    def texts(name: str) -> Any:
        column = pa.array([row[name] for row in rows], pa.string())
        return column.dictionary_encode() if is_coded else column

    moments = [None if r["at"] is None else us_of(datetime.fromisoformat(r["at"])) for r in rows]
    columns = {name: texts(name) for name in ("device", "channel", "unit")}
    columns["value"] = pa.array([row["value"] for row in rows], pa.float64())
    columns["at"] = pa.array(moments, pa.timestamp("us", "UTC"))
    table = pa.table(columns)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()


@pytest.mark.parametrize("seed", range(40))
def test_arrow_and_json_say_of_odd_rows_what_a_plain_loop_says(seed: int) -> None:
    rows = odd(random.Random(seed))
    want = plainly(rows)
    for is_coded in (True, False):
        assert found(from_arrow(as_arrow(rows, is_coded=is_coded))) == want
    posted = [{**r, "value": None if r["value"] != r["value"] else r["value"]} for r in rows]
    assert found(from_json(json.dumps(posted).encode(), is_lines=False)) == want
    lines = "\n".join(json.dumps(row) for row in posted)
    assert found(from_json(lines.encode(), is_lines=True)) == want


def test_odd_rows_meet_every_outcome() -> None:
    """The rows above are no use if none is refused for one of the reasons, or none is kept bad."""
    every = [plainly(odd(random.Random(seed))) for seed in range(40)]
    assert {field for _, refused in every for field, _ in refused} == {"channel", "unit", "value"}
    assert {row[5] for kept, _ in every for row in kept} == {QUALITY_BAD, QUALITY_GOOD}


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_requests_of_one_turn_that_share_devices_keep_each_row_of_each(
    world: World, clock: MovableClock
) -> None:
    """Two bands in another order in each request, the same row twice, one row of both requests."""
    band = world.add(DeviceAdopted(protocol="watch", number="2222222222", model=None))
    world.add(DeviceBound(device_id=band, subject_id=world.subject()))
    key_for(clock, "readings", areas=[world.people.county])
    (sender,) = in_force()
    sent = [
        [reading(BAND, 61), reading("2222222222", 62), reading(BAND, 61)],
        [reading("2222222222", 63), reading(BAND, 61), reading("2222222222", None)],
        [reading("2222222222", 64, at=None)],
    ]
    posted = [
        Posted(
            Request(sender, "POST", "", {}, {}, b"", None, AT_US + n),
            from_json(json.dumps(rows).encode(), is_lines=False),
            is_lenient=False,
        )
        for n, rows in enumerate(sent)
    ]
    ReadingStore(clock).store(posted)
    rows = stored()
    own = sorted(row[4] for row in rows if row[0].device == world.people.device)
    assert own == [61.0, 61.0, 61.0]
    other = [row for row in rows if row[0].device != world.people.device]
    assert len({row[0] for row in other}) == 1
    assert sorted(row[4] for row in other if row[5] == QUALITY_GOOD) == [62.0, 63.0, 64.0]
    assert [row[3] for row in other if row[4] == 64.0] == [AT_US + 2]
    assert len(other) == 4

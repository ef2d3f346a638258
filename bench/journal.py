"""What the journal carries, beside what the disk and SQLite alone carry in the same run.

    python -m bench.journal [--quick] [--json] [--mix MODULE]

MODULE has `MODELS`, `make_tables()` and `write(clock, cases) -> entries`, as `journal_mix`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # the settings read the folder when they are imported
    _folder = tempfile.TemporaryDirectory(prefix="bihuan-bench-")
    os.environ["BIHUAN_DATA"] = _folder.name
    os.environ["DJANGO_SETTINGS_MODULE"] = "bihuan.wiring.settings"
    import django

    django.setup()

import numpy as np
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from bihuan.base.time import MovableClock
from bihuan.journal import county
from bihuan.journal.batch import Batch, pack, take_apart, unpack
from bihuan.journal.chain import hash_of
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.read import last_position, read_batches
from bihuan.journal.readings import NewReadings, append_readings
from bihuan.journal.rebuild import Rebuild
from bihuan.journal.series import ChannelKey, SeriesKey, lane_of
from bihuan.journal.shadow import shadow
from bihuan.journal.storage import reading_lanes
from bihuan.journal.verify import verify

SUBJECTS = 10_000
ROWS = 1_000
LANES = 16
CHANNELS = [ChannelKey("heart_rate", "bpm"), ChannelKey("spo2", "%")]
START_US = 1_772_409_600_000_000
Figures = dict[str, float]


def columns(subjects: np.ndarray[Any, Any], step: int) -> NewReadings:
    """One reading of each subject named, as the gateway hands them over."""
    own, index = np.unique(subjects, return_inverse=True)
    n = len(subjects)
    at = START_US + step * 1_000_000 + np.arange(n)
    rows = Batch(
        series=index.astype(np.uint32),
        channel=(np.arange(n) % 2).astype(np.uint16),
        quality=np.zeros(n, np.uint8),
        event_us=at,
        arrival_us=at + 400_000,
        value=60.0 + (subjects % 40),
    )
    return NewReadings([SeriesKey(s, s, s) for s in own.tolist()], CHANNELS, rows)


def by_lane(random: np.random.Generator, calls: int) -> Iterator[NewReadings]:
    """Calls of 1,000 readings of one lane's subjects: a gateway that gathers by lane."""
    lanes = [lane_of(SeriesKey(s, s, s), LANES) for s in range(1, SUBJECTS + 1)]
    pools = [np.flatnonzero(np.array(lanes) == lane) + 1 for lane in range(1, LANES + 1)]
    for step in range(calls):
        yield columns(random.choice(pools[step % LANES], ROWS), step)


def mixed(random: np.random.Generator, calls: int, rows: int) -> Iterator[NewReadings]:
    """Calls of readings of anybody: every call touches every lane."""
    for step in range(calls):
        yield columns(random.integers(1, SUBJECTS + 1, rows), step)


def bursts(random: np.random.Generator, calls: int) -> Iterator[NewReadings]:
    """Calls of 1,000 readings of one lane, twenty of a subject: bands that upload a backlog."""
    lanes = [lane_of(SeriesKey(s, s, s), LANES) for s in range(1, SUBJECTS + 1)]
    pools = [np.flatnonzero(np.array(lanes) == lane) + 1 for lane in range(1, LANES + 1)]
    for step in range(calls):
        few = random.choice(pools[step % LANES], ROWS // 20, replace=False)
        yield columns(np.repeat(few, 20), step)


def appended(calls: list[NewReadings], clock: MovableClock) -> float:
    """Readings a second, committed and synced."""
    began = time.perf_counter()
    for call in calls:
        clock.advance(milliseconds=100)
        append_readings(call, seen0=1, clock=clock)
    return sum(len(call.rows) for call in calls) / (time.perf_counter() - began)


def bodies() -> list[bytes]:
    """The stored bodies of the last batches, to be written again in other ways."""
    with connections[READ_ALIAS()].cursor() as cursor:
        cursor.execute(
            "SELECT body FROM journal_entry WHERE type = 'readings.batch.v1'"
            " ORDER BY lane, position LIMIT 300"
        )
        return [bytes(body) for (body,) in cursor.fetchall()]


def READ_ALIAS() -> str:  # noqa: N802 - reads as the constant it is for this run
    return "readings" if "readings" in settings.DATABASES else "default"


def synced(folder: Path, content: list[bytes]) -> float:
    """Readings a second by write and fsync alone of the same bytes."""
    descriptor = os.open(folder / "raw", os.O_CREAT | os.O_WRONLY)
    began = time.perf_counter()
    for body in content:
        os.write(descriptor, body)
        os.fsync(descriptor)
    taken = time.perf_counter() - began
    os.close(descriptor)
    return sum(len(take_apart(body).rows) for body in content) / taken


def inserted(folder: Path, content: list[bytes]) -> float:
    """Readings a second as BLOBs in plain SQLite, a durable transaction each, no hash."""
    with closing(sqlite3.connect(folder / "raw.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, body BLOB)")
        began = time.perf_counter()
        for body in content:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO entry (body) VALUES (?)", (body,))
            connection.execute("COMMIT")
        taken = time.perf_counter() - began
    return sum(len(take_apart(body).rows) for body in content) / taken


def timed(function: Callable[[], object], times: int) -> float:
    """Seconds of one call, the best of three rounds."""
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        for _ in range(times):
            function()
        best = min(best, (time.perf_counter() - began) / times)
    return best


def chunk_costs(content: list[bytes], times: int) -> Figures:
    """Erasable chunks against one hash over the body, on a batch of 1,000 readings."""
    found: Figures = {}
    for name in ("sha256", "sm3"):
        hash_ = hash_of(name)
        batch = unpack(content[0])
        body = pack(batch, hash_)[0]
        found[f"{name} chunked: µs a batch"] = timed(lambda: pack(batch, hash_), times) * 1e6  # noqa: B023 - called in the same turn
        found[f"{name} one hash: µs a batch"] = timed(lambda: hash_(body), times) * 1e6  # noqa: B023 - as above
    stored = take_apart(content[0])
    found["chunks in a batch"] = len(stored.chunks)
    found["bytes of a batch"] = len(content[0])
    found["bytes of it for chunks"] = len(stored.chunks) * (9 + 32 + 16)
    return found


def rebuilt(mix: Any, clock: MovableClock, cases: int) -> Figures:
    """Entries a second into a shadow, over full cases."""
    mix.make_tables()
    began = time.perf_counter()
    count = mix.write(clock, cases)
    live = time.perf_counter() - began
    with shadow(list(mix.MODELS)) as alias:
        from bihuan.journal.models import Parked  # noqa: PLC0415 - apps are ready only now

        with connections[alias].schema_editor() as editor:
            editor.create_model(Parked)
        began = time.perf_counter()
        Rebuild(alias).facts(last_position(FACTS_LANE))
        taken = time.perf_counter() - began
    return {
        "entries": count,
        "appended and projected, 500 a transaction: entries/s": count / live,
        "rebuilt: entries/s": count / taken,
    }


def run(folder: Path, mix: Any, *, is_quick: bool) -> Figures:
    """Every figure of this run."""
    call_command("migrate", verbosity=0)
    if "readings" in settings.DATABASES:
        call_command("migrate", database="readings", verbosity=0)
    clock = MovableClock(datetime(2026, 3, 2, tzinfo=UTC))
    county.create("bench", clock, lanes=LANES)
    random, calls = np.random.default_rng(20260302), 100 if is_quick else 400
    appended([columns(np.arange(1, SUBJECTS + 1), 0)], clock)  # every series has its slot
    found: Figures = {}
    found["durable, 1,000 of one lane, 20 a subject: readings/s"] = appended(
        list(bursts(random, calls)), clock
    )
    found["durable, 1,000 of one lane: readings/s"] = appended(list(by_lane(random, calls)), clock)
    content = [body for body in bodies() if len(take_apart(body).rows) == ROWS]
    found["durable, 1,000 of all lanes: readings/s"] = appended(
        list(mixed(random, calls, 1_000)), clock
    )
    found["durable, 16,000 of all lanes: readings/s"] = appended(
        list(mixed(random, calls // 10, 16_000)), clock
    )
    found["write and fsync of the same bytes: readings/s"] = synced(folder, content)
    found["plain SQLite BLOBs of the same bytes: readings/s"] = inserted(folder, content)
    began, rows = time.perf_counter(), 0
    for lane in reading_lanes():
        rows += sum(len(place.batch) for place in read_batches(lane))
    found["read back: readings/s"] = rows / (time.perf_counter() - began)
    found |= chunk_costs(content[-1:], 50 if is_quick else 200)
    found |= rebuilt(mix, clock, 2_000 if is_quick else 20_000)
    began = time.perf_counter()
    results = list(verify())
    assert not [r for r in results if r.broken], "the journal must verify"
    found["verified: entries/s"] = sum(r.entries for r in results) / (time.perf_counter() - began)
    return found


def machine() -> str:
    """What these figures were measured on."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--mix", default="bench.case_mix")
    chosen = parser.parse_args()
    mix = import_module(chosen.mix)
    found = run(Path(os.environ["BIHUAN_DATA"]), mix, is_quick=chosen.quick)
    if chosen.json:
        print(json.dumps({"machine": machine(), **found}, ensure_ascii=False))
        return
    print(machine(), settings.DATABASES["default"]["ENGINE"].rsplit(".", 1)[1])
    for name, figure in found.items():
        print(f"{figure:>14,.1f}  {name}")


if __name__ == "__main__":
    main()

"""How long an SOS frame takes to its answer and to its case: idle, in traffic, beside heavy work.

    python -m bench.gateway_sos [--quick] [--json]

Gateway and engine are the real processes; so are what works beside them: 1,000 frames a second
from 500 bands, the archive of a day of readings, a rebuild. A press is an AL frame of a band whose
line is up, from its first byte sent to the answer, and to the case as another process sees it.
`synchronous=FULL`, as always. The pair is one fsync of 4 KiB on the same disk at the same time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

if __name__ == "__main__":  # the settings read the folder when they are imported
    _folder = tempfile.TemporaryDirectory(prefix="bihuan-bench-")
    os.environ["BIHUAN_DATA"] = _folder.name
    os.environ["DJANGO_SETTINGS_MODULE"] = "bihuan.wiring.settings"
    import django

    django.setup()

import numpy as np
from django.conf import settings

from bench.gateway_intake import settle
from bench.gateway_sender import number
from bihuan.base.time import DAY_US, MovableClock, SystemClock, datetime_of
from bihuan.gateway.decoders.watch import encode
from bihuan.gateway.simulate import alarm_frame
from bihuan.journal.batch import Batch
from bihuan.journal.keys import KeyRing
from bihuan.journal.readings import NewReadings, append_readings, seen0_now
from bihuan.journal.series import ChannelKey, SeriesKey
from bihuan.register.models import Device
from bihuan.scenarios import load

PAUSE_S, PATIENCE_S = 0.02, 20.0
BESIDE = {
    "idle": [],
    "1,000 frames/s": ["bench.gateway_frames", "{port}", "1000", "3600"],
    "archive": ["bench.gateway_beside", "archive"],
    "rebuild": ["bench.gateway_beside", "rebuild"],
}


@dataclass
class Taken:
    """Milliseconds: of each press to its answer and to its case, and of a bare fsync."""

    reply_ms: list[float] = field(default_factory=list)
    case_ms: list[float] = field(default_factory=list)
    fsync_ms: list[float] = field(default_factory=list)


async def press(port: int, n: int, cases: sqlite3.Connection, taken: Taken) -> None:
    """One band's press. Its line is up before: a band says LK each minute."""
    band, place = number(n), (30.1, 119.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(encode("3G", band, None, "LK,1,0,80"))
    await reader.readuntil(b"]")
    (before,) = cases.execute("SELECT count(*) FROM loop_case").fetchone()
    frame = alarm_frame(band, "0001", place, (16,), SystemClock().now_us())
    started = time.perf_counter()
    writer.write(frame)
    await reader.readuntil(b"AL]")
    taken.reply_ms.append((time.perf_counter() - started) * 1_000)
    while cases.execute("SELECT count(*) FROM loop_case").fetchone()[0] == before:
        assert time.perf_counter() - started < PATIENCE_S, "no case"
        await asyncio.sleep(0.001)
    taken.case_ms.append((time.perf_counter() - started) * 1_000)
    writer.close()


def synced_ms(descriptor: int) -> float:
    started = time.perf_counter()
    os.pwrite(descriptor, os.urandom(4_096), 0)
    os.fsync(descriptor)
    return (time.perf_counter() - started) * 1_000


def presses(port: int, bands: range, folder: Path) -> Taken:
    taken = Taken()
    cases = sqlite3.connect(f"file:{folder / 'main.db'}?mode=ro", uri=True)
    descriptor = os.open(folder / "raw", os.O_WRONLY | os.O_CREAT)

    async def run() -> None:
        for n in bands:
            await press(port, n, cases, taken)
            taken.fsync_ms.append(synced_ms(descriptor))
            await asyncio.sleep(PAUSE_S)

    asyncio.run(run())
    os.close(descriptor)
    cases.close()
    return taken


@contextmanager
def process(*words: str, until: str = "") -> Iterator[str]:
    """Run a module; the line of its stderr that begins with `until`."""
    made = subprocess.Popen(
        [sys.executable, "-m", *words], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert made.stderr is not None
    try:
        yield next(line for line in made.stderr if line.startswith(until)) if until else ""
    finally:
        made.terminate()
        made.communicate(timeout=30)


def fill(rows: int) -> None:
    """Readings of two days ago, so that there is a day to archive."""
    clock = MovableClock(datetime_of(SystemClock().now_us() - 2 * DAY_US))
    devices = list(Device.objects.order_by("id"))
    series = [SeriesKey(one.subject_id, one.id, one.binding_id) for one in devices]
    count, rng = 20_000, np.random.default_rng(1)
    for n in range(rows // count):
        at_us = clock.now_us() + np.arange(count, dtype=np.int64) * 1_000
        batch = Batch(
            series=np.arange(count, dtype=np.uint32) % len(series),
            channel=np.zeros(count, np.uint16),
            quality=np.zeros(count, np.uint8),
            event_us=at_us,
            arrival_us=at_us,
            value=rng.integers(50, 120, count).astype(np.float64),
        )
        new = NewReadings(series, [ChannelKey("heart_rate", "bpm")], batch)
        append_readings(new, seen0=seen0_now(), clock=clock)
        clock.advance(seconds=n and 1)


def row(name: str, taken: Taken) -> dict[str, object]:
    found: dict[str, object] = {"beside": name, "presses": len(taken.reply_ms)}
    for what in ("reply_ms", "case_ms", "fsync_ms"):
        at = statistics.quantiles(getattr(taken, what), n=100)
        found[what] = {"p50": round(at[49], 1), "p99": round(at[98], 1)}
    return found


def shown(told: dict[str, object]) -> str:
    text = f"{told['beside']!s:15} {told['presses']!s:>5}"
    for what in ("reply_ms", "case_ms", "fsync_ms"):
        at = told[what]
        assert isinstance(at, dict)
        text += f"  {what} p50 {at['p50']:6.1f} p99 {at['p99']:6.1f}"
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the presses")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    count = 60 if asked.quick else 300
    load()
    settle(MovableClock(datetime_of(SystemClock().now_us() - 3 * DAY_US)), KeyRing(_keys()))
    fill(200_000 if asked.quick else 4_000_000)
    folder = Path(settings.BIHUAN_DATA)
    with (
        process("bihuan", "gateway", "--listen=watch=0", until="watch:") as line,
        process("bihuan", "engine"),
    ):
        port = int(line.rpartition(":")[2])
        presses(port, range(1_400, 1_420), folder)  # warm
        for n, (name, words) in enumerate(BESIDE.items()):
            beside = [word.format(port=port) for word in words]
            if beside:
                with process(*beside):
                    time.sleep(2.0)  # it has begun
                    taken = presses(port, range(n * count, n * count + count), folder)
            else:
                taken = presses(port, range(count), folder)
            told = row(name, taken)
            print(json.dumps(told) if asked.json else shown(told), flush=True)


def _keys() -> Path:
    return Path(settings.BIHUAN_DATA) / "keys.db"


if __name__ == "__main__":
    main()

"""Readings a second that HTTP makes durable, beside write and fsync of the same bytes.

    python -m bench.gateway_intake [--quick]

The whole way: a real socket, a key, JSON or Arrow in batches of 1,000, units and ranges checked,
devices looked up, hashed, committed (synchronous=FULL), answered. Senders are another process on
the same machine. The pair writes and syncs the same bodies, one sync for each batch.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

if __name__ == "__main__":  # the settings read the folder when they are imported
    _folder = tempfile.TemporaryDirectory(prefix="bihuan-bench-")
    os.environ["BIHUAN_DATA"] = _folder.name
    os.environ["DJANGO_SETTINGS_MODULE"] = "bihuan.wiring.settings"
    import django

    django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from bench.gateway_sender import ROWS, number
from bihuan.base.time import Clock, SystemClock
from bihuan.gateway.http.server import HttpServer
from bihuan.gateway.intake import Intake
from bihuan.gateway.worker import StoreWorker
from bihuan.journal import county
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.storage import alias_of
from bihuan.register import entries
from bihuan.register.senders.acts import Scope, issue
from bihuan.wiring.gateway import SWITCH_S

DEVICES = 2_000
LINES = 64
CASES = (("json", 50), ("json", 500), ("lines", 50), ("arrow", 50), ("arrow", 500))


def settle(clock: Clock, keys: KeyRing) -> str:
    """A county with 2,000 bands, each on an elder of her own; the token of a sender."""
    for alias in settings.DATABASES:
        call_command("migrate", database=alias, verbosity=0)
    county.create("青禾县", clock)
    with Appender(0, clock) as lane:
        area = lane.append(
            entries.AreaRegistered(
                code="990100", name="青禾县", latin="", level="county", parent_id=None, outline=[]
            )
        ).id()
        text = keys.seal(1, "x")
        person = lane.append(entries.PersonRegistered(name=text, latin=text, phone=None)).id()
        for n in range(DEVICES):
            subject = lane.append(
                entries.SubjectRegistered(
                    scenario="elder_care",
                    kind="elder",
                    person_id=person,
                    area_id=area,
                    address=None,
                    note=None,
                )
            ).id()
            said = entries.DeviceAdopted(protocol="watch", number=number(n), model=None)
            device = lane.append(said).id()
            lane.append(entries.DeviceBound(device_id=device, subject_id=subject))
    scope = Scope(kinds=("readings",), areas=(area,), rows_per_s=1e9)
    return issue("bench", scope, clock).token


def synced(folder: Path, sizes: list[int]) -> float:
    """Seconds to write and sync so many bytes, one sync each."""
    descriptor = os.open(folder / "raw", os.O_WRONLY | os.O_CREAT)
    content = [os.urandom(size) for size in sizes]
    started = time.perf_counter()
    for one in content:
        os.write(descriptor, one)
        os.fsync(descriptor)
    seconds = time.perf_counter() - started
    os.close(descriptor)
    return seconds


def held() -> tuple[int, int]:
    """(bytes of all bodies, rows) of the reading lanes' batches so far."""
    with connections[alias_of(1)].cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(length(body)), 0), count(*) FROM journal_entry"
            " WHERE type = 'readings.batch.v1'"
        )
        size, count = cursor.fetchone()
    return int(size), int(count)


async def send(port: int, token: str, form: str, devices: int, requests: int) -> dict[str, float]:
    words = [str(word) for word in (port, token, form, devices, LINES, requests)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.gateway_sender", *words, stdout=subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    found: dict[str, float] = json.loads(out)
    return found


async def serve(token: str, folder: Path, requests: int) -> None:
    clock, keys = SystemClock(), KeyRing(folder / "keys.db")
    sys.setswitchinterval(SWITCH_S)
    worker = StoreWorker(Intake(clock, keys))
    worker.start()
    server = HttpServer(worker, clock, keys, lambda _position: "open")
    port = await server.start("127.0.0.1", 0)
    print(f"{'form':6} {'devices':>7} {'durable/s':>10} {'fsync/s':>10} {'ratio':>6} {'body':>7}")
    for form, devices in CASES:
        await send(port, token, form, devices, LINES * 2)  # warm: series are opened
        before, _ = await asyncio.to_thread(held)
        cpu = time.process_time()
        told = await send(port, token, form, devices, requests)
        cpu = time.process_time() - cpu
        after, _ = await asyncio.to_thread(held)
        count = requests // LINES * LINES
        durable = count * ROWS / told["seconds"]
        raw = count * ROWS / synced(folder, [(after - before) // count] * count)
        print(
            f"{form:6} {devices:7} {durable:10.0f} {raw:10.0f} {durable / raw:6.3f}"
            f" {told['bytes']:7.0f}  cpu {cpu / told['seconds']:.2f} of a core"
        )
    await server.stop()
    worker.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the requests")
    requests = 160 if parser.parse_args().quick else 1_600
    folder = Path(settings.BIHUAN_DATA)
    token = settle(SystemClock(), KeyRing(folder / "keys.db"))
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores")
    asyncio.run(serve(token, folder, requests))


if __name__ == "__main__":
    main()

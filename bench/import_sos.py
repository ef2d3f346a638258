"""How long an SOS takes to its commit, idle and while 20,000 rows are imported beside it.

    python -m bench.import_sos [--quick] [--rows N]

The import runs in a process of its own, as in the keeper: the file is looked at and staged, then
published and done row by row. An SOS is a signal appended and projected, one every 20 ms, by
another process on the same database file.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

if __name__ == "__main__":  # the settings read the folder when they are imported
    if "--child" not in sys.argv:
        _folder = tempfile.TemporaryDirectory(prefix="bihuan-bench-")
        os.environ["BIHUAN_DATA"] = _folder.name
    os.environ["DJANGO_SETTINGS_MODULE"] = "bihuan.wiring.settings"
    import django

    django.setup()

from django.conf import settings
from django.core.management import call_command

from bihuan.base.time import SystemClock
from bihuan.journal import county
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.register.acts import Registrar
from bihuan.register.entries import Actor, SignalReceived
from bihuan.register.imports.models import Import
from bihuan.register.imports.publish import Publisher, publish
from bihuan.register.imports.staging import Desk, counts_of
from bihuan.register.models import Person, Subject
from bihuan.scenarios import load

FAULTS = 10
BY = Actor(person_id=None, role="operator", via="bench")


def press(subject_id: int) -> float:
    """Milliseconds of one SOS from the call to the end of its commit."""
    said = SignalReceived(
        kind="sos", subject_id=subject_id, device_id=None, at_us=None, detail=None
    )
    started = time.perf_counter()
    with Appender(FACTS_LANE, SystemClock()) as lane:
        lane.append(said)
    return (time.perf_counter() - started) * 1_000


def presses(subject_id: int, count: int, child: subprocess.Popen[bytes] | None) -> list[float]:
    """So many presses, one every 20 ms; with a child until it ends, however many."""
    taken: list[float] = []
    while len(taken) < count if child is None else child.poll() is None:
        taken.append(press(subject_id))
        time.sleep(0.02)
    return taken


def shown(name: str, taken: list[float]) -> str:
    at = statistics.quantiles(taken, n=100)
    return (
        f"{name:8} {len(taken):6} p50 {at[49]:6.1f} ms  p99 {at[98]:6.1f} ms  max {max(taken):6.1f}"
    )


def settle(folder: Path) -> int:
    """A county with one elder; the subject's id."""
    for alias in settings.DATABASES:
        call_command("migrate", database=alias, verbosity=0)
    load()
    clock, keys = SystemClock(), KeyRing(folder / "keys.db")
    county.create("青禾县", clock, lanes=4)
    to = Registrar(clock, keys)
    top = to.area("990100", ("青禾县", "Qinghe"), "county", None)
    return to.subject("elder_care", "elder", to.person("王桂兰", "Wang Guilan", None), top)


def run_import(rows: int) -> None:
    """In the child: look, stage, publish, do; what it took on stdout."""
    clock, keys = SystemClock(), KeyRing(settings.BIHUAN_DATA / "keys.db")
    load()
    lines = [f"人{n},139{n:08},990100" for n in range(rows)]
    for n in range(FAULTS):
        lines[n * (rows // FAULTS)] = f"人{n},x,990100"
    text = "\n".join(["姓名,电话,区划代码", *lines])
    started = time.perf_counter()
    staged = Desk(clock, keys, BY).stage("persons", "a.csv", text.encode())
    staged_s, counts = time.perf_counter() - started, counts_of(staged)
    publish(staged.id, "good", clock, BY)
    publisher = Publisher(clock, keys)
    publisher.run()
    done, took_s = Import.objects.get(), time.perf_counter() - started - staged_s
    print(
        f"import   {done.done} rows in {took_s:.0f} s ({done.done / took_s:.0f}/s), looked at and"
        f" staged in {staged_s:.1f} s, {counts['faulty']} faulty,"
        f" longest slice {publisher.longest_s * 1e3:.0f} ms, {Person.objects.count()} persons"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2,000 rows")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--child", action="store_true", help="the import itself")
    options = parser.parse_args()
    rows = 2_000 if options.quick else options.rows
    if options.child:
        run_import(rows)
        return
    subject = settle(Path(settings.BIHUAN_DATA))
    assert Subject.objects.filter(id=subject).exists()
    presses(subject, 50, None)
    print(shown("idle", presses(subject, 500, None)), flush=True)
    command = [sys.executable, "-m", "bench.import_sos", "--child", "--rows", str(rows)]
    with subprocess.Popen(command) as child:
        print(shown("import", presses(subject, 0, child)))


if __name__ == "__main__":
    main()

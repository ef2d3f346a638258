"""Ten thousand persons called out, beside raw inserts of the same rows in the same run.

    python -m bench.callout [--quick] [--json]

queued_s     from the click to the last person queued, by the real act and the real engine
raw_s        the same rows, people and messages, inserted by SQL without index, check or journal
queueing     turns of the engine meanwhile; sos_ms: a press in the middle until its calls are queued
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from datetime import UTC, datetime

if __name__ == "__main__":  # the settings read the folder when they are imported
    _folder = tempfile.TemporaryDirectory(prefix="bihuan-bench-")
    os.environ["BIHUAN_DATA"] = _folder.name
    os.environ["DJANGO_SETTINGS_MODULE"] = "bihuan.wiring.settings"
    import django

    django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction

from bihuan.base.ids import row_id
from bihuan.base.time import MovableClock, SystemClock
from bihuan.journal import county
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.storage import MAIN
from bihuan.journal.tables import Projection
from bihuan.loop.callout.acts import CallOuts, Order, Words
from bihuan.loop.callout.models import CallOut, CallOutPerson
from bihuan.loop.callout.progress import finish, tallies
from bihuan.loop.callout.who import Whom
from bihuan.loop.engine import Engine
from bihuan.loop.models import Delivery
from bihuan.register import entries as register
from bihuan.register.acts import Registrar
from bihuan.register.entries import Actor
from bihuan.scenarios import load

VILLAGES, PER_ENTRY = 100, 200


def settle(persons: int, clock: MovableClock, keys: KeyRing) -> tuple[int, int, int]:
    """A county of a hundred villages, each with its share of persons; (county, by, subject)."""
    county.create("青禾县", clock, lanes=4)
    add = Registrar(clock, keys)
    top = add.area("330400000000", ("青禾县", "Qinghe"), "county", None)
    town = add.area("330401000000", ("石桥镇", "Shiqiao"), "town", top)
    villages = [
        add.area(f"3304012{n:05}", (f"村{n}", f"Village {n}"), "village", town)
        for n in range(VILLAGES)
    ]
    command = add.person("何川", "He Chuan", "0990 4000 0001", ["voice"])
    add.post(command, "county_command", top)
    sealed = keys.seal(command, "09904000001")  # a key for each would measure the keys
    for first in range(0, persons, PER_ENTRY):
        with Appender(FACTS_LANE, clock) as lane:
            for n in range(first, min(first + PER_ENTRY, persons)):
                identity = row_id(lane.next_position)
                said = register.PersonRegistered(name=sealed, latin=sealed, phone=sealed)
                lane.append(said)
                lane.append(
                    register.PersonReachable(
                        person_id=identity, channel="voice", address=sealed, rank=0
                    )
                )
                lane.append(
                    register.PostHeld(
                        person_id=identity, role="village_duty", area_id=villages[n % VILLAGES],
                        from_us=0, until_us=None,
                    )
                )  # fmt: skip
    # in a village of its own: its daily notices ask for the town's people, not for a hundred
    home = add.area("330401299999", ("柳村", "Liu"), "village", town)
    subject = add.subject("elder_care", "elder", command, home, None)
    return top, command, subject


class Turns:
    """Turns of the engine, each one write transaction or two: wall and processor time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.wall_s: list[float] = []
        self.cpu_s: list[float] = []

    def run(self) -> None:
        """One turn."""
        wall, cpu = time.perf_counter(), time.process_time()
        self._engine.run_once()
        self.wall_s.append(time.perf_counter() - wall)
        self.cpu_s.append(time.process_time() - cpu)

    def said(self) -> dict[str, object]:
        """Half of the turns took no longer than p50."""
        wall, cpu = sorted(self.wall_s), sorted(self.cpu_s)
        return {
            "turns": len(wall),
            "p50_ms": round(wall[len(wall) // 2] * 1e3, 1),
            "worst_ms": round(wall[-1] * 1e3, 1),
            "p50_cpu_ms": round(cpu[len(cpu) // 2] * 1e3, 1),
            "worst_cpu_ms": round(cpu[-1] * 1e3, 1),
        }


def measure(persons: int) -> dict[str, object]:
    """Order, queue with an SOS in the middle, lift; beside the raw rows."""
    clock, keys = SystemClock(), KeyRing(settings.BIHUAN_DATA / "keys.db")
    top, command, subject = settle(persons, MovableClock(datetime(2026, 3, 2, tzinfo=UTC)), keys)
    by, engine = Actor(person_id=command, role="county_command", via="bench"), Engine(clock)
    acts, queueing = CallOuts(clock, keys), Turns(engine)
    started, cpu = time.perf_counter(), time.process_time()
    identity = acts.order(Order(Whom((top,), ("village_duty",)), "立即转移"), by)
    ordered_s = time.perf_counter() - started
    sos_s = _queue(identity, queueing, subject, clock)
    queued_s, queued_cpu_s = time.perf_counter() - started, time.process_time() - cpu
    read = _read(CallOut.objects.get(id=identity), persons, clock)
    raw_s = _raw()
    letting, started = Turns(engine), time.perf_counter()
    acts.lift(identity, Words("解除", issuer="气象台"), by)
    while CallOut.objects.get(id=identity).is_winding:
        letting.run()
    return {
        "persons": persons,
        "order_ms": round(ordered_s * 1e3, 1),
        "queued_s": round(queued_s, 2),
        "queued_cpu_s": round(queued_cpu_s, 2),
        "raw_s": round(raw_s, 2),
        "ratio": round(queued_s / raw_s, 1),
        "sos_ms": round(sos_s * 1e3, 1),
        "queueing": queueing.said(),
        "let_go_s": round(time.perf_counter() - started, 2),
        "letting_go": letting.said(),
        **read,
        "load": os.getloadavg()[0],
    }


def _queue(identity: int, turns: Turns, subject: int, clock: SystemClock) -> float:
    """Queue everybody; seconds from a press in the middle until its calls are queued."""
    sos_s, half = 0.0, CallOut.objects.get(id=identity).lists // 2
    while (row := CallOut.objects.get(id=identity)).state == "listing":
        if row.listed >= half and not sos_s:
            at = time.perf_counter()
            with Appender(FACTS_LANE, clock) as lane:
                lane.append(_sos(subject))
            while not Delivery.objects.filter(purpose="call").exists():
                turns.run()
            sos_s = time.perf_counter() - at
        turns.run()
    return sos_s


def _read(call_out: CallOut, persons: int, clock: SystemClock) -> dict[str, object]:
    """What the page asks of a whole call-out."""
    at = time.perf_counter()
    whole, _areas = tallies(call_out)
    tallied = time.perf_counter()
    finish(call_out, clock.now_us())
    done = time.perf_counter()
    if whole.total != persons:
        raise RuntimeError(f"queued {whole.total}, want {persons}")
    return {
        "tallies_ms": round((tallied - at) * 1e3, 1),
        "finish_ms": round((done - tallied) * 1e3, 1),
    }


def _sos(subject: int) -> register.SignalReceived:
    return register.SignalReceived(
        kind="sos", subject_id=subject, device_id=None, at_us=None, detail=None
    )


def _raw() -> float:
    """Seconds for the same rows as one bulk insert a table, into tables of the same shape."""
    spent = 0.0
    models: tuple[type[Projection], ...] = (CallOutPerson, Delivery)
    for model in models:
        table, copy = model._meta.db_table, f"{model._meta.db_table}_raw"
        with connections[MAIN].cursor() as cursor:
            cursor.execute(f'CREATE TABLE "{copy}" AS SELECT * FROM "{table}" WHERE 0 = 1')
            cursor.execute(f'SELECT * FROM "{table}"')
            rows = cursor.fetchall()
            marks = ",".join(["%s"] * len(rows[0]))
            at = time.perf_counter()
            with transaction.atomic(using=MAIN):
                cursor.executemany(f'INSERT INTO "{copy}" VALUES ({marks})', rows)
            spent += time.perf_counter() - at
    return spent


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    load()
    for alias in settings.DATABASES:
        call_command("migrate", database=alias, verbosity=0)
    said = measure(1_000 if options.quick else 10_000)
    said["machine"] = (
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    print(json.dumps(said, ensure_ascii=False, indent=None if options.json else 1))


if __name__ == "__main__":
    main()

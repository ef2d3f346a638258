"""What the loop carries, beside raw inserts of the same rows into the same tables, in one run.

    python -m bench.loop [--quick] [--json]

intakes   one signal, its case, its ladder and first calls, durable: one a transaction, then as
          the engine takes them (50 a turn)
steps     6,000 ladders whose next step is due at once: until every call is queued
attempt   from a signal to the first attempt of its calls, one at a time, with an idle engine
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # the settings read the folder when they are imported
    _folder = tempfile.TemporaryDirectory(prefix="bihuan-bench-")
    os.environ["BIHUAN_DATA"] = _folder.name
    os.environ["DJANGO_SETTINGS_MODULE"] = "bihuan.wiring.settings"
    import django

    django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction

from bihuan.base.time import MovableClock
from bihuan.journal import county
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.loop.channels import Message, Told
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.engine import Engine
from bihuan.loop.models import Case, Delivery
from bihuan.register.acts import Registrar
from bihuan.register.entries import (
    ContactNamed,
    PersonReachable,
    PersonRegistered,
    PostHeld,
    SignalReceived,
    SubjectRegistered,
)
from bihuan.scenarios import load

START = datetime(2026, 3, 2, tzinfo=UTC)
COUNTED = ("loop_case", "loop_clock", "loop_holding", "loop_happening", "loop_pursuit", "loop_step",
           "loop_callee", "loop_delivery", "loop_decided", "journal_entry")  # fmt: skip


class Phones:
    """Rings and says so."""

    name, ring_s = "phone", 0

    def send(self, message: Message, now_us: int) -> list[Told]:
        return [Told("accepted", "carrier"), Told("delivered", "rings")]


def people(clock: MovableClock, count: int) -> list[int]:
    """Elders of one village, each with a daughter; the officials of village, town and county."""
    keys = KeyRing(Path(os.environ["BIHUAN_DATA"]) / "keys.db")
    seal, registrar = keys.seal(1, "x"), Registrar(clock, keys)
    county_ = registrar.area("9901", ("青禾县", "Qinghe"), "county", None)
    town = registrar.area("990101", ("石桥镇", "Shiqiao"), "town", county_)
    village = registrar.area("99010101", ("柳溪村", "Liuxi"), "village", town)
    places = {"village_duty": village, "town_duty": town, "county_command": county_}
    with Appender(FACTS_LANE, clock) as lane:

        def person() -> int:
            made = lane.append(PersonRegistered(name=seal, latin=seal, phone=None)).id()
            reach = PersonReachable(person_id=made, channel="phone", address=seal, rank=0)
            lane.append(reach)
            return made

        for role, area in places.items():
            post = PostHeld(person_id=person(), role=role, area_id=area, from_us=0, until_us=None)
            lane.append(post)
        subjects = []
        for _n in range(count):
            said = SubjectRegistered(
                scenario="elder_care", kind="elder", person_id=person(), area_id=village,
                address=None, note=None,
            )  # fmt: skip
            subject = lane.append(said).id()
            named = ContactNamed(
                subject_id=subject, person_id=person(), relation="daughter", rank=0
            )
            lane.append(named)
            subjects.append(subject)
    return subjects


def press(clock: MovableClock, subject: int) -> None:
    said = SignalReceived(kind="sos", subject_id=subject, device_id=None, at_us=None, detail=None)
    with Appender(FACTS_LANE, clock) as lane:
        lane.append(said)


def timed(run: Callable[[], object]) -> float:
    """Seconds on the wall."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def cpu(run: Callable[[], object]) -> tuple[float, float]:
    """(wall seconds, CPU seconds of this process): beside other work they are far apart."""
    began = time.process_time()
    took_s = timed(run)
    return took_s, time.process_time() - began


def turned(engine: Engine) -> None:
    while engine.run_once():
        pass


def intakes(clock: MovableClock, engine: Engine, subjects: list[int]) -> dict[str, float]:
    """Signals arrive, each committed; the engine decides them as it finds them."""

    def arrive() -> None:
        for n, subject in enumerate(subjects):
            press(clock, subject)
            if n % 10 == 9:  # the engine is woken by the first and finds what came meanwhile
                engine.run_once()
        turned(engine)

    before = rows_now()
    took_s, cpu_s = cpu(arrive)
    raw_s = raw_inserts(before)
    return {
        "intakes_per_s": len(subjects) / took_s,
        "intakes_per_cpu_s": len(subjects) / cpu_s,
        "raw_intakes_per_s": len(subjects) / raw_s,
        "ratio": raw_s / took_s,
    }


def rows_now() -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for table in COUNTED:
            cursor.execute(f"SELECT COUNT(*) FROM {table}")
            found[table] = int(cursor.fetchone()[0])
    return found


def raw_inserts(before: dict[str, int]) -> float:
    """The rows made since, inserted once more into empty twins of their tables: 11 a commit."""
    after, copies = rows_now(), {}
    with connection.cursor() as cursor:
        for table in COUNTED:
            made = after[table] - before[table]
            if made <= 0:
                continue
            cursor.execute(f"SELECT * FROM {table} LIMIT {made}")
            copies[table] = cursor.fetchall()
            cursor.execute(f"CREATE TABLE raw_{table} AS SELECT * FROM {table} WHERE 1 = 0")
    cases = after["loop_case"] - before["loop_case"]
    took_s = timed(lambda: _insert_in_turns(copies, cases))
    with connection.cursor() as cursor:
        for table in copies:
            cursor.execute(f"DROP TABLE raw_{table}")
    return took_s


def _insert_in_turns(copies: dict[str, list[Any]], cases: int) -> None:
    """A commit for each signal, and one for each ten decided: as often as the loop commits."""
    commits = max(cases + cases // 10, 1)
    with connection.cursor() as cursor:
        for turn in range(commits):
            with transaction.atomic():
                for table, rows in copies.items():
                    part = rows[len(rows) * turn // commits : len(rows) * (turn + 1) // commits]
                    if part:
                        marks = ", ".join(["%s"] * len(part[0]))
                        cursor.executemany(f"INSERT INTO raw_{table} VALUES ({marks})", part)


def steps(clock: MovableClock, engine: Engine, dispatcher: Dispatcher) -> dict[str, float]:
    """Every open ladder's next step falls due in the same moment."""
    while dispatcher.run_once():
        pass
    due = Case.objects.exclude(state="closed").count()
    before = Delivery.objects.count()
    clock.advance(seconds=181)

    def until_queued() -> None:
        while Delivery.objects.count() - before < due:
            assert engine.run_once(), "nothing is left to decide, and not every call is queued"

    took_s, cpu_s = cpu(until_queued)
    rest_s = timed(lambda: turned(engine))  # each of them also missed its answer clock
    return {
        "steps": due,
        "steps_s": took_s,
        "steps_cpu_s": cpu_s,
        "steps_per_s": due / took_s,
        "steps_and_clocks_s": took_s + rest_s,
    }


def attempts(
    clock: MovableClock, engine: Engine, dispatcher: Dispatcher, subjects: list[int]
) -> dict[str, float]:
    """From the commit of a signal to the first attempt of its first call."""
    found = []
    for subject in subjects:
        clock.advance(milliseconds=10)
        began = time.perf_counter()
        press(clock, subject)
        engine.run_once()
        dispatcher.run_once()
        found.append(time.perf_counter() - began)
    found.sort()
    return {
        "attempt_p50_ms": found[len(found) // 2] * 1e3,
        "attempt_p99_ms": found[int(len(found) * 0.99)] * 1e3,
    }


def run(count: int) -> dict[str, Any]:
    """Every figure, on a county of its own."""
    call_command("migrate", verbosity=0)
    if "readings" in connections:
        call_command("migrate", database="readings", verbosity=0)
    load()
    clock = MovableClock(START)
    county.create("青禾县", clock, lanes=4)
    engine = Engine(clock)
    dispatcher = Dispatcher(clock, {"phone": Phones()}, "bench")
    subjects = people(clock, count + count // 20)
    first = attempts(clock, engine, dispatcher, subjects[count:])
    found = {**first, **intakes(clock, engine, subjects[:count])}
    found |= steps(clock, engine, dispatcher)
    database = "PostgreSQL" if settings.BIHUAN_DATABASE else "SQLite"
    return {"database": database, "cpu": platform.processor() or platform.machine(), **found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the cases")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = run(600 if asked.quick else 6_000)
    if asked.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:22} {value:.1f}" if isinstance(value, float) else f"{name:22} {value}")


if __name__ == "__main__":
    main()

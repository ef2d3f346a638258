"""Several workers on PostgreSQL: a lane is one worker's; who lost its session says nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection

from bihuan.base.time import MINUTE_US
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.readings import NewReading, append_readings, seen0_now
from bihuan.rules.leases import CLASS, LeaseLostError, Leases
from bihuan.rules.live import LiveRules
from bihuan.rules.models import Finding, Reached
from bihuan.wiring import lags
from tests.county import World
from tests.rules.bands import Band, fresh, run, said, told

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db(databases="__all__", transaction=True),
]
ROOT = Path(__file__).resolve().parents[2]
only_postgres = pytest.mark.skipif(
    not settings.BIHUAN_DATABASE, reason="SQLite has one worker: run again on PostgreSQL"
)
WORKER = """
import sys, threading, django
django.setup()
from bihuan.base.time import MovableClock, datetime_of
from bihuan.rules.live import LiveRules
from bihuan.scenarios import load
from bihuan.scenarios.elder_care.rules import RULES
load()
clock = MovableClock(datetime_of(int(sys.argv[1])))
live = LiveRules(clock, {"elder_care": RULES}, snapshot_us=0)
while True:
    try:
        busy = live.run_once()
    except Exception as error:
        print(type(error).__name__, flush=True)
        threading.Event().wait(0.05)
        continue
    print(sorted(live._lanes), flush=True)
    if not busy:
        threading.Event().wait(0.02)
"""


def test_lag_of_each_lane_counts_what_the_rules_have_not_judged(
    world: World, band: Band, live: LiveRules
) -> None:
    def behind() -> dict[str, tuple[int, float]]:
        found = lags.stages(world.clock.now_us())
        return {s.name: (s.waiting, s.oldest_s) for s in found if s.name.startswith("rules_lane_")}

    assert len(behind()) == 4
    band.says(140, 140)
    world.wall.advance(seconds=61)
    waiting = {name: at for name, at in behind().items() if at[0]}
    ((entries, age_s),) = waiting.values()
    assert entries > 0
    assert age_s == 61.0
    assert [s.is_stalled for s in lags.stages(world.clock.now_us()) if s.name in waiting] == [True]
    run(live)
    world.wall.advance(seconds=3)
    run(live)
    assert set(behind().values()) == {(0, 0.0)}
    assert Reached.objects.exists()


@only_postgres
def test_lane_that_a_worker_holds_is_no_other_sessions(
    world: World, live: LiveRules, process_environment: dict[str, str]
) -> None:
    mine = Leases().share([1, 2, 3, 4], lambda _lane: None)
    assert mine == [1, 2, 3, 4]
    with psycopg.connect(process_environment["BIHUAN_DATABASE"]) as other:
        for lane in mine:
            asked = other.execute("SELECT pg_try_advisory_lock(%s, %s)", (CLASS, lane))
            assert asked.fetchone() == (False,)


@only_postgres
def test_worker_that_lost_its_session_commits_nothing(
    world: World, band: Band, live: LiveRules
) -> None:
    leases = Leases()
    leases.share([1, 2, 3, 4], lambda _lane: None)
    leases.confirm(1)
    connection.close()  # its session is gone; Django opens another by itself
    before = Entry.objects.filter(lane=FACTS_LANE).count()
    with pytest.raises(LeaseLostError), Appender(FACTS_LANE, world.clock):
        leases.confirm(1)
    assert issubclass(LeaseLostError, OperationalError)
    assert Entry.objects.filter(lane=FACTS_LANE).count() == before
    band.says(140, 140)
    run(live)  # takes its lanes anew, reads them again, and says it once
    assert told() == [("heart_rate_high", 0, 1, "opened")]


@pytest.mark.parametrize("kills", [6])
def test_rules_killed_under_traffic_lose_and_double_nothing(
    world: World, live: LiveRules, process_environment: dict[str, str], kills: int
) -> None:
    """While readings come the worker, on PostgreSQL each of two in turn, dies by SIGKILL."""
    del live
    connection.close()  # the lanes are the workers' now
    subjects = [world.people.subject, *(world.subject() for _n in range(7))]
    clock = str(world.clock.now_us() + 10_000 * MINUTE_US)
    many = 2 if settings.BIHUAN_DATABASE else 1
    workers = [_worker(clock, process_environment) for _n in range(many)]
    held = _lanes(workers, wanted=4 // many)
    assert sorted(lane for lanes in held for lane in lanes) == [1, 2, 3, 4]
    for n in range(kills):
        world.wall.advance(hours=1)
        for subject in subjects:
            _beats(world, subject, 140, 140, 90)
        dies = workers[n % many]
        dies.send_signal(signal.SIGKILL)
        dies.wait()
        workers[n % many] = _worker(clock, process_environment)
    _until(lambda: Finding.objects.filter(what="cleared").count() == kills * len(subjects))
    for worker in workers:
        worker.kill()
        worker.wait()
    statements = Counter((f.key, f.n, f.what) for f in said() if f.rule == "heart_rate_high")
    assert set(statements.values()) == {1}
    assert len(statements) == 2 * kills * len(subjects)
    run(fresh(world))
    assert len([f for f in said() if f.rule == "heart_rate_high"]) == len(statements)


def _worker(clock: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, clock],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def _lanes(workers: list[subprocess.Popen[str]], wanted: int) -> list[tuple[int, ...]]:
    """The lanes of each worker once every one has so many."""
    found: list[tuple[int, ...]] = [()] * len(workers)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for n, worker in enumerate(workers):
            assert worker.stdout is not None
            line = worker.stdout.readline()
            found[n] = tuple(json.loads(line)) if line.startswith("[") else ()
        if all(len(lanes) == wanted for lanes in found):
            return found
    raise TimeoutError(f"lanes: got {found}, want {wanted} for each")


def _until(holds: object) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if callable(holds) and holds():
            return
        threading.Event().wait(0.1)
    raise TimeoutError(f"{Finding.objects.count()} findings after 60 s")


def _beats(world: World, subject: int, *values: float) -> None:
    now_us = world.clock.now_us()
    rows = [
        NewReading(
            subject, subject, 1, "heart_rate", "bpm", now_us + (n - 2) * MINUTE_US, value, 0, now_us
        )
        for n, value in enumerate(values)
    ]
    append_readings(rows, seen0=seen0_now(), clock=world.clock)

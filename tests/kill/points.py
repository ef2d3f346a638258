"""Kill each operation before and after each of its commits, start again, compare with no kill.

    python -m tests.kill.points OPERATION...

Runs on the data folder of BIHUAN_DATA and the database of BIHUAN_DATABASE. Each life begins from
the same copy of the county. Prints one JSON object; exit 1 where something does not hold.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import psycopg
import structlog
from django.conf import settings
from django.db import connections
from psycopg import sql

from tools.postgres import named

if TYPE_CHECKING:
    from tests.county import World
    from tests.kill.commit_points import Died
    from tests.kill.operations import Operation

START_US = 1_772_409_600_000_000
STEPS_S = (61, 60, 60, 60, 120)  # leases run out, calls ring out, ladders climb
MOST_POINTS = 60
MOST_UNKNOWN = 2  # both calls of one take: each was marked, and may not have left


class Copy:
    """The county as it was prepared, to begin anew from."""

    def __init__(self, data: Path, name: str) -> None:
        self._data, self._kept = data, data.with_name(f"{data.name}-{name}")
        self._name, self._copy = str(settings.DATABASES["default"]["NAME"]), name
        connections.close_all()
        shutil.copytree(data, self._kept, ignore=shutil.ignore_patterns("run"))
        self._on_postgres("CREATE DATABASE {copy} TEMPLATE {live}")

    def back(self) -> None:
        connections.close_all()
        for one in self._data.iterdir():
            if one.is_file():
                one.unlink()
        shutil.copytree(self._kept, self._data, dirs_exist_ok=True)
        self._on_postgres(
            "DROP DATABASE {live} WITH (FORCE)", "CREATE DATABASE {live} TEMPLATE {copy}"
        )

    def drop(self) -> None:
        connections.close_all()
        shutil.rmtree(self._kept)
        self._on_postgres("DROP DATABASE {copy} WITH (FORCE)")

    def _on_postgres(self, *statements: str) -> None:
        if not (address := os.environ.get("BIHUAN_DATABASE")):
            return
        copy = sql.Identifier(f"{self._name}_{self._copy}")
        both = {"live": sql.Identifier(self._name), "copy": copy}
        with psycopg.connect(named(address, "postgres"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(sql.SQL(statement).format(**both))


@dataclass(frozen=True, slots=True)
class After:
    """What a county came to. deliveries: state by what identifies a message; more: all else."""

    deliveries: dict[tuple[Any, ...], str]
    more: dict[str, Any]


class Lives:
    """Each life of one operation, all from the same start."""

    def __init__(self, operation: Operation, world: World, data: Path) -> None:
        self.operation, self.world, self.data = operation, world, data
        self.now_us = START_US
        self._start("first")
        operation.prepare(world)
        self.now_us = world.clock.now_us()
        self.copy = Copy(data, "copy")

    def life(self, n: int, side: Any) -> tuple[Died, After, list[str]]:
        """From the copy, killed there (n = 0: never), started again, run for six minutes."""
        from tests.kill.commit_points import killed_at  # noqa: PLC0415

        self.copy.back()
        self._start("child")
        died = killed_at(n, side, lambda tell: self.operation.work(self.world, tell))
        self._start("again")
        self._idle()
        answers = {self.operation.again(self.world) for _twice in range(2)}
        for seconds in STEPS_S:
            self._idle()
            self.world.wall.advance(seconds=seconds)
        self._idle()
        heard = answers if died.told is None else answers | {died.told}
        moved = [f"answered {sorted(heard)}, want one answer"] if len(heard) != 1 else []
        faults = [*moved, *message_faults(self.data / "phone.log"), *journal_faults()]
        return died, state(), faults

    def _start(self, holder: str) -> None:
        """A process of its own on what is there."""
        from bihuan.base.time import MovableClock, datetime_of  # noqa: PLC0415
        from bihuan.loop.dispatch import Dispatcher  # noqa: PLC0415
        from tests.kill.child import PhoneLog  # noqa: PLC0415

        world = self.world
        world.wall = MovableClock(datetime_of(self.now_us))
        world.use_clock(world.wall)
        world.dispatcher = Dispatcher(
            world.wall, {"phone": PhoneLog(self.data / "phone.log")}, holder
        )

    def _idle(self) -> None:
        self.world.settle()
        while self.world.dispatcher.recover():
            self.world.settle()


def found() -> World:
    from bihuan.base.time import MovableClock, datetime_of  # noqa: PLC0415
    from bihuan.journal.keys import KeyRing  # noqa: PLC0415
    from bihuan.wiring.boot import open_data  # noqa: PLC0415
    from tests.county import World  # noqa: PLC0415

    clock, keys = MovableClock(datetime_of(START_US)), KeyRing(open_data() / "keys.db")
    return World(clock, keys)


def state() -> After:
    """Cases, ladders, people of orders, and messages; of the journal how many of each type."""
    from bihuan.journal.models import Entry  # noqa: PLC0415
    from bihuan.journal.read import read_batches  # noqa: PLC0415
    from bihuan.journal.storage import reading_lanes  # noqa: PLC0415
    from bihuan.loop.callout.models import CallOut, CallOutPerson  # noqa: PLC0415
    from bihuan.loop.models import Case, Delivery, Step  # noqa: PLC0415

    keys = ("purpose", "step", "person_id", "channel")
    made = Delivery.objects.order_by("id").values_list(*keys, "state")
    numbers: Counter[tuple[Any, ...]] = Counter()
    deliveries = {}
    for *key, fate in made:
        numbers[tuple(key)] += 1
        deliveries[*key, numbers[tuple(key)]] = fate
    types = Counter(Entry.objects.filter(lane=0).values_list("type", flat=True))
    told = {"delivery.told.v1"}  # the states of the messages say it
    batches = [place.batch for lane in reading_lanes() for place in read_batches(lane)]
    people = CallOutPerson.objects.order_by("id")
    more = {
        "cases": [*Case.objects.values_list("state", "owner_id", "round", "signals")],
        "steps": [*Step.objects.order_by("id").values_list("n", "state")],
        "orders": [*CallOut.objects.values_list("state", flat=True)],
        "people": [*people.values_list("person_id", "state", "tries")],
        "readings": sum(len(batch.value) for batch in batches),
        "entries": {name: n for name, n in types.items() if name not in told},
    }
    return After(deliveries, more)


def message_faults(log: Path) -> Iterator[str]:
    """Nothing twice on the wire; what is not known to have left is `unknown`, and shows."""
    from bihuan.loop.models import Delivery  # noqa: PLC0415
    from tests.kill.checks import delivery_faults  # noqa: PLC0415

    yield from delivery_faults(log)
    left = {int(line) for line in log.read_text().splitlines()}
    # a person's own page confirms a call whatever became of it
    gone = Delivery.objects.filter(attempted_us__isnull=False)
    gone = gone.exclude(state__in=("unknown", "confirmed"))
    yield from (f"delivery {d.id}: {d.state}, and it never left" for d in gone if d.id not in left)


def journal_faults() -> Iterator[str]:
    """No key twice, nothing parked or unpursued, the chain whole, a rebuild equal."""
    from bihuan.journal.models import Entry  # noqa: PLC0415
    from bihuan.journal.verify import verify  # noqa: PLC0415
    from tests.kill.checks import case_faults  # noqa: PLC0415
    from tests.rebuilt import differences  # noqa: PLC0415

    keyed = Entry.objects.filter(lane=0, idem__isnull=False).values_list("idem", flat=True)
    counted = Counter(bytes(idem or b"") for idem in keyed)
    yield from (f"entry {idem!r}: {n} times" for idem, n in counted.items() if n > 1)
    yield from case_faults()
    yield from (f"chain: {lane.broken}" for lane in verify() if lane.broken is not None)
    yield from differences()


def unlike(want: After, got: After, most_unknown: int) -> Iterator[str]:
    """Every difference to a life without a kill; so many messages may be `unknown` instead."""
    for name, wanted in want.more.items():
        if got.more[name] != wanted:
            yield f"{name}: got {got.more[name]}, want {wanted}"
    both = want.deliveries.keys() | got.deliveries.keys()
    other = {key: (got.deliveries.get(key), want.deliveries.get(key)) for key in both}
    other = {key: pair for key, pair in other.items() if pair[0] != pair[1]}
    unknown = [key for key, (is_, _was) in other.items() if is_ == "unknown"]
    if len(unknown) > most_unknown:
        yield f"unknown: got {len(unknown)} messages, want {most_unknown} at most"
    yield from (f"message {key}: {pair}" for key, pair in other.items() if pair[0] != "unknown")


def killed_everywhere(name: str, lives: Lives) -> dict[str, Any]:
    """One operation, killed at each of its commits until it ends without one more."""
    died, want, faults = lives.life(0, "before")
    assert not died.killed
    wrong = [f"{name} without a kill: {one}" for one in faults]
    points = unknown = 0
    for n in range(1, MOST_POINTS):
        died, got, faults = lives.life(n, "before")
        if not died.killed:
            break
        points = n
        after, then, more = lives.life(n, "after")
        assert after.killed
        for side, there, said in (("before", got, faults), ("after", then, more)):
            unknown += sum(fate == "unknown" for fate in there.deliveries.values())
            found_ = [*said, *unlike(want, there, MOST_UNKNOWN)]
            wrong += [f"{name} killed {side} commit {n}: {one}" for one in found_]
    return {"points": points, "unknown": unknown, "faults": wrong[:30]}


def main(names: list[str]) -> dict[str, Any]:
    from tests.kill.operations import OPERATIONS  # noqa: PLC0415 - needs Django's settings

    data, world = settings.BIHUAN_DATA, found()
    counted = {}
    start = Copy(data, "start")
    try:
        for name in names or OPERATIONS:
            start.back()
            lives = Lives(OPERATIONS[name], world, data)
            try:
                counted[name] = killed_everywhere(name, lives)
            finally:
                lives.copy.drop()
    finally:
        start.drop()
    return counted


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.wiring.settings")
    Path(os.environ["BIHUAN_DATA"]).mkdir(parents=True, exist_ok=True)
    django.setup()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    result = main(sys.argv[1:])
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    sys.exit(1 if any(one["faults"] for one in result.values()) else 0)

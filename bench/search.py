"""What a search takes among 100,000 people, beside reading one row of the same database.

    python -m bench.search [--quick] [--json]

Names are drawn from common characters, so that every query has many near hits. Each query is
asked with a subtree of one town as the right, as a town's officer would.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

if __name__ == "__main__":  # the settings read the folder when they are imported
    _folder = tempfile.TemporaryDirectory(prefix="bihuan-bench-")
    os.environ["BIHUAN_DATA"] = _folder.name
    os.environ["DJANGO_SETTINGS_MODULE"] = "bihuan.wiring.settings"
    import django

    django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db.models import QuerySet

from bihuan.base.ids import row_id
from bihuan.base.time import MovableClock
from bihuan.journal import county
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Head
from bihuan.register import entries
from bihuan.register.acts import Registrar
from bihuan.register.models import Person
from bihuan.register.search.find import Finder
from bihuan.register.search.index import Hasher, Index
from bihuan.register.search.models import SearchRow

SURNAMES = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂国建文华红玉弄单云"
PER_ENTRY = 500
PER_TURN = 2_000  # nobody waits for this database
TOWNS = 9


def settle(people: int, folder: Path) -> tuple[Finder, list[int], float]:
    """A register of people in nine towns; the finder, the towns, and seconds of indexing."""
    clock = MovableClock(datetime(2026, 3, 2, tzinfo=UTC))
    county.create("青禾县", clock, lanes=4)
    keys, draw = KeyRing(folder / "keys.db"), random.Random(20260302)
    registrar = Registrar(clock, keys)
    top = registrar.area("330400000000", ("青禾县", "Qinghe"), "county", None)
    towns = [
        registrar.area(f"3304{n:02}000000", (f"镇{n}", f"Town {n}"), "town", top)
        for n in range(1, TOWNS + 1)
    ]
    for first in range(0, people, PER_ENTRY):
        # a key is a write of its own file: all of a transaction's at once, before it begins
        head = Head.objects.get(lane=FACTS_LANE).position
        keys.make_ahead(row_id(n) for n in range(head + 1, head + 2 * PER_ENTRY + 1))
        with Appender(FACTS_LANE, clock) as lane:
            for n in range(first, min(first + PER_ENTRY, people)):
                identity = row_id(lane.next_position)
                name = draw.choice(SURNAMES) + "".join(draw.choices(GIVEN, k=2))
                lane.append(
                    entries.PersonRegistered(
                        name=keys.seal(identity, name),
                        latin=keys.seal(identity, f"Person {n}"),
                        phone=keys.seal(identity, f"139{n:08}"),
                    )
                )
                lane.append(
                    entries.SubjectRegistered(
                        scenario="elder_care",
                        kind="elder",
                        person_id=identity,
                        area_id=towns[n % TOWNS],
                        address=None,
                        note=None,
                    )
                )
    hasher = Hasher(folder / "search.key")
    index, started = Index(keys, hasher), time.perf_counter()
    while index.run_once(PER_TURN):
        pass
    return Finder(keys, hasher), towns, time.perf_counter() - started


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the values lies, in ms."""
    return round(sorted(values)[min(int(len(values) * share), len(values) - 1)] * 1e3, 2)


def asked(finder: Finder, query: str, top: str) -> Callable[[], int]:
    """A search as a function, narrowed to the county's subtree."""

    def may_see(rows: QuerySet[SearchRow]) -> QuerySet[SearchRow]:
        return rows.filter(path__startswith=top)

    return lambda: len(finder.find(query, may_see, only=("subject",)))


def measure(people: int, rounds: int, folder: Path) -> dict[str, object]:
    """Every way of asking: p50 and p99 in ms by the clock and of CPU, and hits; beside one row."""
    started = time.perf_counter()
    finder, towns, indexed_s = settle(people, folder)
    settled_s = time.perf_counter() - started
    some, path = Person.objects.first(), SearchRow.objects.filter(noun="area").first()
    assert some is not None
    assert path is not None
    town = SearchRow.objects.get(noun="area", row=towns[4]).path
    found: dict[str, object] = {}
    names, numbers = ["王桂兰", "桂兰", "王", "弄"], ["45678", "13900045678"]
    queries = [*names, "wgl", "gl", "w", "nl", *numbers, "person 45", "person"]
    for query in queries:
        for where, top in (("county", path.path.split(".")[0] + "."), ("town", town)):
            ask, times, busy, hits = asked(finder, query, top), [], [], 0
            for _ in range(rounds):
                at, cpu = time.perf_counter(), time.process_time()
                hits = ask()
                times.append(time.perf_counter() - at)
                busy.append(time.process_time() - cpu)
            found[f"{query} · {where}"] = {
                "p50_ms": percentile(times, 0.5),
                "p99_ms": percentile(times, 0.99),
                "cpu_p50_ms": percentile(busy, 0.5),
                "cpu_p99_ms": percentile(busy, 0.99),
                "hits": hits,
            }
    at = time.perf_counter()
    for _ in range(1000):
        Person.objects.get(id=some.id)
    row_ms = time.perf_counter() - at
    return {
        "people": people,
        "settled_s": round(settled_s),
        "indexed_per_s": round(people * 2 / indexed_s),
        "one_row_ms": round(row_ms, 3),
        "queries": found,
    }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for alias in settings.DATABASES:
        call_command("migrate", database=alias, verbosity=0)
    people, rounds = (5_000, 20) if options.quick else (100_000, 60)
    said = measure(people, rounds, settings.BIHUAN_DATA)
    said["machine"] = (
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    print(json.dumps(said, ensure_ascii=False, indent=None if options.json else 1))


if __name__ == "__main__":
    main()

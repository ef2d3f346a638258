"""What typed records cost: filing, an act, a filtered page, one row with its history.

    python -m bench.records [--rows N] [--json]

Each figure stands beside its pair of the same run: an entry of the smallest kind, appended and
projected alone.
"""

from __future__ import annotations

import argparse
import json
import os
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

from bihuan.base.time import MovableClock
from bihuan.journal import county
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.rebuild import check
from bihuan.register import schemes
from bihuan.register.acts import Registrar
from bihuan.register.entries import ModeSet
from bihuan.register.records import lists
from bihuan.register.records.acts import By, Ledger, Opening
from bihuan.register.records.lists import Asked
from bihuan.register.subjects.acts import NewSubject, Subjects
from bihuan.register.subjects.projectors import BEGINNING
from tests.register.kitchen import KITCHEN, ROLES, SIGNALS

Figures = dict[str, float]


def median_ms(times: int, work: Callable[[int], object]) -> float:
    """The median duration of `times` calls, ms."""
    took = []
    for n in range(times):
        begun = time.perf_counter()
        work(n)
        took.append(time.perf_counter() - begun)
    return sorted(took)[times // 2] * 1e3


def click(n: object) -> By:
    """A click of its own."""
    return By(None, "bench", str(n))


def kitchens(clock: MovableClock, keys: KeyRing) -> list[int]:
    """Ten kitchens of a new county."""
    schemes.install(KITCHEN, SIGNALS, ROLES)
    county.create("青禾县", clock, lanes=4)
    registrar, subjects = Registrar(clock, keys), Subjects(clock, keys)
    registrar.county("青禾县", "Qinghe", "drill")
    area = registrar.area("330400", ("青禾县", "Qinghe"), "county", None)
    return [
        subjects.register(
            NewSubject(
                KITCHEN.scenario, "unit", area, name=f"厨房{n}", values={"licence": f"JY{n:04}"}
            ),
            click(f"unit{n}"),
        )
        for n in range(10)
    ]


def measure(count: int, folder: Path) -> Figures:
    """Milliseconds by name, at `count` records of ten kitchens."""
    clock, keys = MovableClock(datetime(2026, 3, 2, tzinfo=UTC)), KeyRing(folder / "keys.db")
    units, ledger, rows = kitchens(clock, keys), Ledger(clock, keys), list[int]()

    def file(n: int) -> None:
        said = {"dish": f"菜{n % 97}", "cooked": clock.now_us(), "core": 60 + n % 30, "eater": "某"}
        new = Opening(KITCHEN.scenario, "batch", said, subject_id=units[n % 10])
        rows.append(ledger.open(new, click(f"row{n}")))

    def act(n: int) -> None:
        ledger.act(rows[n], "measure", {"core": 71}, click(f"act{n}"))

    def plain(_n: int) -> None:
        with Appender(FACTS_LANE, clock) as lane:
            lane.append(ModeSet(mode="drill", by=BEGINNING))

    asked = Asked(KITCHEN.scenario, "batch", {"dish": "菜7", "core": (80, None)})
    return {
        "one plain entry": median_ms(200, plain),
        f"file one of {count} records": median_ms(count, file),
        "do an act": median_ms(200, act),
        "a page by two filters": median_ms(50, lambda _n: lists.listed(asked)),
        "open a row": median_ms(50, lambda n: lists.opened_row(rows[n], keys, clock.now_us())),
        "its history": median_ms(50, lambda n: lists.history(rows[n], keys)),
        "rows different after a rebuild": check().different,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--json", action="store_true")
    words = parser.parse_args()
    for alias in settings.DATABASES:
        call_command("migrate", database=alias, verbosity=0)
    figures = measure(words.rows, Path(settings.BIHUAN_DATA))
    if words.json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for name, figure in figures.items():
        print(f"{name:40} {figure:10.2f}")


if __name__ == "__main__":
    main()

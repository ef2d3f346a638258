"""Figures at size: a turn of the follower, a dashboard, the whole cube made anew and compared.

    python -m bench.figures [--cases 1000000] [--quick] [--json]

200 figures over 10 playbooks, 200 areas (10 towns of 19 villages), two years of invented cases.

The cases are written as the follower's rows (`CaseFact` through `Rows`), not as a million acts of
the loop, and the cube is then made from them in the database; the pace of the follower itself is
measured on top of them, with acts. What is compared at the end are all cells, those that the
follower has changed too, with the facts added up anew.

A turn is 50 entries of the loop (10 cases from opening to their end) with its commit; at 200 a turn
four times as many. A dashboard is an area's 20 figures of one playbook, each with its growth
against the period and the year before and its towns in order; area, playbook and period change.

What is done is told on the error stream as it ends, with the most memory held so far and the load:
a run that was ended from outside shows how far it came. Cases are made 50,000 at a time, so memory
does not grow with their number but for what one group's cells take.

Each time is told as processor time of this process and as time on the wall, which is longer where
others use the machine; the ratio is the p95 of the processor time to what is wanted.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

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
from bihuan.base.legal_limits import GENERAL
from bihuan.base.time import DAY_US, SECOND_US, MovableClock, us_of
from bihuan.figures import cube
from bihuan.figures.declared import REAL, Cases, Count, Figure
from bihuan.figures.installed import forget, install, installed
from bihuan.figures.models import CaseFact
from bihuan.figures.periods import parse
from bihuan.figures.projectors import FOLLOWER
from bihuan.figures.spans import OPEN, span_of
from bihuan.figures.values import Book, ranked
from bihuan.journal import county
from bihuan.journal.append import Appender
from bihuan.journal.follow import catch_up_facts
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop import entries
from bihuan.loop.everyday import Desk, matter_acts
from bihuan.loop.playbook import ClockRule, Limit, Playbook
from bihuan.loop.playbook import Watch as WatchRule
from bihuan.loop.scenario import Scenario
from bihuan.loop.scenario import install as install_scenario
from bihuan.register.acts import Registrar
from bihuan.register.entries import Actor
from bihuan.register.models import Area

AIM_TURN_MS, AIM_DASHBOARD_MS, AIM_RECOMPUTE_S = 50, 150, 120
NAME, KINDS, TOWNS, VILLAGES = "bench", 10, 10, 19
START = datetime(2025, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 12, 15, tzinfo=UTC)
DAY = Limit(86_400, "a bench", "2025-01-01", "青禾县")
OUTCOMES = (
    "confirmed",
    "confirmed",
    "confirmed",
    "no_reply",
    "decided",
    "not_applicable",
    "merged",
)


def playbook(n: int) -> Playbook:
    """A playbook of days with an answer clock beside."""
    desk = Desk(("office",), ("office",), ("office",), ("office",))
    limit = Limit(0, "a bench", "2025-01-01", "青禾县", days=20, unit="working", rule=GENERAL)
    return Playbook(
        scenario=NAME, kind=f"k{n}", version=1, title=(f"事项{n}", f"Matter {n}"),
        severity="minor", signals=(), acts=matter_acts(desk), repeat=DAY, late_after=DAY,
        confirmation=limit,
        clocks=tuple(
            ClockRule(clock, limit, watches=(WatchRule(1, 1, ("office",)),))
            for clock in ("accept", "act", "receive", "check")
        ),
        begins="new", opening=("accept",), reports=True, reopen_s=86_400,
    )  # fmt: skip


def declared(kind: str) -> list[Figure]:
    """Figures besides the built-in ones, so that there are 20 of a playbook."""
    return [
        Figure(
            name=f"{kind}_level_{level}_{cause}", title=("督办件数", "Supervised"),
            unit=("件", "cases"), definition=("督办过的件数。", "Cases once supervised."),
            version=1, source="a bench", effective_from="2025-01-01", over=Cases((kind,)),
            measure=Count((*REAL, ("level", ">=", level), ("cause", "=", cause))), decimals=0,
        )
        for level in (1, 2, 3) for cause in ("signal", "matter")
    ]  # fmt: skip


def settle(clock: MovableClock) -> tuple[int, list[tuple[int, str]]]:
    """County, towns, villages and the figures; the county's id and (id, path) of the villages."""
    county.create("青禾县", clock, lanes=4)
    books = tuple(playbook(n) for n in range(KINDS))
    figures = tuple(figure for book in books for figure in declared(book.kind))
    scenario = Scenario(
        name=NAME, title=("测试", "Bench"), subjects={}, signals={},
        roles={"office": ("办", "Office")}, playbooks=books, figures=figures,
    )  # fmt: skip
    install_scenario(scenario)
    for name in {one.scenario for one in installed().values()}:
        forget(name)
    install(scenario)
    registrar = Registrar(clock, KeyRing(settings.BIHUAN_DATA / "keys.db"))
    top = registrar.area("330400000000", ("青禾县", "Qinghe"), "county", None)
    for n in range(1, TOWNS + 1):
        code = f"3304{n:02}"
        town = registrar.area(f"{code}000000", (f"镇{n}", f"Town {n}"), "town", top)
        for m in range(1, VILLAGES + 1):
            names = (f"村{n}-{m}", f"Village {n}-{m}")
            registrar.area(f"{code}{m:03}000", names, "village", town)
    return top, list(Area.objects.filter(level="village").values_list("id", "path"))


def invented(n: int, draw: random.Random, villages: list[tuple[int, str]]) -> dict[str, Any]:
    """One case as the follower would know it."""
    opened = us_of(START) + draw.randrange(700 * DAY_US)
    waited, whole = draw.randrange(60, 86_400), draw.randrange(3_600, 60 * 86_400)
    is_closed = opened + whole * SECOND_US < us_of(NOW)
    area, path = draw.choice(villages)
    kind = f"k{draw.randrange(KINDS)}"
    return {
        "id": row_id(10_000_000 + n), "scenario": NAME, "kind": kind,
        "playbook": f"{NAME}.{kind}@1", "severity": "minor",
        "cause": draw.choice(("signal", "matter")),
        "state": "closed" if is_closed else "in_progress",
        "outcome": draw.choice(OUTCOMES) if is_closed else None,
        "area_id": area, "area_path": path, "opened_us": opened,
        "answered_us": opened + waited * SECOND_US, "response_s": waited,
        "closed_us": opened + whole * SECOND_US if is_closed else None,
        "whole_s": whole if is_closed else None, "span": span_of(whole) if is_closed else OPEN,
        "refusals": draw.choice((0, 0, 0, 1)), "confirmations": draw.choice((0, 1)),
        "reopened": draw.choice((0, 0, 0, 0, 1)), "level": draw.choice((0, 0, 0, 1, 2, 3)),
        "clock_accept": draw.choice(("met", "met", "missed")),
        "clock_act": draw.choice(("met", "met", "missed", "running")),
    }  # fmt: skip


def fill(cases: int, villages: list[tuple[int, str]]) -> None:
    """The facts, straight into their table: the follower's own pace is measured apart."""
    draw = random.Random(20260302)
    for first in range(0, cases, 50_000):
        with transaction.atomic(using=MAIN):
            rows = Rows(MAIN, only=(CaseFact,))
            for n in range(first, min(first + 50_000, cases)):
                rows.new(CaseFact, **invented(n, draw, villages))
            rows.flush()
    if connections[MAIN].vendor == "postgresql":
        with connections[MAIN].cursor() as cursor:
            cursor.execute("ANALYZE figures_case_fact")


def happen(clock: MovableClock, draw: random.Random, villages: list[tuple[int, str]]) -> None:
    """One case from opening to its end: five entries."""
    by = Actor(person_id=1, role="office", via="page")
    area, path = draw.choice(villages)
    kind = f"k{draw.randrange(KINDS)}"
    with Appender(FACTS_LANE, clock) as lane:
        case = lane.append(
            entries.CaseOpened(
                signal=1, scenario=NAME, kind=kind, playbook=f"{NAME}.{kind}@1",
                severity="minor", subject_id=None, area_id=area, area_path=path, is_late=False,
                state="awaiting_answer",
                clocks=[entries.ClockSet(kind="answer", due_us=clock.now_us() + DAY_US)],
            )
        ).id()  # fmt: skip
        clock.advance(minutes=3)
        lane.append(entries.CaseTaken(case_id=case, by=by, clock=None))
        lane.append(entries.CaseProgressed(case_id=case, by=by, text=None, clock=None))
        lane.append(
            entries.CaseReported(
                case_id=case, by=by, text=b"", answer=b"", proof=[], asked=[], clock=None
            )
        )
        lane.append(entries.CaseClosed(case_id=case, by=by, outcome="confirmed", reason=None))


@dataclass(slots=True)
class Watch:
    """Seconds of what runs within it: of the processor, and on the wall."""

    cpu_s: float = 0.0
    wall_s: float = 0.0

    def __enter__(self) -> Self:
        self.cpu_s, self.wall_s = time.process_time(), time.perf_counter()
        return self

    def __exit__(self, *_raised: object) -> None:
        self.cpu_s = time.process_time() - self.cpu_s
        self.wall_s = time.perf_counter() - self.wall_s


def turns(
    count: int, each: int, clock: MovableClock, villages: list[tuple[int, str]]
) -> list[Watch]:
    """The time of each turn of `each` entries."""
    draw, found = random.Random(7), []
    while catch_up_facts(FOLLOWER, 10_000):
        pass
    for _ in range(count):
        for _case in range(each // 5):
            happen(clock, draw, villages)
        with Watch() as watch:
            assert catch_up_facts(FOLLOWER, each) == each
        found.append(watch)
    return found


def dashboards(count: int, clock: MovableClock, top: int) -> list[Watch]:
    """The time of each dashboard."""
    draw, found = random.Random(11), []
    towns = list(Area.objects.filter(level="town").values_list("path", flat=True))
    for n in range(count):
        kind = draw.randrange(KINDS)
        path = f"{top}." if n % 2 else draw.choice(towns)
        period = parse(draw.choice(("2026-12", "2026-11", "2026-Q4", "2026", "2025", "2026-W50")))
        mine = [one for one in installed().values() if one.figure.name.startswith(f"k{kind}_")]
        assert len(mine) == 20
        with Watch() as watch:
            book = Book(clock.now_us())
            for one in mine:
                book.value(one, period, path)
                book.growth(one, period, path, "before")
                book.growth(one, period, path, "year")
                ranked(one, book.children(one, period, path))
        found.append(watch)
    return found


def told(found: list[Watch], aim_ms: float) -> dict[str, float]:
    """Milliseconds: median and p95 of the processor, p95 on the wall; the ratio to the aim."""

    def share(seconds: list[float], part: float) -> float:
        ordered = sorted(seconds)
        return round(ordered[min(int(len(ordered) * part), len(ordered) - 1)] * 1_000, 1)

    cpu, wall = [one.cpu_s for one in found], [one.wall_s for one in found]
    p95 = share(cpu, 0.95)
    return {
        "p50": share(cpu, 0.5),
        "p95": p95,
        "wall_p95": share(wall, 0.95),
        "aim": aim_ms,
        "ratio": round(p95 / aim_ms, 2),
    }


def whole(watch: Watch, aim_s: float | None = None) -> dict[str, float]:
    """Seconds of the processor and on the wall."""
    found = {"cpu_s": round(watch.cpu_s, 1), "wall_s": round(watch.wall_s, 1)}
    if aim_s is None:
        return found
    return found | {"aim_s": aim_s, "ratio": round(watch.cpu_s / aim_s, 2)}


def peak_mb() -> int:
    """The most memory that this process has held, MB."""
    unit = 1_048_576 if sys.platform == "darwin" else 1_024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit


def note(done: str) -> None:
    """Tell that a part of the run has ended."""
    now = f"{time.process_time():.0f} s of the processor, {peak_mb()} MB"
    print(f"{done}: {now}, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)


def measure(cases: int) -> dict[str, Any]:
    clock = MovableClock(NOW)
    top, villages = settle(clock)
    assert len(installed()) == 200
    catch_up_facts(FOLLOWER, 10_000)
    with Watch() as filled:
        fill(cases, villages)
    note("filled")
    with connections[MAIN].cursor() as cursor:  # the facts came past the follower
        cursor.execute("UPDATE figures_layout SET parts = ''")
    with Watch() as made:
        cube.make_current()
    note("made anew")
    small, large = turns(60, 50, clock, villages), turns(20, 200, clock, villages)
    note("turns")
    shown = dashboards(60, clock, top)
    note("dashboards")
    with Watch() as recomputed:
        compared = cube.compare()
    note("compared")
    return {
        "cases": cases,
        "figures": len(installed()),
        "areas": TOWNS * (VILLAGES + 1) + 1,
        "filled": whole(filled),
        "turn_of_50_ms": told(small, AIM_TURN_MS),
        "turn_of_200_ms": told(large, AIM_TURN_MS),
        "dashboard_ms": told(shown, AIM_DASHBOARD_MS),
        "made_anew": whole(made, AIM_RECOMPUTE_S),
        "compared": whole(recomputed, AIM_RECOMPUTE_S),
        "cells_equal": compared.equal,
        "cells_different": compared.different,
        "peak_mb": peak_mb(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="20,000 cases")
    parser.add_argument("--json", action="store_true")
    said = parser.parse_args()
    for alias in connections:
        call_command("migrate", database=alias, verbosity=0)
    found = measure(20_000 if said.quick else said.cases)
    if said.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:>16}  {value}")


if __name__ == "__main__":
    main()

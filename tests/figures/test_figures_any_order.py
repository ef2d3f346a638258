"""Whatever happens to cases, and however it is cut into turns: cells equal a plain recount.

The recount below imports none of the conditions, parts or cells: it counts with its own words.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.base.ids import row_id
from bihuan.figures.declared import REAL, Cases, Count, Elapsed, Figure, Percentile, Ratio, Sum
from bihuan.figures.groups import group_of, groups, month_of, spread_id
from bihuan.figures.installed import figure, forget, install
from bihuan.figures.models import CaseFact, Cell
from bihuan.figures.parts import parts_of
from bihuan.figures.projectors import follow, unpacked
from bihuan.journal.payloads import Payload
from bihuan.journal.project import Recorded
from bihuan.journal.rows import Rows
from bihuan.loop import entries
from tests.figures.cases_told import BY, NAME, scenario

START = datetime(2026, 3, 30, tzinfo=UTC)
PATHS = {5: "1.3.5.", 6: "1.3.6.", 7: "1.4.7."}


def made(name: str, measure: Any, at: str = "opened_us") -> Figure:
    return Figure(
        name=name, title=("数", "n"), unit=("件", "n"), definition=("数。", "n."), version=1,
        source="a test", effective_from="2026-01-01", over=Cases(("road",)), measure=measure, at=at,
    )  # fmt: skip


FIGURES = (
    made("real", Count(REAL)),
    made(
        "in_time",
        Ratio((("clock_answer", "=", "met"),), (("clock_answer", "in", ("met", "missed")),)),
    ),
    made("ended", Count((("outcome", "!=", "void"),)), "closed_us"),
    made("hours", Sum(Elapsed("opened_us", "closed_us", "h"))),
    made("p90", Percentile("response_s", 0.9, REAL)),
)


@pytest.fixture(autouse=True, scope="module")
def five_figures() -> Iterator[None]:
    install(scenario(*FIGURES))
    yield
    forget(NAME)


Happened = tuple[str, int, int]  # what, of which case (by number), minutes since the last
steps = st.lists(
    st.tuples(
        st.sampled_from(["open", "take", "miss", "close", "void", "refuse", "reopen"]),
        st.integers(0, 5),
        st.integers(0, 60 * 24 * 9),
    ),
    min_size=1,
    max_size=40,
)


def entries_of(happened: list[Happened]) -> list[Recorded[Payload]]:
    """The same as entries of lane 0; what happens to a case that is not there is left out."""
    from bihuan.loop.cases.entries import CaseReopened  # noqa: PLC0415 - named like no other

    at, cases, found = START, list[int](), list[Recorded[Payload]]()
    for position, (what, which, minutes) in enumerate(happened, start=1):
        at += timedelta(minutes=minutes)
        at_us = int(at.timestamp() * 1_000_000)
        if what == "open":
            area = 5 + which % 3
            cases.append(row_id(position))
            payload: Payload = entries.CaseOpened(
                signal=1, scenario=NAME, kind="road", playbook=f"{NAME}.road@1", severity="minor",
                subject_id=None, area_id=area, area_path=PATHS[area], is_late=False, state="new",
                clocks=[entries.ClockSet(kind="answer", due_us=at_us)],
            )  # fmt: skip
        elif which >= len(cases):
            continue
        else:
            case = cases[which]
            payload = {
                "take": entries.CaseTaken(case_id=case, by=BY, clock=None),
                "miss": entries.ClockMissed(case_id=case, clock_id=case + 1),
                "close": entries.CaseClosed(case_id=case, by=BY, outcome="confirmed", reason=None),
                "void": entries.CaseClosed(case_id=case, by=BY, outcome="void", reason=None),
                "refuse": entries.OriginAnswered(
                    case_id=case, by=BY, is_solved=False, text=None, clock=None
                ),
                "reopen": CaseReopened(case_id=case, by=BY, to="in_progress", text=None, clocks=[]),
            }[what]
        found.append(Recorded(0, position, at_us, payload))
    return found


def followed(
    found: list[Recorded[Payload]], turn: int
) -> tuple[dict[str, list[int]], list[CaseFact]]:
    """Cells and facts after following in turns of so many."""
    rows = Rows("default", is_fresh=True)
    for first in range(0, len(found), turn):
        follow(rows, found[first : first + turn])
    cells: dict[str, Any] = dict(rows._table(Cell).rows)  # the twin looks inside
    held = {key: unpacked(bytes(cell.parts)) for key, cell in cells.items() if cell is not None}
    known: dict[int, Any] = dict(rows._table(CaseFact).rows)
    return held, [fact for fact in known.values() if fact is not None]


@settings(max_examples=150, deadline=None)
@given(steps, st.integers(1, 50))
def test_any_story_in_any_turns_gives_the_same_cells(happened: list[Happened], turn: int) -> None:
    """One entry at a time, or all at once: the same cells; each is what a plain recount gives."""
    found = entries_of(happened)
    cells, facts = followed(found, turn)
    assert cells == followed(found, 1)[0]
    for month, path in {(month_of(f.opened_us), f.area_path) for f in facts}:
        here = [f for f in facts if (month_of(f.opened_us), f.area_path) == (month, path)]
        assert numbers(cells, "real", month, path) == [plain_real(here)]
        assert numbers(cells, "in_time", month, path) == plain_in_time(here)
        closed = [f for f in here if f.closed_us is not None]
        total_us = sum((f.closed_us or 0) - f.opened_us for f in closed)
        assert numbers(cells, "hours", month, path) == [total_us, len(closed)]
        assert numbers(cells, "p90", month, path) == [plain_times(here)]
    assert sum(
        numbers(cells, "ended", month, path)[0]
        for month in range(month_of(START_US), month_of(START_US) + 40)
        for path in PATHS.values()
    ) == sum(f.closed_us is not None and f.outcome != "void" for f in facts)


START_US = int(START.timestamp() * 1_000_000)


def numbers(cells: dict[str, list[int]], name: str, month: int, path: str) -> list[Any]:
    one = figure(f"{NAME}.{name}")
    group, known = group_of(one), groups()
    found: list[Any] = []
    for part in parts_of(one.figure.measure):
        if part.what == "spread":
            found.append(cells.get(f"{spread_id(group, part)}|{month}|{path}", []))
            continue
        at = [p.key for p in known[group].parts].index(part.key)
        held = cells.get(f"{group}|{month}|{path}")
        found.append(held[at] if held else 0)
    return found


def plain_real(facts: list[CaseFact]) -> int:
    n = 0
    for fact in facts:
        if fact.outcome is None or fact.outcome not in {"merged", "void"}:
            n += 1
    return n


def plain_in_time(facts: list[CaseFact]) -> list[int]:
    met = len([f for f in facts if f.clock_answer == "met"])
    return [met, met + len([f for f in facts if f.clock_answer == "missed"])]


def plain_times(facts: list[CaseFact]) -> list[int]:
    return sorted(
        math.floor((f.answered_us - f.opened_us) / 1_000_000)
        for f in facts
        if f.answered_us is not None and f.outcome not in ("merged", "void")
    )

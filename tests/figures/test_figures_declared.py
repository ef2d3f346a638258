"""What a scenario may declare: every fault is told with file and key; the documented ones stand."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import bihuan
from bihuan.base.errors import BadInputError
from bihuan.figures.check import faults_of
from bihuan.figures.declared import (
    END,
    AnyOf,
    Cases,
    Column,
    Count,
    Distinct,
    Elapsed,
    Figure,
    Mean,
    Percentile,
    Quotient,
    Ratio,
    Records,
    Subjects,
    Sum,
    Target,
)
from bihuan.figures.installed import forget, install, installed
from bihuan.register.scheme import Field, RecordType, Scheme, SubjectType
from bihuan.scenarios import load
from tests.figures.cases_told import NAME, scenario

GRADES = (("A", ("A", "A")), ("B", ("B", "B")))
SCHEME = Scheme(
    scenario="kitchens",
    subjects=(
        SubjectType(
            name="kitchen",
            title=("中央厨房", "Kitchen"),
            party="legal_entity",
            fields=(
                Field(name="grade", title=("等级", "Grade"), kind="choice", choices=GRADES),
                Field(name="owner_phone", title=("电话", "Phone"), kind="text", is_sealed=True),
            ),
            states=(("in_operation", ("在营", "In operation")),),
        ),
    ),
    records=(
        RecordType(
            name="delivery",
            title=("配送", "Delivery"),
            subject="kitchen",
            number="PS-{year}-{n:05}",
            fields=(
                Field(name="meals", title=("份数", "Meals"), kind="integer"),
                Field(name="delivered_on", title=("日期", "Date"), kind="date"),
            ),
        ),
    ),
)  # fmt: skip
GOOD = Figure(
    name="good",
    title=("好", "Good"),
    unit=("份", "meals"),
    definition=("一句话。", "One sentence."),
    version=1,
    source="a test",
    effective_from="2026-01-01",
    over=Records("delivery"),
    measure=Sum("meals", (("subject.grade", "=", "A"),)),
    at="delivered_on",
)
POINT: dict[str, Any] = {"at": None, "period": "point"}


def told(*figures: object) -> list[str]:
    return [str(fault) for fault in faults_of("kitchens", figures, SCHEME, ["sos"])]


def test_a_sound_figure_has_no_fault() -> None:
    """Over records with a field of their subject, over subjects as they stand, over cases."""
    kitchen = replace(GOOD, name="k", over=Subjects("kitchen"), **POINT)
    assert told(
        GOOD,
        replace(kitchen, name="firms", measure=Distinct("party_id")),
        replace(kitchen, measure=Ratio((("grade", "in", ("A", "B")),), (("state", "=", "x"),))),
        replace(
            GOOD, name="wait", over=Cases(), measure=Mean(Elapsed("opened_us", END, "d")),
            lives=("opened_us", "closed_us"), **POINT,
        ),
    ) == []  # fmt: skip


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"over": Records("lorry")}, "over: got lorry"),
        ({"over": Cases(("fire",))}, "over.kinds: got fire"),
        ({"name": "Bad Name"}, "name: got Bad Name"),
        ({"definition": ("一句话。", " ")}, "definition: got"),
        ({"source": ""}, "source: got nothing"),
        ({"version": 0}, "version: got 0"),
        ({"effective_from": "2026-13-01"}, "effective_from: got 2026-13-01"),
        ({"measure": Sum("weight")}, "measure.column: got weight"),
        ({"measure": Sum("delivered_on")}, "measure.column: got delivered_on: date"),
        ({"measure": Percentile("meals", 90)}, "measure.share: got 90"),
        ({"measure": Ratio((), ())}, "measure.part: got no condition"),
        ({"measure": Quotient(Sum("meals"), Mean("meals"))}, "measure.bottom: got Mean"),  # type: ignore[arg-type]  # that is the fault
        ({"measure": Count((("subject.owner_phone", "=", "1"),))}, "got subject.owner_phone"),
        ({"measure": Count((("meals", "~", 1),))}, "measure.where[0]: got ~"),  # type: ignore[arg-type]  # as above
        ({"measure": Count((("meals", ">", "1"),))}, "measure.where[0]: got 1, want a number"),
        ({"measure": Count((("meals", ">", True),))}, "measure.where[0]: got True"),
        ({"measure": Count((("meals", "=", None),))}, "known False"),
        ({"measure": Count((("meals", "in", ()),))}, "at least one"),
        ({"measure": Count((("delivered_on", ">", "March"),))}, "a date"),
        ({"measure": Count((("meals", "=", Column("state")),))}, "got state: text"),
        ({"measure": Count((AnyOf(()),))}, "at least two groups"),
        ({"measure": Sum(Elapsed("opened_us", "delivered_on"))}, "two times, or two dates"),
        ({"measure": Sum(Elapsed("opened_us", END))}, "in a point figure over cases"),
        ({"at": "meals"}, "at: got meals"),
        ({"at": None}, "at: got None"),
        ({"rank_level": "village"}, "rank_level: got village"),
        ({"targets": (Target(1, "x", "2026-01-01", "y"),)}, "a direction"),
        ({"over": Cases(), "measure": Count(), **POINT}, "lives: got ()"),
    ],
)
def test_every_fault_is_told_with_its_key(more: dict[str, Any], fault: str) -> None:
    """One wrong thing, one sentence that names file, figure, key, got and want."""
    found = told(replace(GOOD, **more))
    assert any(f": {more.get('name', 'good')}." in line and fault in line for line in found), found
    assert all(line.startswith("kitchens/figures.py: ") for line in found)


def test_two_of_a_name_and_what_is_no_figure_are_told_together() -> None:
    """All faults of a folder come at once."""
    assert len(told(GOOD, GOOD, "figure")) == 2


def test_a_declared_figure_takes_the_place_of_a_built_in_one() -> None:
    """The county's own definition of the handling rate; every other built-in one stays."""
    install(scenario())
    own = len(installed())
    mine = replace(GOOD, name="road_handled", over=Cases(), measure=Count(), at="opened_us")
    install(scenario(mine))
    assert len(installed()) == own
    assert installed()[f"{NAME}.road_handled"].figure is mine
    forget(NAME)
    with pytest.raises(BadInputError, match=r"figure_tests/figures.py: good.over"):
        install(scenario(GOOD))


def test_documented_figures_can_be_declared() -> None:
    """The examples of docs/figures.md, as they stand there."""
    text = (Path(bihuan.__file__).parent.parent / "docs/figures.md").read_text(encoding="utf-8")
    said: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", text, re.S):
        exec(block, said)
    found = [one for one in said.values() if isinstance(one, Figure)]
    assert len(found) == 2
    assert told(*found) == []


def test_what_is_counted_by_ones_is_shown_without_decimals() -> None:
    """1.0 hazards is no number of hazards."""
    for declared in load():
        for one in declared.figures:
            if isinstance(one, Figure) and isinstance(one.measure, Count | Distinct):
                assert one.decimals == 0, f"{declared.name}.{one.name}"

"""Figures over typed rows: kitchens and firms of a scheme, as they stand and as they stood."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bihuan.base.time import MovableClock
from bihuan.figures import acts, drill
from bihuan.figures.declared import (
    Distinct,
    Elapsed,
    Figure,
    Percentile,
    Quotient,
    Ratio,
    Subjects,
    Sum,
)
from bihuan.figures.installed import figure, install
from bihuan.figures.periods import parse
from bihuan.figures.values import Book, Value
from bihuan.register import rights, schemes
from bihuan.register.entries import SubjectRegistered
from bihuan.register.parties.entries import PartyMerged, PartyRegistered
from bihuan.register.records.entries import RowCorrected
from bihuan.register.rights import Rights
from bihuan.register.scheme import Field, Scheme, SubjectType
from tests.figures.cases_told import BY, NAME, Told, scenario

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]
GRADES = (("A", ("A", "A")), ("B", ("B", "B")), ("C", ("C", "C")))
KITCHEN = SubjectType(
    name="kitchen",
    title=("中央厨房", "Kitchen"),
    party="legal_entity",
    fields=(
        Field(name="grade", title=("等级", "Grade"), kind="choice", choices=GRADES),
        Field(name="tax_yuan", title=("税", "Tax"), kind="decimal"),
        Field(name="land_mu", title=("地", "Land"), kind="decimal"),
        Field(name="asked_on", title=("申请", "Asked"), kind="date"),
        Field(name="begun_on", title=("开业", "Begun"), kind="date"),
        Field(name="open", title=("在营", "Open"), kind="yes_no"),
    ),
)


def made(name: str, measure: Any, **more: Any) -> Figure:
    said = {"unit": ("家", "n"), "at": None, "period": "point", **more}
    return Figure(
        name=name, title=("数", "n"), definition=("数。", "n."), version=1, source="a test",
        effective_from="2026-01-01", over=Subjects("kitchen"), measure=measure, **said,
    )  # fmt: skip


FIGURES = (
    made("grade_b", Ratio((("grade", "in", ("A", "B")),), (("open", "=", True),))),
    made("firms", Distinct("party_id")),
    made("tax_per_mu", Quotient(Sum("tax_yuan"), Sum("land_mu"))),
    made("days", Percentile(Elapsed("asked_on", "begun_on", "d"), 0.5)),
    made("begun", Distinct("id"), at="begun_on", period="single"),
)


@pytest.fixture
def kitchens(told: Told) -> Iterator[Told]:
    scheme = Scheme(scenario=NAME, subjects=(KITCHEN,))
    schemes.install(scheme)
    install(scenario(*FIGURES, scheme=scheme))
    yield told
    schemes.forget(NAME)


def firm(told: Told, code: str | None = None) -> int:
    return told.say(
        PartyRegistered(
            kind="legal_entity", name="演示厨房", latin="Demo kitchen", code=code, area_id=None,
            address=None,
        )
    )  # fmt: skip


def kitchen(told: Told, party: int, area: int, **values: Any) -> int:
    return told.say(
        SubjectRegistered(
            scenario=NAME, kind="kitchen", person_id=None, party_id=party, area_id=area,
            address=None, note=None, values={"open": True, **values},
        )
    )  # fmt: skip


def value(told: Told, name: str, area: int, period: str = "2026-03") -> Value:
    one = figure(f"{NAME}.{name}")
    return Book(told.clock.now_us()).value(one, parse(period), told.path(area))


def everywhere(told: Told) -> Rights:
    rights.grant(NAME, "figure_chief", ("see", "act"))
    return Rights(1, frozenset({("figure_chief", told.path(told.county))}), frozenset())


def test_12_of_15_kitchens_are_80_percent(kitchens: Told) -> None:
    """2 A, 10 B, 2 C, one not yet graded, which stays in the whole; one shut one does not."""
    grades = ["A"] * 2 + ["B"] * 10 + ["C"] * 2
    ids = [kitchen(kitchens, firm(kitchens), kitchens.willow, grade=g) for g in grades]
    kitchen(kitchens, firm(kitchens), kitchens.willow)
    kitchen(kitchens, firm(kitchens), kitchens.willow, grade="A", open=False)
    assert value(kitchens, "grade_b", kitchens.county).told == (80.0, 12.0, 15.0)
    assert value(kitchens, "grade_b", kitchens.sand).told.amount is None
    one, book = figure(f"{NAME}.grade_b"), Book(kitchens.clock.now_us())
    ask = drill.Ask(one, book.window(one, parse("2026-03")), kitchens.path(kitchens.county))
    assert sorted(drill.rows(book.reader, ask, 50)) == ids[:12]
    assert drill.count(book.reader, ask) == 12


def test_two_firms_that_are_one_count_once(kitchens: Told) -> None:
    """Three rows of two firms; when the firms are found to be one, one."""
    first, second = firm(kitchens, "1"), firm(kitchens, "2")
    kitchen(kitchens, first, kitchens.willow)
    kitchen(kitchens, first, kitchens.shore)
    kitchen(kitchens, second, kitchens.shore)
    assert value(kitchens, "firms", kitchens.county).told.amount == 2
    assert value(kitchens, "firms", kitchens.sand).told.amount == 2
    kitchens.say(PartyMerged(loser_id=second, survivor_id=first))
    assert value(kitchens, "firms", kitchens.county).told.amount == 1
    assert value(kitchens, "firms", kitchens.sand).told.amount == 1


def test_a_published_count_of_firms_stays_when_two_are_found_to_be_one(kitchens: Told) -> None:
    """2 as published, 1 as the records give it now, told beside it; the open month counts 1."""
    first, second = firm(kitchens, "1"), firm(kitchens, "2")
    kitchen(kitchens, first, kitchens.willow)
    kitchen(kitchens, second, kitchens.shore)
    kitchens.follow()
    kitchens.clock.advance(days=31)
    assert acts.lock(kitchens.clock, BY, everywhere(kitchens), (NAME, "2026-03", "")) == 1
    kitchens.say(PartyMerged(loser_id=second, survivor_id=first))
    kitchens.follow()
    held = value(kitchens, "firms", kitchens.county)
    assert (held.told.amount, held.lock) == (2, 1)
    assert held.live is not None
    assert held.live.amount == 1
    opened = value(kitchens, "firms", kitchens.county, "2026-04")
    assert (opened.told.amount, opened.lock, opened.is_open) == (1, 0, True)
    assert acts.lock(kitchens.clock, BY, everywhere(kitchens), (NAME, "2026-03", "同一家")) == 2
    again = value(kitchens, "firms", kitchens.county)
    assert (again.told.amount, again.lock, again.live) == (1, 2, None)


def test_firms_found_to_be_one_in_a_row_count_once(kitchens: Told) -> None:
    """A is B, then B is C: three rows of three firms are one firm."""
    firms = [firm(kitchens, str(n)) for n in range(3)]
    for one in firms:
        kitchen(kitchens, one, kitchens.willow)
    kitchens.say(PartyMerged(loser_id=firms[0], survivor_id=firms[1]))
    kitchens.say(PartyMerged(loser_id=firms[1], survivor_id=firms[2]))
    assert value(kitchens, "firms", kitchens.county).told.amount == 1


def test_a_quotient_of_sums_and_a_median_of_days(kitchens: Told) -> None:
    """30 yuan on 4 mu are 7.5 a mu, not the mean of 10 and 5; unknown land adds nothing."""
    party = firm(kitchens)
    kitchen(kitchens, party, kitchens.willow, tax_yuan=20.0, land_mu=2.0)
    assert value(kitchens, "days", kitchens.county).told.amount is None
    kitchen(
        kitchens, party, kitchens.willow, tax_yuan=10.0, land_mu=2.0, asked_on="2026-02-27",
        begun_on="2026-03-02",
    )  # fmt: skip
    assert value(kitchens, "tax_per_mu", kitchens.county).told == (7.5, 30.0, 4.0)
    assert value(kitchens, "tax_per_mu", kitchens.sand).told.amount is None
    assert value(kitchens, "days", kitchens.county).told.amount == 3
    assert value(kitchens, "begun", kitchens.county).told.amount == 1
    assert value(kitchens, "begun", kitchens.county, "2026-02").told.amount == 0


def test_a_past_day_shows_what_the_rows_were_then(kitchens: Told, clock: MovableClock) -> None:
    """Graded C in March, A since April: the end of March stays as it was."""
    row = kitchen(kitchens, firm(kitchens), kitchens.willow, grade="C")
    clock.advance(days=40)
    kitchens.say(
        RowCorrected(
            row_id=row, by=BY, before={"grade": "C"}, after={"grade": "A"}, sealed=None,
            sealed_names=[], reason=b"",
        )
    )  # fmt: skip
    kitchen(kitchens, firm(kitchens), kitchens.willow, grade="C")
    assert value(kitchens, "grade_b", kitchens.county, "2026-03").told == (0.0, 0.0, 1.0)
    assert value(kitchens, "grade_b", kitchens.county, "2026-04").told == (50.0, 1.0, 2.0)

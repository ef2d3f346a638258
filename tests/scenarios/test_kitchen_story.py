"""The demo's story ends as it is written, and told twice changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bihuan.base.time import MovableClock, datetime_of
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Head, Parked
from bihuan.loop.book.county import CountyBook
from bihuan.loop.book.seen import Seen
from bihuan.loop.models import Case
from bihuan.register.records.models import Proposal, Record
from bihuan.scenarios import load
from bihuan.scenarios.kitchen.shows import board, grades
from bihuan.wiring import demo
from bihuan.wiring.gaps import roster_gaps
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_story_of_the_kitchen_ends_as_it_is_written_and_told_twice_changes_nothing(
    data: Path, clock: MovableClock, keys: KeyRing
) -> None:
    load()
    begins = datetime_of(clock.now_us())
    assert demo.tell(data, keys, begins) > 0
    cases = Case.objects.filter(scenario="kitchen").order_by("id")
    assert [(case.kind, case.state) for case in cases] == [
        ("deviation", "closed"),
        ("school_notice", "closed"),
        ("recall", "closed"),
    ]
    batches = Record.objects.filter(scenario="kitchen", kind="batch").order_by("id")
    assert [batch.state for batch in batches] == ["released", "eaten", "discarded"]
    assert not Parked.objects.exists()
    assert differences() == []
    before = Head.objects.get(lane=0).position
    assert demo.tell(data, keys, begins) == 0
    assert Head.objects.get(lane=0).position == before


def test_demo_begins_with_graded_kitchens_and_a_batch_that_counts_down(
    data: Path, clock: MovableClock, keys: KeyRing
) -> None:
    """Everything was filed by somebody: two inspectors for each visit, off-site before on site."""
    load()
    cast = demo.make(data, clock, keys).scenarios["kitchen"]
    now_us = clock.now_us()
    book = CountyBook(Seen("kitchen", ("",), frozenset(), Case.objects.all()), now_us, "zh", keys)
    shown = grades(book)
    rows = [one["row"] for one in shown["rows"]]
    assert [row["quant_grade"] for row in rows] == ["A", "B", "B", "C", "none"]
    assert [row["grade"] for row in rows] == ["A", "B", "B", "C", "—"], "by the mean of its visits"
    assert (shown["count"], shown["best"], shown["share"]) == (5, 1, 60.0)
    visits = Record.objects.filter(scenario="kitchen", kind="inspection").order_by("id")
    ways = [json.loads(one.values)["way"] for one in visits]
    assert ways == ["off_site", "on_site"] * 5
    for one in visits:
        asked = Proposal.objects.get(row_id=one.id)
        done = json.loads(one.done)["conclude"]["by"]
        assert len({asked.by_id, *done}) == 2, "two inspectors"
    (line,) = board(book)["lines"]
    assert (line["state"][0], line["left_min"]) == ("已放行", 21 * 60)
    assert line["tone"] == "ok"
    assert cast.subjects["supplier"] == line["batch"]["subject_id"]
    empty = [gap for gap in roster_gaps(now_us) if "厨房" in gap]
    assert empty == [], "each kitchen's town has its market station"

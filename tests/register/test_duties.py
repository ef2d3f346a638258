"""What falls due of records: duties, routines, retention and holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import HOUR_US, us_of
from bihuan.journal.erased import erasures
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.read import last_position
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.journal.verify import verify
from bihuan.loop.due import kinds
from bihuan.register import schemes
from bihuan.register.entries import SignalReceived, SubjectRegistered
from bihuan.register.models import Subject
from bihuan.register.records import lists, routines
from bihuan.register.records.acts import Opening
from bihuan.register.records.models import DutyDue, Period, Record, RowChange
from bihuan.register.records.retention import due, erase_kept
from bihuan.register.records.sealing import opened
from bihuan.register.refusals import BrokenError, ForbiddenError, TakenError
from tests.register.conftest import SCENARIO, Kitchen
from tests.register.kitchen import BATCH

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def sample(kitchen: Kitchen, batch: int) -> int:
    said = {"batch": batch, "grams": 130, "keeper": "赵一"}
    new = Opening(SCENARIO, "sample", said, subject_id=kitchen.unit)
    return kitchen.ledger.open(new, kitchen.by(kitchen.manager))


def dues(row: int) -> dict[str, tuple[int | None, str]]:
    found = DutyDue.objects.filter(row_id=row)
    return {due.duty: (due.due_us, due.state) for due in found}


def signals(kitchen: Kitchen) -> list[tuple[str, int | None]]:
    return [(said.kind, said.row_id) for said in kitchen.said(SignalReceived)]


def test_the_engine_waits_for_what_the_register_owes() -> None:
    assert {"duty", "proposal", "routine"} <= {kind.name for kind in kinds()}


def test_a_duty_moves_with_its_row_and_with_related_rows(kitchen: Kitchen) -> None:
    start_us = kitchen.now_us
    batch = kitchen.batch()
    assert dues(batch) == {
        "eat_by": (start_us + 4 * HOUR_US, "waiting"),
        "sample": (start_us + HOUR_US, "waiting"),
    }
    kitchen.ledger.correct(batch, {"cooked": start_us - HOUR_US // 2}, kitchen.by(kitchen.manager))
    assert dues(batch)["sample"] == (start_us + HOUR_US // 2, "waiting")
    sample(kitchen, batch)
    assert dues(batch)["sample"] == (None, "none")
    kitchen.ledger.act(batch, "release", {"to": "一小"}, kitchen.by(kitchen.manager))
    assert dues(batch)["eat_by"] == (None, "none")


def test_a_duty_that_passes_sends_its_signal_once(kitchen: Kitchen) -> None:
    batch = kitchen.batch()
    kitchen.world.wall.advance(hours=1, seconds=-1)
    kitchen.run()
    assert signals(kitchen) == []
    kitchen.world.wall.advance(seconds=1)
    kitchen.run()
    kitchen.run()
    assert signals(kitchen) == [("no_sample", batch)]
    # what changes nothing about the time does not tell it again
    kitchen.ledger.correct(batch, {"dish": "米饭"}, kitchen.by(kitchen.manager))
    kitchen.world.wall.advance(minutes=30)
    kitchen.run()
    assert signals(kitchen) == [("no_sample", batch)]
    kitchen.world.wall.advance(hours=3)
    kitchen.run()
    assert signals(kitchen) == [("no_sample", batch), ("overdue", batch)]


def test_a_scenario_that_breaks_stores_nothing(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_facts: object) -> int:
        raise ZeroDivisionError

    before = last_position(FACTS_LANE)
    duty = replace(BATCH.duties[0], at=broken)
    monkeypatch.setitem(schemes._records, (SCENARIO, "batch"), replace(BATCH, duties=(duty,)))
    with pytest.raises(BrokenError):
        kitchen.batch()
    assert last_position(FACTS_LANE) == before
    assert Record.objects.count() == 0


def test_a_routine_is_owed_signed_and_owed_again(kitchen: Kitchen) -> None:
    # Monday 2 March 2026; due at 18:00 in the county, 10:00 UTC
    period = Period.objects.get()
    assert (period.starts, period.due_us) == (
        "2026-03-02",
        us_of(datetime(2026, 3, 2, 10, tzinfo=UTC)),
    )
    kitchen.batch()
    said = routines.draft(Rows(MAIN), period, kitchen.now_us)
    assert said == {"batches": 1, "day": "2026-03-02"}
    given = {**said, "found": 0}
    with pytest.raises(ForbiddenError):
        kitchen.ledger.sign(period.id, given, kitchen.by(kitchen.stranger))
    with pytest.raises(BadInputError):
        kitchen.ledger.sign(period.id, said, kitchen.by(kitchen.manager))
    by = kitchen.by(kitchen.manager)
    record = kitchen.ledger.sign(period.id, given, by)
    assert kitchen.ledger.sign(period.id, given, by) == record
    with pytest.raises(TakenError):
        kitchen.ledger.sign(period.id, given, kitchen.by(kitchen.second))
    assert kitchen.row(record).number == "RG-2026-0001"
    kitchen.world.wall.advance(hours=12)
    kitchen.run()
    assert "no_daily" not in [kind for kind, _row in signals(kitchen)]
    states = list(Period.objects.order_by("id").values_list("starts", "state"))
    assert states == [("2026-03-02", "signed"), ("2026-03-03", "waiting")]


def test_an_unsigned_routine_keeps_its_draft_and_sends_a_signal(kitchen: Kitchen) -> None:
    kitchen.world.wall.advance(hours=10)
    kitchen.run()
    missed = Period.objects.get(state="missed")
    assert missed.record_id is not None
    draft = kitchen.row(missed.record_id)
    assert draft.is_draft
    assert signals(kitchen) == [("no_daily", draft.id)]
    with pytest.raises(BadInputError):
        kitchen.ledger.sign(missed.id, {}, kitchen.by(kitchen.manager))
    kitchen.ledger.sign(missed.id, {"found": 0}, kitchen.by(kitchen.manager))
    assert Period.objects.get(id=missed.id).state == "late"
    shown = lists.opened_row(draft.id, kitchen.keys, kitchen.now_us)
    assert shown == {"batches": 0, "day": "2026-03-02", "found": 0}
    assert not kitchen.row(draft.id).is_draft


def test_working_routines_pass_over_days_off_and_missed_days_are_each_told(
    kitchen: Kitchen,
) -> None:
    kitchen.world.wall.advance(days=7)  # Monday 9 March, 08:00
    kitchen.run()
    told = list(Period.objects.order_by("id").values_list("starts", "state"))
    assert told == [(f"2026-03-0{day}", "missed") for day in (2, 3, 4, 5, 6)] + [
        ("2026-03-09", "waiting")
    ]


def test_a_subject_that_ended_owes_nothing(kitchen: Kitchen) -> None:
    batch = kitchen.batch()
    by = kitchen.by(kitchen.inspector)
    kitchen.subjects.end(kitchen.unit, "closed", kitchen.now_us, by)
    assert Period.objects.get().state == "ceased"
    kitchen.world.wall.advance(days=2)
    kitchen.run()
    assert ("no_daily", None) not in signals(kitchen)
    assert Period.objects.count() == 1
    assert dues(batch)["eat_by"][1] == "passed"  # a batch that was cooked is still to be answered


def test_routines_that_are_new_are_owed_by_whom_was_there_before(kitchen: Kitchen) -> None:
    scheme = schemes.installed()[SCENARIO]
    schemes.forget(SCENARIO)
    unit = Subject.objects.get(id=kitchen.unit)
    other = kitchen.world.add(
        SubjectRegistered(
            scenario=SCENARIO,
            kind="unit",
            person_id=None,
            name="上坝厨房",
            area_id=unit.area_id,
            address=None,
            note=None,
        )
    )
    schemes.install(
        scheme, ("overdue", "recall", "no_daily", "no_sample"), ("manager", "inspector")
    )
    assert routines.owe_missing(kitchen.world.clock) == 1
    assert routines.owe_missing(kitchen.world.clock) == 0
    assert Period.objects.get(subject_id=other).starts == "2026-03-02"
    kitchen.is_rebuilt = False  # the scheme was not there when the subject was registered


def test_retention_erases_what_was_kept_long_enough(kitchen: Kitchen) -> None:
    old, held = (sample(kitchen, kitchen.batch()) for _ in range(2))
    hold = kitchen.ledger.hold(held, "complaint 7", kitchen.by(kitchen.manager))
    sealed = bytes(kitchen.row(old).sealed or b"")
    assert opened(kitchen.keys, sealed) == {"keeper": "赵一"}
    kitchen.world.wall.advance(days=2, seconds=-1)
    assert due(kitchen.now_us) == []
    kitchen.world.wall.advance(seconds=1)
    new = sample(kitchen, kitchen.batch())
    assert erase_kept(kitchen.world.clock, kitchen.keys) == [old]
    assert erase_kept(kitchen.world.clock, kitchen.keys) == []
    assert opened(kitchen.keys, sealed) is None
    gone = kitchen.row(old)
    assert (gone.is_erased, gone.values, gone.sealed) == (True, "{}", None)
    assert not RowChange.objects.filter(row_id=old).exists()
    assert lists.opened_row(old, kitchen.keys, kitchen.now_us) is None
    assert old in [found.person_id for _, found in erasures()]
    shown = lists.opened_row(new, kitchen.keys, kitchen.now_us)
    assert shown is not None
    assert shown["keeper"] == "赵一"
    kitchen.ledger.free(hold, held, kitchen.by(kitchen.manager))
    assert erase_kept(kitchen.world.clock, kitchen.keys) == [held]
    assert [found.broken for found in verify() if found.broken is not None] == []


def test_a_held_row_is_not_closed(kitchen: Kitchen) -> None:
    batch = kitchen.batch()
    hold = kitchen.ledger.hold(batch, "complaint 7", kitchen.by(kitchen.manager))
    with pytest.raises(BadInputError) as error:
        kitchen.ledger.act(batch, "discard", {}, kitchen.by(kitchen.second))
    assert [fault.got for fault in error.value.faults] == ["complaint 7"]
    kitchen.ledger.free(hold, batch, kitchen.by(kitchen.manager))
    kitchen.ledger.act(batch, "discard", {}, kitchen.by(kitchen.second))
    assert kitchen.row(batch).state == "discarded"

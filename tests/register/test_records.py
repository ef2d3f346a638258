"""Records: numbered, checked, acted on by who may, corrected with what stood before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from bihuan.base.errors import BadInputError
from bihuan.register import schemes
from bihuan.register.entries import SignalReceived
from bihuan.register.models import Subject
from bihuan.register.records import lists
from bihuan.register.records.acts import Opening
from bihuan.register.records.lists import Asked
from bihuan.register.records.models import FieldValue, Proposal
from bihuan.register.refusals import BrokenError, ForbiddenError, TakenError
from bihuan.register.scheme import Value
from bihuan.register.subjects.acts import NewSubject
from tests.register.conftest import SCENARIO, Kitchen
from tests.register.kitchen import KITCHEN, ROLES, SIGNALS

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def faults_of(error: pytest.ExceptionInfo[BadInputError]) -> dict[str, tuple[str, str]]:
    return {fault.field: (fault.got, fault.want) for fault in error.value.faults}


def test_numbers_have_no_gap_and_begin_anew_each_year(kitchen: Kitchen) -> None:
    first = kitchen.batch()
    with pytest.raises(BadInputError):
        kitchen.batch(core=400)
    second = kitchen.batch()
    kitchen.world.wall.advance(days=304)  # 2 March 2026 + 304 days = 31 December
    last = kitchen.batch()
    kitchen.world.wall.advance(days=1)
    next_year = kitchen.batch()
    numbers = [kitchen.row(row).number for row in (first, second, last, next_year)]
    assert numbers == ["PC-2026-00001", "PC-2026-00002", "PC-2026-00003", "PC-2027-00001"]


def test_the_same_key_files_one_row(kitchen: Kitchen) -> None:
    new = Opening(SCENARIO, "batch", {"dish": "米饭"}, subject_id=kitchen.unit)
    by = kitchen.by(kitchen.manager, "click")
    assert kitchen.ledger.open(new, by) == kitchen.ledger.open(new, by)


def test_every_fault_of_a_row_is_told(kitchen: Kitchen) -> None:
    values = {
        "core": {"amount": 165, "unit": "degF"},
        "cooked": "yesterday",
        "allergens": ["egg", "egg"],
        "colour": "red",
    }
    with pytest.raises(BadInputError) as error:
        kitchen.ledger.open(
            Opening(SCENARIO, "batch", values, subject_id=kitchen.unit), kitchen.by(kitchen.manager)
        )
    found = faults_of(error)
    assert set(found) == {"dish", "core", "cooked", "allergens", "colour"}
    assert found["dish"] == ("nothing", "a value")
    assert found["core"][1] == "a number in Cel"


def test_a_stranger_files_acts_on_and_corrects_nothing(kitchen: Kitchen) -> None:
    row, stranger = kitchen.batch(), kitchen.by(kitchen.stranger)
    new = Opening(SCENARIO, "batch", {"dish": "米饭"}, subject_id=kitchen.unit)
    tried: tuple[Callable[[], object], ...] = (
        lambda: kitchen.ledger.open(new, stranger),
        lambda: kitchen.ledger.act(row, "release", {"to": "一小"}, stranger),
        lambda: kitchen.ledger.correct(row, {"dish": "x"}, stranger),
        lambda: kitchen.ledger.hold(row, "complaint", stranger),
        lambda: kitchen.ledger.act(999, "release", {}, stranger),
        lambda: kitchen.subjects.end(kitchen.unit, "closed", 0, stranger),
    )
    for refused in tried:
        with pytest.raises(ForbiddenError):
            refused()
    assert lists.offered(kitchen.row(row), kitchen.stranger, kitchen.now_us) == []


def test_an_act_moves_the_state_and_the_loser_hears_who_was_first(kitchen: Kitchen) -> None:
    row = kitchen.batch()
    kitchen.ledger.act(row, "release", {"to": "一小"}, kitchen.by(kitchen.manager, "a"))
    kitchen.ledger.act(row, "release", {"to": "一小"}, kitchen.by(kitchen.manager, "a"))
    assert (kitchen.row(row).state, kitchen.row(row).version) == ("released", 2)
    with pytest.raises(TakenError) as error:
        kitchen.ledger.act(row, "release", {"to": "二小"}, kitchen.by(kitchen.second))
    assert (error.value.by, error.value.at_us) == (kitchen.manager, kitchen.now_us)


def test_a_check_says_what_stands_in_the_way(kitchen: Kitchen) -> None:
    row = kitchen.batch(core=69.9)
    with pytest.raises(BadInputError) as error:
        kitchen.ledger.act(row, "release", {"to": "一小"}, kitchen.by(kitchen.manager))
    assert faults_of(error) == {"core": ("69.9", "at least 70 Cel")}
    kitchen.ledger.act(row, "measure", {"core": 70}, kitchen.by(kitchen.manager))
    kitchen.ledger.act(row, "release", {"to": "一小"}, kitchen.by(kitchen.manager))
    assert kitchen.row(row).state == "released"


def test_what_an_act_does_not_say_stays(kitchen: Kitchen) -> None:
    row = kitchen.batch(eater="王小明")
    kitchen.ledger.act(row, "measure", {"core": 71}, kitchen.by(kitchen.manager))
    shown = lists.opened_row(row, kitchen.keys, kitchen.now_us)
    assert shown is not None
    assert (shown["core"], shown["eater"]) == (71.0, "王小明")


def test_a_second_person_confirms_and_never_the_same(kitchen: Kitchen) -> None:
    row = kitchen.batch()
    kitchen.ledger.act(row, "release", {"to": "一小"}, kitchen.by(kitchen.manager))
    proposal = kitchen.ledger.act(row, "recall", {}, kitchen.by(kitchen.manager))
    assert kitchen.row(row).state == "released"
    with pytest.raises(TakenError):
        kitchen.ledger.act(row, "recall", {}, kitchen.by(kitchen.second))
    for nobody in (kitchen.manager, kitchen.stranger):
        with pytest.raises(ForbiddenError):
            kitchen.ledger.confirm(proposal, kitchen.by(nobody))
    assert kitchen.said(SignalReceived) == []
    kitchen.ledger.confirm(proposal, kitchen.by(kitchen.inspector, "c"))
    kitchen.ledger.confirm(proposal, kitchen.by(kitchen.inspector, "c"))
    assert kitchen.row(row).state == "recalled"
    (sent,) = kitchen.said(SignalReceived)
    assert (sent.kind, sent.subject_id, sent.row_id) == ("recall", kitchen.unit, row)
    with pytest.raises(TakenError):
        kitchen.ledger.decline(proposal, "不同意", kitchen.by(kitchen.second))


def test_a_declined_or_lapsed_proposal_changes_nothing(kitchen: Kitchen) -> None:
    row = kitchen.batch()
    kitchen.ledger.act(row, "release", {"to": "一小"}, kitchen.by(kitchen.manager))
    first = kitchen.ledger.act(row, "recall", {}, kitchen.by(kitchen.manager))
    with pytest.raises(BadInputError):
        kitchen.ledger.decline(first, " ", kitchen.by(kitchen.second))
    kitchen.ledger.decline(first, "温度合格", kitchen.by(kitchen.second))
    second = kitchen.ledger.act(row, "recall", {}, kitchen.by(kitchen.manager))
    kitchen.world.wall.advance(hours=2)
    with pytest.raises(TakenError):
        kitchen.ledger.confirm(second, kitchen.by(kitchen.second))
    kitchen.run()
    states = list(Proposal.objects.order_by("id").values_list("state", flat=True))
    assert (states, kitchen.row(row).state) == (["declined", "lapsed"], "released")


def test_who_did_one_act_may_not_do_the_other(kitchen: Kitchen) -> None:
    row = kitchen.batch()
    kitchen.ledger.act(row, "release", {"to": "一小"}, kitchen.by(kitchen.manager))
    proposal = kitchen.ledger.act(row, "recall", {}, kitchen.by(kitchen.second))
    kitchen.ledger.confirm(proposal, kitchen.by(kitchen.inspector))
    offered = lists.offered(kitchen.row(row), kitchen.second, kitchen.now_us)
    assert [(o.act.name, o.role) for o in offered] == [("discard", "manager")]
    assert lists.offered(kitchen.row(row), kitchen.manager, kitchen.now_us) == []
    with pytest.raises(ForbiddenError):
        kitchen.ledger.act(row, "discard", {}, kitchen.by(kitchen.manager))
    kitchen.ledger.act(row, "discard", {}, kitchen.by(kitchen.second))
    assert kitchen.row(row).state == "discarded"


def test_a_correction_keeps_what_stood_before(kitchen: Kitchen) -> None:
    row = kitchen.batch(eater="王小明")
    before_us = kitchen.now_us
    kitchen.world.wall.advance(minutes=5)
    by = kitchen.by(kitchen.manager)
    kitchen.ledger.correct(row, {"dish": "东坡肉", "eater": "王大明"}, by, reason="写错", seen=1)
    change = lists.history(row, kitchen.keys)[-1]
    assert change.before == {"dish": "红烧肉", "eater": "王小明"}
    assert change.after == {"dish": "东坡肉", "eater": "王大明"}
    assert (change.by_id, change.reason) == (kitchen.manager, "写错")
    was = lists.as_it_was(row, before_us, kitchen.keys)
    assert was is not None
    assert (was[0], was[1]["dish"], was[1]["eater"]) == ("made", "红烧肉", "王小明")
    assert lists.as_it_was(row, before_us - 1, kitchen.keys) is None
    with pytest.raises(TakenError):
        kitchen.ledger.correct(row, {"dish": "x"}, kitchen.by(kitchen.second), seen=1)
    with pytest.raises(BadInputError):
        kitchen.ledger.correct(row, {"dish": None}, kitchen.by(kitchen.manager))


def test_an_immutable_row_is_never_corrected(kitchen: Kitchen) -> None:
    batch = kitchen.batch()
    new = Opening(SCENARIO, "sample", {"batch": batch, "grams": 125}, subject_id=kitchen.unit)
    sample = kitchen.ledger.open(new, kitchen.by(kitchen.manager))
    with pytest.raises(BadInputError):
        kitchen.ledger.correct(sample, {"grams": 130}, kitchen.by(kitchen.manager))


def test_sealed_fields_are_in_no_list_and_no_index(kitchen: Kitchen) -> None:
    row = kitchen.batch(eater="王小明", allergens=["egg", "nut"])
    assert "王小明" not in kitchen.row(row).values
    assert "eater" not in lists.shown_row(kitchen.row(row), kitchen.now_us)
    found = FieldValue.objects.filter(row_id=row).order_by("field", "text")
    assert list(found.values_list("field", "text", "number")) == [
        ("allergens", "egg", None),
        ("allergens", "nut", None),
        ("cooked", None, None),
        ("core", None, 75.5),
        ("dish", "红烧肉", None),
    ]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"dish": "红烧肉"}, [0]),
        ({"dish": "红*"}, [1, 0]),
        ({"core": (74, None)}, [2, 0]),
        ({"allergens": "egg"}, [1]),
        ({"dish": "红*", "core": (None, 72)}, [1]),
        (None, [2, 1, 0]),
    ],
)
def test_a_list_is_filtered_by_indexed_fields(
    kitchen: Kitchen, filters: dict[str, object] | None, expected: list[int]
) -> None:
    rows = [
        kitchen.batch(dish="红烧肉", core=75),
        kitchen.batch(dish="红薯", core=71, allergens=["egg"]),
        kitchen.batch(dish="米饭", core=90),
    ]
    page = lists.listed(Asked(SCENARIO, "batch", filters))
    assert [row.id for row in page.rows] == [rows[n] for n in expected]


def test_a_list_goes_on_and_keeps_to_its_areas(kitchen: Kitchen) -> None:
    rows = [kitchen.batch() for _ in range(5)]
    first = lists.listed(Asked(SCENARIO, "batch", limit=2))
    second = lists.listed(Asked(SCENARIO, "batch", limit=2, before=first.next))
    third = lists.listed(Asked(SCENARIO, "batch", limit=2, before=second.next))
    seen = [row.id for page in (first, second, third) for row in page.rows]
    assert (seen, third.next) == (rows[::-1], None)
    people = kitchen.world.people
    inside = lists.listed(Asked(SCENARIO, "batch", under=[f"{people.county}.{people.town}."]))
    outside = lists.listed(Asked(SCENARIO, "batch", under=[f"{people.county}.999."]))
    assert (len(inside.rows), len(outside.rows)) == (5, 0)
    with pytest.raises(BadInputError) as error:
        lists.listed(Asked(SCENARIO, "batch", {"eater": "x"}, state="gone", limit=0))
    assert set(faults_of(error)) == {"eater", "state", "limit"}


def test_a_subject_is_exactly_what_its_type_says(kitchen: Kitchen) -> None:
    new = NewSubject(SCENARIO, "unit", 77, person_id=kitchen.manager, values={"licence": "JY0002"})
    with pytest.raises(BadInputError) as error:
        kitchen.subjects.register(new, kitchen.by(None))
    assert set(faults_of(error)) == {"person_id", "name", "area_id"}


def test_a_subject_acts_moves_and_ends(kitchen: Kitchen) -> None:
    unit, people = kitchen.unit, kitchen.world.people
    kitchen.ledger.act(unit, "shut", {}, kitchen.by(kitchen.inspector))
    kitchen.ledger.correct(unit, {"licence": "JY0009"}, kitchen.by(kitchen.inspector))
    kitchen.subjects.move(unit, people.town, kitchen.by(kitchen.inspector))
    kitchen.subjects.end(unit, "closed", kitchen.now_us, kitchen.by(kitchen.inspector))
    subject = Subject.objects.get(id=unit)
    assert (subject.state, subject.area_id, subject.end_reason) == ("shut", people.town, "closed")
    assert [c.what for c in lists.history(unit, kitchen.keys)] == [
        "register",
        "shut",
        "correct",
        "correct",
        "end",
    ]
    shown = lists.opened_row(unit, kitchen.keys, kitchen.now_us)
    assert shown == {"licence": "JY0009", "phone": "0990 1234"}
    with pytest.raises(TakenError):
        kitchen.subjects.end(unit, "closed", kitchen.now_us, kitchen.by(kitchen.inspector))
    with pytest.raises(BadInputError):
        kitchen.batch()


def with_raises(raises: Callable[[Mapping[str, Value]], str | None]) -> None:
    """The same kitchen, whose batches send what `raises` says when one is filed."""
    records = tuple(
        replace(kind, raises=raises) if kind.name == "batch" else kind for kind in KITCHEN.records
    )
    schemes.forget(SCENARIO)
    schemes.install(replace(KITCHEN, records=records), SIGNALS, ROLES)


def test_a_row_that_is_filed_may_send_a_signal_by_its_values_sealed_ones_too(
    kitchen: Kitchen,
) -> None:
    with_raises(lambda values: "recall" if values["eater"] == "李小花" else None)
    kitchen.batch(eater="赵一")
    assert kitchen.said(SignalReceived) == []
    row = kitchen.batch(eater="李小花")
    (said,) = kitchen.said(SignalReceived)
    assert (said.kind, said.subject_id, said.row_id) == ("recall", kitchen.unit, row)
    assert said.detail is None, "what is sealed does not leave with the signal"


def test_a_row_whose_signal_nobody_declared_is_not_filed(kitchen: Kitchen) -> None:
    with_raises(lambda _values: "tea")
    with pytest.raises(BrokenError):
        kitchen.batch()
    assert kitchen.said(SignalReceived) == []

"""Papers that fill themselves, zero reports kept; inspections; leads; meals."""

from __future__ import annotations

import json

import pytest

from bihuan.base.errors import BadInputError
from bihuan.loop.models import Delivery
from bihuan.register.models import Subject
from bihuan.register.records import lists
from bihuan.register.records.models import Period, Record
from bihuan.register.refusals import ForbiddenError
from bihuan.register.scheme import Facts
from bihuan.scenarios.kitchen.keeping import LEAD
from bihuan.scenarios.kitchen.keeping import is_enough as judged
from bihuan.scenarios.kitchen.tests.place import Place
from bihuan.scenarios.kitchen.tests.test_batches import faults

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def values(record: Record) -> dict[str, object]:
    return dict(json.loads(record.values))


def paper(kind: str) -> Record:
    return Record.objects.filter(kind=kind).order_by("id")[0]


def period(place: Place, routine: str) -> Period:
    found = Period.objects.filter(subject_id=place.supplier, routine=routine)
    return found.order_by("starts")[0]


def test_the_days_paper_fills_itself_and_is_signed(place: Place) -> None:
    batch = place.released()
    place.check(batch, "hold", 58)
    place.do(batch, "stop", "worker")
    place.wait(hours=10, minutes=1)
    drafted = paper("daily")
    assert drafted.is_draft
    counted = values(drafted)
    assert (counted["batches"], counted["entries"], counted["samples"], counted["found"]) == (
        1,
        1,
        1,
        1,
    )
    assert len(place.cases("paper")) == 1, "unsigned at six"
    asked = period(place, "daily")
    assert faults(lambda: place.ledger.sign(asked.id, {}, place.by("officer"))) == {"looked"}
    with pytest.raises(ForbiddenError):
        place.ledger.sign(asked.id, {"looked": "全部看过"}, place.by("rival"))
    place.ledger.sign(asked.id, {"looked": "58℃ 的一盒已废弃"}, place.by("officer"))
    asked.refresh_from_db()
    assert asked.state == "late"


def test_a_day_on_which_nothing_was_found_is_a_paper_with_a_zero(place: Place) -> None:
    said = {
        "starts": "2026-03-02",
        "batches": 0,
        "entries": 0,
        "samples": 0,
        "disinfections": 0,
        "found": 0,
        "looked": "停产，库房、专间已查",
    }
    asked = period(place, "daily")
    signed = place.ledger.sign(asked.id, said, place.by("officer"))
    assert values(place.row(signed))["found"] == 0
    place.wait(hours=11)
    assert place.cases("paper") == []
    place.wait(days=5)
    assert values(paper("weekly"))["papers"] == 5, "Monday to Friday, four of them unsigned"


def test_inspection_is_off_site_first_by_two_people_and_not_soon_after_a_superiors(
    place: Place,
) -> None:
    said = {
        "way": "on_site",
        "cause": "routine",
        "office": "county",
        "planned": "2026-03-10",
    }
    visit = place.file("inspection", "regulator", said)
    assert faults(lambda: place.do(visit, "begin", "regulator")) == {"code", "way"}
    look = place.file("inspection", "station", {**said, "way": "off_site", "office": "station"})
    _concluded(place, look, "station", "regulator")
    visit = place.file("inspection", "regulator", {**said, "code": "演示-JC-0001"})
    place.do(visit, "begin", "regulator")
    result = {"score": 9.3, "key_failed": 0, "found": "现场符合要求"}
    place.do(visit, "conclude", "regulator", **result)
    assert place.row(visit).state == "under_way", "one inspector concludes nothing"
    with pytest.raises(ForbiddenError):
        place.confirm("regulator")
    with pytest.raises(ForbiddenError):
        place.confirm("manager")
    place.confirm("second")
    assert place.shown(visit)["grade"] == "A"
    assert place.due(visit, "publish") is not None
    supplier = Subject.objects.get(id=place.supplier)
    assert lists.shown_row(supplier, place.now_us)["grade"] == "A"
    assert faults(lambda: place.do(supplier.id, "issue_grade", "regulator", quant_grade="B")) == {
        "quant_grade"
    }
    with pytest.raises(ForbiddenError):
        place.do(supplier.id, "issue_grade", "manager", quant_grade="A")
    place.do(supplier.id, "issue_grade", "regulator", quant_grade="A")
    _others_may_not(place, visit, said)


def _others_may_not(place: Place, visit: int, said: dict[str, str]) -> None:
    """The station repeats no visit of the county's; the firm touches nothing of it."""
    again = place.file("inspection", "station", {**said, "office": "station", "code": "演示-2"})
    assert faults(lambda: place.do(again, "begin", "station")) == {"office"}
    urgent = place.file(
        "inspection",
        "station",
        {**said, "office": "station", "cause": "complaint", "code": "演示-3"},
    )
    place.do(urgent, "begin", "station")
    for who in ("officer", "manager", "stranger"):
        with pytest.raises(ForbiddenError):
            place.ledger.correct(visit, {"score": 10}, place.by(who), reason="申辩")
        with pytest.raises(ForbiddenError):
            place.do(visit, "publish", who, where="门口")
    place.do(visit, "publish", "regulator", where="量化等级公示栏")
    assert place.due(visit, "publish") is None


def _concluded(place: Place, visit: int, first: str, second: str) -> None:
    place.do(visit, "begin", first)
    place.do(visit, "conclude", first, score=9, key_failed=0, found="后台数据正常")
    place.confirm(second)


def test_a_camera_event_is_a_lead_and_carries_no_penalty(place: Place) -> None:
    said = {"sort": "no_hat", "at": place.now_us, "camera": "演示-03"}
    lead = place.file("lead", "officer", said)
    assert {act.to for act in LEAD.acts} == {"so", "not_so"}
    assert all(act.raises is None for act in LEAD.acts)
    assert "不作处罚依据" in LEAD.title[0]
    with pytest.raises(ForbiddenError):
        place.do(lead, "so", "regulator", found="未到现场")
    place.wait(hours=25)
    assert len(place.cases("paper")) == 1
    place.do(lead, "not_so", "officer", found="白帽被当作没戴")
    assert place.row(lead).state == "not_so"


def test_what_a_camera_says_calls_the_kitchen_and_nobody_above_it(place: Place) -> None:
    room = place.thing("special_room", "专间", "officer", supplier=place.supplier, instrument="R")
    place.world.signal(room, "no_hat")
    place.wait(hours=49)
    (case,) = place.cases("camera_lead")
    called = set(Delivery.objects.filter(case_id=case.id).values_list("person_id", flat=True))
    assert called == {place.people[who] for who in ("officer", "director", "manager")}
    place.world.do("take", place.people["officer"], case.id)
    said = {"found": "not_so"}
    place.world.do("correct", place.people["officer"], case.id, fields=said, text="戴着白帽")
    place.world.do("verify", place.people["director"], case.id, text="看过")
    case.refresh_from_db()
    assert case.state == "closed"


@pytest.mark.parametrize(
    ("said", "is_enough"),
    [
        ({"method": "steam", "heat": 100, "minutes": 10}, True),
        ({"method": "steam", "heat": 99, "minutes": 10}, False),
        ({"method": "infrared", "heat": 120, "minutes": 9}, False),
        ({"method": "machine", "heat": 85, "minutes": 2 / 3}, True),
        ({"method": "chlorine", "strength": 250, "minutes": 5}, True),
        ({"method": "chlorine", "strength": 249, "minutes": 5}, False),
        ({"method": "chlorine", "heat": 100, "minutes": 5}, False),
    ],
)
def test_disinfection_is_enough_by_its_method(said: dict[str, object], is_enough: bool) -> None:
    at_us = 1_772_409_600_000_000
    known = {"heat": None, "strength": None, "at": at_us, **said}
    assert judged(Facts(known, {}, at_us)) is is_enough  # type: ignore[arg-type]


def test_the_regulators_part_is_not_the_firms(place: Place) -> None:
    supplier = place.supplier
    for who in ("manager", "officer", "rival", "stranger"):
        with pytest.raises(ForbiddenError):
            place.ledger.correct(supplier, {"risk": "risk_a"}, place.by(who))
        with pytest.raises(ForbiddenError):
            place.do(supplier, "set_risk", who, risk="risk_a", basis="自评")
    place.do(supplier, "set_risk", "regulator", risk="risk_b", basis="2026 年评定")
    with pytest.raises(BadInputError):
        place.do(supplier, "set_risk", "regulator", risk="A", basis="量化等级不是风险等级")


def test_the_months_review_fills_itself_and_a_month_of_nothing_is_a_paper_of_zeros(
    place: Place,
) -> None:
    """March 2026 has a batch at 58 ℃, a complaint and four whole weeks; in April nothing is made.

    It is drafted at 20:00 of the month's last day, and only the manager signs it.
    """
    batch = place.released()
    place.check(batch, "hold", 58)
    place.do(batch, "stop", "worker")
    place.file("complaint", "station", {"batch": batch, "about": "smell", "said": "有异味"})
    place.wait(days=29, hours=11, minutes=55)
    assert not Record.objects.filter(kind="monthly").exists()
    place.wait(minutes=6)
    march = values(paper("monthly"))
    counted = ("starts", "batches", "entries", "samples", "found", "complaints", "papers")
    assert [march[name] for name in counted] == ["2026-03-01", 1, 1, 1, 1, 1, 4]
    assert len(place.cases("paper")) == 1, "unsigned papers are one case"
    asked = period(place, "monthly")
    assert faults(lambda: place.ledger.sign(asked.id, {}, place.by("manager"))) == {"minutes"}
    for who in ("officer", "rival", "station"):
        with pytest.raises(ForbiddenError):
            place.ledger.sign(asked.id, {"minutes": "看过"}, place.by(who))
    place.ledger.sign(asked.id, {"minutes": "58℃ 一批已停用；更换保温箱"}, place.by("manager"))
    place.wait(days=30)
    april = values(Record.objects.filter(kind="monthly").order_by("-id")[0])
    assert [april[name] for name in counted[:-1]] == ["2026-04-01", 0, 0, 0, 0, 0]
    asked = Period.objects.get(routine="monthly", starts="2026-04-01", subject_id=place.supplier)
    signed = place.ledger.sign(asked.id, {"minutes": "本月停产，无问题"}, place.by("manager"))
    assert values(place.row(signed))["found"] == 0, "a month of nothing is a paper that is kept"

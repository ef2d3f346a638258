"""From cook to plate: each limit of the written rules, and what nobody can sign away."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bihuan.base.errors import BadInputError
from bihuan.register.refusals import ForbiddenError, TakenError
from bihuan.scenarios.kitchen.tests.place import HOUR, MINUTE, Place

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def faults(refused: Callable[[], object]) -> set[str]:
    with pytest.raises(BadInputError) as error:
        refused()
    return {fault.field for fault in error.value.faults}


def test_core_below_70_is_told_at_once_and_leaves_only_when_it_is_cooked_again(
    place: Place,
) -> None:
    batch = place.batch(core=69.9)
    place.sample(batch)
    place.do(batch, "pack", "worker")
    place.world.settle()
    assert [case.kind for case in place.cases("deviation")] == ["deviation"]
    assert place.shown(batch)["eat_by"] is None
    assert faults(lambda: place.do(batch, "release", "officer")) == {"core"}
    said = {"corrective": "无", "reason": "赶时间"}
    assert faults(lambda: place.do(batch, "release_deviating", "officer", **said)) == {"core"}
    place.clock.advance(minutes=10)
    place.check(batch, "cook", 74)
    assert place.shown(batch)["eat_by"] == place.now_us + 2 * HOUR
    place.do(batch, "release", "officer")
    assert place.row(batch).state == "released"


def test_release_wants_sample_calibration_and_packing_within_the_hour(place: Place) -> None:
    old = place.thing(
        "core_probe", "旧探针", "officer", supplier=place.supplier, instrument="TP-99"
    )
    batch = place.batch(probe=old)
    place.clock.advance(minutes=61)
    place.do(batch, "pack", "worker")
    assert faults(lambda: place.do(batch, "release", "officer")) == {"sample", "probe", "packed"}
    said = {"corrective": "分装后即测中心 65℃", "reason": "装箱机故障 1 分钟"}
    # no two signatures stand for a sample
    assert faults(lambda: place.do(batch, "release_deviating", "officer", **said)) == {"sample"}
    place.sample(batch)
    place.do(batch, "release_deviating", "officer", **said)
    assert place.row(batch).state == "packed", "one person alone releases nothing"
    with pytest.raises(ForbiddenError):
        place.confirm("worker")
    place.confirm("manager")
    assert place.row(batch).state == "released"


def test_packing_at_exactly_an_hour_is_in_time_and_later_opens_a_case(place: Place) -> None:
    batch = place.batch()
    place.sample(batch)
    place.clock.advance(hours=1)
    place.do(batch, "pack", "worker")
    assert place.shown(batch)["packed_late"] is False
    place.do(batch, "stop", "worker")
    late = place.batch()
    place.sample(late)
    place.wait(minutes=59)
    assert place.cases("deviation") == []
    place.wait(minutes=2)
    assert len(place.cases("deviation")) == 1


def test_sample_is_at_least_125_g_and_missing_after_an_hour_is_told(place: Place) -> None:
    batch = place.batch(for_schools=False)
    assert faults(lambda: place.sample(batch, 124.9)) == {"grams"}
    place.wait(minutes=61)
    assert len(place.cases("deviation")) == 1
    place.sample(batch, 125)
    assert place.due(batch, "sample") is None


def test_sample_stays_48_hours_and_longer_while_a_complaint_is_open(place: Place) -> None:
    batch = place.released()
    sample = lists_of(place, batch)[0]
    place.clock.advance(hours=47, minutes=59)
    assert faults(lambda: place.do(sample, "dispose", "officer")) == {"taken"}
    said = {"batch": batch, "about": "illness", "said": "两名学生腹痛"}
    complaint = place.file("complaint", "station", said)
    unknown = place.file("complaint", "station", {"about": "smell", "said": "不知哪批"})
    place.clock.advance(hours=30)
    assert faults(lambda: place.do(sample, "dispose", "officer")) == {"complaint"}
    with pytest.raises(ForbiddenError):
        place.do(complaint, "settle", "officer", result="没事")
    place.do(complaint, "settle", "station", result="检验合格")
    assert faults(lambda: place.do(sample, "dispose", "officer")) == {"complaint"}
    place.do(unknown, "settle", "station", result="与本批无关")
    place.do(sample, "dispose", "officer")
    assert place.row(sample).state == "gone"


def lists_of(place: Place, batch: int) -> list[int]:
    found = type(place.row(batch)).objects.filter(kind="sample").order_by("id")
    return [row.id for row in found]


def test_readings_are_corrected_by_nobody(place: Place) -> None:
    batch = place.batch()
    check = place.check(batch, "hold", 55)
    for who in ("worker", "officer", "regulator"):
        for row, name in ((batch, "core"), (check, "core")):
            with pytest.raises((BadInputError, ForbiddenError)):
                place.ledger.correct(row, {name: 75}, place.by(who), reason="写错")
    assert place.shown(check)["is_beyond"] is True
    assert place.shown(check)["limit"] == "hot_hold 60 Cel v1"
    assert place.shown(check)["is_calibrated"] is True


def test_whoever_has_no_part_in_the_kitchen_is_refused(place: Place) -> None:
    """The rival kitchen's officer among them: a post at one building opens no other."""
    batch = place.released()
    for who in ("stranger", "rival", "receiver"):
        for act in ("stop", "finish"):
            with pytest.raises(ForbiddenError):
                place.do(batch, act, who)
        for kind in ("batch", "check", "inspection"):
            with pytest.raises(ForbiddenError):
                place.file(kind, who, {})
    place.do(batch, "stop", "worker")
    with pytest.raises(TakenError):
        place.do(batch, "stop", "officer")


def test_the_batch_is_past_its_time_and_the_kitchen_is_told_before(place: Place) -> None:
    batch = place.released(for_schools=False)
    place.wait(minutes=91)  # two hours unproved, told half an hour ahead
    (case,) = place.cases("deviation")
    assert place.told() == {"officer", "worker"}
    place.check(batch, "hold", 63)
    place.wait(minutes=20)
    assert place.due(batch, "eat_by") == place.row(batch).opened_us + 91 * MINUTE + 2 * HOUR
    place.do(batch, "finish", "worker")
    assert place.due(batch, "eat_by") is None
    assert case.subject_id == place.supplier


def test_a_sample_that_is_not_sealed_or_no_more_kept_is_none(place: Place) -> None:
    batch = place.batch()
    loose = {"batch": batch, "grams": 150, "taken": place.now_us, "place": "留样柜"}
    place.file("sample", "worker", {**loose, "is_sealed_up": False})
    place.do(batch, "pack", "worker")
    assert faults(lambda: place.do(batch, "release", "officer")) == {"sample"}
    place.sample(batch, 125)
    place.do(batch, "release", "officer")
    assert place.row(batch).state == "released"


def test_serving_is_closed_only_when_no_school_still_has_it_waiting(place: Place) -> None:
    batch = place.released()
    here, there = place.deliver(batch, 120), place.deliver(batch, 120)
    place.arrive(here, portions=120)
    assert faults(lambda: place.do(batch, "finish", "worker")) == {"deliveries"}
    place.do(here, "serve", "receiver")
    assert faults(lambda: place.do(batch, "finish", "worker")) == {"deliveries"}
    place.do(there, "refuse", "receiver", reason="人数减少")
    place.do(batch, "finish", "worker")
    assert place.row(batch).state == "eaten"

"""The shift: nobody leaves a case out, nobody signs twice, nothing is overwritten."""

from __future__ import annotations

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import DAY_US, HOUR_US, MINUTE_US, us_of
from bihuan.loop.act import ForbiddenError, TakenError
from bihuan.loop.shift.acts import Line, Shifts
from bihuan.loop.shift.draft import BLANK, CaseFacts, Said, draft
from bihuan.loop.shift.models import FlashReport, Handover, LogLine
from bihuan.register.entries import Actor
from tests.conftest import START
from tests.county import World
from tests.rebuilt import differences

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]


def of(person: int) -> Actor:
    return Actor(person_id=person, role="village_duty", via="page")


@pytest.fixture
def shifts(world: World) -> Shifts:
    return Shifts(world.clock, world.keys)


def opened(world: World) -> int:
    world.press()
    world.settle()
    world.phones.take()
    return world.case.id


def test_line_is_sealed_and_sent_twice_stands_once(world: World, shifts: Shifts) -> None:
    me, now_us = of(world.people.secretary), world.clock.now_us()
    for _ in range(2):
        shifts.write(world.people.village, Line(now_us, "王桂兰家停电"), me, key="click-1")
    line = LogLine.objects.get()
    assert "王".encode() not in bytes(line.text)
    assert world.keys.open(line.text) == "王桂兰家停电"


def test_corrected_line_stays_and_is_corrected_once(world: World, shifts: Shifts) -> None:
    me, now_us = of(world.people.secretary), world.clock.now_us()
    first = shifts.write(world.people.village, Line(now_us, "停电"), me)
    second = shifts.write(world.people.village, Line(now_us, "停水", corrects=first), me)
    assert LogLine.objects.get(id=first).corrected_by == second
    with pytest.raises(BadInputError, match="corrects"):
        shifts.write(world.people.village, Line(now_us, "又错", corrects=first), me)


def test_line_of_wrong_fields_names_each(world: World, shifts: Shifts) -> None:
    me, now_us = of(world.people.secretary), world.clock.now_us()
    wrong = Line(now_us + 2 * MINUTE_US, " ", about=7, corrects=8)
    with pytest.raises(BadInputError) as told:
        shifts.write(world.people.village, wrong, me)
    assert [fault.field for fault in told.value.faults] == ["text", "at", "about", "corrects"]
    with pytest.raises(BadInputError, match="seven days"):
        shifts.write(world.people.village, Line(now_us - 8 * DAY_US, "旧事"), me)


def test_stranger_and_family_write_nothing(world: World, shifts: Shifts) -> None:
    now_us, people = world.clock.now_us(), world.people
    for person in (people.stranger, people.daughter):
        with pytest.raises(ForbiddenError):
            shifts.write(people.village, Line(now_us, "x"), of(person))
        with pytest.raises(ForbiddenError):
            shifts.offer(people.village, (now_us - HOUR_US, now_us), "x", of(person))
    with pytest.raises(ForbiddenError):
        shifts.write(people.town, Line(now_us, "x"), of(people.secretary))
    assert LogLine.objects.count() == 0


def test_handover_carries_every_open_case_and_those_opened_since(
    world: World, shifts: Shifts
) -> None:
    people, now_us = world.people, world.clock.now_us()
    times = (now_us - 12 * HOUR_US, now_us)
    offered = shifts.offer(people.town, times, "一切正常", of(people.town_officer))
    assert Handover.objects.get(id=offered).open_cases == "[]"
    case = opened(world)
    with pytest.raises(BadInputError, match="somebody else"):
        shifts.accept(offered, "", of(people.town_officer))
    shifts.accept(offered, "知道了", of(people.commander))
    row = Handover.objects.get(id=offered)
    assert row.since == f"[{case}]"
    assert world.keys.open(row.remark) == "知道了"
    with pytest.raises(TakenError):
        shifts.accept(offered, "", of(people.commander))
    again = shifts.offer(people.town, (now_us, now_us + HOUR_US), "有一件", of(people.town_officer))
    assert Handover.objects.get(id=again).open_cases == f"[{case}]"


def test_second_handover_waits_for_the_first(world: World, shifts: Shifts) -> None:
    people, now_us = world.people, world.clock.now_us()
    shifts.offer(people.town, (now_us - HOUR_US, now_us), "x", of(people.town_officer))
    with pytest.raises(BadInputError, match="accepted first"):
        shifts.offer(people.town, (now_us - HOUR_US, now_us), "x", of(people.town_officer))


def test_shift_longer_than_three_days_is_refused(world: World, shifts: Shifts) -> None:
    people, now_us = world.people, world.clock.now_us()
    times = (now_us - 4 * DAY_US, now_us)
    with pytest.raises(BadInputError, match="three days"):
        shifts.offer(people.town, times, "x", of(people.town_officer))


def test_reports_of_a_case_are_counted_and_begin_with_the_first(
    world: World, shifts: Shifts
) -> None:
    case, me = opened(world), of(world.people.secretary)
    with pytest.raises(BadInputError, match="stage"):
        shifts.sign_report(case, "follow_up", "x", me)
    shifts.sign_report(case, "first", "首报正文", me)
    with pytest.raises(BadInputError, match="stage"):
        shifts.sign_report(case, "first", "x", me)
    shifts.sign_report(case, "final", "终报正文", me)
    assert list(FlashReport.objects.order_by("n").values_list("n", "stage")) == [
        (1, "first"),
        (2, "final"),
    ]
    with pytest.raises(ForbiddenError):
        shifts.sign_report(case, "final", "x", of(world.people.stranger))


def test_draft_says_what_is_recorded_and_leaves_the_rest_blank() -> None:
    facts = CaseFacts(
        number="QH-1",
        n=1,
        stage="first",
        kind="呼救",
        place="石桥镇柳溪村",
        opened_us=us_of(START),
        state="处置中",
        owner="李建国",
        mark="【演示】",
        done=(Said(us_of(START) + 90_000_000, "村值班已应答"),),
    )
    text = draft(facts, us_of(START) + HOUR_US)
    assert text.splitlines()[0] == "【演示】信息快报（首报，第1期）"
    assert "时间：2026-03-02 08:00" in text
    assert "  08:01 村值班已应答" in text
    assert f"人员伤亡和损失：{BLANK}" in text
    assert "当前状态：处置中（截至2026-03-02 09:00）" in text
    assert "People harmed, losses: ____" in draft(facts, us_of(START), "en")


def test_shift_is_the_same_after_a_rebuild(world: World, shifts: Shifts) -> None:
    case, people, now_us = opened(world), world.people, world.clock.now_us()
    shifts.write(people.village, Line(now_us, "x", about=case), of(people.secretary))
    offered = shifts.offer(people.town, (now_us - HOUR_US, now_us), "x", of(people.town_officer))
    shifts.accept(offered, "", of(people.commander))
    shifts.sign_report(case, "first", "x", of(people.secretary))
    assert differences() == []

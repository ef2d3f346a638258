"""Work orders of another platform: once, mapped, with every fault told; ours go there."""

from __future__ import annotations

from typing import Any

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import rfc3339
from bihuan.loop.acting import ForbiddenError
from bihuan.loop.exchange.acts import Exchange
from bihuan.loop.exchange.entries import Mapping
from bihuan.loop.exchange.models import Order
from bihuan.loop.models import Case, Happening
from bihuan.loop.scenario import install
from bihuan.register.entries import Actor
from tests.county import World
from tests.matters import MATTERS, reported
from tests.rebuilt import differences

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]
OPERATOR = Actor(person_id=None, role="operator", via="command")
MAPPING = Mapping(
    number="工单编号",
    text="诉求内容",
    area="所属",
    kind="事项",
    kinds={"道路": "town_matters.road"},
    states={"new": "待签收", "closed.declined": "退单", "*": "办理中"},
    contact="联系.电话",
    due="办结时限",
    areas={"柳溪": "330402"},
)


def order(number: str = "A1", **more: Any) -> dict[str, Any]:
    return {
        "工单编号": number,
        "诉求内容": "村口路坏了",
        "所属": "柳溪",
        "事项": "道路",
        "联系": {"电话": "139"},
        "办结时限": "2026-03-09 18:00:00",
        **more,
    }


@pytest.fixture
def exchange(world: World) -> Exchange:
    install(MATTERS)
    made = Exchange(world.clock, world.keys)
    made.set_up("p12345", "12345", MAPPING, OPERATOR)
    return made


def test_order_becomes_a_case_once(world: World, exchange: Exchange) -> None:
    first = exchange.receive("p12345", [order()])[0]
    again = exchange.receive("p12345", [order()])[0]
    assert (first.what, again.what) == ("new", "same")
    assert first.case_id == again.case_id
    case = Case.objects.get()
    assert (case.id, case.kind, case.area_id) == (first.case_id, "road", world.people.village)
    due_us = Order.objects.get().due_us
    assert due_us is not None
    assert rfc3339(due_us) == "2026-03-09T10:00:00Z", "18:00 in the county"


def test_order_that_came_again_changed_stands_on_the_timeline(
    world: World, exchange: Exchange
) -> None:
    exchange.receive("p12345", [order()])
    changed = exchange.receive("p12345", [order(诉求内容="村口路坏了，伤了人")])[0]
    assert changed.what == "changed"
    line = Happening.objects.get(kind="partner_changed")
    assert world.keys.open(line.text) == "村口路坏了，伤了人"
    assert Case.objects.count() == 1


def test_good_orders_are_taken_and_bad_ones_say_each_fault(exchange: Exchange) -> None:
    bad = order("A2", 诉求内容="", 所属="", 事项="水", 办结时限="明天")
    nowhere = order("A3", 所属="别处")
    taken = exchange.receive("p12345", [order(), bad, nowhere])
    assert [one.what for one in taken] == ["new", "refused", "refused"]
    assert [fault.field for fault in taken[1].faults] == ["诉求内容", "所属", "事项", "办结时限"]
    assert taken[2].faults[0].field == "area"
    assert Case.objects.count() == 1


def test_same_number_of_two_platforms_is_two_orders(exchange: Exchange) -> None:
    exchange.set_up("p141", "141", MAPPING, OPERATOR)
    one = exchange.receive("p12345", [order()])[0]
    two = exchange.receive("p141", [order()])[0]
    assert two.what == "new"
    assert one.case_id != two.case_id


def test_platform_reaches_its_own_areas_only(world: World, exchange: Exchange) -> None:
    elsewhere = Exchange(world.clock, world.keys, ("9.",))
    assert elsewhere.receive("p12345", [order()])[0].what == "refused"


def test_replies_by_cursor_miss_nothing_and_repeat_nothing(
    world: World, exchange: Exchange
) -> None:
    case = exchange.receive("p12345", [order("A1")])[0].case_id
    exchange.receive("p12345", [order("A2", 诉求内容="灯不亮")])
    seen = exchange.replies("p12345", "", most=1)
    seen += exchange.replies("p12345", seen[-1].cursor)
    assert [(r.number, r.state) for r in seen] == [("A1", "待签收"), ("A2", "待签收")]
    assert exchange.replies("p12345", seen[-1].cursor) == []
    world.do("accept", world.people.town_officer, case=case)
    news = exchange.replies("p12345", seen[-1].cursor)
    assert [(r.number, r.state) for r in news] == [("A1", "办理中")]
    with pytest.raises(BadInputError, match="after"):
        exchange.replies("p12345", "yesterday")


def test_case_of_ours_goes_out_once_and_the_answer_comes_back_once(
    world: World, exchange: Exchange
) -> None:
    case = reported(world)
    me = Actor(person_id=world.people.town_officer, role="town_duty", via="page")
    number = exchange.send("p12345", case, "请市政处理", me)
    assert exchange.send("p12345", case, "请市政处理", me) == number
    assert [o["number"] for o in exchange.sent("p12345", 0)] == [number]
    for wanted in ("changed", "same"):
        assert exchange.answer("p12345", number, "已修复", "换了井盖") == wanted
    assert exchange.sent("p12345", 0) == [], "what is answered is not handed over again"
    line = Happening.objects.get(kind="partner_said")
    assert world.keys.open(line.text) == "已修复 换了井盖"


def test_stranger_sends_nothing_and_an_order_that_is_not_ours_is_not_answered(
    world: World, exchange: Exchange
) -> None:
    case = reported(world)
    stranger = Actor(person_id=world.people.stranger, role="origin", via="page")
    with pytest.raises(ForbiddenError):
        exchange.send("p12345", case, "x", stranger)
    exchange.receive("p12345", [order()])
    with pytest.raises(BadInputError, match="number"):
        exchange.answer("p12345", "A1", "已修复", "")


def test_mapping_to_what_nobody_can_report_is_refused(exchange: Exchange) -> None:
    wrong = Mapping(
        number="n", text="t", area="a", kind="k", kinds={"呼救": "elder_care.sos"}, states={}
    )
    with pytest.raises(BadInputError, match=r"kinds\.呼救"):
        exchange.set_up("p", "P", wrong, OPERATOR)
    with pytest.raises(BadInputError, match="partner"):
        exchange.receive("nobody", [order()])


def test_exchange_is_the_same_after_a_rebuild(world: World, exchange: Exchange) -> None:
    exchange.receive("p12345", [order()])
    exchange.receive("p12345", [order(诉求内容="新")])
    case = reported(world)
    me = Actor(person_id=world.people.town_officer, role="town_duty", via="page")
    exchange.answer("p12345", exchange.send("p12345", case, "x", me), "收到", "")
    assert differences() == []

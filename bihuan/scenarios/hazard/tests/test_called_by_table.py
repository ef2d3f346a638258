"""The table of a level calls by itself: the rosters of its areas, once, day and night."""

from __future__ import annotations

import pytest

from bihuan.base.time import HOUR_US
from bihuan.loop.callout.from_rows import event_of
from bihuan.loop.callout.models import CallOut, CallOutPerson
from bihuan.scenarios.hazard.tests.rural import STATION, Rural
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(databases="__all__")
RED, ORANGE = "暴雨红色预警信号", "暴雨橙色预警信号"
CALLS = (
    # from level, what, role, where, calls
    ("3", "巡查山塘", "village_duty", "shiqiao", True),
    ("2", "转移危险区农户", "village_duty", "shangba", True),
    ("2", "关闭下穿道路", "town_duty", None, True),
    ("4", "检查通信", "town_duty", None, False),
)


def unit(rural: Rural, *rows: tuple[str, str, str, str | None, bool]) -> int:
    """The town's unit of defence with its table."""
    rural.villages()
    found = rural.new("liu", "unit", _who="青石镇防汛", _area=rural.places["qingshi"]).id
    for level, what, role, where, calls in rows or CALLS:
        said = rural.new(
            "liu", "measure", _subject=found, from_level=level, event="flood", what=what,
            role=role, minutes=60, source="演练预案（虚构）", calls=calls,
            **({"where": rural.places[where]} if where else {}),
        )  # fmt: skip
        assert said.status == 200, said.json
    return found


def begin(rural: Rural, found: int, level: str, act: str = "start", **more: object) -> None:
    event = {"event": "flood"} if act == "start" else {}
    said = rural.do("liu", found, act, level=level, basis="会商", **event, **more)
    assert said.status == 200, said.json


def called(order: CallOut) -> set[tuple[int, str]]:
    found = CallOutPerson.objects.filter(call_out_id=order.id)
    return set(found.values_list("person_id", "role"))


def of_table(found: int) -> list[CallOut]:
    return list(CallOut.objects.filter(event=event_of(found)).order_by("id"))


def test_starting_a_level_calls_its_rosters_and_nobody_else(rural: Rural) -> None:
    """Level III of the table names 石桥村 alone; 上坝村 and the road are for level II."""
    found = unit(rural)
    begin(rural, found, "3")
    (order,) = of_table(found)
    assert called(order) == {(rural.people["shen"], "village_duty")}
    assert (order.zh, order.mode) == ("暴雨洪涝III 级应急响应：巡查山塘", "live")
    assert (order.level, order.issuer) == ("", ""), "no colour of the station's is claimed"
    assert rural.sent("shen", "order") == 1
    assert rural.sent("xu", "order") == rural.sent("liu", "order") == 0
    assert len(rural.rows("liu", "task")) == 2, "each measure is still a task to be confirmed"
    assert differences() == []


def test_a_higher_level_supersedes_and_the_end_lifts(rural: Rural) -> None:
    found = unit(rural)
    begin(rural, found, "3")
    rural.wait(minutes=2)
    begin(rural, found, "2", "change")
    old, new = of_table(found)
    assert (old.state, old.superseded_by) == ("superseded", new.id)
    assert called(new) == {
        (rural.people["shen"], "village_duty"),
        (rural.people["xu"], "village_duty"),
        (rural.people["liu"], "town_duty"),
    }, "all of them in one order, at once"
    assert rural.sent("xu", "order") == 1
    rural.wait(minutes=1)
    assert rural.do("liu", found, "end", basis="雨停水退").status == 200
    held = CallOut.objects.get(id=new.id)
    assert (held.state, held.lift_issuer) == ("lifted", "青石镇")
    for who in ("shen", "xu", "liu"):
        assert rural.sent(who, "lift") == 1, who
    assert differences() == []


def test_the_same_click_and_the_same_level_call_nobody_twice(rural: Rural) -> None:
    found = unit(rural)
    rural.n = 500
    begin(rural, found, "3")
    rural.n -= 1  # the answer was lost: the phone sends the same click again
    begin(rural, found, "3")
    rural.wait(minutes=1)
    begin(rural, found, "3", "change")
    assert len(of_table(found)) == 1
    assert CallOutPerson.objects.count() == 1


def test_a_level_without_a_call_lifts_what_ran(rural: Rural) -> None:
    found = unit(rural)
    begin(rural, found, "3")
    rural.wait(minutes=1)
    begin(rural, found, "4", "change")
    (order,) = of_table(found)
    assert (order.state, order.lift_zh) == ("lifted", "应急响应调整为IV 级，本级不再叫应")


def test_a_table_that_calls_nobody_orders_nothing(rural: Rural) -> None:
    found = unit(rural, ("4", "检查通信", "town_duty", None, False))
    begin(rural, found, "1")
    assert not CallOut.objects.exists()
    assert rural.do("liu", found, "end", basis="会商").status == 200


def test_the_station_is_quoted_unaltered_and_only_as_long_as_it_stands(rural: Rural) -> None:
    found = unit(rural)
    first = rural.warned("issue", ORANGE, at="qingshi").id
    rural.wait(minutes=1)
    begin(rural, found, "3", warning=first)
    (order,) = of_table(found)
    assert (order.issuer, order.level, order.warning_id) == (STATION, ORANGE, first)
    second = rural.warned("change", RED, about=first, at="qingshi").id
    rural.wait(minutes=1)
    begin(rural, found, "2", "change")
    assert of_table(found)[1].warning_id == second, "the upgrade is quoted, not what it replaced"
    rural.wait(minutes=1)
    assert rural.warned("lift", RED, about=second, at="qingshi").status == 200
    assert of_table(found)[1].state == "running", "the station lifts its warning, no order of ours"
    assert rural.sent("liu", "lift_offer") == 1
    begin(rural, found, "1", "change")
    assert (of_table(found)[2].issuer, of_table(found)[2].level) == ("", "")


def test_at_night_the_roster_of_the_night_is_called(rural: Rural) -> None:
    found = unit(rural, ("3", "巡查山塘", "village_duty", "shiqiao", True))
    rural.person("night", "夜班", "", "shiqiao")
    at_us = rural.clock.now_us()
    tonight = (at_us + 10 * HOUR_US, at_us + 24 * HOUR_US)
    rural.registrar.duty(rural.people["night"], "village_duty", rural.places["shiqiao"], tonight)
    rural.wait(hours=18, step_s=3_600)  # 08:00 → 02:00
    begin(rural, found, "3")
    (order,) = of_table(found)
    assert called(order) == {(rural.people["night"], "village_duty")}
    assert rural.sent("night", "order") == 1
    assert order.wakes


def test_nobody_on_the_roster_is_a_case_and_never_stops_the_response(rural: Rural) -> None:
    """上坝村 has nobody in a school's post: the level begins all the same, and somebody is told."""
    found = unit(rural, ("3", "学校停课", "school", "shangba", True))
    begin(rural, found, "3")
    assert not CallOut.objects.exists()
    case = rural.case("response")
    assert case.state == "awaiting_answer"
    assert rural.sent("liu", "call") == 1
    assert rural.thing("liu", found)["state"] == "responding"


def test_a_place_outside_the_unit_is_left_out_and_said(rural: Rural) -> None:
    found = unit(
        rural,
        ("3", "巡查山塘", "village_duty", "shiqiao", True),
        ("3", "别镇的事", "village_duty", "county", True),
    )
    begin(rural, found, "3")
    (order,) = of_table(found)
    assert called(order) == {(rural.people["shen"], "village_duty")}
    assert rural.case("response").state == "awaiting_answer"


def test_what_is_read_aloud_has_no_link_and_is_short(rural: Rural) -> None:
    found = unit(rural)
    said = {"from_level": "3", "event": "flood", "role": "village_duty", "minutes": 60,
            "source": "演练预案（虚构）"}  # fmt: skip
    for what in ("看 www.example.invalid", "长" * 61):
        wrong = rural.new("liu", "measure", _subject=found, what=what, calls=True, **said)
        assert (wrong.status, wrong.fields) == (422, ["what"])
        assert rural.new("liu", "measure", _subject=found, what=what, calls=False, **said).id


def test_who_may_not_start_a_response_calls_nobody(rural: Rural) -> None:
    found = unit(rural)
    for who in ("shen", "stranger"):
        said = rural.do(who, found, "start", level="1", event="flood", basis="我决定")
        assert said.status == 404, who
    assert not CallOut.objects.exists()


def test_warning_case_of_the_county_shows_what_each_level_would_call(rural: Rural) -> None:
    """The county's warning rings no town: its case says which level of which unit calls whom."""
    found = unit(rural)
    rural.warned("issue", RED)
    case = rural.case("warning")
    assert rural.sent("liu", "call") == 0, "a town is rung by the table's call-out"
    page = rural.client("he").get(f"/cases/{case.id}/").content.decode()
    assert f'href="/rows/{found}/"' in page
    assert "青石镇防汛" in page
    assert "石桥村 村值班：巡查山塘" in page
    assert page.index("III 级") < page.index("石桥村 村值班：巡查山塘")
    assert "上坝村 村值班：转移危险区农户" in page
    assert "青石镇 镇（街道）值班：关闭下穿道路" in page
    assert "检查通信" not in page, "what calls nobody is a task, not a call"
    begin(rural, found, "3")
    page = rural.client("he").get(f"/cases/{case.id}/").content.decode()
    assert "响应中 · III 级" in page
    assert rural.client("stranger").get(f"/cases/{case.id}/").status_code in (403, 404)


def test_warning_case_says_where_a_unit_has_no_table(rural: Rural) -> None:
    rural.villages()
    rural.new("liu", "unit", _who="青石镇防汛", _area=rural.places["qingshi"])
    rural.warned("issue", RED)
    page = rural.client("he").get(f"/cases/{rural.case('warning').id}/").content.decode()
    assert "措施表里没有叫应" in page

"""From an empty county to the after-action sheet, over the API alone."""

from __future__ import annotations

import pytest

from bihuan.scenarios.hazard.tests.rural import STATION, Rural
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(databases="__all__")
RED, ORANGE = "暴雨红色预警信号", "暴雨橙色预警信号"


def unit(rural: Rural) -> int:
    """The town's unit of defence with its table and two homes in danger."""
    rural.villages()
    found = rural.new("liu", "unit", _who="青石镇防汛", _area=rural.places["qingshi"]).id
    table = (
        ("4", "巡查山塘", "village_duty", 60, "shiqiao"),
        ("2", "关闭下穿道路", "town_duty", 30, None),
        ("1", "学校停课", "school", 60, None),
    )
    for level, what, role, minutes, where in table:
        said = rural.new(
            "liu", "measure", _subject=found, from_level=level, event="flood", what=what,
            role=role, minutes=minutes, source="演练预案（虚构）",
            **({"where": rural.places[where]} if where else {}),
        )  # fmt: skip
        assert said.status == 200, said.json
    for door, level, where in (("1组3号", "3", "shiqiao"), ("2组8号", "2", "shangba")):
        said = rural.new(
            "liu", "home", _subject=found, door=door, people=3, from_level=level,
            where=rural.places[where],
        )  # fmt: skip
        assert said.status == 200, said.json
    return found


def test_official_warning_to_the_end_of_the_response(rural: Rural) -> None:
    rural.is_over_api = True
    found = unit(rural)
    warned = decided(rural, found)
    order = called_out(rural, warned)
    confirmed(rural, found)
    first, second = moved(rural)
    lifted(rural, warned, order, first)
    assert rural.do("liu", found, "end", basis="雨停水退，镇值班长决定").status == 200
    assert rural.do("shen", first, "returned").status == 200
    assert rural.do("xu", second, "returned").status == 200
    assert [m["state"] for m in rural.rows("liu", "move")] == ["returned", "returned"]
    said = rural.post("liu", f"call-outs/{order}/acts", act="sign", remark="")
    assert said.status == 200, said.json
    case = rural.case("warning").id
    assert rural.post("liu", f"cases/{case}/acts", act="take").status == 200
    said = rural.post("liu", f"cases/{case}/acts", act="close", text="响应已结束")
    assert said.status == 200, said.json
    assert rural.case("warning").state == "closed"
    assert differences() == []


def decided(rural: Rural, found: int) -> int:
    """The station's words come by phone; town and county are called at once, nobody else."""
    warned = rural.warned("issue", RED, at="qingshi").id
    case = rural.case("warning")
    assert (case.state, case.area_id) == ("awaiting_answer", rural.places["qingshi"])
    assert rural.sent("liu", "call") == rural.sent("he", "call") == 1
    assert rural.sent("shen", "call") == 0
    assert rural.post("liu", f"cases/{case.id}/acts", act="take").status == 200
    # the level is a person's decision and not the warning's: red, and yet level III
    basis = "镇值班长会商决定"
    said = rural.do("liu", found, "start", level="3", event="flood", warning=warned, basis=basis)
    assert said.status == 200, said.json
    here = rural.places["shiqiao"]
    tasks = [(t["values"]["what"], t["area_id"]) for t in rural.rows("liu", "task")]
    assert tasks == [("巡查山塘", here)]
    moves = [(m["state"], m["area_id"]) for m in rural.rows("liu", "move")]
    assert moves == [("to_move", here)]
    return warned


def called_out(rural: Rural, warned: int) -> int:
    """The villages' duty in parallel, in the station's words."""
    wanted = {"areas": [rural.places["qingshi"]], "roles": ["village_duty"], "zh": "立即巡查转移"}
    ours = rural.post("liu", "call-outs", **wanted, warning_id=warned, level="我们的红色")
    assert (ours.status, ours.fields) == (422, ["level"])
    ordered = rural.post("liu", "call-outs", **wanted, warning_id=warned).id
    row = rural.call_out()
    assert (row.issuer, row.level) == (STATION, RED)
    assert rural.sent("shen", "order") == rural.sent("xu", "order") == 1
    return ordered


def confirmed(rural: Rural, found: int) -> None:
    """Level II files only what is new; each task is confirmed by who has a part there."""
    said = rural.do("liu", found, "change", level="2", basis="雨势加大")
    assert said.status == 200, said.json
    assert [t["values"]["what"] for t in rural.rows("liu", "task")] == ["巡查山塘", "关闭下穿道路"]
    assert len(rural.rows("liu", "move")) == 2
    patrol, road = (t["id"] for t in rural.rows("liu", "task"))
    assert rural.do("stranger", patrol, "confirm", said="我做了").status == 404
    assert rural.do("xu", patrol, "confirm", said="别村的").status == 404
    assert rural.do("shen", patrol, "confirm", said="两座山塘都看过").status == 200
    assert rural.do("liu", road, "confirm", said="已封闭").status == 200


def moved(rural: Rural) -> tuple[int, int]:
    """One home moves to the shelter, one refuses, is asked again and moves; none goes home."""
    who, where = "镇文化礼堂", rural.places["qingshi"]
    shelter = rural.new("liu", "shelter", _who=who, _area=where, beds=4, address="镇上").id
    first, second = (m["id"] for m in rural.rows("liu", "move"))
    said = rural.do("shen", first, "moved", people=3, stays="shelter")
    assert (said.status, said.fields) == (422, ["shelter"])
    said = rural.do("shen", first, "moved", people=3, stays="shelter", shelter=shelter)
    assert said.status == 200, said.json
    assert rural.do("xu", second, "refuse", why="家里有猪").status == 200
    assert rural.case("response").state == "awaiting_answer"
    said = rural.do("xu", second, "moved", people=2, stays="kin")
    assert said.status == 200, said.json
    early = rural.do("shen", first, "returned")
    assert (early.status, early.fields) == (422, ["unit"])
    return first, second


def lifted(rural: Rural, warned: int, order: int, first: int) -> None:
    """The station lifts its warning; a person lifts the order, in the station's words."""
    rural.wait(minutes=3)
    assert rural.warned("lift", RED, about=warned, at="qingshi").status == 200
    assert rural.call_out().state == "running"
    assert rural.sent("liu", "lift_offer") == 1
    shown = rural.get("liu", f"call-outs/{order}").json["lift_offered"]
    assert (shown["issuer"], shown["zh"]) == (STATION, f"{STATION}解除{RED}")
    assert rural.do("shen", first, "returned").status == 422, "a lifted warning ends no response"
    assert rural.post("stranger", f"call-outs/{order}/acts", act="lift").status == 404
    assert rural.post("shen", f"call-outs/{order}/acts", act="lift").status == 404
    assert rural.post("liu", f"call-outs/{order}/acts", act="lift").status == 200
    assert (rural.call_out().state, rural.call_out().lift_issuer) == ("lifted", STATION)
    assert rural.sent("shen", "lift") == rural.sent("xu", "lift") == 1


def test_second_response_opens_its_tasks_anew(rural: Rural) -> None:
    found = unit(rural)
    for _n in range(2):
        said = rural.do("liu", found, "start", level="4", event="flood", basis="会商")
        assert said.status == 200, said.json
        rural.wait(minutes=1)
        assert rural.do("liu", found, "end", basis="会商").status == 200
    assert len(rural.rows("liu", "task")) == 2
    assert rural.rows("liu", "move") == [], "level IV moves nobody"


def test_table_has_no_measure_for_another_event_or_a_retired_one(rural: Rural) -> None:
    found = unit(rural)
    first = rural.rows("liu", "measure")[0]["id"]
    assert rural.do("liu", first, "retire").status == 200
    assert rural.do("liu", found, "start", level="1", event="snow", basis="会商").status == 200
    assert rural.rows("liu", "task") == []
    assert rural.do("liu", found, "end", basis="会商").status == 200
    rural.wait(minutes=1)
    assert rural.do("liu", found, "start", level="1", event="flood", basis="会商").status == 200
    assert [t["values"]["what"] for t in rural.rows("liu", "task")] == ["关闭下穿道路", "学校停课"]


def test_task_that_nobody_confirms_calls_and_says_so(rural: Rural) -> None:
    found = unit(rural)
    assert rural.do("liu", found, "start", level="4", event="flood", basis="会商").status == 200
    rural.wait(minutes=59)
    assert not rural.sent("liu", "call")
    rural.wait(minutes=2)
    assert rural.case("response").state == "awaiting_answer"
    assert rural.sent("liu", "call") >= 1
    assert rural.thing("liu", rural.rows("liu", "task")[0]["id"])["state"] == "open"


def test_home_that_refuses_is_asked_again_after_half_an_hour(rural: Rural) -> None:
    """Refusing is a case at once; 30 minutes later it comes again, until the home has moved."""
    found = unit(rural)
    assert rural.do("liu", found, "start", level="3", event="flood", basis="会商").status == 200
    [move] = (m["id"] for m in rural.rows("liu", "move"))
    assert rural.do("shen", move, "refuse", why="家里有猪").status == 200
    case = rural.case("response").id
    assert rural.post("liu", f"cases/{case}/acts", act="take").status == 200
    rural.wait(minutes=29)
    assert rural.case("response").signals == 1
    rural.wait(minutes=2)
    assert rural.case("response").signals == 2
    assert rural.do("shen", move, "moved", people=3, stays="kin").status == 200
    rural.wait(minutes=28)
    assert rural.case("response").signals == 2


def test_village_starts_no_response_and_a_level_that_is_none_is_refused(rural: Rural) -> None:
    found = unit(rural)
    said = {"level": "3", "event": "flood", "basis": "会商"}
    assert rural.do("shen", found, "start", **said).status == 404
    assert rural.do("stranger", found, "start", **said).status == 404
    wrong = rural.do("liu", found, "start", level="red", event="flood", basis="")
    assert (wrong.status, sorted(wrong.fields)) == (422, ["basis", "level"])
    assert rural.rows("liu", "task") == []

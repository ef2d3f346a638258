"""What pages show of a response and of the ledger: everything by area, nobody ranked by speed."""

from __future__ import annotations

import pytest

from bihuan.scenarios.hazard.tests.rural import Rural
from bihuan.scenarios.hazard.tests.test_ledger import five, found
from bihuan.scenarios.hazard.tests.test_story_over_api import unit

pytestmark = pytest.mark.django_db(databases="__all__")


def test_after_action_sheet_has_each_task_and_its_minutes_in_the_order_of_areas(
    rural: Rural,
) -> None:
    row = unit(rural)
    assert rural.do("liu", row, "start", level="2", event="flood", basis="会商").status == 200
    rural.wait(minutes=25, step_s=300)
    tasks = {t["values"]["what"]: t["id"] for t in rural.rows("liu", "task")}
    assert rural.do("shen", tasks["巡查山塘"], "confirm", said="看过").status == 200
    assert rural.do("liu", tasks["关闭下穿道路"], "cannot", why="路障不够").status == 200
    moves = rural.rows("liu", "move")
    assert rural.do("shen", moves[0]["id"], "moved", people=4, stays="kin").status == 200
    assert rural.do("xu", moves[1]["id"], "refuse", why="再看看").status == 200
    assert rural.do("liu", row, "end", basis="雨停").status == 200

    facts = rural.get("liu", f"sheets/hazard/after_action/{row}").json["facts"]
    took = [(t["row"]["what"], t["place"], t["took"], t["is_open"]) for t in facts["tasks"]]
    assert took == [
        ("关闭下穿道路", "青石镇", None, True),
        ("巡查山塘", "石桥村", 25, False),
    ], "the town, then its villages; what was not done has no time, not 0"
    assert [(m["place"], m["state"], m["row"]["people"]) for m in facts["moves"]] == [
        ("上坝村", "拒转", 3),
        ("石桥村", "已转", 4),
    ], "by the register, whoever was first"
    assert (facts["to_move"], facts["refused"], facts["moved"]) == ([0, 0], [1, 3], [1, 4])
    page = rural.client("liu").get(f"/sheets/hazard/after_action/{row}/")
    assert page.status_code == 200
    assert "不作村与村的排名" in page.content.decode()
    assert rural.get("stranger", f"sheets/hazard/after_action/{row}").status == 404


def test_homes_are_counted_to_move_moved_refused_and_returned_each_apart(rural: Rural) -> None:
    """By hand: two homes; one refuses (3 people), one moves (4); over, the moved one returns."""
    row = unit(rural)
    assert rural.do("liu", row, "start", level="2", event="flood", basis="会商").status == 200
    names = ("to_move", "refused", "moved", "returned")

    def counted() -> list[list[int]]:
        facts = rural.get("liu", f"sheets/hazard/after_action/{row}").json["facts"]
        return [facts[name] for name in names]

    first, second = (m["id"] for m in rural.rows("liu", "move"))
    assert counted() == [[2, 6], [0, 0], [0, 0], [0, 0]]
    assert rural.do("xu", second, "refuse", why="再看看").status == 200
    assert rural.do("shen", first, "moved", people=4, stays="kin").status == 200
    assert counted() == [[0, 0], [1, 3], [1, 4], [0, 0]]
    page = rural.client("liu").get("/overview/hazard/response/").content.decode()
    assert '<dt>拒转</dt><dd><span class="tone crit">1 户 3 人' in page
    assert rural.do("shen", first, "returned").status == 422, "the response goes on"
    assert rural.do("liu", row, "end", basis="雨停").status == 200
    assert rural.do("shen", first, "returned").status == 200
    assert counted() == [[0, 0], [1, 3], [0, 0], [1, 4]]


def test_panel_says_that_nobody_returns_while_the_response_goes_on(rural: Rural) -> None:
    row = unit(rural)
    client = rural.client("liu")
    assert "不得返回危险区" not in client.get(f"/rows/{row}/").content.decode()
    assert rural.do("liu", row, "start", level="4", event="flood", basis="会商").status == 200
    page = client.get(f"/rows/{row}/").content.decode()
    assert "任何人不得返回危险区" in page
    assert "IV 级" in page


def test_ledger_shows_what_is_missing_of_the_five_items(rural: Rural) -> None:
    row = found(rural, "major")
    page = rural.client("liu").get(f"/rows/{row}/").content.decode()
    assert page.count("未落实") == 5
    assert "重大隐患，尚未挂牌" in page
    assert rural.do("an", row, "plan", **five(rural, supervisor="county")).status == 200
    assert "未落实" not in rural.client("liu").get(f"/rows/{row}/").content.decode()
    facts = rural.get("an", "overviews/hazard/ledger").json["facts"]
    assert (facts["major"], [h["kind"] for h in facts["hazards"]]) == (1, ["小微企业园"])


def test_overviews_are_the_duty_desks_and_not_a_strangers(rural: Rural) -> None:
    unit(rural)
    facts = rural.get("liu", "overviews/hazard/response").json["facts"]
    assert [one["name"] for one in facts["units"]] == ["青石镇防汛"]
    for who in ("stranger", "keeper"):
        assert rural.get(who, "overviews/hazard/response").status == 404, who
    assert rural.client("liu").get("/overview/hazard/response/").status_code == 200


def test_over_full_and_closed_shelter_turns_nobody_away_and_is_told(rural: Rural) -> None:
    """Four beds, six people, nobody opened it: both homes are taken in, and everybody is told."""
    row, where = unit(rural), rural.places["qingshi"]
    hall = rural.new("liu", "shelter", _who="镇文化礼堂", _area=where, beds=4, address="镇上").id
    assert rural.do("liu", row, "start", level="2", event="flood", basis="会商").status == 200
    first, second = (m["id"] for m in rural.rows("liu", "move"))
    stays = {"stays": "shelter", "shelter": hall}
    assert rural.do("shen", first, "moved", people=4, **stays).status == 200
    assert capacity(rural, "shen", first) == (None, True)
    assert rural.do("xu", second, "moved", people=2, **stays).status == 200, "at night nobody waits"
    assert capacity(rural, "xu", second) == (2, True)
    for page in (
        rural.client("xu").get(f"/rows/{second}/"),
        rural.client("liu").get(f"/rows/{hall}/"),
        rural.client("liu").get("/overview/hazard/response/"),
        rural.client("liu").get(f"/sheets/hazard/after_action/{row}/"),
    ):
        said = page.content.decode()
        assert "超员 2 人" in said
        assert "未启用" in said
    facts = rural.get("liu", f"sheets/hazard/after_action/{row}").json["facts"]
    told = [(one["guests"], one["over"], one["is_open"]) for one in facts["shelters"]]
    assert told == [(6, 2, False)]
    assert rural.do("liu", hall, "open").status == 200
    assert rural.do("liu", row, "end", basis="雨停").status == 200
    assert rural.do("shen", first, "returned").status == 200
    assert capacity(rural, "xu", second) == (None, False)
    assert "超员" not in rural.client("liu").get(f"/rows/{hall}/").content.decode()


def capacity(rural: Rural, who: str, move: int) -> tuple[object, object]:
    values = rural.thing(who, move)["values"]
    return values["shelter_over"], values["shelter_not_open"]

"""The ledger of hazards: five items first, extension approved, review in time, finder told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bihuan.base.time import CHINA, datetime_of
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.delivery.letters import said_by
from bihuan.loop.models import Delivery
from bihuan.register.records.models import DutyDue
from bihuan.scenarios.hazard.tests.rural import Rural, Said
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(databases="__all__")
TOLD = {"told": "phone", "told_what": "已整改，复查通过"}


def day(rural: Rural, days: int) -> str:
    at = datetime_of(rural.clock.now_us()).astimezone(CHINA) + timedelta(days=days)
    return at.date().isoformat()


def five(rural: Rural, **more: Any) -> dict[str, Any]:
    return {
        "owner": rural.people["keeper"],
        "measures": "更换老化线路",
        "funds": "企业自筹 2 万元",
        "deadline": day(rural, 20),
        "plan": "整改期间停用配电间，专人看护",
        "supervisor": "town",
        **more,
    }


def found(rural: Rural, grade: str = "general", kind: str = "micro_park") -> int:
    """The town's officer finds a hazard in a micro-park of 石桥村."""
    rural.villages()
    site = rural.new(
        "an", "site", _who="石桥小微园", _area=rural.places["shiqiao"], kind_of=kind
    ).id
    return rural.new(
        "liu", "hazard", _subject=site, what="线路老化", grade=grade, source="check"
    ).id  # fmt: skip


def reviewed(rural: Rural, row: int) -> Said:
    """Rectified by the keeper and reviewed by the safety office."""
    said = rural.do("keeper", row, "apply_review", done="线路已全部更换")
    assert said.status == 200, said.json
    return rural.do("an", row, "pass_review", seen="现场核对，属实")


def test_nothing_is_rectified_before_all_five_items_stand(rural: Rural) -> None:
    row = found(rural)
    for missing in ("owner", "measures", "funds", "deadline", "plan"):
        given = {name: value for name, value in five(rural).items() if name != missing}
        said = rural.do("an", row, "plan", **given)
        assert (said.status, said.fields) == (422, [missing])
    assert rural.do("an", row, "plan", **five(rural, deadline=day(rural, -1))).fields == [
        "deadline"
    ]
    assert rural.do("stranger", row, "plan", **five(rural)).status == 404
    assert rural.do("an", row, "plan", **five(rural)).status == 200
    assert rural.thing("an", row)["state"] == "rectifying"


def test_handler_does_not_review_and_finder_does_not_clear(rural: Rural) -> None:
    row = found(rural)
    assert rural.do("an", row, "plan", **five(rural)).status == 200
    assert rural.do("liu", row, "apply_review", done="已更换").status == 200
    assert rural.do("liu", row, "pass_review", seen="好").status in (403, 404)
    assert rural.do("an", row, "pass_review", seen="现场核对").status == 200
    assert rural.do("liu", row, "clear", **TOLD).status in (403, 404), "who found it"
    assert rural.do("an", row, "clear").fields == ["told", "told_what"]
    assert rural.do("an", row, "clear", **TOLD).status == 200
    thing = rural.thing("an", row)
    assert (thing["state"], thing["values"]["told"]) == ("cleared", "phone")
    assert differences() == []


def test_extension_waits_for_another_person(rural: Rural) -> None:
    row = found(rural)
    assert rural.do("an", row, "plan", **five(rural)).status == 200
    said = rural.do("keeper", row, "extend", deadline=day(rural, 40), why="配件未到")
    assert said.status == 200
    assert rural.thing("an", row)["values"]["deadline"] == day(rural, 20), "not yet"
    assert rural.do("keeper", row, f"confirm-{said.id}").status in (403, 404)
    assert rural.do("liu", row, f"confirm-{said.id}").status in (403, 404), "the town may not"
    assert rural.do("an", row, f"confirm-{said.id}").status == 200
    assert rural.thing("an", row)["values"]["deadline"] == day(rural, 40)


def test_major_hazard_is_listed_before_it_is_cleared(rural: Rural) -> None:
    row = found(rural, "major")
    said = rural.do("an", row, "plan", **five(rural, supervisor="village"))
    assert said.fields == ["supervisor"]
    assert rural.do("an", row, "plan", **five(rural, supervisor="county")).status == 200
    assert reviewed(rural, row).status == 200
    assert rural.do("an", row, "clear", **TOLD).fields == ["grade"]
    assert rural.do("he", row, "clear_major", **TOLD).fields == ["list"]


def test_listing_calls_the_keeper_and_the_village(rural: Rural) -> None:
    row = found(rural, "major")
    assert rural.do("an", row, "plan", **five(rural, supervisor="county")).status == 200
    assert rural.do("keeper", row, "list", why="自己挂牌").status in (403, 404)
    assert rural.do("he", row, "list", why="重大隐患").status == 200
    case = rural.case("supervised")
    assert (case.state, case.subject_id) == (
        "awaiting_answer",
        rural.thing("he", row)["subject_id"],
    )
    assert rural.sent("keeper", "call") == rural.sent("shen", "call") == 1
    assert reviewed(rural, row).status == 200
    assert rural.do("liu", row, "clear_major", **TOLD).status in (403, 404)
    assert rural.do("he", row, "clear_major", **TOLD).status == 200


def test_general_hazard_is_not_listed(rural: Rural) -> None:
    row = found(rural)
    assert rural.do("an", row, "plan", **five(rural)).status == 200
    assert rural.do("he", row, "list", why="不必").fields == ["grade"]


def test_deadline_that_passes_and_a_review_ten_days_later_are_signals(rural: Rural) -> None:
    row = found(rural)
    assert rural.do("an", row, "plan", **five(rural, deadline=day(rural, 2))).status == 200
    due = dict(DutyDue.objects.filter(row_id=row).values_list("duty", "due_us"))
    first, second = due["deadline"], due["review"]
    assert first is not None
    assert second is not None
    assert second - first == 10 * 86_400_000_000
    rural.wait(step_s=3_600, days=3)
    case = rural.case("supervised")
    assert (case.state, case.signals) == ("awaiting_answer", 1)
    rural.wait(step_s=21_600, days=10)
    assert rural.case("supervised").signals == 2, "the review too"


def test_review_is_due_ten_days_after_it_was_applied_for(rural: Rural) -> None:
    row = found(rural)
    assert rural.do("an", row, "plan", **five(rural)).status == 200
    asked_us = rural.clock.now_us()
    assert rural.do("keeper", row, "apply_review", done="好了").status == 200
    due = dict(DutyDue.objects.filter(row_id=row).values_list("duty", "due_us"))
    assert due["deadline"] is None
    assert due["review"] is not None
    assert abs(due["review"] - asked_us - 10 * 86_400_000_000) < 1_000_000


def test_finder_without_an_account_learns_the_result(rural: Rural) -> None:
    rural.villages()
    rural.person("finder", "丁小芳", "", "shiqiao")
    said = rural.post(
        "liu", "matters", kind="hazard.report", area_id=rural.places["shiqiao"],
        text="路边边坡有裂缝", way="spoken", read_back=True, origin_id=rural.people["finder"],
    )  # fmt: skip
    assert said.status == 200, said.json
    case = said.json["case_id"]
    target = f"person:{rural.people['shen']}"
    for who, body in (
        ("liu", {"act": "accept"}),
        ("liu", {"act": "assign", "fields": {"target": target}, "text": "请处置"}),
        ("shen", {"act": "receive"}),
        ("shen", {"act": "begin"}),
        ("shen", {"act": "submit", "text": "已加固", "answer": "边坡已加固，谢谢您反映"}),
    ):
        done = rural.post(who, f"cases/{case}/acts", **body)
        assert done.status == 200, (body, done.json)
    assert rural.post("shen", f"cases/{case}/acts", act="pass").status in (403, 404), "own work"
    assert rural.post("an", f"cases/{case}/acts", act="pass").status == 200
    assert rural.sent("finder", "ask") == 1
    assert rural.case("report").state == "awaiting_confirmation"


def test_monthly_check_that_found_nothing_is_a_record_and_one_missed_a_signal(rural: Rural) -> None:
    rural.villages()
    where = rural.places["shiqiao"]
    site = rural.new("an", "site", _who="石桥山塘", _area=where, kind_of="reservoir").id
    zero = rural.new("keeper", "check", _subject=site, found=0, looked_at="坝体、溢洪道")
    assert zero.status == 200, zero.json
    assert rural.new("keeper", "check", _subject=site, found=-1, looked_at="x").fields == ["found"]
    rural.wait(step_s=43_200, days=31)
    assert rural.case("supervised").subject_id == site


def filed_by_text(rural: Rural) -> int:
    """A hazard that a town's officer files who is reached by text; another officer is too."""
    rural.villages()
    for key, name in (("wei", "魏立"), ("qian", "钱进")):
        person = rural.registrar.person(name, key, "0990 3000 0009", ["sms"])
        rural.registrar.post(person, "town_duty", rural.places["qingshi"])
        rural.people[key] = person
    where = rural.places["shiqiao"]
    site = rural.new("an", "site", _who="石桥小微园", _area=where, kind_of="micro_park").id
    row = rural.new(
        "wei", "hazard", _subject=site, what="线路老化", grade="general", source="check"
    )
    assert rural.do("an", row.id, "plan", **five(rural)).status == 200
    assert reviewed(rural, row.id).status == 200
    return row.id


def results(rural: Rural) -> dict[int, str]:
    """Who was told of a result until the next morning, and what."""
    rural.wait(step_s=3_600, hours=24)
    told = Delivery.objects.filter(purpose="daily_notice")
    return {
        one.person_id: said_by(Rows(MAIN), one, rural.keys, is_english=False).text for one in told
    }


def test_who_filed_a_hazard_hears_that_it_was_cleared_and_nobody_else_does(rural: Rural) -> None:
    row = filed_by_text(rural)
    assert rural.do("an", row, "clear", **TOLD).status == 200
    said = results(rural)
    assert list(said) == [rural.people["wei"]]
    assert "您发现的隐患有结果" in said[rural.people["wei"]]
    assert "线路老化 已销号" in said[rural.people["wei"]]
    results(rural)
    assert Delivery.objects.filter(purpose="daily_notice").count() == 1, "once"
    assert differences() == []


def test_who_filed_a_hazard_that_is_not_cleared_hears_nothing(rural: Rural) -> None:
    filed_by_text(rural)
    assert results(rural) == {}, "passed, and not yet cleared"


def resident_of(rural: Rural) -> int:
    """Somebody of the village without a post, reached by text."""
    rural.villages()
    return rural.registrar.person("丁小芳", "Ding Xiaofang", "0990 3000 0008", ["sms"])


def of_a_finder(rural: Rural, **more: Any) -> int:
    """A hazard that a resident without a post found, reviewed and ready to be cleared."""
    where = rural.places["shiqiao"]
    site = rural.new("an", "site", _who="石桥小微园", _area=where, kind_of="micro_park").id
    said = {"what": "线路老化", "grade": "general", "source": "report", **more}
    row = rural.new("liu", "hazard", _subject=site, **said).id
    assert rural.do("an", row, "plan", **five(rural)).status == 200
    assert reviewed(rural, row).status == 200
    return row


def messages(rural: Rural) -> dict[int, str]:
    """Who was told by a row's act, and what: each once."""
    told = list(Delivery.objects.filter(purpose="row_message"))
    assert len({one.person_id for one in told}) == len(told)
    assert {one.channel for one in told} <= {"sms"}
    return {
        one.person_id: said_by(Rows(MAIN), one, rural.keys, is_english=False).text for one in told
    }


def test_finder_named_in_the_row_hears_that_it_was_cleared(rural: Rural) -> None:
    """The name is sealed in the row; the message goes out when it is cleared, and not before."""
    resident = resident_of(rural)
    row = of_a_finder(rural, finder=resident)
    assert messages(rural) == {}
    said = rural.do("an", row, "clear", **TOLD)
    assert said.status == 200, said.json
    text = messages(rural)
    assert list(text) == [resident]
    assert "线路老化，已整改销号" in text[resident]
    assert differences() == []


def test_who_reported_the_case_behind_the_row_hears_it_too(rural: Rural) -> None:
    resident = resident_of(rural)
    reported = rural.post(
        "liu", "matters", kind="hazard.report", area_id=rural.places["shiqiao"],
        text="配电间线路老化", way="spoken", read_back=True, origin_id=resident,
    )  # fmt: skip
    row = of_a_finder(rural, report=reported.json["case_id"])
    assert rural.do("an", row, "clear", **TOLD).status == 200
    assert list(messages(rural)) == [resident]


@pytest.mark.parametrize("told", ["case", "unknown"])
def test_who_is_answered_by_the_case_is_not_told_twice(rural: Rural, told: str) -> None:
    resident = resident_of(rural)
    row = of_a_finder(rural, finder=resident)
    assert rural.do("an", row, "clear", told=told, told_what="随件答复").status == 200
    assert messages(rural) == {}


def test_no_finder_known_no_message(rural: Rural) -> None:
    rural.villages()
    row = of_a_finder(rural)
    assert rural.do("an", row, "clear", **TOLD).status == 200
    assert messages(rural) == {}


def test_finder_of_what_is_no_hazard_hears_that(rural: Rural) -> None:
    resident = resident_of(rural)
    where = rural.places["shiqiao"]
    site = rural.new("an", "site", _who="石桥小微园", _area=where, kind_of="micro_park").id
    row = rural.new(
        "liu", "hazard", _subject=site, what="井盖松动", grade="general", source="report",
        finder=resident,
    ).id  # fmt: skip
    assert rural.do("an", row, "refuse", why="盖是好的", **TOLD).status == 200
    assert "核实不属隐患" in messages(rural)[resident]

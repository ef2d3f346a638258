"""Wants as features, mistakes as refusals: the test, other counties, passes, the firm's own yes."""

from __future__ import annotations

from typing import Any

import pytest

from bihuan.base.time import MINUTE_US, datetime_of, rfc3339
from bihuan.loop.models import Case, CaseClock, Happening
from tests.rebuilt import differences
from tests.scenarios.chain.county import DAY, Empty

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
PASSED = {"real": "yes", "necessary": "yes", "urgent": "yes"}


def clocks(case: int) -> dict[str, str]:
    found = CaseClock.objects.filter(case_id=case, ref=0).order_by("id")
    return dict(found.values_list("kind", "state"))


def test_appeal_is_valid_only_with_all_three_tests_said(empty: Empty) -> None:
    _row, case = empty.appeal(empty.firm(), empty.speakers[0])
    faults = empty.clerk.case(case, "find_valid", 422, real="yes", urgent="no")["faults"]
    assert {fault["field"] for fault in faults} == {"necessary", "urgent"}
    empty.clerk.case(case, "find_valid", **PASSED)
    assert clocks(case) == {"accept": "met", "act": "running"}
    line = Happening.objects.get(case_id=case, kind="find_valid")
    assert line.detail == "yes yes yes"
    page = empty.clerk.page(f"/cases/{case}/")
    assert "属实、有必要、迫切" in page


def test_appeal_hard_is_not_invalid_by_the_clerk_and_says_why_and_what_else(empty: Empty) -> None:
    """The measured desk cannot find it invalid; the leader says which test failed, and a remedy."""
    _row, case = empty.appeal(empty.firm(), empty.speakers[0])
    said = {"failed": "not_urgent", "text": "库存充足"}
    for other in (empty.clerk, empty.liaison):
        empty_said = other.case(case, "find_invalid", 403, **said, remedy="可到镇里申请")
        assert "faults" not in str(empty_said)
    empty.stranger.case(case, "find_invalid", 404, **said, remedy="可到镇里申请")
    faults = empty.leader.case(case, "find_invalid", 422)["faults"]
    assert {fault["field"] for fault in faults} == {"failed", "text", "remedy"}
    empty.leader.case(case, "find_invalid", **said, remedy="可到镇里申请")
    found = Case.objects.get(id=case)
    assert (found.state, found.outcome) == ("closed", "declined")
    assert Happening.objects.get(case_id=case, kind="find_invalid").detail == "not_urgent"
    # the firm reads why and what else, and may object: it is tested anew, by a clock
    empty.speakers[0].case(case, "object", text="两天后停产")
    assert (Case.objects.get(id=case).state, clocks(case)["accept"]) == ("new", "running")
    empty.clerk.case(case, "find_valid", **PASSED)
    assert differences() == []


def test_appeal_that_was_only_replied_to_is_not_handled(empty: Empty) -> None:
    _row, case = empty.appeal(empty.firm(), empty.speakers[0])
    empty.in_hand(case)
    faults = empty.liaison.case(case, "submit", 422, text="回复了")["faults"]
    assert faults[0]["field"] == "answer"
    empty.liaison.case(case, "submit", text="回复了", answer="正在研究")
    empty.liaison.case(case, "pass", 403)  # who handled it does not check it
    empty.clerk.case(case, "pass")
    for other in (empty.liaison, empty.clerk, empty.leader):
        other.case(case, "solved", 403, text="好了")  # nobody says it for the firm
    empty.speakers[0].case(case, "not_solved", text="车还没进来")
    found = Case.objects.get(id=case)
    assert (found.state, found.refusals, found.outcome) == ("in_progress", 1, None)


def test_appeal_written_down_names_the_caller_and_the_firm_confirms_all_the_same(
    empty: Empty,
) -> None:
    firm = empty.firm()
    told = {"way": "phone", "caller": "王师傅 0990 7200 0009", "read_back": True}
    row, case = empty.appeal(firm, empty.clerk, **told)
    seen = empty.clerk.get("register/ledgers/chain/appeal")["rows"][0]["values"]
    assert "caller" not in seen, "sealed in lists"
    assert empty.clerk.get(f"register/rows/{row}")["thing"]["values"]["read_back"] is True
    empty.in_hand(case)
    empty.liaison.case(case, "submit", text="好了", answer="好了")
    empty.clerk.case(case, "pass")
    empty.speakers[0].case(case, "solved")
    assert Case.objects.get(id=case).outcome == "confirmed"


def test_appeal_about_to_run_out_owes_news_within_a_day_and_the_board_counts_down(
    empty: Empty,
) -> None:
    row, case = empty.appeal(empty.firm(), empty.speakers[0])
    values = empty.clerk.get(f"register/rows/{row}")["thing"]["values"]
    opened = Case.objects.get(id=case).opened_us
    assert abs(values["runs_out"] - (opened + 2 * DAY)) < MINUTE_US
    empty.in_hand(case, "find_pressing")
    due = CaseClock.objects.get(case_id=case, kind="report")
    assert due.due_us == due.set_us + DAY
    empty.liaison.case(case, "progress", text="已联系对方")
    assert clocks(case)["report"] == "met"


def test_appeal_of_unknown_stock_is_unknown_and_never_zero(empty: Empty) -> None:
    row, _case = empty.appeal(empty.firm(), empty.speakers[0], days_of_stock=None)
    values = empty.clerk.get(f"register/rows/{row}")["thing"]["values"]
    assert (values["days_of_stock"], values["runs_out"]) == (None, None)


def test_leg_of_another_county_has_its_own_clock_and_ours_may_stand_still(empty: Empty) -> None:
    firm = empty.firm()
    row, case = empty.appeal(firm, empty.speakers[0])
    empty.in_hand(case)
    before = CaseClock.objects.get(case_id=case, kind="act").due_us
    said = {"place": "云岭县", "what": "请放行"}
    empty.speakers[0].file("leg", 404, _subject=firm, appeal=row, **said)  # an official's
    leg = empty.liaison.file("leg", _subject=firm, appeal=row, **said)
    until = datetime_of(empty.wall.now_us() + 3 * DAY).isoformat()
    empty.liaison.case(case, "ask_suspension", text="等云岭县答复", until=until)
    empty.leader.case(case, "grant_suspension", text="同意")
    empty.wall.advance(days=4)
    empty.settle()
    assert CaseClock.objects.get(case_id=case, kind="act").due_us >= before + 2 * DAY
    assert empty.liaison.get(f"register/rows/{leg}")["thing"]["values"]["waited"] == 4.0
    page = empty.liaison.page(f"/rows/{leg}/")
    assert "已到期" in page, "their reply was due after 3 days"
    empty.liaison.row(leg, "agree", reply="同意")
    empty.wall.advance(days=5)
    values = empty.liaison.get(f"register/rows/{leg}")["thing"]["values"]
    assert values["waited"] == 4.0, "their time ended with their answer"
    empty.liaison.row(leg, "remind", 404, said="再问")  # over: offered no more


def asked(empty: Empty, **more: Any) -> dict[str, Any]:
    now_us = empty.wall.now_us()
    return {
        "_subject": empty.firms[0],
        "plate": "青A12345",
        "from_place": "云岭县",
        "to_place": "青禾县",
        "road": "云岭高速",
        "crew": 2,
        "names": "甲、乙",
        "starts": rfc3339(now_us),
        "expires": rfc3339(now_us + 10 * DAY),
        "far_end": "云岭县交通组",
        **more,
    }


def test_pass_needs_vehicle_route_crew_and_an_end_within_ten_days(empty: Empty) -> None:
    empty.firm()
    own = empty.speakers[0]
    bad = asked(empty, plate="ABC", crew=0, road=None, names="")
    faults = own.file("pass", 422, **bad)["faults"]
    assert {fault["field"] for fault in faults} == {"plate", "crew", "road", "names"}
    late = rfc3339(empty.wall.now_us() + 10 * DAY + 1_000_000)
    faults = own.file("pass", 422, **asked(empty, expires=late, to_place="云岭县"))["faults"]
    assert {fault["field"] for fault in faults} == {"expires", "to_place"}
    own.file("pass", **asked(empty))  # ten days to the microsecond


def test_pass_is_issued_by_another_only_where_the_other_end_agreed_and_once_a_vehicle(
    empty: Empty,
) -> None:
    empty.firm()
    own = empty.speakers[0]
    first, second = own.file("pass", **asked(empty)), own.file("pass", **asked(empty))
    own.row(first, "issue", 404, far_end_agreed=True)
    empty.stranger.row(first, "issue", 404, far_end_agreed=True)
    faults = empty.clerk.row(first, "issue", 422, far_end_agreed=False)["faults"]
    assert faults[0]["field"] == "far_end_agreed"
    empty.clerk.row(first, "issue", far_end_agreed=True)
    faults = empty.clerk.row(second, "issue", 422, far_end_agreed=True)["faults"]
    assert faults[0]["field"] == "plate"
    mine = empty.clerk.file("pass", **asked(empty, plate="青A54321"))
    empty.clerk.row(mine, "issue", 404, far_end_agreed=True)  # who asked does not issue
    # it ends by itself, and only then another one for the vehicle may be issued
    empty.wall.advance(days=10)
    empty.settle()
    values = empty.clerk.get(f"register/rows/{first}")["thing"]["values"]
    assert values["holds"] is False
    again = own.file("pass", **asked(empty))
    empty.clerk.row(again, "issue", far_end_agreed=True)


def test_letter_once_written_down_stays(empty: Empty) -> None:
    firm = empty.firm()
    row, _case = empty.appeal(firm, empty.speakers[0])
    said = {"direction": "sent", "party": "云岭县", "on": "2026-03-02", "text": "商请放行"}
    letter = empty.liaison.file("letter", _subject=firm, appeal=row, **said)
    empty.liaison.row(letter, "correct", 404, text="别的")
    page = empty.liaison.page(f"/rows/{firm}/")
    assert f"/rows/{letter}/" in page, "the firm's one page lists its letters"
    assert f"/rows/{letter}/" in empty.liaison.page(f"/rows/{row}/")


def test_supply_has_one_supplier_and_a_count_with_its_time(empty: Empty) -> None:
    firm, other = empty.firm(), empty.firm()
    own = empty.speakers[0]
    for said, field in (
        ({"good": "钢"}, "supplier"),
        ({"good": "钢", "supplier": "甲", "supplier_firm": other}, "supplier"),
        ({"good": "钢", "supplier": "甲", "days": 3}, "as_of"),
        ({"good": "钢", "supplier": "甲", "share": 0}, "share"),
        ({"good": "钢", "supplier": "甲", "share": 101}, "share"),
        ({"good": "钢", "supplier": "甲", "transport_days": -1}, "transport_days"),
        ({"good": "钢", "supplier_firm": firm}, "supplier_firm"),
    ):
        faults = own.file("supply", 422, _subject=firm, **said)["faults"]
        assert [fault["field"] for fault in faults] == [field]
    supply = own.file("supply", _subject=firm, good="钢", supplier="甲")
    shown = own.get(f"register/rows/{supply}")["thing"]["values"]
    assert (shown["days"], shown["known_days"]) == (None, None)
    own.row(supply, "count", days=3, as_of=rfc3339(empty.wall.now_us()))
    assert own.get(f"register/rows/{supply}")["thing"]["values"]["known_days"] == 3
    empty.wall.advance(days=8)  # counted longer ago than it holds: unknown again
    assert own.get(f"register/rows/{supply}")["thing"]["values"]["known_days"] is None


def test_published_is_taken_over_with_its_source_and_never_changed(empty: Empty) -> None:
    said = {"_area": empty.county, "indicator": "flow_index", "period": "2026-H1"}
    said |= {"group": "示例市各县", "released": "2026-07-30"}
    faults = empty.clerk.file("published", 422, **said)["faults"]
    assert {fault["field"] for fault in faults} == {"source", "document"}
    said |= {"source": "示例市经信局", "document": "通报1号"}
    faults = empty.clerk.file("published", 422, **said)["faults"]
    assert [fault["field"] for fault in faults] == ["value"]
    faults = empty.clerk.file("published", 422, **said, rank=8, of=7)["faults"]
    assert [fault["field"] for fault in faults] == ["tied", "rank"]
    held = empty.clerk.file("published", **said, rank=1, of=7, tied=True)
    empty.clerk.row(held, "correct", 404, rank=2)
    empty.firm()
    empty.speakers[0].file("published", 404, **said, rank=1, of=7, tied=True)


def test_need_is_published_only_with_the_buyers_consent_and_a_talk_is_no_deal(
    empty: Empty,
) -> None:
    buyer, seller = empty.firm(), empty.firm()
    meeting = empty.clerk.file("meeting", _area=empty.county, title="对接会", on="2026-06-18")
    need = empty.speakers[0].file("need", _subject=buyer, meeting=meeting, part="铰链")
    empty.clerk.row(need, "publish", 422)
    empty.clerk.row(need, "correct", may_publish=True, _reason="书面同意")
    empty.clerk.row(need, "publish")
    said = {"_subject": buyer, "meeting": meeting, "is_new": True, "on": "2026-06-18"}
    faults = empty.clerk.file("signing", 422, **said, seller=buyer, stage="talk")["faults"]
    assert faults[0]["field"] == "seller"
    faults = empty.clerk.file("signing", 422, **said, seller=seller, stage="contract")["faults"]
    assert faults[0]["field"] == "document"
    empty.clerk.file("signing", **said, seller=seller, stage="intent")

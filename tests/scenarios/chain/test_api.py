"""The whole story over the API of an empty county: no demo, no other scenario's people."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bihuan.base.time import rfc3339
from bihuan.loop.models import Case
from tests.rebuilt import differences
from tests.scenarios.chain.county import CODES, DAY, Asked, Empty

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def pass_of(empty: Empty, firm: int, appeal: int) -> dict[str, Any]:
    now_us = empty.wall.now_us()
    return {
        "_subject": firm,
        "appeal": appeal,
        "plate": "青A12345",
        "from_place": "云岭县",
        "to_place": "青禾县",
        "road": "云岭高速",
        "crew": 2,
        "names": "两人",
        "starts": rfc3339(now_us),
        "expires": rfc3339(now_us + 7 * DAY),
        "far_end": "云岭县",
    }


def test_api_an_appeal_goes_from_the_firm_to_the_firms_own_yes(empty: Empty) -> None:
    firm = empty.firm()
    speaker = empty.speakers[0]
    row, case = empty.appeal(firm, speaker)
    # status without calling: the firm sees its appeal, its case and the liaison's telephone
    assert speaker.get(f"cases/{case}")["state"] == "new"
    assert (
        speaker.get(f"register/rows/{firm}")["thing"]["values"]["liaison_phone"] == "0990 7100 0002"
    )
    empty.in_hand(case, "find_pressing")
    leg = empty.liaison.file("leg", _subject=firm, appeal=row, place="云岭县", what="请发证")
    letter = {"direction": "sent", "party": "云岭县", "on": "2026-03-02", "text": "商请放行"}
    empty.liaison.file("letter", _subject=firm, appeal=row, leg=leg, **letter)
    empty.liaison.case(case, "progress", text="已发函")
    empty.liaison.row(leg, "agree", reply="同意")
    asked = speaker.file("pass", **pass_of(empty, firm, row))
    empty.clerk.row(asked, "issue", far_end_agreed=True)
    empty.liaison.case(case, "submit", text="车已放行", answer="车到了")
    empty.clerk.case(case, "pass")
    empty.settle()
    speaker.case(case, "solved", text="到了")
    assert (Case.objects.get(id=case).state, Case.objects.get(id=case).outcome) == (
        "closed",
        "confirmed",
    )
    whole = speaker.get(f"register/rows/{row}/history")["rows"]
    assert [line["what"] for line in whole] == ["register"]
    assert differences() == []


def test_api_the_same_click_files_one_appeal_and_bad_fields_are_all_named(empty: Empty) -> None:
    firm = empty.firm()
    speaker = empty.speakers[0]
    said = {"_subject": firm, "topic": "passage", "goods": "铝液", "text": "请放行", "way": "phone"}
    faults = speaker.file("appeal", 422, **said, quantity=-1, days_of_stock=900)["faults"]
    assert {fault["field"] for fault in faults} == {"quantity", "days_of_stock"}
    faults = speaker.file("appeal", 422, **said, quantity=3)["faults"]
    assert {fault["field"] for fault in faults} == {
        *("from_place", "to_place", "measure", "caller", "read_back"),
    }
    assert not Case.objects.exists()


def test_api_two_appeals_of_one_firm_are_two_cases(empty: Empty) -> None:
    firm = empty.firm()
    first = empty.appeal(firm, empty.speakers[0])
    second = empty.appeal(firm, empty.speakers[0], goods="硅钢片")
    assert first[1] != second[1]
    assert set(Case.objects.values_list("row_id", flat=True)) == {first[0], second[0]}
    assert differences() == []


def test_web_a_firm_files_on_its_own_page_and_a_rival_cannot_for_it(empty: Empty) -> None:
    firm, _other = empty.firm(), empty.firm()
    own, rival = empty.speakers
    said = {"_subject": str(firm), "topic": "passage", "goods": "铝液", "quantity": "40"}
    said |= {"measure": "吨", "from_place": "云岭县", "to_place": "青禾县", "days_of_stock": "2"}
    said |= {"text": "请放行铝液车", "way": "web"}

    def sent(by: Asked, key: str, **other: str) -> Any:
        fields = {f"v.{name}": value for name, value in {**said, **other}.items()}
        return by._client.post("/ledgers/chain/appeal/", {"act": "new", "key": key, **fields})

    page = own.page("/ledgers/chain/appeal/")
    assert re.search(rf'name="v._subject"[^>]*value="{firm}"', page), "its own firm is filled in"
    wrong = sent(own, "web-1", to_place="", quantity="四十")
    assert wrong.status_code == 422
    assert "请放行铝液车" in wrong.content.decode(), "what was typed stays"
    assert not Case.objects.exists()
    for by, key, status in ((rival, "web-2", 403), (empty.stranger, "web-3", 404)):
        assert sent(by, key).status_code == status
    for _twice in range(2):  # the same form sent twice is one appeal
        assert sent(own, "web-4").status_code == 302
    empty.settle()
    case = Case.objects.get()
    assert case.subject_id == firm
    assert own.get(f"register/rows/{case.row_id}")["thing"]["values"]["days_of_stock"] == 2


def test_api_a_firm_has_one_page_with_its_letters_and_its_liaison_by_name(empty: Empty) -> None:
    firm, _other = empty.firm(), empty.firm()
    own, rival = empty.speakers
    row, _case = empty.appeal(firm, own)
    leg = empty.liaison.file("leg", _subject=firm, appeal=row, place="云岭县", what="请放行")
    letter = {"direction": "sent", "party": "云岭县交通组", "document": "青工函1号"}
    letter |= {"on": "2026-03-02", "text": "商请放行铝液车"}
    empty.liaison.file("letter", _subject=firm, appeal=row, leg=leg, **letter)
    empty.wall.advance(days=2)
    for reader in (own, empty.liaison, empty.leader):
        page = reader.page(f"/sheets/chain/firm/{firm}/")
        for words in ("商请放行铝液车", "青工函1号", "0990 7100 0002", "QS-2026-00001", "2.0 天"):
            assert words in page
    for other in (rival, empty.stranger):
        other.page(f"/sheets/chain/firm/{firm}/", 404)
        other.get(f"sheets/chain/firm/{firm}", 404)


def test_api_a_firm_without_a_named_liaison_is_not_registered(empty: Empty) -> None:
    said = {"kind": "legal_entity", "name": "示例企业", "latin": "Sample", "code": CODES[0]}
    party = empty.keeper.deed("register/parties", "other", **said, area=empty.county)
    faults = empty.clerk.file("firm", 422, _who=party, _area=empty.county, industry="autos")
    assert {fault["field"] for fault in faults["faults"]} == {"liaison", "liaison_phone"}


def test_api_a_pass_to_carry_says_route_crew_and_both_ends_and_when_it_is_over(
    empty: Empty,
) -> None:
    firm = empty.firm()
    row, _case = empty.appeal(firm, empty.speakers[0])
    asked = empty.speakers[0].file("pass", **pass_of(empty, firm, row))
    path = f"/sheets/chain/pass/{asked}/"

    def opened(by: Asked, status: int = 200) -> str:
        found = by._client.post(path, {"reason": "查验车辆", "form": "page"})
        assert found.status_code == status
        return str(found.content.decode())

    assert "这张证现在无效" in opened(empty.clerk), "nobody has issued it"
    empty.clerk.row(asked, "issue", far_end_agreed=True)
    page = opened(empty.clerk)
    for words in ("青A12345", "云岭县 → 青禾县 · 云岭高速", "2 · 两人", "对方单位"):
        assert words in page
    assert "这张证现在无效" not in page
    assert "青A12345" in opened(empty.speakers[0]), "the firm prints its own"
    empty.firm()
    for other in (empty.speakers[1], empty.stranger):
        opened(other, 404)
    empty.wall.advance(days=7)
    assert "这张证现在无效" in opened(empty.clerk), "it ends by itself"

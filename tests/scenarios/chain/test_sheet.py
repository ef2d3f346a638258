"""Appeals from a spreadsheet: told by cell what is wrong, each filed once, each with a case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from bihuan.base.errors import BadInputError
from bihuan.console import home
from bihuan.loop.models import Case
from bihuan.register.entries import Actor
from bihuan.register.imports.kinds import Asking, kind_of
from bihuan.register.imports.models import Import, Staged
from bihuan.register.imports.publish import Publisher, publish
from bihuan.register.imports.staging import Desk, counts_of, faults_of
from bihuan.register.records.models import Record
from bihuan.register.rights import Rights, for_user
from tests.rebuilt import differences
from tests.register.imports.sheets import xlsx
from tests.scenarios.chain.county import CODES, Asked, Empty

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
KIND = "chain.appeal"
BY = Actor(person_id=None, role="chain_clerk", via="import")
HEADINGS = (
    "主体代码", "哪方面", "货物", "数量", "计量单位", "从哪里来", "到哪里去",
    "库存可用天数（不知道就空着）", "请求什么", "怎么收到的",
)  # fmt: skip
ALUMINIUM = (
    CODES[0], "车辆通行", "铝液", 40, "吨", "云岭县", "青禾县", 2, "请放行铝液车", "表格导入",
)  # fmt: skip
STEEL = (CODES[1], "原料供应", "硅钢片", 12.5, "吨", "", "", "", "请协调货源", "表格导入")


def desk(may: Rights | None = None) -> Desk:
    return Desk(home.clock(), home.keys(), BY, may)


def stage(*rows: Sequence[Any]) -> Staged:
    return desk().stage(KIND, "诉求.xlsx", xlsx([HEADINGS, *rows]))


def take(empty: Empty, *rows: Sequence[Any], good: bool = False) -> Import:
    done = publish(stage(*rows).id, "good" if good else "all", home.clock(), BY)
    Publisher(home.clock(), home.keys(), rest=lambda _s: None).run()
    empty.settle()
    return Import.objects.get(id=done)


def test_appeals_of_a_sheet_are_filed_once_and_each_opens_its_case(empty: Empty) -> None:
    firms = [empty.firm(), empty.firm()]
    done = take(empty, ALUMINIUM, STEEL)
    assert (done.done, done.refused) == (2, 0)
    filed = list(Record.objects.filter(kind="appeal").order_by("id"))
    assert [record.subject_id for record in filed] == firms
    assert set(Case.objects.values_list("row_id", flat=True)) == {record.id for record in filed}
    seen = empty.clerk.get("register/ledgers/chain/appeal")["rows"]
    values = {row["values"]["goods"]: row["values"] for row in seen}
    assert values["铝液"]["days_of_stock"] == 2
    assert "days_of_stock" not in values["硅钢片"], "an empty cell is unknown, not 0"
    assert values["硅钢片"]["quantity"] == 12.5
    # the firm itself sees its own and no other's; it says in the end whether it is solved
    (own,) = empty.speakers[0].get("register/ledgers/chain/appeal")["rows"]
    assert own["values"]["goods"] == "铝液"
    empty.stranger.get("register/ledgers/chain/appeal", 404)
    again = counts_of(stage(ALUMINIUM, STEEL))
    assert (again["new"], again["same"]) == (0, 2), "handed in twice it is filed once"
    assert differences() == []


def test_every_bad_cell_of_a_sheet_of_appeals_is_named_and_only_good_rows_go_in(
    empty: Empty,
) -> None:
    empty.firm()
    bad = (
        (CODES[3], *ALUMINIUM[1:]),  # no such firm is registered
        (CODES[0], "天气", *ALUMINIUM[2:]),  # no such topic
        (*ALUMINIUM[:3], "四十", *ALUMINIUM[4:]),  # no number
        (*ALUMINIUM[:3], -4, *ALUMINIUM[4:]),  # less than nothing
        (*ALUMINIUM[:7], 900, *ALUMINIUM[8:]),  # 365 days at most
        (*ALUMINIUM[:2], "", *ALUMINIUM[3:]),  # which goods?
        (*ALUMINIUM[:4], "", *ALUMINIUM[5:]),  # 40 of what?
        (*ALUMINIUM[:5], "", "", *ALUMINIUM[7:]),  # a passage has two ends
        (*ALUMINIUM[:9], "电话代录"),  # who called, and was it read back?
    )
    staged = stage(ALUMINIUM, *bad)
    counts = counts_of(staged)
    assert (counts["new"], counts["faulty"]) == (1, len(bad))
    found = {(fault.cell, fault.field) for fault in faults_of(staged, home.keys())}
    cells = {("A3", "subject_code"), ("B4", "topic"), ("D5", "quantity"), ("D6", "quantity")}
    cells |= {("H7", "days_of_stock"), ("C8", "goods"), ("E9", "measure")}
    assert cells | {("F10", "from_place"), ("G10", "to_place")} <= found
    assert {field for cell, field in found if cell.endswith("11")} == {"caller", "read_back"}
    with pytest.raises(BadInputError):
        publish(staged.id, "all", home.clock(), BY)
    assert not Record.objects.filter(kind="appeal").exists()
    done = take(empty, ALUMINIUM, *bad, good=True)
    assert (done.done, Case.objects.count()) == (1, 1)


CONTACTS = "chain.firm.contacts"
SPEAKS = ("统一社会信用代码", "联系人姓名", "联系人电话", "关系", "顺序")


def test_a_sheet_names_who_speaks_for_a_firm_and_each_sees_that_firm_alone(empty: Empty) -> None:
    firms = [empty.firm(), empty.firm()]
    buyer = Asked(empty._person("采购经理"))
    buyer.get(f"register/rows/{firms[0]}", 404)
    rows = [SPEAKS, (CODES[0], "采购经理", "13900001111", "采购", 1)]
    clerk = for_user(empty.clerk.person_id, empty.wall.now_us())
    for n, heading in enumerate(("对接人", "联系人姓名")):
        # a heading that nobody knows is mapped by hand, and remembered
        named = [(*SPEAKS[:1], "对接人", *SPEAKS[2:]), *rows[1:]]
        told = {"对接人": "person_name"} if heading == "对接人" else {}
        staged = desk(clerk).stage(CONTACTS, "联系人.xlsx", xlsx(named), told)
        counts = counts_of(staged)
        assert (counts["new"], counts["same"], counts["faulty"]) == ((1, 0, 0), (0, 1, 0))[n]
        if n == 0:
            publish(staged.id, "all", home.clock(), BY)
            Publisher(home.clock(), home.keys(), rest=lambda _s: None).run()
    buyer.get(f"register/rows/{firms[0]}")
    buyer.get(f"register/rows/{firms[1]}", 404)
    assert differences() == []


def test_a_sheet_of_contacts_names_every_bad_cell_and_makes_nobody_up(empty: Empty) -> None:
    empty.firm()
    empty._person("采购经理")
    bad = (
        (CODES[3], "采购经理", "13900001111", "采购", 1),  # no such firm is registered
        (CODES[0], "没登记", "13900002222", "采购", 1),
        (CODES[0], "采购经理", "13900001111", "", 1),
        (CODES[0], "采购经理", "13900001111", "Boss!", 1),
        (CODES[0], "采购经理", "13900001111", "采购", 900),
    )
    staged = desk().stage(CONTACTS, "联系人.xlsx", xlsx([SPEAKS, *bad]))
    found = {(fault.cell, fault.field) for fault in faults_of(staged, home.keys())}
    cells = {("A2", "subject_code"), ("B3", "person_name"), ("D4", "relation")}
    assert found == {*cells, ("D5", "relation"), ("E6", "rank")}
    for other in (empty.speakers[0], empty.stranger, empty.liaison):
        with pytest.raises(BadInputError, match="a kind that you may edit"):
            desk(for_user(other.person_id, empty.wall.now_us())).stage(
                CONTACTS, "联系人.xlsx", xlsx([SPEAKS])
            )


def test_a_sheet_of_supplies_names_a_supplier_of_ours_by_its_code(empty: Empty) -> None:
    firms = [empty.firm(), empty.firm()]
    kind = "chain.supply"
    heading = ("主体代码", "物料", "supplier_firm", "share", "transport_days")
    staged = desk().stage(kind, "供应.xlsx", xlsx([heading, (CODES[1], "电机", CODES[0], 60, 1.5)]))
    publish(staged.id, "all", home.clock(), BY)
    Publisher(home.clock(), home.keys(), rest=lambda _s: None).run()
    (row,) = empty.clerk.get("register/ledgers/chain/supply")["rows"]
    values = empty.clerk.get(f"register/rows/{row['id']}")["thing"]["values"]
    assert (values["supplier_firm"], values["share"]) == (firms[0], 60)
    asking = Asking(None, home.keys(), home.clock().now_us())
    (out,) = kind_of(kind).rows(asking)
    assert (out["subject_code"], out["supplier_firm"]) == (CODES[1], CODES[0])


def test_a_person_without_a_post_of_the_desk_hands_in_nothing(empty: Empty) -> None:
    empty.firm()
    nobody = Rights(empty.stranger.person_id, frozenset(), frozenset())
    with pytest.raises(BadInputError, match="a kind that you may edit"):
        desk(nobody).stage(KIND, "诉求.xlsx", xlsx([HEADINGS, ALUMINIUM]))
    assert not Staged.objects.exists()

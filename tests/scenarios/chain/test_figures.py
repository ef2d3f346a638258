"""The text's statements as figures, and the rate that is owed by who is measured: by the words.

Founding text 001: two indicators tied first (并列第一); 12 firms with needs, 34 suppliers, two new
pairs signed at one meeting. The numbers are the text's; every firm here is invented.
"""

from __future__ import annotations

from typing import Any

import pytest

from bihuan.console import home
from bihuan.figures.cube import Figures
from bihuan.loop.models import Case
from bihuan.register.entries import Actor
from bihuan.register.imports.publish import Publisher, publish
from bihuan.register.imports.staging import Desk, counts_of, faults_of
from tests.register.imports.sheets import xlsx
from tests.scenarios.chain.county import Asked, Empty

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
PERIOD = "2026-03"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def code(n: int) -> str:
    """A credit code of GB 32100-2015: 17 characters and the check, weights 3^i mod 31."""
    body = f"91990100MA2QH{n:04}"
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + ALPHABET[-total % 31]


def firms(empty: Empty, count: int) -> list[int]:
    """So many firms without anybody who speaks for them."""
    made = []
    for n in range(count):
        said = {"kind": "legal_entity", "name": f"示例供应商{n}", "latin": f"Supplier {n}"}
        party = empty.keeper.deed(
            "register/parties", "other", **said, code=code(n), area=empty.county
        )
        named = {"liaison": empty.liaison.person_id, "liaison_phone": "0990 7100 0002"}
        of = {"_who": party, "_area": empty.county}
        made.append(int(empty.clerk.file("firm", **of, industry="autos", **named)))
    return made


def told(asked: Asked, name: str, period: str = PERIOD) -> dict[str, Any]:
    """A figure as the API tells it, when all that was written has been followed."""
    keeper = Figures()
    while keeper.run_once():
        pass
    found: dict[str, Any] = asked.get(f"figures/chain.{name}?period={period}")
    return found


def test_text_of_twelve_needs_and_thirty_four_suppliers_and_two_pairs(empty: Empty) -> None:
    all_ = firms(empty, 34)
    meeting = empty.clerk.file("meeting", _area=empty.county, title="对接会", on="2026-03-01")
    for n, firm in enumerate([*all_[:12], all_[0], all_[12]]):
        said = {"meeting": meeting, "part": f"零件{n}", "may_publish": n < 13}
        need = empty.clerk.file("need", _subject=firm, **said)
        if n < 13:  # one firm has two needs, another lets none be published
            empty.clerk.row(need, "publish")
    for firm in [*all_, all_[0]]:
        empty.clerk.file("offer", _subject=firm, meeting=meeting, offers="机加工")
    for buyer, stage, is_new in (
        (0, "contract", True),
        (1, "contract", True),
        (2, "contract", False),  # they worked together before
        (3, "talk", True),
        (4, "intent", True),
    ):
        said = {"seller": all_[20 + buyer], "stage": stage, "is_new": is_new, "on": "2026-03-01"}
        document = {"document": f"合同{buyer}"} if stage == "contract" else {}
        empty.clerk.file("signing", _subject=all_[buyer], meeting=meeting, **said, **document)
    figures = ("needs_published", "suppliers_at_meetings", "new_pairs_signed")
    assert [told(empty.clerk, name)["amount"] for name in figures] == [12, 34, 2]
    assert [told(empty.clerk, name, "2026-02")["amount"] for name in figures] == [0, 0, 0]
    for name in figures:
        assert all(told(empty.clerk, name)["figure"]["definition"])
        empty.stranger.get(f"figures/chain.{name}?period={PERIOD}", 404)


PUBLISHED = (
    "区划代码", "指标", "时期", "比较范围", "公布值", "单位", "位次", "共几个地区", "并列",
    "发布单位", "文件或网页", "发布日期",
)  # fmt: skip
FLOW = ("990100", "产业链预警畅链指数", "2025-H2", "示例市各县", "", "", 1, 7, "是",
        "示例市经信局", "通报1号", "2026-03-01")  # fmt: skip
RATE = (FLOW[0], "“一链通”有效诉求办理率", *FLOW[2:])
BY = Actor(person_id=None, role="chain_clerk", via="import")


def test_text_of_two_indicators_tied_first_taken_over_from_a_sheet_with_its_source(
    empty: Empty,
) -> None:
    desk = Desk(home.clock(), home.keys(), BY)
    alone = (*RATE[:2], "2025-Q4", *RATE[3:8], "否", *RATE[9:])  # first, but tied with nobody
    second = (*RATE[:2], "2025", *RATE[3:6], 2, *RATE[7:])  # tied, but second
    again = (*FLOW[:2], "2025-Q3", *FLOW[3:])  # the same indicator a second time
    bad = (
        (*FLOW[:9], "", *FLOW[10:]),  # whose number is it?
        (*FLOW[:10], "", *FLOW[11:]),  # where does it stand?
        (*FLOW[:8], "", *FLOW[9:]),  # a rank without whether it is tied
        (*FLOW[:4], 88.5, *FLOW[5:]),  # a value without its unit
        (FLOW[0], "自己算的指数", *FLOW[2:]),
    )
    sheet = xlsx([PUBLISHED, FLOW, RATE, alone, second, again, *bad])
    staged = desk.stage("chain.published", "通报.xlsx", sheet)
    assert (counts_of(staged)["new"], counts_of(staged)["faulty"]) == (5, len(bad))
    found = {(fault.cell, fault.field) for fault in faults_of(staged, home.keys())}
    cells = {("J7", "source"), ("K8", "document"), ("I9", "tied"), ("F10", "unit")}
    assert found == {*cells, ("B11", "indicator")}
    publish(staged.id, "good", home.clock(), BY)
    Publisher(home.clock(), home.keys(), rest=lambda _s: None).run()
    assert told(empty.clerk, "tied_first")["amount"] == 2
    rows = empty.clerk.get("register/ledgers/chain/published")["rows"]
    assert {row["values"]["source"] for row in rows} == {"示例市经信局"}
    empty.clerk.row(rows[0]["id"], "correct", 404, rank=2)  # what others said stays as they said it


def test_flow_index_is_no_figure_of_ours(empty: Empty) -> None:
    """Its formula is its publisher's: nothing here works one out."""
    ours = [one["id"] for one in empty.clerk.get("figures")]
    assert "chain.valid_appeals_handled" in ours
    assert not [one for one in ours if "flow" in one or "index" in one]


def submitted(empty: Empty, case: int) -> None:
    empty.liaison.case(case, "submit", text="办了", answer="办了")
    empty.clerk.case(case, "pass")


def test_rate_counts_what_the_firm_says_is_solved_of_every_valid_one_that_is_due(
    empty: Empty,
) -> None:
    firm = empty.firm()
    speaker = empty.speakers[0]
    assert told(empty.clerk, "valid_appeals_handled")["amount"] is None, "of nothing: no rate"
    cases = [empty.appeal(firm, speaker, goods=f"货{n}")[1] for n in range(5)]
    solved, refused, late, invalid, fresh = cases
    for case in (solved, refused, late, fresh):
        empty.in_hand(case)
    submitted(empty, solved)
    submitted(empty, refused)
    empty.settle()
    speaker.case(solved, "solved")
    speaker.case(refused, "not_solved", text="车还没进来")
    said = {"failed": "not_urgent", "text": "库存充足", "remedy": "可到镇里申请"}
    empty.leader.case(invalid, "find_invalid", **said)
    rate = told(empty.clerk, "valid_appeals_handled")
    assert (rate["amount"], rate["top"], rate["bottom"]) == (50, 1, 2), (
        "solved, of two with a result"
    )
    assert "分母" in rate["figure"]["definition"][0]
    assert "Whole" in rate["figure"]["definition"][1]
    # time runs out: what is hard stays in the whole, whoever would rather not count it
    empty.wall.advance(days=12)
    empty.settle()
    rate = told(empty.clerk, "valid_appeals_handled")
    assert (rate["top"], rate["bottom"]) == (1, 4)
    assert told(empty.clerk, "appeals_invalid")["amount"] == 1
    assert told(empty.clerk, "appeals_not_solved")["amount"] == 1
    assert Case.objects.get(id=late).state != "closed"
    counted = empty.clerk.get(f"figures/chain.valid_appeals_handled/counted?period={PERIOD}")
    assert counted["ids"] == [solved]

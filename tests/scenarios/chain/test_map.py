"""The county's pages over a real book: who stops when, the board, a firm's letters, the panel."""

from __future__ import annotations

from typing import Any

import pytest

from bihuan.base.time import rfc3339
from bihuan.loop.book import county
from bihuan.scenarios.chain import supply
from bihuan.scenarios.chain.facts import stock_is_old, twice
from bihuan.scenarios.chain.flow import Link
from bihuan.scenarios.chain.supply import needs_of
from tests.scenarios.chain.county import Empty

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
NET = '<svg class="net"'


def chain(empty: Empty) -> tuple[int, int, int]:
    """Motors ← smelter 1 + 1 days; cars ← half of it motors; tools ← motors, nobody knows."""
    motors, cars, tools = empty.firm(), empty.firm(), empty.firm()
    as_of = rfc3339(empty.wall.now_us())
    for n, said in enumerate(
        (
            {
                "good": "铝液",
                "supplier": "云岭铝业",
                "days": 1,
                "as_of": as_of,
                "transport_days": 1,
            },
            {
                "good": "电机",
                "supplier_firm": motors,
                "share": 50,
                "transport_days": 0,
                "days": 1.5,
                "as_of": as_of,
            },
            {"good": "电机", "supplier_firm": motors, "transport_days": 0},
        )
    ):
        empty.speakers[n].file("supply", _subject=(motors, cars, tools)[n], **said)
    return motors, cars, tools


def test_map_says_who_stops_when_and_is_the_countys_alone(empty: Empty) -> None:
    chain(empty)
    page = empty.clerk.page("/overview/chain/supply/")
    at = page.index("云岭铝业")
    block = page[at : page.index("</section>", at)]
    assert "1 家会停 · 2 家可能减产或停产" in block
    for words in (
        "2 天后",  # 1 on the road, 1 in stock
        "不早于 5 天后<br><small>还有 50% 在供",  # half is missing: 1.5 of stock lasts 3
        "不早于 2 天后<br><small>库存不明",
    ):
        assert words in block
    assert "库存不明的物料" in page
    for other in (*empty.speakers, empty.stranger, empty.keeper):
        for name in ("supply", "board"):
            other.page(f"/overview/chain/{name}/", 404)
            other.get(f"overviews/chain/{name}", 404)


def test_map_of_more_supplies_than_rows_of_a_page_counts_what_it_does_not_ask_or_name(
    empty: Empty, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain(empty)
    one = {"supplier": "小供应商", "share": 10}
    empty.speakers[0].file("supply", _subject=empty.firms[0], good="螺丝", **one)
    monkeypatch.setattr(county, "MOST_ROWS", 3)  # 3 firms, 4 supplies
    monkeypatch.setattr(supply, "LEAST_ASKED", 1)
    monkeypatch.setattr(supply, "MOST_WORK", 1)
    monkeypatch.setattr(supply, "MOST_TOLD", 1)
    told = empty.clerk.get("overviews/chain/supply")["facts"]
    assert (told["links"], told["suppliers"], told["asked"], told["not_asked"]) == (4, 3, 1, 2)
    # the motor firm supplies two goods, every other one supplier: both may stop, one is named
    only = told["sources"][0]
    assert (only["surely"], only["perhaps"], len(only["may"]), only["untold"]) == (0, 2, 1, 1)
    page = empty.clerk.page("/overview/chain/supply/")
    assert "没有推演的： 2" in page
    assert "未逐一列出的企业： 1" in page
    assert "未逐一列出的企业： 1" in empty.clerk.page(f"/sheets/chain/map/{empty.firms[0]}/")
    monkeypatch.setattr(county, "MOST_IN_COLUMNS", 3)
    empty.clerk.get("overviews/chain/supply", 422)


def test_map_counts_that_are_too_old_are_unknown(empty: Empty) -> None:
    chain(empty)
    empty.wall.advance(days=8)
    page = empty.leader.page("/overview/chain/supply/")
    assert "不早于 0 天后<br><small>库存不明" in page
    assert "2 天后" not in page


def test_map_around_a_firm_has_its_links_as_links_and_the_same_in_tables(empty: Empty) -> None:
    motors, cars, tools = chain(empty)
    page = empty.liaison.page(f"/sheets/chain/map/{motors}/")
    drawn = page[page.index(NET) : page.index("</svg>", page.index(NET))]
    assert drawn.count('<path class="edge"') == 3
    for firm in (cars, tools):
        assert f'<a href="/sheets/chain/map/{firm}/">' in drawn
    assert f"/sheets/chain/map/{motors}/" not in drawn, "the chosen firm leads nowhere"
    for words in ("云岭铝业", ">2 天<", "≥ 3 天", "≥ 0 天", "供应商 · 它停供"):
        assert words in drawn
    tables = page[page.index("</svg>", page.index(NET)) :]
    for words in ("份额 不明 · 在途 1 天 · 库存 1 天", "还有 50% 在供", "库存不明"):
        assert words in tables
    english = empty.liaison._client.get(
        f"/sheets/chain/map/{motors}/", headers={"Accept-Language": "en"}
    ).content.decode()
    assert "50% still comes" in english
    # of a firm without links: itself, and words that say so
    alone = empty.liaison.page(f"/sheets/chain/map/{empty.firm()}/")
    assert "没有登记供应商" in alone


def test_map_around_a_firm_is_seen_by_no_firm_not_even_its_own(empty: Empty) -> None:
    firms = chain(empty)
    for other in (*empty.speakers, empty.stranger, empty.keeper):
        for firm in firms:
            other.page(f"/sheets/chain/map/{firm}/", 404)
            other.get(f"sheets/chain/map/{firm}", 404)
            page = other._client.get(f"/rows/{firm}/")
            assert f"/sheets/chain/map/{firm}/" not in page.content.decode()
    assert f"/sheets/chain/map/{firms[0]}/" in empty.clerk.page(f"/rows/{firms[0]}/")


def test_map_tells_shares_of_more_than_all(empty: Empty) -> None:
    firm = empty.firm()
    for supplier, share in (("甲", 70), ("乙", 40)):
        empty.speakers[0].file("supply", _subject=firm, good="钢", supplier=supplier, share=share)
    page = empty.clerk.page("/overview/chain/supply/")
    assert "各家份额加起来超过100%" in page


def test_board_shows_what_runs_out_first_on_top(empty: Empty) -> None:
    firm = empty.firm()
    slow, _case = empty.appeal(firm, empty.speakers[0], goods="慢料", days_of_stock=9)
    quick, _case = empty.appeal(firm, empty.speakers[0], goods="急料", days_of_stock=1)
    unknown, _case = empty.appeal(firm, empty.speakers[0], goods="不明料", days_of_stock=None)
    page = empty.liaison.page("/overview/chain/board/")
    assert page.index("急料") < page.index("慢料") < page.index("不明料")
    assert len({slow, quick, unknown}) == 3


def test_panel_and_page_of_the_firm_show_letters_and_whose_days_they_were(empty: Empty) -> None:
    firm = empty.firm()
    row, case = empty.appeal(firm, empty.speakers[0])
    empty.in_hand(case)
    leg = empty.liaison.file("leg", _subject=firm, appeal=row, place="云岭县", what="请放行")
    letter = {"direction": "sent", "party": "云岭县", "on": "2026-03-02", "text": "商请放行"}
    empty.liaison.file("letter", _subject=firm, appeal=row, leg=leg, **letter)
    empty.wall.advance(days=2)
    for reader in (empty.liaison, empty.speakers[0]):
        page = reader.page(f"/cases/{case}/")
        assert "HJ-2026-00001" in page
        assert "0990 7100 0002" in page
        assert "不算经办人用时" in page
    empty.firm()
    for other in (empty.speakers[1], empty.stranger):
        other.page(f"/cases/{case}/", 404)


def rows(*said: dict[str, Any]) -> list[Any]:
    plain = {"supplier_firm": None, "supplier": None, "known_days": None, "as_of": None}
    plain |= {"share": None, "transport_days": None}
    return [{**plain, "subject_id": 1, "good": "钢", **one} for one in said]


def test_needs_take_the_newest_count_of_a_good_with_several_suppliers() -> None:
    found = needs_of(
        rows(
            {"supplier": "甲", "known_days": 9.0, "as_of": 10, "share": 60, "transport_days": 2},
            {"supplier": "乙", "known_days": 4.0, "as_of": 20, "share": 40.0},
            {"supplier_firm": 7, "transport_days": 0},
        )
    )
    links = (Link("甲", 60.0, 2.0), Link("乙", 40.0, None), Link(7, None, 0.0))
    assert [(one.links, one.days) for one in found] == [(links, 4.0)]
    assert needs_of(rows({"supplier": "甲"}))[0].days is None


def test_passes_of_one_plate_by_two_firms_are_told() -> None:
    assert twice([{"plate": "青A1"}, {"plate": "青A2"}, {"plate": "青A1"}]) == ["青A1"]


class Counted:
    """A book with supplies alone."""

    def __init__(self, *days: float | None) -> None:
        self._days = days

    def rows(self, _kind: str, **_asked: Any) -> list[Any]:
        return rows(*({"known_days": one} for one in self._days))


def test_notice_asks_only_for_what_nobody_counted_lately() -> None:
    assert stock_is_old(Counted(3.0, 0.0), 1) is None  # type: ignore[arg-type]  # a book of one page
    said = stock_is_old(Counted(3.0, None), 1)  # type: ignore[arg-type]  # as above
    assert said is not None
    assert said[1].startswith("1 goods")

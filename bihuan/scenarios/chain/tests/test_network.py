"""The supply map's layout: levels, room, rings, and names that fit."""

from __future__ import annotations

from itertools import combinations

from bihuan.scenarios.chain.flow import Chain, Link, Need
from bihuan.scenarios.chain.network import (
    BOX_HEIGHT,
    BOX_WIDTH,
    LINE,
    MOST,
    WIDTH,
    Map,
    around,
    lines,
)


def chain(*links: str) -> Chain:
    """`a>b`: a supplies b."""
    needs = dict[str, list[Link]]()
    for one in links:
        supplier, _, firm = one.partition(">")
        needs.setdefault(firm, []).append(Link(supplier))
    return Chain([Need(firm, "x", tuple(own), 1) for firm, own in needs.items()])


def levels(drawn: Map) -> dict[object, int]:
    return {box.node: box.level for box in drawn.boxes}


def test_network_puts_suppliers_above_and_buyers_below_two_levels_far() -> None:
    drawn = around(chain("a>b", "b>c", "c>firm", "firm>d", "d>e", "e>f"), "firm")
    assert levels(drawn) == {"b": -2, "c": -1, "firm": 0, "d": 1, "e": 2}
    tops = [box.y for box in sorted(drawn.boxes, key=lambda box: box.level)]
    assert tops == sorted(tops)
    assert not any(edge.is_back for edge in drawn.edges)
    assert [level for level, _y in drawn.levels] == [-2, -1, 0, 1, 2]


def test_network_a_ring_stands_once_and_its_way_back_is_dashed() -> None:
    drawn = around(chain("a>firm", "firm>b", "b>a", "firm>firm"), "firm")
    assert levels(drawn) == {"a": -1, "firm": 0, "b": 1}
    assert {(edge.supplier, edge.buyer): edge.is_back for edge in drawn.edges} == {
        ("a", "firm"): False,
        ("firm", "b"): False,
        ("b", "a"): True,
    }


def test_network_of_a_thousand_firms_has_room_for_some_and_says_how_many_it_left_out() -> None:
    drawn = around(chain(*(f"s{n:04}>firm" for n in range(1_000))), "firm")
    assert len(drawn.boxes) == MOST
    assert drawn.left_out == 1_001 - MOST
    for one, two in combinations(drawn.boxes, 2):
        apart = abs(one.x - two.x) >= BOX_WIDTH or abs(one.y - two.y) >= BOX_HEIGHT
        assert apart, (one, two)
    for box in drawn.boxes:
        assert 0 <= box.x <= WIDTH - BOX_WIDTH
        assert 0 <= box.y <= drawn.height - BOX_HEIGHT


def test_network_of_a_firm_without_links_is_the_firm() -> None:
    drawn = around(chain("a>b"), "firm")
    assert (levels(drawn), list(drawn.edges), drawn.left_out) == ({"firm": 0}, [], 0)


def test_network_names_fit_into_two_lines() -> None:
    assert lines("青禾示例电机有限公司") == ("青禾示例电机有", "限公司")
    assert lines("Qinghe Sample Machine Tools") == ("Qinghe Sample", "Machine Tools")
    long = lines("青禾示例先进新材料科技股份有限公司")
    assert long == ("青禾示例先进新", "材料科技股份…")
    assert lines("云岭") == ("云岭",)
    assert all(len(line) <= LINE for line in lines("A" * 80))

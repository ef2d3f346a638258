"""Who supplies whom, and who stops when: the county's overview, and the map around one firm. Pure.

For the county's officials alone: no firm, not even the one in the middle, sees suppliers, shares,
roads or stocks of others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Final

from bihuan.loop.shows import Book, Row
from bihuan.register.scheme import Words
from bihuan.scenarios.chain.firms import days_that_hold
from bihuan.scenarios.chain.flow import Chain, Link, Need, Node, Stop, overfull, still_comes
from bihuan.scenarios.chain.network import Box, around, lines
from bihuan.scenarios.chain.rules import STOCK_HOLDS, URGENT_STOCK

MOST_SOURCES: Final = 60  # suppliers on the page
MOST_TOLD: Final = 50  # firms below each; the others are counted
MOST_WORK, LEAST_ASKED = 2_000_000, 20  # links that all questions of a page go through at most
FIELDS: Final = (
    "subject_id", "good", "supplier_firm", "supplier", "supplier_place", "share",
    "transport_days", "days", "as_of",
)  # fmt: skip
END: Final = 1e9  # days; what nobody knows the end of comes last
HIDDEN: Final = ("岗位范围外的企业", "A firm outside your area")
STOCK_UNKNOWN: Final = ("库存不明", "stock unknown")
ROAD_UNKNOWN: Final = ("在途天数不明", "days on the road unknown")
SHARE_UNKNOWN: Final = ("份额不明", "shares unknown")
ABOVE_UNKNOWN: Final = ("供应商也说不准", "its suppliers are uncertain too")
LEVELS: Final = {
    -2: ("供应商的供应商 · 它停供，本企业几天后停", "Theirs · days until this firm stops without"),
    -1: ("供应商 · 它停供，本企业几天后停", "Suppliers · days until this firm stops without"),
    0: ("本企业", "This firm"),
    1: ("客户 · 本企业停产，它几天后停", "Buyers · days until they stop without it"),
    2: ("客户的客户 · 本企业停产，它几天后停", "Theirs · days until they stop without it"),
}


class Names:
    """What firms and suppliers are called; a firm that the reader may not see keeps its name."""

    def __init__(self, book: Book, rows: Sequence[Row]) -> None:
        self.firms = {int(str(row["id"])): str(row["name"]) for row in book.rows("firm")}
        self._hidden = HIDDEN[1 if book.language == "en" else 0]
        self.places = {
            str(row["supplier"]): str(row["supplier_place"])
            for row in rows
            if row["supplier"] is not None and row["supplier_place"] is not None
        }

    def __call__(self, node: Node) -> str:
        return self.firms.get(node, self._hidden) if isinstance(node, int) else node

    def page(self, node: Node) -> int | None:
        """The firm whose map may be opened; None for a supplier who is not registered."""
        return node if isinstance(node, int) and node in self.firms else None


def supplies(book: Book) -> list[Row]:
    """Every supply in use, each with the days of stock that hold now."""
    found = list[Row]()
    for line in book.columns("supply", FIELDS, states=("used",)):
        said = dict(zip(FIELDS, line, strict=True))
        held = days_that_hold(said["days"], said["as_of"], book.now_us)
        found.append({**said, "known_days": held})
    return found


def needs_of(rows: Sequence[Row]) -> list[Need]:
    """The goods of each firm: all its links, and the newest count of its stock that holds."""
    links: dict[tuple[int, str], list[Link]] = defaultdict(list)
    counted: dict[tuple[int, str], tuple[int, float | None]] = {}
    for row in rows:
        key = int(str(row["subject_id"])), str(row["good"])
        ours = row["supplier_firm"]
        supplier: Node = ours if isinstance(ours, int) else str(row["supplier"])
        links[key].append(Link(supplier, _number(row["share"]), _number(row["transport_days"])))
        days, as_of = _number(row["known_days"]), row["as_of"]
        if days is not None and isinstance(as_of, int) and counted.get(key, (0, None))[0] <= as_of:
            counted[key] = as_of, days
    return [
        Need(firm, good, tuple(who), counted.get((firm, good), (0, None))[1])
        for (firm, good), who in sorted(links.items())
    ]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def supply_map(book: Book) -> Mapping[str, Any]:
    """For each supplier: who stops, and when, if it stops now; who may, and why it is uncertain.

    In a large county those are asked who supply the most goods; how many were not is told.
    """
    rows = supplies(book)
    names, needs = Names(book, rows), needs_of(rows)
    chain = Chain(needs)
    every = chain.suppliers()
    asked = every
    most = max(LEAST_ASKED, MOST_WORK // max(1, len(rows)))
    if len(every) > most:
        asked = sorted(every, key=lambda node: -len(chain.buyers(node)))[:most]
    found = [_source(node, chain, names) for node in asked]
    found.sort(key=lambda one: (-one["surely"], one["first"], -one["perhaps"], one["name"]))
    return {
        "sources": found[:MOST_SOURCES],
        "more": max(0, len(found) - MOST_SOURCES),
        "asked": len(asked),
        "not_asked": len(every) - len(asked),
        "suppliers": len(every),
        "links": len(rows),
        "firms": len(names.firms),
        "goods": len(needs),
        "unknown": sum(need.days is None for need in needs),
        "holds": STOCK_HOLDS.days,
        "overfull": [(names(need.firm), need.good) for need in overfull(needs)],
    }


def _source(node: Node, chain: Chain, names: Names) -> dict[str, Any]:
    told = told_stops(chain, chain.stops({node: 0.0}), node, names)
    return {
        "name": names(node),
        "id": names.page(node),
        "place": names.places.get(str(node), ""),
        **told,
        "first": told["stops"][0]["earliest"] if told["stops"] else END,
    }


def told_stops(
    chain: Chain, found: Mapping[Node, Stop], cause: Node, names: Names
) -> dict[str, Any]:
    """Who stops or may if a node stops now: the first on top, each with why it is uncertain.

    surely, perhaps  how many there are of each, of whom the first `MOST_TOLD` are named
    """
    order = sorted(found, key=lambda node: (found[node].earliest, names(node)))
    surely = [node for node in order if isfinite(found[node].latest)]
    perhaps = [node for node in order if not isfinite(found[node].latest)]
    gone = {*found, cause}

    def told(nodes: Sequence[Node]) -> list[dict[str, Any]]:
        return [_told(chain, node, found[node], gone, names) for node in nodes[:MOST_TOLD]]

    return {
        "stops": told(surely),
        "may": told(perhaps),
        "surely": len(surely),
        "perhaps": len(perhaps),
        "untold": max(0, len(surely) - MOST_TOLD) + max(0, len(perhaps) - MOST_TOLD),
    }


def _told(chain: Chain, firm: Node, stop: Stop, gone: set[Node], names: Names) -> dict[str, Any]:
    return {
        "name": names(firm),
        "id": names.page(firm),
        "goods": "、".join(stop.by),
        "earliest": stop.earliest,
        "latest": stop.latest if isfinite(stop.latest) else None,
        "is_known": stop.is_known,
        "is_soon": stop.earliest <= URGENT_STOCK.days,
        "doubts": [] if stop.is_known else _doubts(chain, firm, stop, gone),
    }


def _doubts(chain: Chain, firm: Node, stop: Stop, gone: set[Node]) -> list[Words]:
    """Why nobody can say when a firm stops, of the goods that it lacks first."""
    found = dict[Words, None]()
    for need in chain.needs_of(firm):
        if need.good not in stop.by:
            continue
        if need.days is None:
            found[STOCK_UNKNOWN] = None
        if any(link.road is None for link in need.links if link.supplier in gone):
            found[ROAD_UNKNOWN] = None
        comes = still_comes(need, gone)
        if comes is None:
            found[SHARE_UNKNOWN] = None
        elif comes > 0:
            found[f"还有 {comes:g}% 在供", f"{comes:g}% still comes"] = None
    return list(found) or [ABOVE_UNKNOWN]


def firm_map(book: Book, firm_id: int, _period: tuple[int, int] | None) -> Mapping[str, Any]:
    """The map around a firm: who supplies it, who buys of it, and who stops when."""
    rows = supplies(book)
    names, chain = Names(book, rows), Chain(needs_of(rows))
    found = chain.stops({firm_id: 0.0})
    drawn = around(chain, firm_id)
    above = {link.supplier for need in chain.needs_of(firm_id) for link in need.links}
    above |= {box.node for box in drawn.boxes if box.level < 0}
    without = {node: chain.stops({node: 0.0}).get(firm_id) for node in above}
    return {
        "name": names(firm_id),
        "id": firm_id,
        "links": _links(chain, firm_id, without, names),
        **told_stops(chain, found, firm_id, names),
        "boxes": [_box(box, without if box.level < 0 else found, names) for box in drawn.boxes],
        "edges": drawn.edges,
        "levels": [(LEVELS[level], y) for level, y in drawn.levels],
        "height": drawn.height,
        "left_out": drawn.left_out,
        "holds": STOCK_HOLDS.days,
    }


def _links(
    chain: Chain, firm: Node, without: Mapping[Node, Stop | None], names: Names
) -> list[dict[str, Any]]:
    """What a firm buys of whom; the supplier that stops it soonest on top."""
    found = [
        {
            "name": names(link.supplier),
            "id": names.page(link.supplier),
            "place": names.places.get(str(link.supplier), ""),
            "good": need.good,
            "share": link.share,
            "road": link.road,
            "days": need.days,
            "at": None if stop is None else stop.earliest,
            "is_known": stop is not None and stop.is_known,
            "is_soon": stop is not None and stop.earliest <= URGENT_STOCK.days,
        }
        for need in chain.needs_of(firm)
        for link in need.links
        for stop in (without[link.supplier],)
    ]
    return sorted(found, key=lambda one: (END if one["at"] is None else one["at"], one["name"]))


def _box(box: Box, times: Mapping[Node, Stop | None], names: Names) -> dict[str, Any]:
    """A box with its words: name in two lines, and the days where there are some."""
    name = names(box.node)
    stop = times.get(box.node) if box.level else None
    return {
        "x": box.x,
        "y": box.y,
        "middle": box.middle,
        "name": name,
        "lines": [(line, box.y + 18 + n * 14) for n, line in enumerate(lines(name))],
        "id": None if box.level == 0 else names.page(box.node),
        "is_chosen": box.level == 0,
        "at": None if stop is None else stop.earliest,
        "at_y": box.y + 50,
        "is_known": stop is not None and stop.is_known,
        "is_soon": stop is not None and stop.earliest <= URGENT_STOCK.days,
    }

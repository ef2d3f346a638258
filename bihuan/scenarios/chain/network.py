"""The supply map around one firm, laid out in levels: suppliers above, buyers below. Pure.

A level is as many links away from the firm: two up, two down. What a ring puts into two levels
stands in the nearer one. Boxes wrap into rows of three, so that the drawing is 360 wide and its
words stay large on a telephone; what does not fit is counted, never left out unsaid.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from unicodedata import east_asian_width

from bihuan.scenarios.chain.flow import Chain, Node

WIDTH, MARGIN, GAP = 360, 6, 12
BOX_WIDTH, BOX_HEIGHT = 108, 58
CAPTION, ROW_GAP, LEVEL_GAP = 22, 10, 34
IN_ROW: Final = 3
DEPTH: Final = 2
MOST: Final = 36  # boxes; the nearest first, in one level those with most links to the firm's side
LINE: Final = 14  # half-width letters that a line of a box holds


class Edge(NamedTuple):
    """A link between two boxes. is_back: it runs against the levels, or within one."""

    supplier: Node
    buyer: Node
    path: str
    is_back: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A firm on the map. level: links from the chosen firm, suppliers below 0."""

    node: Node
    level: int
    x: float
    y: float

    @property
    def middle(self) -> float:
        return self.x + BOX_WIDTH / 2


@dataclass(frozen=True, slots=True)
class Map:
    """Boxes in reading order, edges, levels with the height of their caption, and the size.

    left_out  firms within reach for which there is no room
    """

    boxes: Sequence[Box]
    edges: Sequence[Edge]
    levels: Sequence[tuple[int, float]]
    height: float
    left_out: int


def around(chain: Chain, firm: Node) -> Map:
    """The map around a firm; of a firm without links itself alone."""
    levels, left_out = _levels(chain, firm)
    boxes, captions, y = list[Box](), list[tuple[int, float]](), float(MARGIN)
    for level in sorted(set(levels.values())):
        members = sorted((node for node, of in levels.items() if of == level), key=str)
        captions.append((level, y + CAPTION - 8))
        y += CAPTION
        for n in range(0, len(members), IN_ROW):
            boxes += _row(members[n : n + IN_ROW], level, y)
            y += BOX_HEIGHT + ROW_GAP
        y += LEVEL_GAP - ROW_GAP
    placed = {box.node: box for box in boxes}
    edges = [_edge(placed[one], placed[two]) for one, two in _links(chain, placed)]
    return Map(boxes, edges, captions, y - LEVEL_GAP + MARGIN, left_out)


def _levels(chain: Chain, firm: Node) -> tuple[dict[Node, int], int]:
    """How far from the firm each box stands, the nearest first, and how many found no room."""
    levels, left_out = {firm: 0}, set[Node]()
    near: dict[int, list[Node]] = {-1: [firm], 1: [firm]}
    for distance in range(1, DEPTH + 1):
        for way in (-1, 1):
            found = dict.fromkeys(other for node in near[way] for other in _next(chain, node, way))
            fresh = [node for node in found if node not in levels]
            room = MOST - len(levels)
            near[way] = fresh[:room]
            levels |= dict.fromkeys(near[way], way * distance)
            left_out |= set(fresh[room:])
    return levels, len(left_out - levels.keys())


def _next(chain: Chain, node: Node, way: int) -> Iterable[Node]:
    if way < 0:
        return [link.supplier for need in chain.needs_of(node) for link in need.links]
    return [need.firm for need, _link in chain.buyers(node)]


def _row(members: Sequence[Node], level: int, y: float) -> list[Box]:
    wide = len(members) * BOX_WIDTH + (len(members) - 1) * GAP
    left = (WIDTH - wide) / 2
    return [Box(node, level, left + n * (BOX_WIDTH + GAP), y) for n, node in enumerate(members)]


def _links(chain: Chain, placed: Mapping[Node, Box]) -> list[tuple[Node, Node]]:
    """Supplier and buyer of each link between two boxes, once however many goods."""
    return list(
        dict.fromkeys(
            (link.supplier, node)
            for node in placed
            for need in chain.needs_of(node)
            for link in need.links
            if link.supplier in placed and link.supplier != node
        )
    )


def _edge(one: Box, two: Box) -> Edge:
    """From the foot of the supplier to the head of the buyer; a bow where that runs upwards."""
    is_back = two.level <= one.level
    x0, y0 = one.middle, one.y + BOX_HEIGHT
    x1, y1 = two.middle, two.y
    if is_back:
        side = WIDTH - 2.0 if x0 + x1 >= WIDTH else 2.0
        path = f"M{x0:g} {y0:g}C{x0:g} {y0 + 20:g} {side:g} {y0 + 20:g} {side:g} {(y0 + y1) / 2:g}"
        path += f"S{x1:g} {y1 - 20:g} {x1:g} {y1:g}"
        return Edge(one.node, two.node, path, is_back)
    half = (y1 - y0) / 2
    path = f"M{x0:g} {y0:g}C{x0:g} {y0 + half:g} {x1:g} {y1 - half:g} {x1:g} {y1:g}"
    return Edge(one.node, two.node, path, is_back)


def lines(name: str) -> tuple[str, ...]:
    """A name in at most two lines of a box; what is too long ends in an ellipsis."""
    first, rest = _cut(name)
    if not rest:
        return (first,)
    second, over = _cut(rest)
    if over:
        second = _cut(second, LINE - 2)[0] + "…"
    return first, second


def _cut(text: str, most: int = LINE) -> tuple[str, str]:
    """As many letters as a line holds, at a space where there is one, and what is left."""
    wide = 0
    for n, letter in enumerate(text):
        wide += 2 if east_asian_width(letter) in "WF" else 1
        if wide > most:
            space = text.rfind(" ", 1, n + 1)
            end = space if space > 0 else n
            return text[:end], text[end:].strip()
    return text, ""

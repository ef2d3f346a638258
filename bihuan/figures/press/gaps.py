"""Whose headline and byline it is: the cheapest way to give each article one of both.

Between two bodies stand headlines and bylines of either; columns decide whether a headline is
printed above or below its text. What stands in a gap is cut once: the first part belongs to the
body before, the rest to the body after.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

from bihuan.figures.press.blocks import Kind, Piece, opens_article
from bihuan.figures.press.page import Block

_ROLE = re.compile(r"记\s*者|通\s*讯\s*员|摄\s*影")


_REACH = 12  # pieces on either side of a gap that can belong to a body

_Path: TypeAlias = "tuple[int, _Path | None]"


@dataclass(slots=True)
class Body:
    """A run of body blocks, or a closed box (weather, advertisement), with what it was given."""

    blocks: list[Block]
    box: Kind | None = None
    heads: list[Piece] = field(default_factory=list)
    bylines: list[Piece] = field(default_factory=list)
    is_onward: bool = False
    is_back: bool = False

    @property
    def is_report(self) -> bool:
        """Whether it opens as news does, which a reporter signs."""
        return opens_article(self.blocks[0].text)

    @property
    def size(self) -> int:
        return sum(len(block.text) for block in self.blocks)


def names_role(piece: Piece) -> bool:
    """Whether a byline says reporter, correspondent or photographer; an author's does not."""
    return bool(_ROLE.search(piece.block.text))


def is_picture(piece: Piece) -> bool:
    text = piece.block.text.lstrip("■□◆◇●▲△★☆")
    return text.startswith("摄影") or text.endswith(("摄", "/摄"))


def share(bodies: list[Body], gaps: list[list[Piece]]) -> None:
    """Give each body its headlines and bylines; gaps[i] stands before bodies[i], the last after.

    Least cost over all cuts, by dynamic programming. What stands in the middle of a very long gap
    is next to no body and belongs to nobody.
    """
    if not bodies:
        return
    gaps = [[*gap[:_REACH], *gap[-_REACH:]] if len(gap) > 2 * _REACH else gap for gap in gaps]
    states: dict[int, tuple[float, _Path]] = {0: (0.0, (0, None))}
    for number, body in enumerate(bodies):
        after = gaps[number + 1]
        is_last = number + 1 == len(bodies)
        cuts = [len(after)] if is_last else range(len(after) + 1)
        reached: dict[int, tuple[float, _Path]] = {}
        for cut in cuts:
            here = _split_cost(after, cut)
            for taken, (cost, path) in states.items():
                total = cost + here + _cost(body, gaps[number][taken:], after[:cut])
                if cut not in reached or total < reached[cut][0]:
                    reached[cut] = (total, (cut, path))
        states = reached
    _cost_of_all, last = min(states.values(), key=lambda state: state[0])
    ends = _walked(last)
    for number, gap in enumerate(gaps):
        _jump(bodies[number - 1] if number else None, bodies[number : number + 1], gap)
    for number, body in enumerate(bodies):
        _give(body, [*gaps[number][ends[number] :], *gaps[number + 1][: ends[number + 1]]])
    _settle(bodies)


def _walked(last: _Path) -> list[int]:
    """The cuts in printed order, from a chain that starts at the last."""
    cuts: list[int] = []
    step: _Path | None = last
    while step is not None:
        cuts.append(step[0])
        step = step[1]
    return cuts[::-1]


def _split_cost(gap: list[Piece], cut: int) -> float:
    """What is printed without a blank line between belongs together."""
    return 0.6 if 0 < cut < len(gap) and gap[cut].is_joined else 0.0


def _runs(tokens: list[Piece]) -> int:
    """How many headlines: headline blocks next to each other are one."""
    kinds = [piece.kind is Kind.HEAD for piece in tokens]
    return sum(is_head and (at == 0 or not kinds[at - 1]) for at, is_head in enumerate(kinds))


def _cost(body: Body, above: list[Piece], below: list[Piece]) -> float:
    heads = _runs(above) + _runs(below)
    bylines = [piece for piece in [*above, *below] if piece.kind is Kind.BYLINE]
    if body.box:
        return 4.0 * heads + 4.0 * len(bylines)
    cost = 3.0 if heads == 0 else 2.0 * (heads - 1) + 0.1 * _runs(above)
    cost += 1.5 if not bylines else 1.2 * (len(bylines) - 1) + 0.5 * max(0, len(bylines) - 2)
    pictures = sum(map(is_picture, bylines))
    if pictures:
        cost += (1.0 if body.size > 400 or body.is_report else 0.0) + 0.3 * (
            len(bylines) - pictures
        )
    if body.is_report:
        cost += 0.8 * sum(not names_role(piece) for piece in bylines)
    return cost


def _give(body: Body, tokens: list[Piece]) -> None:
    for piece in tokens:
        if piece.kind is Kind.HEAD:
            body.heads.append(piece)
        elif piece.kind is Kind.BYLINE:
            body.bylines.append(piece)


def _jump(before: Body | None, after: list[Body], gap: list[Piece]) -> None:
    """下转 ends the body before it (or the one after, if only that broke off); 上接 opens one."""
    for piece in gap:
        if piece.kind is Kind.BACK and after:
            after[0].is_back = True
        if piece.kind is Kind.ONWARD:
            is_next = after and not after[0].blocks[-1].is_finished
            is_broken = before is not None and not before.blocks[-1].is_finished
            if before is not None and (is_broken or not is_next):
                before.is_onward = True
            elif after:
                after[0].is_onward = True


def _settle(bodies: list[Body]) -> None:
    """One byline each: the likelier kind, then the nearer.

    Bylines pile up where columns end. A spare one without a role goes to the one unsigned piece
    that is no news report, if there is exactly one; other spares are nobody's.
    """
    spare: list[Piece] = []
    for body in bodies:
        if len(body.bylines) > 1:
            middle = (body.blocks[0].start + body.blocks[-1].end) // 2
            half = (body.blocks[-1].end - body.blocks[0].start) // 2
            ranked = sorted(
                body.bylines,
                key=lambda piece: (
                    names_role(piece) != body.is_report,
                    abs((piece.block.start + piece.block.end) // 2 - middle) - half,
                ),
            )
            body.bylines = ranked[:1]
            spare += ranked[1:]
    authors = [piece for piece in spare if not names_role(piece)]
    unsigned = [body for body in bodies if not (body.box or body.bylines or body.is_report)]
    if len(authors) == 1 and len(unsigned) == 1:
        unsigned[0].bylines = authors

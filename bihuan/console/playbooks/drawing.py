"""A playbook as a drawing: states from top to bottom, a numbered arrow for each way. Pure.

Forward ways run down the middle or round the right side, ways back round the left side; acts with
the same way share an arrow. Everything is in units of a picture 360 wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bihuan.loop.playbook import Act, Playbook

WIDTH, BOX_W, BOX_H, GAP = 360, 176, 46, 62
MID, TOP = WIDTH // 2, 10
FIRST_LANE, LANE = 26, 20


@dataclass(frozen=True, slots=True)
class Box:
    """One state. y: its upper edge."""

    state: str
    x: int
    y: int
    kind: str

    @property
    def text_y(self) -> int:
        return self.y + BOX_H // 2 + 5


@dataclass(frozen=True, slots=True)
class Arrow:
    """One way between two states. path, tip: SVG; dot: where its number stands."""

    n: int
    source: str
    target: str
    path: str
    tip: str
    dot: tuple[int, int]
    is_back: bool
    acts: tuple[Act, ...]


@dataclass(slots=True)
class Drawing:
    """The whole picture; height in its own units."""

    boxes: list[Box]
    arrows: list[Arrow]
    height: int
    width: int = WIDTH
    lanes: dict[str, int] = field(default_factory=dict)

    @property
    def view(self) -> str:
        return f"0 0 {self.width} {self.height}"


def states_of(playbook: Playbook) -> list[str]:
    """Every state in the order in which a case can come there; the closed one last."""
    found: list[str] = []
    for act in playbook.acts:
        for state in (*act.from_states, act.to):
            if state not in found:
                found.append(state)
    return [*(s for s in found if s != "closed"), *(s for s in found if s == "closed")]


def draw(playbook: Playbook) -> Drawing:
    """The picture of a playbook."""
    states = states_of(playbook)
    boxes = [
        Box(state, MID - BOX_W // 2, TOP + n * (BOX_H + GAP), _kind(n, state))
        for n, state in enumerate(states)
    ]
    height = TOP * 2 + len(states) * BOX_H + (len(states) - 1) * GAP
    drawing = Drawing(boxes, [], height)
    for n, (way, acts) in enumerate(_ways(playbook).items(), 1):
        drawing.arrows.append(_arrow(drawing, n, states, way, acts))
    return drawing


def _kind(n: int, state: str) -> str:
    if state == "closed":
        return "last"
    return "" if n else "first"


def _ways(playbook: Playbook) -> dict[tuple[str, str], list[Act]]:
    """(from, to) → acts, in the order of the table; what stays in its state is no way."""
    found: dict[tuple[str, str], list[Act]] = {}
    for act in playbook.acts:
        for source in act.from_states:
            if source != act.to:
                found.setdefault((source, act.to), []).append(act)
    return found


def staying(playbook: Playbook) -> list[Act]:
    """Acts that leave a case where it is."""
    return [act for act in playbook.acts if act.to in act.from_states]


def _arrow(
    drawing: Drawing, n: int, states: Sequence[str], way: tuple[str, str], acts: list[Act]
) -> Arrow:
    a, b = states.index(way[0]), states.index(way[1])
    source, target = drawing.boxes[a], drawing.boxes[b]
    if b == a + 1:
        return _straight(n, way, (source, target), acts)
    side = "right" if b > a else "left"
    lane = drawing.lanes[side] = drawing.lanes.get(side, -1) + 1
    return _around(n, way, (source, target), (side, lane), acts)


def _straight(n: int, way: tuple[str, str], ends: tuple[Box, Box], acts: list[Act]) -> Arrow:
    top, bottom = ends[0].y + BOX_H, ends[1].y
    return Arrow(
        n=n,
        source=way[0],
        target=way[1],
        path=f"M{MID} {top} V{bottom - 8}",
        tip=f"M{MID - 6} {bottom - 10} h12 l-6 10 z",
        dot=(MID, (top + bottom) // 2 - 2),
        is_back=False,
        acts=tuple(acts),
    )


def _around(
    n: int, way: tuple[str, str], ends: tuple[Box, Box], place: tuple[str, int], acts: list[Act]
) -> Arrow:
    """Out at one side, along a lane of its own, in again; heights differ so that no two meet."""
    side, lane = place
    sign = 1 if side == "right" else -1
    edge = MID + sign * BOX_W // 2
    x = edge + sign * (FIRST_LANE + lane * LANE)
    out_y, in_y = _port(ends[0], lane, 1), _port(ends[1], lane, -1)
    bend = 8 if in_y > out_y else -8
    path = (
        f"M{edge} {out_y} H{x - sign * 8} Q{x} {out_y} {x} {out_y + bend} "
        f"V{in_y - bend} Q{x} {in_y} {x - sign * 8} {in_y} H{edge + sign * 9}"
    )
    return Arrow(
        n=n,
        source=way[0],
        target=way[1],
        path=path,
        tip=f"M{edge + sign * 10} {in_y - 6} v12 l{-sign * 10} -6 z",
        dot=(x, (out_y + in_y) // 2 + lane * 6),
        is_back=side == "left",
        acts=tuple(acts),
    )


def _port(box: Box, lane: int, way: int) -> int:
    """Where a lane leaves (way 1) or enters (−1) a box: spread over its height."""
    middle = box.y + BOX_H // 2
    return middle + way * min(4 + lane * 7, BOX_H // 2 - 4)

"""Which firms stop, and when, if a supplier stops: days of stock carried down the chain. Pure.

A firm needs each of its goods. A good comes over links: a supplier, the share of the firm's need
that it covers (percent), and the days that its goods are on the road. When a supplier stops, what
is on the road still arrives; then its share is missing, and the stock goes down by as much of a
day's need each day. Nobody supplies more than the share that is known. Shares that do not add up to
100 leave a rest: the suppliers of unknown share carry it; where there is none, others who are not
listed do, and go on. Nothing stops by itself: in a ring of firms that feed each other all go on.

Each firm gets two bounds. `earliest`: from when it cannot run in full, as if unknown stock were
used up and unknown roads were empty, as if the first supplier of unknown share to stop had carried
all the rest, and as if a firm that lacks a part made nothing. `latest`: from when it stands still,
as if what is unknown lasted for ever, as if the last supplier of unknown share carried all the
rest, and as if a firm that lacks a part still delivered in full. Where the bounds are equal the
time is known; where `latest` is inf nobody can say when, only not before `earliest`.
"""

from __future__ import annotations

import importlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, nan
from types import ModuleType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bihuan.base.errors import BadInputError, Fault

Node = int | str  # a firm's id, or the name of a supplier outside the register
WHOLE = 100.0  # percent
DUST = 1e-6  # percent; shares such as 33.3 + 33.3 + 33.4 add up to 100 only nearly


class Link(NamedTuple):
    """Who supplies a good.

    share  percent of the buyer's need, more than 0, at most 100; None = unknown
    road   days on the road, from 0; None = unknown
    """

    supplier: Node
    share: float | None = None
    road: float | None = 0.0


@dataclass(frozen=True, slots=True)
class Need:
    """One good of one firm: its links, and how many days its stock lasts; None = unknown."""

    firm: Node
    good: str
    links: tuple[Link, ...]
    days: float | None


class Stop(NamedTuple):
    """When a firm stops, in days from the same moment as the causes; inf = it goes on.

    earliest  it cannot run in full from then on, at the earliest
    latest    it stands still from then on, at the latest
    by        the goods that it lacks at `earliest`
    """

    earliest: float
    latest: float
    by: tuple[str, ...]

    @property
    def is_known(self) -> bool:
        return self.earliest == self.latest


class _Shares(NamedTuple):
    """Of one need, in percent. rest: carried by the unknown; others: by who is not listed."""

    known: float
    unknown: int
    rest: float
    others: float


class Chain:
    """The links of a county, put in order once; each question then costs milliseconds."""

    def __init__(self, needs: Iterable[Need]) -> None:
        """Raises BadInputError with every share, road or stock that is none."""
        self.needs = list(needs)
        faults = [fault for need in self.needs for fault in _faults(need)]
        if faults:
            raise BadInputError(*faults)
        self._out: dict[Node, list[tuple[int, Link]]] = defaultdict(list)
        self._of: dict[Node, list[Need]] = defaultdict(list)
        for n, need in enumerate(self.needs):
            self._of[need.firm].append(need)
            for link in need.links:
                self._out[link.supplier].append((n, link))
        self._nodes = list(dict.fromkeys([*self._out, *self._of]))
        self._index = {node: i for i, node in enumerate(self._nodes)}
        self._columns()

    def _columns(self) -> None:
        """The same for the kernel; what is unknown as its least and as its most."""
        out = [self._out.get(node, ()) for node in self._nodes]
        links = [one for of_node in out for one in of_node]
        shares = [_shares(need.links) for need in self.needs]
        kernel = _kernel()
        self._net = kernel.Net(
            out=_sums([len(of_node) for of_node in out]),
            need=np.array([n for n, _link in links], np.int64),
            share=_floats([link.share for _n, link in links], nan),
            firm=np.array([self._index[need.firm] for need in self.needs], np.int64),
            room=_sums([len(need.links) for need in self.needs]),
            known=np.array([one.known for one in shares], np.float64),
            rest=np.array([one.rest for one in shares], np.float64),
            others=np.array([one.others for one in shares], np.float64),
            unknown=np.array([one.unknown for one in shares], np.int64),
        )
        roads, stocks = [link.road for _n, link in links], [need.days for need in self.needs]
        self._least = _floats(roads, 0.0), _floats(stocks, 0.0)
        self._most = _floats(roads, inf), _floats(stocks, inf)

    def needs_of(self, firm: Node) -> Sequence[Need]:
        """The goods of a firm."""
        return self._of.get(firm, ())

    def buyers(self, supplier: Node) -> list[tuple[Need, Link]]:
        """The needs that a supplier helps to cover, each with its link."""
        return [(self.needs[n], link) for n, link in self._out.get(supplier, ())]

    def suppliers(self) -> list[Node]:
        """Whoever supplies something."""
        return sorted(self._out, key=str)

    def stops(self, causes: Mapping[Node, float]) -> dict[Node, Stop]:
        """Every firm that stops, or may, if each cause stops at its time (days); causes left out.

        Raises BadInputError with every cause whose days are negative or no number.
        """
        faults = [
            Fault(f"causes.{node}", str(at), "days from 0")
            for node, at in causes.items()
            if not 0 <= at < inf
        ]
        if faults:
            raise BadInputError(*faults)
        start = np.full(len(self._nodes), inf)
        for node, at in causes.items():
            if node in self._index:
                start[self._index[node]] = at
        carried = _kernel().carried
        earliest, gone = carried(self._net, *self._least, start, True)
        latest, _gone = carried(self._net, *self._most, start, False)
        by: dict[int, list[str]] = defaultdict(list)
        firm = self._net.firm
        for n in np.flatnonzero((gone == earliest[firm]) & (gone < inf)).tolist():
            by[int(firm[n])].append(self.needs[n].good)
        stopped = np.flatnonzero(earliest < start)
        times = zip(earliest[stopped].tolist(), latest[stopped].tolist(), strict=True)
        return {
            self._nodes[i]: Stop(first, last, tuple(sorted(by[i])))
            for i, (first, last) in zip(stopped.tolist(), times, strict=True)
        }


def _kernel() -> ModuleType:
    """The compiled part; who asks nothing of the chain starts without a compiler."""
    return importlib.import_module("bihuan.scenarios.chain.flow_kernel")


def _sums(counts: Sequence[int]) -> NDArray[np.int64]:
    """Where each of several runs begins, and where the last one ends."""
    return np.concatenate(([0], np.cumsum(np.array(counts, np.int64)))).astype(np.int64)


def _floats(values: Sequence[float | None], unknown: float) -> NDArray[np.float64]:
    return np.array([unknown if value is None else value for value in values], np.float64)


def stops(needs: Iterable[Need], causes: Mapping[Node, float]) -> dict[Node, Stop]:
    """`Chain.stops` of needs that are asked once. Raises BadInputError."""
    return Chain(needs).stops(causes)


def still_comes(need: Need, stopped: Iterable[Node]) -> float | None:
    """Percent of a need that goes on to be covered; None where shares are unknown."""
    gone, shares = frozenset(stopped), _shares(need.links)
    live = [link for link in need.links if link.supplier not in gone]
    lost = [link for link in need.links if link.supplier in gone]
    if any(link.share is None for link in live) and any(link.share is None for link in lost):
        return None
    rest = shares.rest if any(link.share is None for link in live) else 0.0
    known = sum(link.share for link in live if link.share is not None)
    return min(WHOLE, known + rest + shares.others)


def overfull(needs: Iterable[Need]) -> list[Need]:
    """Needs whose known shares add up to more than 100 percent: somebody typed a wrong one."""
    return [need for need in needs if _shares(need.links).known > WHOLE + DUST]


def _shares(links: Sequence[Link]) -> _Shares:
    known = unknown = 0.0
    for link in links:
        if link.share is None:
            unknown += 1
        else:
            known += link.share
    left = WHOLE - known
    left = left if left > DUST else 0.0
    return _Shares(known, int(unknown), left if unknown else 0.0, 0.0 if unknown else left)


def _faults(need: Need) -> Iterator[Fault]:
    name = f"needs.{need.firm}.{need.good}"
    if need.days is not None and not 0 <= need.days < inf:
        yield Fault(name, str(need.days), "days of stock from 0, or unknown")
    for link in need.links:
        if link.share is not None and not 0 < link.share <= WHOLE:
            want = "percent, more than 0 and at most 100, or unknown"
            yield Fault(f"{name}.{link.supplier}.share", str(link.share), want)
        if link.road is not None and not 0 <= link.road < inf:
            yield Fault(f"{name}.{link.supplier}.road", str(link.road), "days from 0, or unknown")

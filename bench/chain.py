"""How long it takes to say who stops if a supplier stops, of 10,000 firms and 100,000 links.

    python -m bench.chain [--firms N] [--json]

Each firm has five goods of two suppliers each, half of the need from each, with days of stock and
on the road; in ten goods one is unknown. A question goes through every link: the suppliers stop on
whom all the others hang. Beside it, in the same run, the same words by a plain loop with a heap;
the run fails where the two do not agree. Times are medians of questions asked one after another;
"CPU" leaves out what other processes took of the machine.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from math import inf, isclose

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.wiring.settings")
    import django

    django.setup()

from bihuan.scenarios.chain.flow import Chain, Link, Need, Node, Stop

GOODS, SOURCES, LIMIT_MS = 5, 20, 200
ASKED, ASKED_PLAIN = 15, 3


def county(firms: int, seed: int = 8) -> list[Need]:
    """Firms that buy of those before them; the first of outside suppliers, -1 to -20."""
    dice = random.Random(seed)
    needs = []
    for firm in range(firms):
        above = range(-SOURCES, firm)
        for good in range(GOODS):
            who = dice.sample(above, 2)
            links = tuple(Link(one, 50.0, float(dice.randrange(4))) for one in who)
            days = None if dice.random() < 0.1 else float(dice.randrange(1, 30))
            needs.append(Need(firm, f"g{good}", links, days))
    return needs


class Plain:
    """The same words as a loop over dictionaries. Shares are known here, and add up to 100."""

    def __init__(self, needs: list[Need]) -> None:
        self.needs = needs
        self.out: dict[Node, list[tuple[int, Link]]] = defaultdict(list)
        for n, need in enumerate(needs):
            for link in need.links:
                self.out[link.supplier].append((n, link))

    def stops(self, causes: dict[Node, float]) -> dict[Node, tuple[float, float]]:
        first, last = self.run(causes, is_first=True), self.run(causes, is_first=False)
        return {node: (at, last.get(node, inf)) for node, at in first.items() if node not in causes}

    def run(self, causes: dict[Node, float], *, is_first: bool) -> dict[Node, float]:
        down: dict[Node, float] = {}
        ends: dict[int, list[tuple[float, float]]] = defaultdict(list)
        queue = [(at, str(node), node) for node, at in causes.items()]
        heapq.heapify(queue)
        while queue:
            at, _name, node = heapq.heappop(queue)
            if node in down:
                continue
            down[node] = at
            for n, link in self.out[node]:
                need = self.needs[n]
                if need.firm in down:
                    continue
                ends[n].append((at + (link.road or 0.0), link.share or 0.0))
                gone = self.gone(need, sorted(ends[n]), is_first=is_first)
                if gone < inf:
                    heapq.heappush(queue, (gone, str(need.firm), need.firm))
        return down

    @staticmethod
    def gone(need: Need, ends: list[tuple[float, float]], *, is_first: bool) -> float:
        if not is_first and (len(ends) < len(need.links) or need.days is None):
            return inf
        at, lost, left = 0.0, 0.0, need.days or 0.0
        for end, share in ends:
            if is_first and lost and left / lost <= end - at:
                return at + left / lost
            at, lost, left = end, lost + share / 100, max(0.0, left - (end - at) * lost)
        return at + left / lost


def timed(work: Callable[[], object], times: int) -> tuple[float, float, float]:
    """One call: median ms by the clock on the wall, ms of this process, and the fastest, ms."""
    wall, own = [], []
    for _ in range(times):
        begun, used = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - begun)
        own.append(time.process_time() - used)
    return sorted(wall)[times // 2] * 1e3, sorted(own)[times // 2] * 1e3, min(wall) * 1e3


def same(found: dict[Node, Stop], plain: dict[Node, tuple[float, float]]) -> bool:
    """Whether both say the same of everybody."""
    return found.keys() == plain.keys() and all(
        isclose(found[node].earliest, first, abs_tol=1e-6)
        and (found[node].latest == last or isclose(found[node].latest, last, abs_tol=1e-6))
        for node, (first, last) in plain.items()
    )


def measured(firms: int) -> dict[str, float]:
    """Every figure by its name. Raises SystemExit where the two do not agree."""
    needs = county(firms)
    causes: dict[Node, float] = {-1 - n: 0.0 for n in range(SOURCES)}
    chain, plain = Chain(needs), Plain(needs)
    found = chain.stops(causes)  # compiles, once for the machine
    if not same(found, plain.stops(causes)):
        sys.exit("the kernel and the plain loop do not agree")
    build, build_cpu, _least = timed(lambda: Chain(needs), 3)
    asked, asked_cpu, asked_least = timed(lambda: chain.stops(causes), ASKED)
    near, near_cpu, _least = timed(lambda: chain.stops({firms - 1: 0.0}), ASKED)
    slow, slow_cpu, _least = timed(lambda: plain.stops(causes), ASKED_PLAIN)
    return {
        "firms": firms,
        "links": sum(len(need.links) for need in needs),
        "stopped": len(found),
        "build_ms": build,
        "build_cpu_ms": build_cpu,
        "all_ms": asked,
        "all_cpu_ms": asked_cpu,
        "all_least_ms": asked_least,
        "one_ms": near,
        "one_cpu_ms": near_cpu,
        "plain_ms": slow,
        "plain_cpu_ms": slow_cpu,
        "ratio": slow_cpu / asked_cpu,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    said = parser.parse_args()
    load = os.getloadavg()[0]
    got = measured(said.firms)
    if said.json:
        print(json.dumps(got))
        return
    print(f"{got['firms']:,.0f} firms, {got['links']:,.0f} links, load {load:.1f} before")
    print(f"reading the links in order  {got['build_ms']:8.1f} ms  CPU {got['build_cpu_ms']:8.1f}")
    print(
        f"{got['stopped']:,.0f} firms stop           {got['all_ms']:8.1f} ms"
        f"  CPU {got['all_cpu_ms']:8.1f}  fastest {got['all_least_ms']:.1f}, limit {LIMIT_MS}"
    )
    print(f"nobody buys of it           {got['one_ms']:8.1f} ms  CPU {got['one_cpu_ms']:8.1f}")
    print(f"the plain loop              {got['plain_ms']:8.1f} ms  CPU {got['plain_cpu_ms']:8.1f}")
    print(f"plain / kernel, CPU: {got['ratio']:.1f} times")


if __name__ == "__main__":
    main()

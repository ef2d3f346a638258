"""One rule of every kind with drawn parameters, beside its oracle."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from bihuan.rules import run, windows
from bihuan.rules.engine import run_of
from bihuan.rules.kinds import KINDS, checked
from bihuan.rules.readings import History
from bihuan.rules.run import Lateness, Run
from tests.rules import oracles
from tests.rules.oracles import Findings, Reading
from tests.rules.streams import N_SERIES, S

VALUES = (1.0, 5.0, 7.0, 9.0, 11.0, 12.0, 15.0, 0.0, -0.0, float("nan"), float("inf"))


@dataclass(frozen=True)
class Case:
    make: Callable[[History], Run]
    oracle: Callable[[list[Reading], int], Findings]  # readings, end of time
    lateness: Lateness


def case(kind: str, rng: random.Random) -> Case:
    """Parameters small enough that everything happens within a stream."""
    windows.NEAR_US = rng.choice([0, 5, 900]) * S
    windows.FIRST_CAPACITY = rng.choice([4, 32])
    run.ROOM = rng.choice([4, 1 << 16])
    lateness = Lateness(bound_us=rng.choice([20, 100, 2000, 10**6]) * S, ahead_us=10 * S)
    given, oracle = DRAW[kind](rng)
    parameters = checked(KINDS[kind], given)

    def make(history: History) -> Run:
        return run_of(kind, parameters, N_SERIES, lateness, history)

    return Case(make, oracle, lateness)


Drawn = tuple[dict[str, object], Callable[[list[Reading], int], Findings]]


def _beyond(rng: random.Random) -> Drawn:
    side, limit, clear = rng.choice(
        [("above", 10.0, 10.0), ("above", 10.0, 6.0), ("below", 6.0, 6.0), ("below", 6.0, 10.0)]
    )
    hold = rng.choice([0, 0, 2, 10])
    given = {"limit": limit, "side": side, "for": f"{hold}s", "clear": clear}
    return given, lambda r, _: oracles.beyond(r, limit, side, hold * S, clear)


def _silence(rng: random.Random) -> Drawn:
    gap = rng.choice([1, 5, 10, 60])
    return {"for": f"{gap}s"}, lambda r, end: oracles.silence(r, gap * S, end)


def _change(rng: random.Random) -> Drawn:
    by, within = rng.choice([4.0, 8.0]), rng.choice([2, 5, 20, 100])
    return {"by": by, "within": f"{within}s"}, lambda r, _: oracles.change(r, by, within * S)


def _exposure(rng: random.Random) -> Drawn:
    within = rng.choice([2, 5, 20, 100])
    hold = rng.choice([1, within // 2 + 1, within])
    given = {"low": 5, "high": 11, "for": f"{hold}s", "within": f"{within}s"}
    return given, lambda r, _: oracles.exposure(r, 5.0, 11.0, hold * S, within * S)


def _baseline(rng: random.Random) -> Drawn:
    k, history = rng.choice([1.0, 2.0, 3.0]), rng.choice([20, 100])
    given = {"k": k, "history": f"{history}s"}
    return given, lambda r, _: oracles.baseline(r, k, history * S, 10)


def _count(rng: random.Random) -> Drawn:
    side, limit = rng.choice([("above", 9.0), ("below", 7.0)])
    times, within = rng.choice([1, 2, 4]), rng.choice([2, 20, 100])
    given = {"limit": limit, "side": side, "times": times, "within": f"{within}s"}
    return given, lambda r, _: oracles.count(r, limit, side, times, within * S)


def _cooling(rng: random.Random) -> Drawn:
    first, second = rng.choice([1, 5, 30]), rng.choice([1, 5, 30])
    given = {"hot": 12, "middle": 9, "cold": 1, "first": f"{first}s", "second": f"{second}s"}
    return given, lambda r, _: oracles.cooling(r, 12.0, 9.0, 1.0, first * S, second * S)


DRAW = {
    "count": _count,
    "cooling": _cooling,
    "beyond": _beyond,
    "silence": _silence,
    "change": _change,
    "exposure": _exposure,
    "baseline": _baseline,
}

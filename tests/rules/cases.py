"""One rule of every kind with drawn parameters, beside its oracle."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from bihuan.rules import run, windows
from bihuan.rules.engine import run_of
from bihuan.rules.kinds import KINDS, checked
from bihuan.rules.readings import Batch, History
from bihuan.rules.run import Lateness, Run
from tests.rules import oracles
from tests.rules.oracles import Findings, Reading
from tests.rules.streams import N_SERIES, S

VALUES = (1.0, 5.0, 7.0, 9.0, 11.0, 12.0, 15.0, 0.0, -0.0, float("nan"), float("inf"))


CODES = (*map(float, range(14)), float("nan"), float("inf"))  # odd = the other channel's


@dataclass(frozen=True)
class Case:
    """A run, its slow twin, and how a stream of drawn values becomes what the kind watches."""

    make: Callable[[History], Run]
    oracle: Callable[[list[Reading], int], Findings]  # readings as drawn, end of time
    lateness: Lateness
    values: tuple[float, ...]
    shaped: Callable[[Batch], Batch]


def case(kind: str, rng: random.Random, given_lateness: Lateness | None = None) -> Case:
    """Parameters small enough that everything happens within a stream."""
    windows.NEAR_US = rng.choice([0, 5, 900]) * S
    windows.FIRST_CAPACITY = rng.choice([4, 32])
    run.ROOM = rng.choice([4, 1 << 16])
    bound_us = rng.choice([20, 100, 2000, 10**6]) * S
    lateness = given_lateness or Lateness(bound_us=bound_us, ahead_us=10 * S)
    given, oracle = DRAW[kind](rng)
    parameters = checked(KINDS[kind], given)

    def make(history: History) -> Run:
        return run_of(kind, parameters, N_SERIES, lateness, history)

    values = CODES if kind in ("rate", "without") else VALUES
    return Case(make, oracle, lateness, values, SHAPED.get(kind, lambda batch: batch))


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
    way = rng.choice(["either", "rise", "fall"])
    given = {"by": by, "within": f"{within}s", "way": way}
    return given, lambda r, _: oracles.change(r, by, within * S, way)


def _exposure(rng: random.Random) -> Drawn:
    within = rng.choice([2, 5, 20, 100])
    hold = rng.choice([1, within // 2 + 1, within])
    given = {"low": 5, "high": 11, "for": f"{hold}s", "within": f"{within}s"}
    return given, lambda r, _: oracles.exposure(r, 5.0, 11.0, hold * S, within * S)


def _baseline(rng: random.Random) -> Drawn:
    k, history = rng.choice([1.0, 2.0, 3.0]), rng.choice([20, 100])
    every = rng.choice([0, 0, 3, 7, 20])
    fixes = rng.choice([1, 1, 2, 3])
    given = {"k": k, "history": f"{history}s", "every": f"{every}s", "fixes": fixes}
    return given, lambda r, _: oracles.baseline(r, k, history * S, 10, every * S, fixes)


def _count(rng: random.Random) -> Drawn:
    side, limit = rng.choice([("above", 9.0), ("below", 7.0)])
    times, within = rng.choice([1, 2, 4]), rng.choice([2, 20, 100])
    given = {"limit": limit, "side": side, "times": times, "within": f"{within}s"}
    return given, lambda r, _: oracles.count(r, limit, side, times, within * S)


def _cooling(rng: random.Random) -> Drawn:
    first, second = rng.choice([1, 5, 30]), rng.choice([1, 5, 30])
    given = {"hot": 12, "middle": 9, "cold": 1, "first": f"{first}s", "second": f"{second}s"}
    return given, lambda r, _: oracles.cooling(r, 12.0, 9.0, 1.0, first * S, second * S)


def _total(rng: random.Random) -> Drawn:
    limit, within = rng.choice([8.0, 20.0, 60.0]), rng.choice([2, 5, 20, 100])
    sends = rng.choice(["amounts", "running"])
    outage = rng.choice([0, 0, 1, 3, 20])
    given = {"limit": limit, "sends": sends, "within": f"{within}s", "outage": f"{outage}s"}
    return given, lambda r, _: oracles.total(r, limit, sends, within * S, outage * S)


def _rate(rng: random.Random) -> Drawn:
    side, limit = rng.choice([("above", 1.0), ("above", 0.0), ("below", 1.0), ("below", 0.5)])
    within = rng.choice([2, 5, 20, 100])
    given = {"other": "turnovers", "limit": limit, "side": side, "within": f"{within}s"}

    def oracle(readings: list[Reading], _: int) -> Findings:
        once = oracles.judged(readings)
        both = [(at, code % 2 == 1, float(code // 2)) for at, code in once]
        return oracles.rate(both, limit, side, within * S)

    return given, oracle


def _without(rng: random.Random) -> Drawn:
    within = rng.choice([1, 5, 20, 60])
    mine, other = rng.choice([("above", "above"), ("above", "below"), ("below", "above")])
    given = {"limit": 3, "side": mine, "other": "steps", "other_limit": 3, "other_side": other}

    def oracle(readings: list[Reading], end: int) -> Findings:
        both = [(at, code % 2 == 1, float(code // 2)) for at, code in readings]
        return oracles.without(both, (mine, 3), (other, 3), within * S, end)

    return {**given, "within": f"{within}s"}, oracle


def _outside(rng: random.Random) -> Drawn:
    fixes, hold = rng.choice([1, 2, 3]), rng.choice([0, 5, 20])
    given = {"polygon": "0,0;1,0;1,11;0,11", "fixes": fixes, "for": f"{hold}s"}

    def oracle(readings: list[Reading], _: int) -> Findings:
        marks = [(at, 0.0 if 0.0 <= lat <= 11.0 else 1.0) for at, lat in readings]
        return oracles.beyond(marks, 0.5, "above", hold * S, 0.5, fixes)

    return given, oracle


def _points(rng: random.Random) -> Drawn:
    points, fixes, hold = rng.choice([1, 2, 3]), rng.choice([1, 2, 3]), rng.choice([0, 5])
    given = {"sign": "heart_rate", "points": points, "fixes": fixes, "for": f"{hold}s"}

    def oracle(readings: list[Reading], _: int) -> Findings:
        scored = [(at, oracles.heart_points(10 * v)) for at, v in readings]
        return oracles.beyond(scored, points - 0.5, "above", hold * S, points - 0.5, fixes)

    return given, oracle


def in_pairs(plain: Batch) -> Batch:
    """Codes as readings of two channels: odd ones are the other's, and half a code is the value."""
    is_finite = np.isfinite(plain.value)
    codes = np.where(is_finite, plain.value, 0)
    value = np.where(is_finite, codes // 2, plain.value)
    return replace(plain, value=value, is_other=codes % 2 == 1)


SHAPED: dict[str, Callable[[Batch], Batch]] = {
    "rate": in_pairs,
    "without": in_pairs,
    "outside": lambda plain: replace(plain, longitude=np.full(len(plain), 0.5)),
    "points": lambda plain: replace(plain, value=10 * plain.value),
}
DRAW = {
    "rate": _rate,
    "without": _without,
    "outside": _outside,
    "points": _points,
    "total": _total,
    "count": _count,
    "cooling": _cooling,
    "beyond": _beyond,
    "silence": _silence,
    "change": _change,
    "exposure": _exposure,
    "baseline": _baseline,
}

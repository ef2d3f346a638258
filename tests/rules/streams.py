"""Unruly streams of readings for the proofs: late, twice, bad, ahead of time, many at once."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bihuan.rules.kernels.records import OPEN, OPENED, WITHDRAWN, Records
from bihuan.rules.readings import Batch, FedBefore, History
from bihuan.rules.run import Lateness, Run
from tests.rules.oracles import Findings, Reading

S = 1_000_000
N_SERIES = 3
Make = Callable[[History], Run]


@dataclass(frozen=True)
class Stream:
    batch: Batch
    end_us: int


def stream(rng: random.Random, values: tuple[float, ...], n_bursts: int = 60) -> Stream:
    """Bursts of readings of three series; event times lag by up to 17 minutes."""
    now = 0
    rows: list[tuple[int, int, int, float]] = []
    for _ in range(n_bursts):
        now += rng.choice([0, 0, 1, 1, 5, 10, 30, 60, 200]) * S // 2
        lag = rng.choice([0] * 4 + [1, 3, 10, 60, 300, 1000, -8, -20]) * S
        for _ in range(rng.choice([1, 1, 1, 2, 15])):
            at = now - lag - rng.randrange(0, 20) * S // 2
            rows.append((rng.randrange(N_SERIES), at, now, rng.choice(values)))
            if rng.random() < 0.1:
                again = rng.choice(rows[-20:])
                rows.append((again[0], again[1], now, again[3]))
    return Stream(batch_of(rows), now + rng.choice([1, 30, 300]) * S)


def batch_of(rows: list[tuple[int, int, int, float]]) -> Batch:
    slot, times, arrivals, values = zip(*rows, strict=True)
    return Batch(
        np.array(slot, np.int32),
        np.array(times, np.int64),
        np.array(arrivals, np.int64),
        np.array(values, np.float64),
    )


def fed(make: Make, given: Stream, cuts: list[int], *, stops: bool = False) -> Records:
    """All emissions of a stream cut at these places; `stops` = snapshot, start anew, restore."""
    history = FedBefore()
    run = make(history)
    said = []
    bounds = [0, *sorted(cuts), len(given.batch)]
    for start, end in pairwise(bounds):
        part = given.batch.where(slice(start, end))
        said.append(run.feed(part))
        history.append(part)
        if stops:
            kept = run.snapshot()
            run = make(history)
            run.restore(kept)
    said.append(run.pass_time(given.end_us))
    return np.concatenate(said)


def rows_of(said: Records) -> list[tuple[float, ...]]:
    """Emissions as plain rows: records may differ in their padding bytes."""
    found: list[tuple[float, ...]] = said.tolist()
    return found


def standing(said: Records) -> dict[int, Findings]:
    """The final intervals of each series; checks that each statement follows the one before."""
    last: dict[tuple[int, int], tuple[int, tuple[int, int | None] | None]] = {}
    for _, opened, cleared, _, _, slot, finding, n, what, _ in said.tolist():
        before = last.get((slot, finding), (0, (0, None)))
        assert n == before[0] + 1, "statements about a finding are numbered one by one"
        assert (n == 1) == (what == OPENED), "a finding is opened once, first"
        assert before[1] is not None, "nothing is said of a withdrawn finding"
        interval = (opened, None if cleared == OPEN else cleared)
        last[slot, finding] = (n, None if what == WITHDRAWN else interval)
    found: dict[int, Findings] = {slot: [] for slot in range(N_SERIES)}
    for (slot, _), (_, stands) in last.items():
        if stands is not None:
            found[slot].append(stands)
    return {slot: ordered(intervals) for slot, intervals in found.items()}


def ordered(findings: Findings) -> Findings:
    return sorted(findings, key=lambda f: (f[0], math.inf if f[1] is None else f[1]))


def accepted(given: Batch, lateness: Lateness) -> dict[int, list[Reading]]:
    """Which readings count, by the words: not ahead of their arrival by more than allowed, and
    not both behind their series' newest and behind their arrival by more than the bound."""
    newest: dict[int, int] = {}
    found: dict[int, list[Reading]] = {slot: [] for slot in range(N_SERIES)}
    columns = (given.slot, given.time_us, given.arrival_us, given.value)
    for slot, at, arrival, value in zip(*(c.tolist() for c in columns), strict=True):
        if not math.isfinite(value) or at > arrival + lateness.ahead_us:
            continue
        if at < newest.get(slot, -(10**18)) and at < arrival - lateness.bound_us:
            continue
        newest[slot] = max(newest.get(slot, -(10**18)), at)
        found[slot].append((at, value))
    return found

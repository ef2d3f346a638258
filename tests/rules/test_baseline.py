"""The baseline's short cuts, over windows long enough that they are taken."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.rules.engine import run_of
from bihuan.rules.findings import END
from bihuan.rules.kinds import KINDS, checked
from bihuan.rules.readings import Batch, FedBefore
from bihuan.rules.run import Lateness
from tests.rules import oracles
from tests.rules.streams import S, accepted, ordered, standing

DAY = 86_400 * S


def wandering(rng: random.Random, n: int) -> Batch:
    """One series, a reading every second or so, some late; normal noise, steps and outliers."""
    rows: list[tuple[int, int, float]] = []
    at, middle = 0, 50.0
    for _ in range(n):
        at += rng.choice([1, 1, 1, 2, 30]) * S if rng.random() < 0.9 else 0
        middle += rng.choice([0.0] * 30 + [-9.0, 9.0])
        spread = rng.choice([1.0, 1.0, 1.0, 4.0])
        late = rng.choice([0] * 15 + [3, 40]) * S
        rows.append((at, at + late, round(rng.gauss(middle, spread), 1)))
    rows.sort(key=lambda row: row[1])
    times, arrivals, values = zip(*rows, strict=True)
    slots = np.zeros(n, np.int32)
    return Batch(slots, np.array(times), np.array(arrivals), np.array(values))


@pytest.mark.parametrize("history", [60, 400])
@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_baseline_concludes_what_sorting_every_window_concludes(history: int, seed: int) -> None:
    rng = random.Random(seed)
    k, lane = rng.choice([1.5, 3.0, 6.0]), wandering(rng, 500)
    before = FedBefore()
    given = checked(KINDS["baseline"], {"k": k, "history": f"{history}s"})
    run = run_of("baseline", given, 3, Lateness(), before)
    said = []
    for start in range(0, len(lane), 37):
        part = lane.where(slice(start, start + 37))
        said.append(run.feed(part))
        before.append(part)
    end_us = int(lane.arrival_us[-1]) + 2 * S
    said.append(run.pass_time(end_us))
    want = oracles.baseline(accepted(lane, Lateness())[0], k, history * S, 10)
    assert standing(np.concatenate(said))[0] == ordered(want)


def test_baseline_that_was_long_not_measured_outlives_its_log() -> None:
    """A reading in five minutes, a window of a day: the log drops what the kept window holds."""
    rng = np.random.default_rng(7)
    n = 3_000
    times = np.arange(n) * 300 * S
    values = np.round(rng.normal(90.0, 3.0, n), 1)
    values[::500] += 40.0
    lane = Batch(np.zeros(n, np.int32), times, times, values)
    run = run_of(
        "baseline",
        checked(KINDS["baseline"], {"k": 6, "history": "1d"}),
        1,
        Lateness(),
        FedBefore(),
    )
    want = oracles.baseline(list(zip(times.tolist(), values.tolist(), strict=True)), 6, DAY, 10)
    assert standing(run.feed(lane))[0] == ordered(want)


def test_baseline_that_wants_two_readings_sets_one_artefact_aside() -> None:
    """1 to 10, then 30, 5, 30, 31: the first 30 stands alone; the second opens with the 31."""
    given = checked(KINDS["baseline"], {"k": 3, "history": "10s", "fixes": 2})
    run = run_of("baseline", given, 1, Lateness(), FedBefore())
    times = np.arange(15) * S
    values = np.array([99.0, 1, 10, 2, 9, 3, 8, 4, 7, 5, 6, 30, 5, 30, 31])
    said = run.feed(Batch(np.zeros(15, np.int32), times, times, values))
    columns = ["opened_us", "cleared_us", "since_us"]
    assert said[columns].tolist() == [(14 * S, END, 13 * S)]


def test_baseline_finding_says_its_exact_distance() -> None:
    """Ten values 1 to 10: median 5.5, deviations' median 2.5; 30 is 24.5 / 3.7065 = 6.61 off."""
    before = FedBefore()
    given = checked(KINDS["baseline"], {"k": 3, "history": "10s"})
    run = run_of("baseline", given, 1, Lateness(), before)
    times = np.arange(12) * S
    values = np.array([99.0, 1, 10, 2, 9, 3, 8, 4, 7, 5, 6, 30])
    said = run.feed(Batch(np.zeros(12, np.int32), times, times, values))
    assert said[["opened_us", "cleared_us"]].tolist() == [(11 * S, END)]
    assert said["measure"][0] == pytest.approx(24.5 / (1.4826 * 2.5), rel=1e-12)

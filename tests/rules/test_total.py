"""What came within a window: told by differences of sums, and yet by its readings alone."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.rules import windows
from bihuan.rules.engine import run_of
from bihuan.rules.kernels.records import CLEARED, OPENED
from bihuan.rules.kinds import KINDS, checked
from bihuan.rules.readings import FedBefore, History
from bihuan.rules.run import Lateness, Run
from tests.rules import oracles
from tests.rules.streams import (
    N_SERIES,
    S,
    accepted,
    batch_of,
    fed,
    ordered,
    rows_of,
    standing,
    stream,
)

AWKWARD = (0.1, 0.2, 0.7, 1 / 3, 2.0**-20, 1e-7, 0.0, 12.3, 1e5, 4e9)
TIES = (*AWKWARD, 5e-7, 2.5e-6, 1e300)


@pytest.fixture(autouse=True)
def _own_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small logs, so that they are dropped and grow."""
    monkeypatch.setattr(windows, "NEAR_US", 5 * S)
    monkeypatch.setattr(windows, "FIRST_CAPACITY", 4)


@pytest.mark.parametrize("values", [AWKWARD, TIES])
@settings(max_examples=80, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_total_of_awkward_amounts_follows_from_its_readings_alone(
    values: tuple[float, ...], seed: int
) -> None:
    """Cut, restored, one a batch: to the last bit. And its oracle, where half is no question."""
    rng = random.Random(seed)
    limit, sends = rng.choice([0.3, 1.0, 13.0, 1e5]), rng.choice(["amounts", "running"])
    within, outage = rng.choice([5, 20, 100]), rng.choice([0, 3, 20])
    lengths = {"within": f"{within}s", "outage": f"{outage}s"}
    typed = checked(KINDS["total"], {"limit": limit, "sends": sends, **lengths})
    lateness = Lateness(bound_us=rng.choice([20, 2000]) * S, ahead_us=10 * S)

    def make(history: History) -> Run:
        return run_of("total", typed, N_SERIES, lateness, history)

    unruly = stream(rng, values, rng.choice([10, 60]))
    n = len(unruly.batch)
    said = fed(make, unruly, [])
    cuts = [rng.randrange(n + 1) for _ in range(9)]
    assert rows_of(fed(make, unruly, cuts, stops=True)) == rows_of(said)
    assert rows_of(fed(make, unruly, list(range(n)))) == rows_of(said)
    if values is TIES:
        return
    for slot, readings in accepted(unruly.batch, lateness).items():
        want = oracles.total(readings, limit, sends, within * S, outage * S)
        assert standing(said)[slot] == ordered(want)


def test_total_of_250_tips_is_50_mm_after_a_year_of_rain() -> None:
    """A tip of 0.2 mm each 30 s: 3 h hold 360 of them, and 250 of the last window are enough."""
    history = FedBefore()
    typed = checked(
        KINDS["total"], {"limit": 50, "sends": "amounts", "within": "3h", "outage": "0"}
    )
    run = run_of("total", typed, 1, Lateness(), history)
    year = np.arange(20_000) * 1_500 * S  # a tip each 25 minutes
    tips = year[-1] + 10_800 * S + np.arange(300) * 30 * S
    times = np.concatenate((year, tips))
    rows = [(0, at, at, 0.2) for at in times.tolist()]
    said = run.feed(batch_of(rows))
    assert said[["opened_us", "what", "measure"]].tolist() == [(int(tips[249]), OPENED, 50.0)]
    dry = int(tips[-1]) + 10_800 * S - 250 * 30 * S
    over = run.feed(batch_of([(0, dry + k * 30 * S, dry + k * 30 * S, 0.0) for k in range(60)]))
    # (t - 3 h, t] holds 250 tips until the 51st of them is 3 h old
    assert over[["cleared_us", "what"]].tolist() == [(int(tips[50]) + 10_800 * S, CLEARED)]

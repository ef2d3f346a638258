"""A baseline that is renewed every so often: how far it may lie from the exact one."""

from __future__ import annotations

import random
from statistics import median

import numpy as np
import pytest

from bihuan.base.errors import BadInputError
from bihuan.rules.engine import run_of
from bihuan.rules.findings import END
from bihuan.rules.kinds import KINDS, checked
from bihuan.rules.readings import Batch, FedBefore
from bihuan.rules.run import Lateness
from bihuan.rules.why import why
from tests.rules import oracles
from tests.rules.streams import S, accepted
from tests.rules.test_baseline import wandering


def departing(lane: Batch, k: float, history: str, every: str) -> list[tuple[int, int]]:
    """Intervals of series 0 in the end."""
    before = FedBefore()
    typed = checked(KINDS["baseline"], {"k": k, "history": history, "every": every})
    run = run_of("baseline", typed, 3, Lateness(), before)
    run.feed(lane)
    before.append(lane)
    run.pass_time(int(lane.arrival_us[-1]) + 2 * S)
    return [stated.interval[:2] for stated in run.ledger.of(0)]


def surely(window: list[float], changes: int, v: float, k: float) -> bool | None:
    """Whether `v` departs whatever `changes` values of the window are others; None = it depends."""
    values = sorted(window)
    n, middle = len(values), median(window)
    low, high = (n - 1) // 2 - changes, n // 2 + changes
    if low < 0 or high >= n:
        return None
    shift = max(middle - values[low], values[high] - middle)
    away = sorted(abs(w - middle) for w in window)
    if abs(v - middle) > k * 1.4826 * (away[high] + shift) + shift:
        return True
    return False if abs(v - middle) < k * 1.4826 * (away[low] - shift) - shift else None


@pytest.mark.parametrize("seed", range(12))
def test_renewed_baseline_agrees_wherever_the_exact_one_is_not_in_doubt(seed: int) -> None:
    """So many readings came or went since it was taken; no more ranks can lie between the two."""
    rng = random.Random(seed)
    k, history, every = rng.choice([1.5, 3.0]), rng.choice([60, 200]), rng.choice([5, 20])
    lane = wandering(rng, 250)
    found = departing(lane, k, f"{history}s", f"{every}s")
    taken = oracles.judged(accepted(lane, Lateness())[0])
    judged = 0
    for at, v in taken:
        window = [w for t, w in taken if at - history * S <= t < at]
        end = at // (every * S) * every * S
        then = [w for t, w in taken if end - history * S <= t < end]
        if len(window) < 10 or len(then) < 10 or taken[0][0] > end - history * S:
            continue
        came = sum(end <= t < at for t, _ in taken)
        went = sum(end - history * S <= t < at - history * S for t, _ in taken)
        want = surely(window, max(came, went) + 1, v, k)
        alike = {w for t, w in taken if t == at}
        if want is not None and len(alike) == 1:
            judged += 1
            assert any(opened <= at < cleared for opened, cleared in found) == want
    assert judged > 2


def test_renewed_baseline_is_that_of_the_last_whole_multiple_by_hand() -> None:
    """Readings 1 to 10 at 0 to 9 s; from 20 s on 30s. Every 20 s: at 25 s the median is 5.5.

    Taken at each reading, the 30 at 29 s is measured by 9 to 29 s: median 30, deviation 0.
    """
    times = np.append(np.arange(10), np.arange(20, 30)) * S
    values = np.append(np.arange(1.0, 11.0), np.full(10, 30.0))
    lane = Batch(np.zeros(20, np.int32), times, times, values)
    assert departing(lane, 3.0, "20s", "20s") == [(20 * S, END)]
    parameters = checked(KINDS["baseline"], {"k": 3, "history": "20s", "every": "20s"})
    assert "taken every 20s" in str(why("baseline", parameters, "", 0, 6.6)["en"])


def test_renewed_baseline_no_later_than_its_history() -> None:
    with pytest.raises(BadInputError, match="at most history"):
        checked(KINDS["baseline"], {"k": 3, "history": "20s", "every": "21s"})

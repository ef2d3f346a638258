"""Points of single signs: every band of the published chart, and the run over them."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.rules.early_warning import points_of
from bihuan.rules.engine import run_of
from bihuan.rules.kinds import KINDS, checked
from bihuan.rules.readings import History
from bihuan.rules.run import Lateness, Run
from bihuan.rules.why import why
from tests.rules import oracles
from tests.rules.streams import N_SERIES, S, accepted, fed, ordered, rows_of, standing, stream

# (sign, points, first and last value of the band as charted); RCP 2017
CHART = [
    ("heart_rate", 3, 20, 40),
    ("heart_rate", 1, 41, 50),
    ("heart_rate", 0, 51, 90),
    ("heart_rate", 1, 91, 110),
    ("heart_rate", 2, 111, 130),
    ("heart_rate", 3, 131, 250),
    ("systolic", 3, 50, 90),
    ("systolic", 2, 91, 100),
    ("systolic", 1, 101, 110),
    ("systolic", 0, 111, 219),
    ("systolic", 3, 220, 300),
    ("spo2", 3, 70, 91),
    ("spo2", 2, 92, 93),
    ("spo2", 1, 94, 95),
    ("spo2", 0, 96, 100),
    ("temperature", 3, 30.0, 35.0),
    ("temperature", 1, 35.1, 36.0),
    ("temperature", 0, 36.1, 38.0),
    ("temperature", 1, 38.1, 39.0),
    ("temperature", 2, 39.1, 43.0),
]


@pytest.mark.parametrize(("sign", "points", "first", "last"), CHART)
def test_points_are_those_of_the_published_chart(
    sign: str, points: int, first: float, last: float
) -> None:
    assert points_of(sign, np.array([first, (first + last) / 2, last])).tolist() == [points] * 3


def test_points_of_a_value_between_two_bands_are_those_of_the_upper_one() -> None:
    assert points_of("temperature", np.array([35.05, 38.05])).tolist() == [1.0, 1.0]


def test_points_of_no_value_are_none() -> None:
    assert np.isnan(points_of("spo2", np.array([np.nan, np.inf, -np.inf]))).all()


def test_points_never_speak_of_a_total() -> None:
    said = why("points", {"sign": "spo2", "points": 3, "fixes": 2, "for": 0}, "%", 0, 3.0)
    assert "not a NEWS2 total" in str(said["en"])
    assert "不是 NEWS2 总分" in str(said["zh"])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_points_agree_with_their_oracle_however_their_lane_is_cut(seed: int) -> None:
    rng = random.Random(seed)
    points, fixes, hold = rng.choice([1, 2, 3]), rng.choice([1, 2, 3]), rng.choice([0, 5])
    typed = checked(
        KINDS["points"],
        {"sign": "heart_rate", "points": points, "fixes": fixes, "for": f"{hold}s"},
    )
    lateness = Lateness(bound_us=rng.choice([20, 2000]) * S, ahead_us=10 * S)

    def make(history: History) -> Run:
        return run_of("points", typed, N_SERIES, lateness, history)

    scores = {70.0: 0, 45.0: 1, 120.0: 2, 150.0: 3, 38.0: 3}
    unruly = stream(rng, (*scores, float("nan")), 40)
    said = fed(make, unruly, [])
    cuts = [rng.randrange(len(unruly.batch) + 1) for _ in range(9)]
    assert rows_of(fed(make, unruly, cuts, stops=True)) == rows_of(said)
    for slot, readings in accepted(unruly.batch, lateness).items():
        marks = [(at, float(scores[value])) for at, value in readings]
        want = oracles.beyond(marks, points - 0.5, "above", hold * S, points - 0.5, fixes)
        assert standing(said)[slot] == ordered(want)

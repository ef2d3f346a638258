"""The rate of two counters, against its slow twin and by hand."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.base.errors import BadInputError
from bihuan.rules.engine import Engine, run_of
from bihuan.rules.kernels.records import CLEARED, OPENED
from bihuan.rules.kinds import KINDS, checked
from bihuan.rules.readings import Batch, FedBefore, History
from bihuan.rules.rule import Rule
from bihuan.rules.run import Lateness, Run
from tests.rules import oracles
from tests.rules.streams import (
    N_SERIES,
    S,
    Stream,
    accepted,
    batch_of,
    fed,
    ordered,
    rows_of,
    standing,
    stream,
)
from tests.rules.test_kinds import FEVER

CODES = tuple(float(code) for code in range(14))  # odd = the other counter; code // 2 = its count


@settings(max_examples=80, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_rate_agrees_with_its_oracle_however_its_lane_is_cut(seed: int) -> None:
    rng = random.Random(seed)
    side, limit = rng.choice([("above", 1.0), ("above", 0.0), ("below", 1.0), ("below", 0.5)])
    within = rng.choice([5, 20, 100])
    given = {"other": "turnovers", "limit": limit, "side": side, "within": f"{within}s"}
    lateness = Lateness(bound_us=rng.choice([20, 2000]) * S, ahead_us=10 * S)

    def make(history: History) -> Run:
        return run_of("rate", checked(KINDS["rate"], given), N_SERIES, lateness, history)

    plain = stream(rng, CODES, 40)
    counts, which = plain.batch.value // 2, plain.batch.value % 2 == 1
    unruly = Stream(replace(plain.batch, value=counts, is_other=which), plain.end_us)
    said = fed(make, unruly, [])
    cuts = [rng.randrange(len(counts) + 1) for _ in range(9)]
    assert rows_of(fed(make, unruly, cuts, stops=True)) == rows_of(said)
    for slot, readings in accepted(plain.batch, lateness).items():
        once = oracles.judged(readings)
        both = [(at, code % 2 == 1, float(code // 2)) for at, code in once]
        assert standing(said)[slot] == ordered(oracles.rate(both, limit, side, within * S))


STEPS_PER_TURN = Rule(
    id="elder.restless",
    title_zh="夜间翻身多而无步",
    title_en="Turning without walking",
    kind="rate",
    channel="turnovers",
    parameters={"other": "steps", "limit": 2, "side": "above", "within": "1h"},
    unit="1",
    source="invented for this test",
    effective_from=FEVER.effective_from,
    region="330482",
    severity="notice",
)


def test_rate_takes_both_channels_of_an_engine() -> None:
    """0 to 10 turns by 0 to 4 steps is 2.5 for each; 0 to 6 steps brings it to 1.67."""
    engine = Engine([STEPS_PER_TURN], 1, {"turnovers+steps": FedBefore()})
    said = []
    for at, channel, count in (
        (0, "turnovers", 0.0),
        (0, "steps", 0.0),
        (1, "turnovers", 10.0),
        (2, "steps", 4.0),
        (3, "steps", 6.0),
    ):
        batch = batch_of([(0, at * S, at * S, count)])
        for part in engine.feed(channel, batch, at):
            said += part.emissions[["opened_us", "what", "measure"]].tolist()
    assert said == [(2 * S, OPENED, 2.5), (2 * S, CLEARED, 2.5)]


def test_rate_of_a_counter_by_itself_is_refused() -> None:
    with pytest.raises(BadInputError, match="other"):
        replace(STEPS_PER_TURN, channel="steps")


def test_rate_takes_a_count_below_zero_for_no_count() -> None:
    typed = checked(KINDS["rate"], STEPS_PER_TURN.parameters)
    run = run_of("rate", typed, 1, Lateness(), FedBefore())
    times = np.arange(2) * S
    wrong = Batch(np.zeros(2, np.int32), times, times, np.array([-1.0, np.nan]))
    run.feed(replace(wrong, is_other=np.array([True, False])))
    assert run.tally()["without_value"] == 2
    with pytest.raises(BadInputError, match="is_other"):
        run.feed(wrong)

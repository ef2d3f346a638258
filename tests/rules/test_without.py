"""One event without another, against its slow twin and by hand."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.base.errors import BadInputError
from bihuan.rules import run as rules_run
from bihuan.rules.engine import Engine, run_of
from bihuan.rules.findings import END as OPEN
from bihuan.rules.kernels.records import CLEARED, OPENED, RING, WITHDRAWN, Records
from bihuan.rules.kinds import KINDS, checked
from bihuan.rules.readings import Batch, FedBefore, History
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
from tests.rules.test_traps import short

M = 60 * S
# odd = the other channel; code // 2 = its value, which is an event above 3
CODES = (*map(float, range(12)), float("nan"), float("inf"))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_without_agrees_with_its_oracle_however_its_lane_is_cut(seed: int) -> None:
    """Whole, cut, one a batch, restored after each, everything twice: and sorted in the end."""
    rng = random.Random(seed)
    rules_run.ROOM, room = rng.choice([4, 1 << 16]), rules_run.ROOM
    within = rng.choice([1, 5, 20, 60])
    sides = rng.choice([("above", "above"), ("above", "below"), ("below", "above")])
    given = {"limit": 3, "side": sides[0], "other_limit": 3, "other_side": sides[1]}
    typed = checked(KINDS["without"], {**given, "other": "steps", "within": f"{within}s"})
    lateness = Lateness(bound_us=rng.choice([20, 100, 2000, 10**6]) * S, ahead_us=10 * S)

    def make(history: History) -> Run:
        return run_of("without", typed, N_SERIES, lateness, history)

    plain = stream(rng, CODES, rng.choice([10, 40, 100]))
    unruly = Stream(as_pair(plain.batch), plain.end_us)
    said = fed(make, unruly, [])
    n = len(unruly.batch)
    cuts = [rng.randrange(n + 1) for _ in range(9)]
    assert rows_of(fed(make, unruly, cuts)) == rows_of(said)
    assert rows_of(fed(make, unruly, cuts, stops=True)) == rows_of(said)
    assert rows_of(fed(make, unruly, list(range(n)))) == rows_of(said)
    twice = Stream(unruly.batch.where(np.repeat(np.arange(n), 2)), unruly.end_us)
    assert rows_of(fed(make, twice, [])) == rows_of(said)
    rules_run.ROOM = room
    for slot, readings in accepted(plain.batch, lateness).items():
        both = [(at, code % 2 == 1, float(code // 2)) for at, code in readings]
        want = oracles.without(both, (sides[0], 3), (sides[1], 3), within * S, plain.end_us)
        assert standing(said)[slot] == ordered(want)


def as_pair(plain: Batch) -> Batch:
    is_finite = np.isfinite(plain.value)
    codes = np.where(is_finite, plain.value, 0)
    value = np.where(is_finite, codes // 2, plain.value)
    return replace(plain, value=value, is_other=codes % 2 == 1)


UNANSWERED = {
    "limit": 50,
    "side": "above",
    "other": "level",
    "other_limit": 0,
    "other_side": "above",
    "within": "10m",
}


def told(run: Run, history: FedBefore, *rows: tuple[int, int, bool]) -> list[tuple[int, ...]]:
    """Feed (event minute, arrival minute, whether of the other channel), each an event."""
    batch = batch_of([(0, at * M, arrival * M, 60.0) for at, arrival, _ in rows])
    batch = replace(batch, is_other=np.array([is_other for *_, is_other in rows]))
    said: Records = run.feed(batch)
    history.append(batch)
    return short(said)


def unanswered() -> tuple[Run, FedBefore]:
    history = FedBefore()
    typed = checked(KINDS["without"], UNANSWERED)
    return run_of("without", typed, 1, Lateness(), history), history


def test_event_answered_at_exactly_the_limit_is_answered() -> None:
    run, history = unanswered()
    assert told(run, history, (0, 0, False), (10, 10, True)) == []
    assert short(run.pass_time(60 * M)) == []


def test_event_unanswered_is_found_as_time_passes_and_cleared_by_the_answer() -> None:
    """Heavy rain at 0:00 and again at 0:05, no level by 0:10; the level comes at 0:12."""
    run, history = unanswered()
    assert told(run, history, (0, 0, False), (5, 5, False)) == []
    assert run.due_us() == 10 * M + 1
    assert short(run.pass_time(10 * M)) == []
    assert short(run.pass_time(10 * M + 1)) == [(10 * M + 1, OPENED, 10 * M, OPEN)]
    assert told(run, history, (12, 12, True)) == [(12 * M, CLEARED, 10 * M, 12 * M)]


def test_late_answer_withdraws_what_time_had_found() -> None:
    """The level of 0:08 arrives at 0:20, after rain again at 0:15: only that one still waits."""
    run, history = unanswered()
    told(run, history, (0, 0, False))
    assert short(run.pass_time(11 * M)) == [(10 * M + 1, OPENED, 10 * M, OPEN)]
    assert told(run, history, (15, 15, False), (8, 20, True)) == []
    assert short(run.pass_time(21 * M)) == [(20 * M + S, WITHDRAWN, 10 * M, OPEN)]
    assert short(run.pass_time(26 * M)) == [(25 * M + 1, OPENED, 25 * M, OPEN)]


def test_late_beginning_is_due_before_the_wait_that_ran() -> None:
    """Rain of 0:20 was known, due at 0:30; that of 0:12 comes at 0:21 and is due at 0:22."""
    run, history = unanswered()
    told(run, history, (20, 20, False), (12, 21, False))
    assert short(run.pass_time(22 * M + 1)) == [(22 * M + 1, OPENED, 22 * M, OPEN)]


def test_answer_older_than_the_ring_is_judged_from_the_history() -> None:
    """Rain every 12 minutes, each answered 11 minutes later; the first answer moves to 5."""
    run, history = unanswered()
    rows = [(12 * k + lag, 12 * k + lag, lag > 0) for k in range(RING) for lag in (0, 11)]
    assert len(told(run, history, *rows)) == 2 * RING
    told(run, history, (5, 80, True))
    assert short(run.pass_time(81 * M)) == [(80 * M + S, WITHDRAWN, 10 * M, 11 * M)]
    assert run.tally()["from_history"] == 1


RAIN = replace(
    FEVER,
    id="rain.unmeasured",
    kind="without",
    channel="rain",
    unit="mm",
    parameters=UNANSWERED,
)


def test_without_takes_both_channels_of_an_engine() -> None:
    engine = Engine([RAIN], 1, {"rain+level": FedBefore()})
    said = []
    for at, channel, value in ((0, "rain", 51.0), (1, "level", 2.0), (20, "rain", 60.0)):
        batch = batch_of([(0, at * M, at * M, value)])
        said += [short(part.emissions) for part in engine.feed(channel, batch, at)]
    said += [short(part.emissions) for part in engine.pass_time(31 * M)]
    assert [row for part in said for row in part] == [(30 * M + 1, OPENED, 30 * M, OPEN)]


def test_without_a_channel_of_its_own_is_refused() -> None:
    with pytest.raises(BadInputError, match="other"):
        replace(RAIN, parameters={**UNANSWERED, "other": "rain"})
    run, _ = unanswered()
    with pytest.raises(BadInputError, match="is_other"):
        run.feed(batch_of([(0, 0, 0, 60.0)]))

"""Every kind against its slow twin, under every way a stream can be unruly."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.rules import kinds, run, windows
from bihuan.rules.kernels.records import EMISSION
from bihuan.rules.readings import Batch, FedBefore
from tests.rules.cases import DRAW, Case, case
from tests.rules.streams import S, Stream, accepted, fed, ordered, rows_of, standing, stream

KINDS = sorted(DRAW)
seeds = st.integers(0, 2**32)
often = settings(max_examples=60, deadline=None, derandomize=True)


@pytest.fixture(autouse=True)
def _own_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases draw small logs and outputs, so that they overflow; afterwards they are as before."""
    monkeypatch.setattr(run, "ROOM", run.ROOM)
    monkeypatch.setattr(windows, "NEAR_US", windows.NEAR_US)
    monkeypatch.setattr(windows, "FIRST_CAPACITY", windows.FIRST_CAPACITY)


@pytest.mark.parametrize("kind", KINDS)
@often
@given(seed=seeds)
def test_kind_agrees_with_its_oracle_in_the_end(kind: str, seed: int) -> None:
    """Disorder, repeats, bad values and late arrivals leave the intervals of sorted input."""
    rng = random.Random(seed)
    tried = case(kind, rng)
    drawn = stream(rng, tried.values, rng.choice([10, 40, 100]))
    stands = standing(fed(tried.make, shaped(tried, drawn), []))
    for slot, readings in accepted(drawn.batch, tried.lateness).items():
        assert stands[slot] == ordered(tried.oracle(readings, drawn.end_us))


@pytest.mark.parametrize("kind", KINDS)
@often
@given(seed=seeds)
def test_kind_says_the_same_however_its_lane_is_cut(kind: str, seed: int) -> None:
    """One batch, or many, or one reading a batch; never stopped, or restored after each."""
    rng = random.Random(seed)
    tried = case(kind, rng)
    unruly = shaped(tried, stream(rng, tried.values, rng.choice([10, 40])))
    n = len(unruly.batch)
    whole = rows_of(fed(tried.make, unruly, []))
    cuts = [rng.randrange(n + 1) for _ in range(rng.choice([1, 5, 50]))]
    assert rows_of(fed(tried.make, unruly, cuts)) == whole
    assert rows_of(fed(tried.make, unruly, cuts, stops=True)) == whole
    assert rows_of(fed(tried.make, unruly, list(range(n)))) == whole


@pytest.mark.parametrize("kind", KINDS)
@often
@given(seed=seeds)
def test_kind_says_nothing_more_when_all_is_delivered_twice(kind: str, seed: int) -> None:
    """Every reading sent again at once, in its own burst, changes no emission."""
    rng = random.Random(seed)
    tried = case(kind, rng)
    unruly = shaped(tried, stream(rng, tried.values, 30))
    twice = Stream(unruly.batch.where(np.repeat(np.arange(len(unruly.batch)), 2)), unruly.end_us)
    assert rows_of(fed(tried.make, twice, [])) == rows_of(fed(tried.make, unruly, []))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=seeds)
def test_kind_says_the_same_in_whatever_order_lanes_are_run(kind: str, seed: int) -> None:
    """Three lanes with an engine each, their batches fed one lane after another or shuffled."""
    rng = random.Random(seed)
    tried = case(kind, rng)
    lanes = [shaped(tried, stream(rng, tried.values, 20)) for _ in range(3)]
    alone = [rows_of(fed(tried.make, lane, [])) for lane in lanes]
    histories = [FedBefore() for _ in lanes]
    runs = [tried.make(history) for history in histories]
    turns = [(k, part) for k, lane in enumerate(lanes) for part in _parts(lane.batch)]
    order = sorted(range(len(turns)), key=lambda _: rng.random())
    waiting = [[part for k, part in turns if k == lane] for lane in range(3)]
    said = [[np.zeros(0, EMISSION)] for _ in lanes]
    for turn in order:
        lane = turns[turn][0]
        part = waiting[lane].pop(0)  # shuffled between lanes, never within one
        said[lane].append(runs[lane].feed(part))
        histories[lane].append(part)
    for lane, one in enumerate(runs):
        said[lane].append(one.pass_time(lanes[lane].end_us))
        assert rows_of(np.concatenate(said[lane])) == alone[lane]


def shaped(tried: Case, drawn: Stream) -> Stream:
    return Stream(tried.shaped(drawn.batch), drawn.end_us)


def test_proofs_are_of_every_kind() -> None:
    assert sorted(DRAW) == sorted(kinds.KINDS)


def _parts(batch: Batch) -> list[Batch]:
    return [batch.where(slice(k, k + 7)) for k in range(0, len(batch), 7)]


@pytest.mark.parametrize("kind", KINDS)
def test_kind_takes_no_bad_value_for_a_value(kind: str) -> None:
    """NaN, infinities and bad quality change nothing and are counted."""
    rng = random.Random(7)
    tried = case(kind, rng)
    drawn = stream(rng, tuple(v for v in tried.values if np.isfinite(v)), 40)
    clean, b = shaped(tried, drawn), drawn.batch
    bad = np.resize([np.nan, np.inf, -np.inf, 12.0], len(b))
    both = tried.shaped(
        Batch(
            np.repeat(b.slot, 2),
            np.repeat(b.time_us, 2) + np.tile([0, S // 4], len(b)),
            np.repeat(b.arrival_us, 2),
            np.stack((b.value, bad), axis=1).ravel(),
            is_good=np.tile([True, False], len(b)),
        )
    )
    history = FedBefore()
    one = tried.make(history)
    said = [one.feed(both)]
    history.append(both)
    said.append(one.pass_time(clean.end_us))
    assert rows_of(np.concatenate(said)) == rows_of(fed(tried.make, clean, []))
    assert one.tally()["without_value"] == len(b)

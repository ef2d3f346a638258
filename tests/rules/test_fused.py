"""A held rule and a silence rule in one pass say what each says alone, to the emission."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.rules import run, windows
from bihuan.rules.kernels.records import Records
from bihuan.rules.readings import FedBefore
from bihuan.rules.runs import FusedRun, HeldRun, SilenceRun
from tests.rules.cases import VALUES, Case, case
from tests.rules.streams import Stream, accepted, fed, ordered, rows_of, standing, stream


@pytest.fixture(autouse=True)
def _own_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases draw small outputs, so that they overflow; afterwards they are as before."""
    monkeypatch.setattr(run, "ROOM", run.ROOM)
    monkeypatch.setattr(windows, "NEAR_US", windows.NEAR_US)
    monkeypatch.setattr(windows, "FIRST_CAPACITY", windows.FIRST_CAPACITY)


def together(pair: tuple[Case, Case], history: FedBefore) -> FusedRun:
    held, quiet = (one.make(history) for one in pair)
    assert isinstance(held, HeldRun)
    assert isinstance(quiet, SilenceRun)
    return FusedRun(held, quiet)


def fused(
    pair: tuple[Case, Case], given: Stream, cuts: list[int], *, stops: bool = False
) -> list[Records]:
    """All emissions of both, as streams.fed has those of one."""
    history = FedBefore()
    both = together(pair, history)
    said: list[list[Records]] = [[], []]
    for start, end in pairwise([0, *sorted(cuts), len(given.batch)]):
        part = given.batch.where(slice(start, end))
        for parts, emissions in zip(said, both.feed(part), strict=True):
            parts.append(emissions)
        history.append(part)
        if stops:
            kept = both.held.snapshot(), both.quiet.snapshot()
            both = together(pair, history)
            both.held.restore(kept[0])
            both.quiet.restore(kept[1])
    for parts, emissions in zip(said, both.pass_time(given.end_us), strict=True):
        parts.append(emissions)
    return [np.concatenate(parts) for parts in said]


@pytest.mark.parametrize("kind", ["beyond", "cooling"])
@settings(max_examples=150, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_fused_rules_say_what_each_says_alone(kind: str, seed: int) -> None:
    """Whole, cut, one reading a batch, restored after every batch; and the oracles agree."""
    rng = random.Random(seed)
    held = case(kind, rng)
    quiet = case("silence", rng, held.lateness)
    unruly = stream(rng, VALUES, rng.choice([10, 40, 100]))
    n = len(unruly.batch)
    alone = [rows_of(fed(one.make, unruly, [])) for one in (held, quiet)]
    cuts = [rng.randrange(n + 1) for _ in range(rng.choice([1, 5, 50]))]
    whole = fused((held, quiet), unruly, [])
    assert [rows_of(said) for said in whole] == alone
    for places, stops in ((cuts, False), (cuts, True), (list(range(n)), False)):
        said = fused((held, quiet), unruly, places, stops=stops)
        assert [rows_of(part) for part in said] == alone
    for one, said in zip((held, quiet), whole, strict=True):
        stands = standing(said)
        for slot, readings in accepted(unruly.batch, held.lateness).items():
            assert stands[slot] == ordered(one.oracle(readings, unruly.end_us))

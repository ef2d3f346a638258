"""Every way into the compiled kernels: what does not fit is refused by name, at once.

A kernel would take other numbers for what they are not, or be compiled anew for ten seconds.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bihuan.base.errors import BadInputError
from bihuan.rules.kernels import doors, log, without
from bihuan.rules.readings import Batch, FedBefore
from bihuan.rules.run import Run
from bihuan.rules.runs import FusedRun, HeldRun, SilenceRun
from tests.rules.cases import DRAW, Case, case
from tests.rules.streams import N_SERIES, S, batch_of, fed, rows_of, stream
from tests.rules.test_proofs import shaped

KINDS = sorted(DRAW)
ROWS = [(k % N_SERIES, k * S, k * S, 5.0) for k in range(7)]
COLUMNS = ("slot", "time_us", "arrival_us", "value", "longitude", "is_good", "is_other")
WRONG: dict[str, Callable[[Any], Any]] = {
    "a list": lambda column: column.tolist(),
    "two dimensions": lambda column: column.reshape(-1, 1),
    "no dimension": lambda column: column[0],
    "other numbers": lambda column: column.astype(np.int16),
    "the other byte order": lambda column: column.astype(column.dtype.newbyteorder(">")),
    "objects": lambda column: column.astype(object),
    "one row too few": lambda column: column[:-1],
    "one row too many": lambda column: np.append(column, column[:1]),
}


def tried(kind: str) -> Case:
    return case(kind, random.Random(3))


def whole() -> Batch:
    plain, n = batch_of(ROWS), len(ROWS)
    good = np.ones(n, np.bool_)
    return replace(plain, longitude=np.full(n, 0.5), is_good=good, is_other=~good)


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("wrong", sorted(WRONG))
def test_batch_refuses_a_column_that_is_none(name: str, wrong: str) -> None:
    """The column is named; only a slot that is too short or long shows at the others."""
    given = whole()
    column = getattr(given, name)
    if wrong == "the other byte order" and column.dtype == np.bool_:
        return  # one byte has no order
    with pytest.raises(BadInputError) as caught:
        replace(given, **{name: WRONG[wrong](column)})
    (fault,) = caught.value.faults
    is_length = name == "slot" and wrong.startswith("one row")
    assert fault.field == ("time_us" if is_length else name)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("slot", [-1, N_SERIES, 2**31 - 1, -(2**31)])
def test_kind_refuses_a_series_that_it_does_not_have(kind: str, slot: int) -> None:
    """Nothing of such a batch is judged, and what was judged before goes on."""
    run = tried(kind).make(FedBefore())
    good = tried(kind).shaped(batch_of(ROWS))
    bad = tried(kind).shaped(batch_of([*ROWS[:3], (slot, 9 * S, 9 * S, 5.0)]))
    run.feed(good)
    before = run.snapshot()
    with pytest.raises(BadInputError, match=f"0 to {N_SERIES - 1}") as caught:
        run.feed(bad)
    assert caught.value.faults[0].field == "slot"
    assert same(before, run.snapshot())


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(repr(one[name].tolist()) == repr(other[name].tolist()) for name in one | other)


@pytest.mark.parametrize("slot", [-1, N_SERIES])
def test_fused_rules_refuse_a_series_that_they_do_not_have(slot: int) -> None:
    both = fused()
    with pytest.raises(BadInputError, match=f"0 to {N_SERIES - 1}"):
        both.feed(batch_of([*ROWS, (slot, 9 * S, 9 * S, 5.0)]))
    assert both.held.tally() == fused().held.tally()


def fused() -> FusedRun:
    history = FedBefore()
    held, quiet = tried("beyond").make(history), tried("silence").make(history)
    assert isinstance(held, HeldRun)
    assert isinstance(quiet, SilenceRun)
    return FusedRun(held, quiet)


@pytest.mark.parametrize("kind", KINDS)
def test_kind_says_nothing_of_no_readings(kind: str) -> None:
    """First of all, between others and last; nor does an empty batch move its time."""
    one = tried(kind)
    nothing = one.shaped(batch_of(ROWS)).where(slice(0, 0))
    run = one.make(FedBefore())
    assert len(run.feed(nothing)) == 0
    assert run.due_us() is None
    assert len(run.pass_time(0)) == 0
    given = shaped(one, stream(random.Random(5), one.values, 20))
    middle = len(given.batch) // 2
    assert rows_of(fed(one.make, given, [0, middle, middle, len(given.batch)])) == rows_of(
        fed(one.make, given, [])
    )


@pytest.mark.parametrize("kind", KINDS)
def test_kind_judges_columns_with_gaps_and_closed_to_writing_alike(kind: str) -> None:
    """As slices of wider tables and of Arrow's memory are; no kernel is compiled anew for them."""
    one = tried(kind)
    given = shaped(one, stream(random.Random(5), one.values, 20))
    want = rows_of(one.make(FedBefore()).feed(given.batch))
    compiled = signatures()
    for way in (spaced, closed):
        columns = {
            name: way(column)
            for name in COLUMNS
            if (column := getattr(given.batch, name)) is not None
        }
        assert rows_of(one.make(FedBefore()).feed(Batch(**columns))) == want
    assert signatures() == compiled


def spaced(column: Any) -> Any:
    return np.repeat(column, 2)[::2]


def closed(column: Any) -> Any:
    column = column.copy()
    column.flags.writeable = False
    return column


def signatures() -> list[int]:
    kernels: tuple[Any, ...] = (doors.feed_at, log.run, without.run)
    return [len(kernel.signatures) for kernel in kernels]


@pytest.mark.parametrize("kind", ["outside", "rate", "without"])
def test_kind_wants_its_second_column(kind: str) -> None:
    with pytest.raises(BadInputError) as caught:
        tried(kind).make(FedBefore()).feed(batch_of(ROWS))
    assert caught.value.faults[0].field == ("longitude" if kind == "outside" else "is_other")


@pytest.mark.parametrize("now_us", [1.5, None, "1", True, np.float64(2)])
def test_time_that_is_no_whole_number_does_not_pass(now_us: Any) -> None:
    with pytest.raises(BadInputError) as caught:
        tried("silence").make(FedBefore()).pass_time(now_us)
    assert caught.value.faults[0].field == "now_us"


@pytest.mark.parametrize("kind", KINDS)
def test_snapshot_that_does_not_fit_is_refused_and_changes_nothing(kind: str) -> None:
    run = tried(kind).make(FedBefore())
    kept = run.snapshot()
    other = tried("silence" if kind != "silence" else "change").make(FedBefore()).snapshot()
    named = {name: column for name, column in kept.items() if name != "cold"}
    retyped = kept | {"hot": kept["cold"]}
    for wrong in (named, retyped, kept | {"more": kept["counts"]}, other):
        with pytest.raises(BadInputError) as caught:
            run.restore(wrong)
        assert caught.value.faults[0].field == "snapshot"
    assert same(kept, run.snapshot())
    _restored(run, kept)


def _restored(run: Run, kept: dict[str, Any]) -> None:
    run.restore(kept)
    assert same(kept, run.snapshot())

"""Beyond and silence as a dataflow of Bytewax, where it is installed; it is no dependency.

The state of each device is stepped by `stateful_flat_map` in event order: Bytewax is spared what
late readings cost, and says a finding once, when it is over or at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from bihuan.base.time import MINUTE_US
from bihuan.rules.findings import END
from bihuan.rules.readings import Batch

LIMIT, CLEAR, HOLD_US, GAP_US = 120.0, 110.0, 3 * MINUTE_US, 5 * MINUTE_US
State = tuple[int | None, int | None, int | None]  # last, since, opened
Row = tuple[int, float]
Found = tuple[str, int, int]


def is_installed() -> bool:
    """Whether Bytewax can be imported here."""
    return find_spec("bytewax") is not None


def step(state: State | None, row: Row) -> tuple[State, list[Found]]:
    """One reading of one device; a last row with NaN is the end of time."""
    last, since, opened = state or (None, None, None)
    at, value = row
    said: list[Found] = []
    is_end = value != value  # noqa: PLR0124 - NaN is itself the mark
    if last is not None and at - last > GAP_US:
        said.append(("silence", last + GAP_US, END if is_end else at))
    if is_end:
        return (at, None, None), [*said, *([("beyond", opened, END)] if opened else [])]
    if opened is not None:
        if value <= CLEAR:
            said.append(("beyond", opened, at))
            since = opened = None
    elif value > LIMIT:
        since = at if since is None else since
        opened = at if at - since >= HOLD_US else None
    else:
        since = None
    return (at, since, opened), said


def by_bytewax(lane: Batch) -> dict[str, set[tuple[int, int, int]]]:
    """All intervals that the dataflow finds."""
    op: Any = import_module("bytewax.operators")
    testing: Any = import_module("bytewax.testing")
    found: list[tuple[str, Found]] = []
    flow: Any = import_module("bytewax.dataflow").Dataflow("county")
    stream = op.input("readings", flow, testing.TestingSource(list(_rows(lane)), 10_000))
    op.output("found", op.stateful_flat_map("rules", stream, step), testing.TestingSink(found))
    testing.run_main(flow)
    kinds: dict[str, set[tuple[int, int, int]]] = {"beyond": set(), "silence": set()}
    for slot, (kind, opened, cleared) in found:
        kinds[kind].add((int(slot), opened, cleared))
    return kinds


def _rows(lane: Batch) -> Iterator[tuple[str, Row]]:
    order = np.argsort(lane.time_us, kind="stable")
    columns = (lane.slot[order], lane.time_us[order], lane.value[order])
    for slot, at, value in zip(*(column.tolist() for column in columns), strict=True):
        yield str(slot), (at, value)
    end_us = int(lane.arrival_us[-1])
    for slot in np.unique(lane.slot).tolist():
        yield str(slot), (end_us, float("nan"))

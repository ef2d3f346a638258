"""Readings as columns, in lane order, and where a run finds those it fed before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bihuan.base.errors import bad
from bihuan.rules.kernels.records import Bools, Floats, Int32s, Int64s

COLUMNS = tuple(
    (name, np.dtype(kind))
    for name, kind in (
        ("slot", np.int32),
        ("time_us", np.int64),
        ("arrival_us", np.int64),
        ("value", np.float64),
        ("longitude", np.float64),
        ("is_good", np.bool_),
        ("is_other", np.bool_),
    )
)
OPTIONAL = ("longitude", "is_good", "is_other")


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings of one channel and one lane, in the order in which they were recorded.

    slot        int32[n]    which series, 0 to n_series - 1
    time_us     int64[n]    event time, µs since 1970 UTC
    arrival_us  int64[n]    recorded time, µs; never falls within a lane
    value       float64[n]  in the channel's unit; of a position its latitude, degrees WGS-84
    longitude   float64[n]  of a position, degrees; None for other channels
    is_good     bool[n]     quality; None = all good. A bad value is not a value
    is_other    bool[n]     of a rule over two channels: whether it is of the other one
    """

    slot: Int32s
    time_us: Int64s
    arrival_us: Int64s
    value: Floats
    longitude: Floats | None = None
    is_good: Bools | None = None
    is_other: Bools | None = None

    def __post_init__(self) -> None:
        for name, wanted in COLUMNS:
            column = getattr(self, name)
            if column is None and name in OPTIONAL:
                continue
            if not isinstance(column, np.ndarray) or column.dtype != wanted or column.ndim != 1:
                raise bad(name, _shape(column), f"{wanted}[n]")
            if len(column) != len(self.slot):
                raise bad(name, f"{len(column)} rows", f"{len(self.slot)} rows, as slot has")

    def __len__(self) -> int:
        return len(self.slot)

    def where(self, chosen: Bools | slice | Int64s) -> Batch:
        """The chosen rows, in the same order."""
        return Batch(
            self.slot[chosen],
            self.time_us[chosen],
            self.arrival_us[chosen],
            self.value[chosen],
            None if self.longitude is None else self.longitude[chosen],
            None if self.is_good is None else self.is_good[chosen],
            None if self.is_other is None else self.is_other[chosen],
        )


def _shape(column: object) -> str:
    if not isinstance(column, np.ndarray):
        return type(column).__name__
    return f"{column.dtype}{list(column.shape)}"


# The journal's answer for one slot: every reading with an event time after the given µs that was
# fed before the batch at hand, in lane order.
History = Callable[[int, int], Batch]


def joined(parts: list[Batch]) -> Batch:
    """Several batches as one; a column that only some have raises BadInputError."""
    return Batch(
        np.concatenate([p.slot for p in parts]),
        np.concatenate([p.time_us for p in parts]),
        np.concatenate([p.arrival_us for p in parts]),
        np.concatenate([p.value for p in parts]),
        _column("longitude", parts),
        _column("is_good", parts),
        _column("is_other", parts),
    )


def _column(name: str, parts: list[Batch]) -> Any:
    columns = [getattr(part, name) for part in parts]
    found = [column for column in columns if column is not None]
    if len(found) not in (0, len(parts)):
        raise bad(name, f"in {len(found)} of {len(parts)} batches", "in all or in none")
    return np.concatenate(found) if found else None


class FedBefore:
    """A history in memory: for backtests, proofs and the demo."""

    def __init__(self) -> None:
        self._batches: list[Batch] = []

    def append(self, batch: Batch) -> None:
        """Remember a batch after it was fed."""
        self._batches.append(batch)

    def __call__(self, slot: int, after_us: int) -> Batch:
        found = [b.where((b.slot == slot) & (b.time_us > after_us)) for b in self._batches]
        return joined(found) if found else no_readings()


def no_readings() -> Batch:
    """A batch of nothing."""
    return Batch(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))

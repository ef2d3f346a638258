"""Projectors: pure functions (rows, entry) → row changes, by entry type.

An entry that breaks its projector parks its stream (its case): the entry stays in the journal,
its row changes are taken back, later entries of the stream wait beside it, the others go on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bihuan.base.errors import bad
from bihuan.base.ids import row_id
from bihuan.journal.away import FAILED
from bihuan.journal.models import FACTS_LANE, Parked
from bihuan.journal.payloads import Payload
from bihuan.journal.rows import Rows

P = TypeVar("P", bound=Payload)
P_co = TypeVar("P_co", bound=Payload, covariant=True)


@dataclass(frozen=True, slots=True)
class Recorded(Generic[P_co]):
    """An entry as projectors and deciders see it."""

    lane: int
    position: int
    recorded_us: int
    payload: P_co

    def id(self, n: int = 0) -> int:
        """The id of the n-th row that this entry brings into being."""
        return row_id(self.position, n)


Projector = Callable[[Rows, Recorded[Any]], None]

_projectors: dict[type[Payload], Projector] = {}


def projects(
    payload: type[P],
) -> Callable[[Callable[[Rows, Recorded[P]], None]], Callable[[Rows, Recorded[P]], None]]:
    """Register the one projector of an entry type."""

    def register(
        function: Callable[[Rows, Recorded[P]], None],
    ) -> Callable[[Rows, Recorded[P]], None]:
        if payload in _projectors:
            raise bad("projector", payload.__name__, "one projector for each entry type")
        _projectors[payload] = function
        return function

    return register


def projected_types() -> set[type[Payload]]:
    """Every type that has a projector."""
    return set(_projectors)


def stream_of(entry: Recorded[Any]) -> int | None:
    """The case that an entry belongs to; None for entries that stand alone."""
    stream: int | None = getattr(entry.payload, "case_id", None)
    return stream


def project(rows: Rows, entry: Recorded[Any]) -> bool:
    """Apply one entry; False where it was parked instead.

    Running the same entries in the same order always leaves the same rows.
    """
    stream = stream_of(entry)
    if stream is not None and rows.where(Parked, stream=stream):
        _park(rows, entry, stream, "waits behind a parked entry of the same case")
        return False
    projector = _projectors.get(type(entry.payload))
    if projector is None:
        return True
    try:
        with rows.undone_on_error():
            projector(rows, entry)
    except FAILED:
        raise  # a lock or a lost connection says nothing about the entry
    except Exception as error:  # noqa: BLE001 - the process edge of projectors: a fault parks, never stops the county
        _park(rows, entry, stream, f"{type(error).__name__}: {error}")
        return False
    return True


def _park(rows: Rows, entry: Recorded[Any], stream: int | None, reason: str) -> None:
    lane_part = 0 if entry.lane == FACTS_LANE else entry.lane
    rows.new(
        Parked,
        id=row_id(entry.position, lane_part),
        stream=entry.id() if stream is None else stream,
        type=type(entry.payload).__name__,
        reason=reason,
        recorded_us=entry.recorded_us,
    )

"""Deciding again, to compare: what the decider would say today about what it was given then.

Lane 0 is projected in memory, entry by entry. Before each entry that the decider wrote, the
decider is asked anew over the same rows and the same recorded time; what it says is compared
with what stands in the journal and taken back. Nothing is written and nobody is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from bihuan.journal.models import FACTS_LANE
from bihuan.journal.payloads import Payload, name_of
from bihuan.journal.project import Recorded, project
from bihuan.journal.read import entries as read_entries
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop import entries
from bihuan.loop.cases.entries import MatterReported
from bihuan.loop.cases.report import open_matter
from bihuan.loop.clocks.decide import decide_provisional, decide_suspension, decide_watch
from bihuan.loop.clocks.entries import ClockMoved, ClockResumed
from bihuan.loop.decide import Deciding, decide_clock, decide_pursuit, decide_signal
from bihuan.loop.supervision.entries import SupervisionRaised
from bihuan.register.entries import SignalReceived

P = TypeVar("P", bound=Payload)
Asked = Callable[[Deciding], None]
Causes = dict[int, Recorded[Any]]
LONGEST_DECISION = 16


@dataclass(frozen=True, slots=True)
class OtherDecision:
    """The decider of this release says something else than the journal at a position."""

    position: int
    stands: str
    now: str


class _TakeBack(Exception):  # noqa: N818 - not an error: it undoes what was tried
    pass


class _Trying:
    """Stands where the appender stands, and keeps nothing."""

    def __init__(self, rows: Rows, first: Recorded[Any]) -> None:
        self.rows, self.now_us = rows, first.recorded_us
        self._position = first.position
        self.said: list[Payload] = []

    def append(self, payload: P, *, idem: bytes | None = None) -> Recorded[P]:
        entry = Recorded(FACTS_LANE, self._position, self.now_us, payload)
        self._position += 1
        self.said.append(payload)
        project(self.rows, entry)
        return entry


def recompute() -> Iterator[OtherDecision]:
    """Every decision of lane 0 that would be another one now."""
    rows = Rows(MAIN, is_fresh=True)
    causes: Causes = {}
    ahead: list[Recorded[Any]] = []
    source = read_entries(FACTS_LANE, 0)
    agreed_to = 0
    while True:
        ahead += islice(source, LONGEST_DECISION - len(ahead))
        if not ahead:
            return
        entry = ahead[0]
        if entry.position > agreed_to and (how := _decider_of(entry, causes)) is not None:
            said = _asked(rows, entry, how)
            agreed_to = entry.position + len(said) - 1
            yield from _compared(said, ahead)
        if isinstance(entry.payload, SignalReceived | MatterReported):
            causes[entry.position] = entry
        project(rows, entry)
        ahead.pop(0)


def _decider_of(entry: Recorded[Any], causes: Causes) -> Asked | None:
    """What the decider was asked when it wrote this entry first; None for entries of others."""
    said = entry.payload
    if isinstance(said, entries.CaseOpened | entries.CaseJoined | entries.SignalSetAside):
        return _opener_of(causes.pop(said.signal, None))
    if isinstance(said, entries.ClockMissed):
        return lambda lane: decide_clock(lane, said.clock_id)
    if isinstance(said, entries.PursuitStepped | entries.PursuitRanOut):
        return lambda lane: decide_pursuit(lane, said.pursuit_id)
    return _of_clocks(said)


def _opener_of(cause: Recorded[Any] | None) -> Asked | None:
    if cause is None:
        return None
    if isinstance(cause.payload, MatterReported):

        def matter(lane: Deciding) -> None:
            open_matter(lane, cause)

        return matter
    return lambda lane: decide_signal(lane, cause)


def _of_clocks(said: Payload) -> Asked | None:
    """Supervision, the end of a pause and a clock counted anew, where nobody did it by hand."""
    if isinstance(said, SupervisionRaised) and said.clock_id is not None:
        watched = said.clock_id
        return lambda lane: decide_watch(lane, watched)
    if isinstance(said, ClockResumed) and said.by is None:
        return lambda lane: decide_suspension(lane, said.change_id)
    if isinstance(said, ClockMoved):
        return lambda lane: decide_provisional(lane, said.due.clock_id)
    return None


def _asked(rows: Rows, first: Recorded[Any], how: Asked) -> Sequence[Payload]:
    trying = _Trying(rows, first)
    try:
        with rows.undone_on_error():
            how(trying)
            raise _TakeBack
    except _TakeBack:
        return trying.said


def _compared(said: Sequence[Payload], ahead: list[Recorded[Any]]) -> Iterator[OtherDecision]:
    if not said:
        yield OtherDecision(ahead[0].position, name_of(type(ahead[0].payload)), "nothing")
    for now, stands in zip(said, ahead, strict=False):
        if now != stands.payload:
            yield OtherDecision(stands.position, str(stands.payload), str(now))

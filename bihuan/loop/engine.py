"""The loop, running: what arrived is decided, what fell due is decided, each exactly once.

A decision and the offset behind it commit together, so a kill at any moment leaves either both
or neither, and the next start goes on from there.
"""

from __future__ import annotations

import structlog

from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.away import AWAY
from bihuan.journal.models import FACTS_LANE, Entry, Parked
from bihuan.journal.payloads import Payload, decode
from bihuan.journal.project import Recorded
from bihuan.journal.storage import MAIN
from bihuan.loop import entries
from bihuan.loop.cases.models import Decided
from bihuan.loop.clocks import decide as _clocks_too  # noqa: F401 - what else of clocks falls due
from bihuan.loop.decide import decide_clock, decide_pursuit, decide_signal
from bihuan.loop.decide_finding import decide_finding
from bihuan.loop.due import (
    Due,
    DueKind,
    Stream,
    decide,
    falls_due,
    first_due,
    gather,
    is_decided_by,
    streams,
)
from bihuan.loop.gather import gather_clocks, gather_pursuits, gather_signals
from bihuan.loop.lane_clock import LaneClock
from bihuan.loop.models import CaseClock, Pursuit
from bihuan.loop.projectors import FINDINGS, SIGNALS

DUE_PER_TURN = 200
log = structlog.get_logger(__name__)


SIGNAL_STREAM = Stream(
    "signal.received.v1",
    SIGNALS,
    decide_signal,
    lambda at, why: entries.SignalUndecided(signal=at, reason=why),
    is_urgent=True,
    per_turn=50,
    gather=gather_signals,
)
FINDING_STREAM = Stream(
    "finding.said.v1",
    FINDINGS,
    decide_finding,
    lambda at, why: entries.FindingUndecided(finding=at, reason=why),
    is_urgent=False,
    per_turn=20,
)
is_decided_by(SIGNAL_STREAM)
is_decided_by(FINDING_STREAM)


class Engine:
    """The decider of lane 0. One is enough; a second finds nothing left to decide."""

    def __init__(self, clock: Clock) -> None:
        self._clock = LaneClock(clock)
        self._scanned: dict[str, int] = {}
        self._broken: set[tuple[str, int]] = set()

    def run_once(self) -> int:
        """Decide what is there to decide, at most one turn's worth; how much it was.

        Signals come first, and findings only while no signal waits: an SOS is never behind them.
        """
        decided = 0
        for stream in streams():
            if stream.is_urgent and self._waiting(stream, 1):
                decided += self._decide_stream(stream, stream.per_turn)
        if self._first_due(self._clock.now_us(), 1):
            decided += self._decide_due()
        for stream in streams():
            if not decided and not stream.is_urgent and self._waiting(stream, 1):
                decided += self._decide_stream(stream, stream.per_turn)
        return decided

    def next_due_us(self) -> int | None:
        """When the next stored thing falls due; None where nothing waits."""
        due = self._first_due(None, 1)
        return due[0].at_us if due else None

    def due(self, now_us: int) -> list[Due]:
        """What has fallen due, oldest first."""
        return self._first_due(now_us)

    def _first_due(self, now_us: int | None, at_most: int = DUE_PER_TURN) -> list[Due]:
        found = first_due(at_most + len(self._broken), now_us)
        return [due for due in found if (due.kind, due.row) not in self._broken][:at_most]

    def _decide_stream(self, stream: Stream, at_most: int) -> int:
        try:
            return self._decide_first(stream, at_most)
        except AWAY:
            raise  # the database, not an entry: the next turn finds them again
        except Exception:  # noqa: BLE001 - the process edge: one of them breaks, the others must not wait for it
            log.warning("decided one by one", type=stream.entry_type)
        return self._decide_first_alone(stream)

    def _decide_first(self, stream: Stream, at_most: int) -> int:
        with Appender(FACTS_LANE, self._clock) as lane:
            waiting = self._waiting(stream, at_most)  # again, under the lock
            if stream.gather is not None:
                stream.gather(lane.rows, [entry.payload for entry in waiting])
            for entry in waiting:
                stream.decide(lane, entry)
            return len(waiting)

    def _decide_first_alone(self, stream: Stream) -> int:
        try:
            return self._decide_first(stream, 1)
        except AWAY:
            raise
        except Exception as error:  # noqa: BLE001 - the process edge: an entry that cannot be decided becomes a fault that shows
            broken = error
        with Appender(FACTS_LANE, self._clock) as lane:
            for entry in self._waiting(stream, 1):
                at = entry.position
                log.error("undecided", type=stream.entry_type, position=at, error=repr(broken))
                lane.append(stream.undecided(at, f"{type(broken).__name__}: {broken}"))
        return 1

    def _waiting(self, stream: Stream, at_most: int) -> list[Recorded[Payload]]:
        offset = Decided.objects.using(MAIN).filter(id=stream.offset).first()
        scanned = self._scanned.get(stream.offset, 0)
        after = max(scanned, offset.position if offset else 0)
        newest = Entry.objects.using(MAIN).filter(lane=FACTS_LANE).order_by("-position").first()
        found = Entry.objects.using(MAIN).filter(
            lane=FACTS_LANE, position__gt=after, type=stream.entry_type
        )
        waiting = [_recorded(e) for e in found.order_by("position")[:at_most]]
        if not waiting and newest is not None:
            # nothing up to here; it need not be read again
            self._scanned[stream.offset] = newest.position
        return waiting

    def _decide_due(self) -> int:
        try:
            return self._decide_first_due(DUE_PER_TURN)
        except AWAY:
            raise
        except Exception:  # noqa: BLE001 - the process edge: one of them breaks, the others must not wait for it
            log.warning("what is due is decided one by one")
        first = self.due(self._clock.now_us())[0]
        try:
            return self._decide_first_due(1)
        except AWAY:
            raise
        except Exception as error:  # noqa: BLE001 - the process edge: left alone until the next start, loudly
            log.error("due undecided", kind=first.kind, row=first.row, error=repr(error))
            self._broken.add((first.kind, first.row))
        return 1

    def _decide_first_due(self, at_most: int) -> int:
        with Appender(FACTS_LANE, self._clock) as lane:
            due = self.due(lane.now_us)[:at_most]
            last_us = max((one.at_us for one in due), default=0)
            if due and last_us > lane.last_recorded_us:
                lane.append(entries.Ticked(due_us=last_us))
            gather(lane.rows, due)
            for item in due:
                decide(lane, item)
            return len(due)


def _recorded(entry: Entry) -> Recorded[Payload]:
    payload = decode(entry.type, bytes(entry.body or b""))
    return Recorded(entry.lane, entry.position, entry.recorded_us, payload)


def _clocks(limit: int, now_us: int | None) -> list[tuple[int, int]]:
    parked = Parked.objects.using(MAIN).values("stream")  # waits for a mended projector
    clocks = CaseClock.objects.using(MAIN).filter(state="running").exclude(case_id__in=parked)
    if now_us is not None:
        clocks = clocks.filter(due_us__lte=now_us)
    return list(clocks.order_by("due_us").values_list("due_us", "id")[:limit])


def _pursuits(limit: int, now_us: int | None) -> list[tuple[int, int]]:
    parked = Parked.objects.using(MAIN).values("stream")
    pursuits = Pursuit.objects.using(MAIN).filter(state="running", next_due_us__isnull=False)
    pursuits = pursuits.exclude(case_id__in=parked)
    if now_us is not None:
        pursuits = pursuits.filter(next_due_us__lte=now_us)
    found = pursuits.order_by("next_due_us").values_list("next_due_us", "id")[:limit]
    return [(at_us, row) for at_us, row in found if at_us is not None]


falls_due(DueKind("clock", _clocks, decide_clock, gather_clocks))
falls_due(DueKind("pursuit", _pursuits, decide_pursuit, gather_pursuits, calls=True))

"""The rules over one reading lane: entries in, statements about findings out.

A pure function of the lane's entries and of the versions in force: whoever reads the lane again,
in whatever turns, says the same. Readings count as arrived when their entry was recorded, and
only an entry of the lane moves its time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec
import numpy as np

from bihuan.journal import batch as stored
from bihuan.journal.payloads import Payload
from bihuan.journal.project import Recorded
from bihuan.journal.read import ReadingsBatch
from bihuan.journal.series import Slots
from bihuan.register.entries import FindingSaid
from bihuan.rules.channels import LINK, UNIT_OF
from bihuan.rules.engine import Engine
from bihuan.rules.entries import LaneTicked
from bihuan.rules.kernels.records import COLD, EMISSION, ENTRY, HOT, LOG, QUIET, WIDE, Records
from bihuan.rules.past import past_batches
from bihuan.rules.readings import Batch, joined, no_readings
from bihuan.rules.rule import Rule
from bihuan.rules.run import Lateness
from bihuan.rules.statements import statement

FIRST_SERIES = 64
LAYOUT = str([kind.descr for kind in (EMISSION, HOT, QUIET, WIDE, LOG, COLD, ENTRY)])

ScenarioOf = Callable[[int], str | None]


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a rule; it judges the batches that have seen this lane-0 position."""

    scenario: str
    rule: Rule
    position: int

    @property
    def name(self) -> str:
        """The rule's name, the same in all its versions."""
        return f"{self.scenario}.{self.rule.id}"


class _KeptRun(msgspec.Struct, frozen=True):
    version: int  # index of the version in the order of force
    began: int
    n_series: int
    state: bytes


class _Kept(msgspec.Struct, frozen=True):
    layout: str
    keys: list[tuple[str, int, int]]  # name, version, position of every version taken up
    runs: list[_KeptRun]


@dataclass(slots=True)
class _Running:
    """One rule over the lane, since the entry at position `began`."""

    version: Version
    began: int
    engine: Engine
    n_series: int


class LiveLane:
    """The state of every rule over one lane, up to and with the entry at `position`."""

    def __init__(self, lane: int, versions: Sequence[Version], scenario_of: ScenarioOf) -> None:
        """versions: in the order of `position`; more may be added at its end while this lives."""
        self.lane = lane
        self.position = 0
        self.recorded_us = 0
        self._versions = versions
        self._scenario_of = scenario_of
        self._taken_up = 0
        self._runs: dict[str, _Running] = {}
        self._slots = Slots(lane)
        self._fed = 0  # last entry that a history may show

    def take(self, entry: Recorded[Payload]) -> list[FindingSaid]:
        """Judge the next entry of the lane."""
        said: list[FindingSaid] = []
        if isinstance(entry.payload, ReadingsBatch):
            self._take_up(entry.payload.seen0, entry.position)
            if self._runs:
                said += self._feed(entry, entry.payload.batch())
        self._fed = self.position = entry.position
        self.recorded_us = entry.recorded_us
        if isinstance(entry.payload, ReadingsBatch | LaneTicked):
            for run in self._runs.values():
                for out in run.engine.pass_time(entry.recorded_us):
                    said += self._statements(run, out.emissions, entry.position)
        return said

    def due_us(self) -> int | None:
        """Recorded time from which a tick of this lane would tell something; None = nothing."""
        due = [us for run in self._runs.values() if (us := run.engine.due_us()) is not None]
        return min(due, default=None)

    def snapshot(self) -> bytes:
        """State after `position`; `restore` with it goes on as if never stopped."""
        taken = self._versions[: self._taken_up]
        runs = [
            _KeptRun(taken.index(r.version), r.began, r.n_series, r.engine.snapshot())
            for r in self._runs.values()
        ]
        return msgspec.msgpack.encode(_Kept(LAYOUT, [_key(v) for v in taken], runs))

    def restore(self, position: int, recorded_us: int, body: bytes) -> bool:
        """Take up a snapshot; False where it is of other rules or another release."""
        try:
            kept = msgspec.msgpack.decode(body, type=_Kept)
        except msgspec.DecodeError:
            return False
        taken = self._versions[: len(kept.keys)]
        if kept.layout != LAYOUT or kept.keys != [_key(version) for version in taken]:
            return False
        for run in kept.runs:
            version = taken[run.version]
            engine = self._engine(version, run.began, run.n_series)
            engine.restore(run.state)
            self._runs[version.name] = _Running(version, run.began, engine, run.n_series)
        self._taken_up = len(taken)
        self._fed = self.position = position
        self.recorded_us = recorded_us
        return True

    def _take_up(self, seen0: int, position: int) -> None:
        """Begin with, or go over to, the versions that a batch has seen."""
        for version in self._versions[self._taken_up :]:
            if version.position > seen0:
                return
            self._taken_up += 1
            running = self._runs.get(version.name)
            if running is None:
                engine = self._engine(version, position, FIRST_SERIES)
                self._runs[version.name] = _Running(version, position, engine, FIRST_SERIES)
            else:
                running.engine.adopt(version.rule)
                running.version = version

    def _engine(self, version: Version, began: int, n_series: int) -> Engine:
        channel = version.rule.channel
        history = partial(self._past, channel, began)
        return Engine([version.rule], n_series, {channel: history})

    def _feed(self, entry: Recorded[Payload], batch: stored.Batch) -> Iterator[FindingSaid]:
        by_channel: dict[str, Batch] = {}
        for run in self._runs.values():
            channel = run.version.rule.channel
            if channel not in by_channel:
                by_channel[channel] = self._of_channel(channel, batch, entry.recorded_us)
            rows = by_channel[channel]
            if not len(rows):
                continue
            self._make_room(run, int(rows.slot.max()) + 1)
            for out in run.engine.feed(channel, rows, entry.position):
                yield from self._statements(run, out.emissions, entry.position)

    def _make_room(self, run: _Running, wanted: int) -> None:
        if wanted <= run.n_series:
            return
        while run.n_series < wanted:
            run.n_series *= 2
        grown = self._engine(run.version, run.began, run.n_series)
        grown.restore(run.engine.snapshot())
        run.engine = grown

    def _statements(
        self, run: _Running, emissions: Records, position: int
    ) -> Iterator[FindingSaid]:
        """Emissions as entries; a series without a subject, or of another scenario, has none."""
        version = run.version
        for row in emissions.tolist():
            subject = self._slots.series(row[5]).subject
            if subject is None or self._scenario_of(subject) != version.scenario:
                continue
            yield statement(version.scenario, version.rule, subject, (self.lane, position), row)

    def _of_channel(self, channel: str, batch: stored.Batch, recorded_us: int) -> Batch:
        """The readings that rules on a channel judge; those in another unit are none of them."""
        if channel == LINK:
            slot, time_us = batch.series.astype(np.int32), batch.arrival_us
            is_new = np.ones(len(slot), np.bool_)
            is_new[1:] = (slot[1:] != slot[:-1]) | (time_us[1:] != time_us[:-1])
            slot, time_us = slot[is_new], time_us[is_new]
            value = np.ones(len(slot))
            is_good = np.ones(len(slot), np.bool_)
        else:
            wanted = [
                at
                for at in np.unique(batch.channel).tolist()
                if self._slots.channel(at) == (channel, UNIT_OF[channel])
            ]
            rows = np.isin(batch.channel, wanted)
            slot, time_us = batch.series[rows].astype(np.int32), batch.event_us[rows]
            value, is_good = batch.value[rows], batch.quality[rows] == stored.QUALITY_GOOD
        arrival_us = np.full(len(slot), recorded_us, np.int64)
        return Batch(slot, time_us, arrival_us, value, None, is_good)

    def _past(self, channel: str, began: int, slot: int, after_us: int) -> Batch:
        """What a rule was fed of one series after an event time: from the journal."""
        since_us = after_us - Lateness().ahead_us
        found = []
        for place in past_batches(self.lane, began, self._fed, since_us):
            rows = self._of_channel(channel, place.batch, place.recorded_us)
            found.append(rows.where((rows.slot == slot) & (rows.time_us > after_us)))
        return joined(found) if found else no_readings()


def _key(version: Version) -> tuple[str, int, int]:
    return version.name, version.rule.version, version.position

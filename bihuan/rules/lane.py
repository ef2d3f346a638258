"""The rules over one reading lane: entries in, statements about findings out.

A pure function of the lane's entries and of the versions in force: whoever reads the lane again,
in whatever turns, says the same. Readings count as arrived when their entry was recorded, and
only an entry of the lane moves its time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec
import numpy as np
import numpy.typing as npt

from bihuan.base.errors import BadInputError
from bihuan.journal import batch as stored
from bihuan.journal.payloads import Payload
from bihuan.journal.project import Recorded
from bihuan.journal.read import ReadingsBatch
from bihuan.journal.series import Slots
from bihuan.register.entries import FindingSaid
from bihuan.rules.channels import LAT, LINK, LON, POSITION, UNIT_OF
from bihuan.rules.engine import Engine, watched
from bihuan.rules.entries import LaneTicked
from bihuan.rules.kernels.records import (
    COLD,
    EMISSION,
    ENTRY,
    HOLD,
    LATE,
    LOG,
    MEANING,
    SPOT,
    TAIL,
    WIDE,
    Bools,
    Records,
)
from bihuan.rules.overrides.settings import Mark, Settings
from bihuan.rules.overrides.tuning import Tuned, Tuning
from bihuan.rules.past import past_batches
from bihuan.rules.readings import Batch, joined, no_readings
from bihuan.rules.rule import Rule, judges
from bihuan.rules.run import Lateness
from bihuan.rules.statements import statement

FIRST_SERIES = 64
KEPT_IN = (EMISSION, SPOT, HOLD, WIDE, TAIL, LOG, LATE, COLD, ENTRY)
LAYOUT = f"{MEANING} {[kind.descr for kind in KEPT_IN]}"

KindOf = Callable[[int], tuple[str, str] | None]  # scenario and kind of a subject


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
    mark: tuple[int, int]
    n_met: int


@dataclass(slots=True)
class _Running:
    """One rule over the lane, since the entry at position `began`."""

    version: Version
    began: int
    engine: Engine
    n_series: int

    @property
    def name(self) -> str:
        return self.version.name

    @property
    def rule(self) -> Rule:
        return self.version.rule


class LiveLane:
    """The state of every rule over one lane, up to and with the entry at `position`."""

    def __init__(
        self,
        lane: int,
        versions: Sequence[Version],
        kind_of: KindOf,
        settings: Settings | None = None,
    ) -> None:
        """versions: in the order of `position`; more may be added at its end while this lives.

        settings: what people set; it must be loaded up to the batches' `seen0` before `take`.
        """
        self.lane = lane
        self.position = 0
        self.recorded_us = 0
        self._versions = versions
        self._kind_of = kind_of
        self._taken_up = 0
        self._runs: dict[str, _Running] = {}
        self._slots = Slots(lane)
        self._tuning = Tuning(settings or Settings(), self._slots)
        self._fed = 0  # last entry that a history may show

    def take(self, entry: Recorded[Payload]) -> list[FindingSaid]:
        """Judge the next entry of the lane."""
        said: list[FindingSaid] = []
        if isinstance(entry.payload, ReadingsBatch):
            self._take_up(entry.payload.seen0, entry.position)
            self._tune(entry.payload.seen0, entry.recorded_us)
            if self._runs:
                said += self._feed(entry, entry.payload.batch())
        elif isinstance(entry.payload, LaneTicked):
            self._tune(0, entry.recorded_us)
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

    def tally(self) -> dict[str, int]:
        """How many readings were not judged as they came, by reason, of all rules together."""
        found: Counter[str] = Counter()
        for run in self._runs.values():
            for counted in run.engine.tally().values():
                found.update(counted)
        return dict(found)

    def snapshot(self) -> bytes:
        """State after `position`; `restore` with it goes on as if never stopped."""
        taken = self._versions[: self._taken_up]
        runs = [
            _KeptRun(taken.index(r.version), r.began, r.n_series, r.engine.snapshot())
            for r in self._runs.values()
        ]
        keys, tuning = [_key(v) for v in taken], self._tuning
        return msgspec.msgpack.encode(_Kept(LAYOUT, keys, runs, tuning.mark, tuning.n_met))

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
            try:
                engine.restore(run.state)
            except BadInputError:
                self._runs.clear()
                return False
            self._runs[version.name] = _Running(version, run.began, engine, run.n_series)
        self._taken_up = len(taken)
        self._tuning.restore(Mark(*kept.mark), kept.n_met, self._tuned())
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
                running = _Running(version, position, engine, FIRST_SERIES)
                self._runs[version.name] = running
            else:
                running.engine.adopt(version.rule)
                running.version = version
            self._tuning.renew(running)

    def _tune(self, seen0: int, now_us: int) -> None:
        """What people set holds from the first batch that has seen it until its time is over."""
        before = self._tuning.mark
        at = Mark(max(seen0, before.seen0), max(now_us, before.now_us))
        self._tuning.pass_to(at, self._tuned())

    def _tuned(self) -> dict[str, Tuned]:
        return dict(self._runs)

    def _engine(self, version: Version, began: int, n_series: int) -> Engine:
        channel = watched(version.rule)
        history = partial(self._past, version.rule, began)
        return Engine([version.rule], n_series, {channel: history})

    def _feed(self, entry: Recorded[Payload], batch: stored.Batch) -> Iterator[FindingSaid]:
        by_channel: dict[str, Batch] = {}
        if len(batch.series):
            self._tuning.meet(int(batch.series.max()) + 1, self._tuned())
        for run in self._runs.values():
            rule = run.version.rule
            channel = watched(rule)
            if channel not in by_channel:
                by_channel[channel] = self._of_rule(rule, batch, entry.recorded_us)
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
        self._tuning.renew(run)

    def _statements(
        self, run: _Running, emissions: Records, position: int
    ) -> Iterator[FindingSaid]:
        """Emissions as entries; a series without a subject that the rule judges has none."""
        version = run.version
        for row in emissions.tolist():
            subject = self._slots.series(row[5]).subject
            if subject is None or not _judges(version, self._kind_of(subject)):
                continue
            place, by = (self.lane, position), self._tuning.of(run.name, row[5])
            yield statement(version.scenario, version.rule, subject, place, row, by)

    def _of_channel(self, channel: str, batch: stored.Batch, recorded_us: int) -> Batch:
        """The readings that rules on a channel judge; those in another unit are none of them."""
        if channel == POSITION:
            return self._fixes(batch, recorded_us)
        if channel == LINK:
            # a bad row beside no good one came without the device: a will, a value kept by a broker
            lives = batch.quality == stored.QUALITY_GOOD
            slot, time_us = batch.series[lives].astype(np.int32), batch.arrival_us[lives]
            is_new = np.ones(len(slot), np.bool_)
            is_new[1:] = (slot[1:] != slot[:-1]) | (time_us[1:] != time_us[:-1])
            slot, time_us = slot[is_new], time_us[is_new]
            value = np.ones(len(slot))
            is_good = np.ones(len(slot), np.bool_)
        else:
            rows = self._is_of(channel, batch.channel)
            slot, time_us = batch.series[rows].astype(np.int32), batch.event_us[rows]
            value, is_good = batch.value[rows], batch.quality[rows] == stored.QUALITY_GOOD
        arrival_us = np.full(len(slot), recorded_us, np.int64)
        return Batch(slot, time_us, arrival_us, value, None, is_good)

    def _fixes(self, batch: stored.Batch, recorded_us: int) -> Batch:
        """Positions: a latitude and the longitude that stands behind it, of one instant."""
        is_lat = self._is_of(LAT, batch.channel)
        rows = np.flatnonzero(is_lat | self._is_of(LON, batch.channel))
        first, second = rows[:-1], rows[1:]
        is_pair = is_lat[first] & ~is_lat[second]
        is_pair &= batch.series[first] == batch.series[second]
        is_pair &= batch.event_us[first] == batch.event_us[second]
        first, second = first[is_pair], second[is_pair]
        good = batch.quality == stored.QUALITY_GOOD
        return Batch(
            batch.series[first].astype(np.int32),
            batch.event_us[first],
            np.full(len(first), recorded_us, np.int64),
            batch.value[first],
            batch.value[second],
            good[first] & good[second],
        )

    def _of_rule(self, rule: Rule, batch: stored.Batch, recorded_us: int) -> Batch:
        """The readings that a rule judges; of two channels as they came."""
        other = rule.typed.get("other")
        if other is None:
            return self._of_channel(rule.channel, batch, recorded_us)
        is_mine = self._is_of(rule.channel, batch.channel)
        is_other = self._is_of(str(other), batch.channel)
        rows = is_mine | is_other
        return Batch(
            batch.series[rows].astype(np.int32),
            batch.event_us[rows],
            np.full(int(rows.sum()), recorded_us, np.int64),
            batch.value[rows],
            None,
            batch.quality[rows] == stored.QUALITY_GOOD,
            is_other[rows],
        )

    def _is_of(self, channel: str, codes: npt.NDArray[np.uint16]) -> Bools:
        """Which channel codes of this lane stand for a channel in its own unit."""
        wanted = [
            at
            for at in np.unique(codes).tolist()
            if self._slots.channel(at) == (channel, UNIT_OF.get(channel, "deg"))
        ]
        found: Bools = np.isin(codes, wanted)
        return found

    def _past(self, rule: Rule, began: int, slot: int, after_us: int) -> Batch:
        """What a rule was fed of one series after an event time: from the journal."""
        since_us = after_us - Lateness().ahead_us
        found = []
        for place in past_batches(self.lane, began, self._fed, since_us):
            rows = self._of_rule(rule, place.batch, place.recorded_us)
            found.append(rows.where((rows.slot == slot) & (rows.time_us > after_us)))
        return joined(found) if found else no_readings()


def _judges(version: Version, subject: tuple[str, str] | None) -> bool:
    return (
        subject is not None and subject[0] == version.scenario and judges(version.rule, subject[1])
    )


def _key(version: Version) -> tuple[str, int, int]:
    return version.name, version.rule.version, version.position

"""Runs of one event without another within a time, over two channels of one series."""

from __future__ import annotations

import numpy as np

from bihuan.base.errors import bad
from bihuan.base.time import SECOND_US
from bihuan.rules.findings import END, Interval
from bihuan.rules.kernels import wheel, without
from bihuan.rules.kernels.records import (
    BAND,
    CLOCK,
    ENTRY,
    NEVER,
    RING,
    SPOT,
    Bools,
    Floats,
    Int64s,
    Records,
    Rows,
    Waiting,
)
from bihuan.rules.readings import Batch, History
from bihuan.rules.run import Lateness, Run, Snapshot

Band = tuple[float, float]  # an event lies strictly below the first or above the second


class WithoutRun(Run):
    """See kernels/without.py; batches say of each reading which channel it is of."""

    def __init__(self, n_series: int, lateness: Lateness, history: History, within_us: int) -> None:
        super().__init__(n_series, lateness, history, 1.0)
        self.hot = np.zeros(n_series, SPOT)
        self.hot["t"] = NEVER
        self._bands = np.zeros((2, n_series), BAND)  # of the rule's channel, of the other
        self.state = without.WithoutState(
            self.hot,
            self.cold,
            np.zeros(n_series * RING, ENTRY),
            no_waiting(n_series, within_us),
        )

    def set_pair(self, slot: int | slice, mine: Band, other: Band, within_us: int) -> None:
        """What begins a wait, what ends it, and how long it may last, from the next reading on.

        A shorter one is looked at when the series next has an event or its present place in the
        wheel comes up.
        """
        for place, band in enumerate((mine, other)):
            self._bands["low"][place, slot], self._bands["high"][place, slot] = band
        self.hot["gap"][slot] = within_us

    def snapshot(self) -> Snapshot:
        waiting = {name: column.copy() for name, column in self.state.waiting._asdict().items()}
        own = {"ring": self.state.ring.copy(), "bands": self._bands.copy()}
        return {**super().snapshot(), **own, **waiting}

    def restore(self, snapshot: Snapshot) -> None:
        super().restore(snapshot)
        self.state.ring[: len(snapshot["ring"])] = snapshot["ring"]
        self._bands[:, : snapshot["bands"].shape[1]] = snapshot["bands"]
        for name, column in self.state.waiting._asdict().items():
            column[: len(snapshot[name])] = snapshot[name]

    def due_us(self) -> int | None:
        h, tick_us = self.hot, self._lateness.tick_us
        waits = (h["used"] > 0) & (h["is_fired"] == 0) & (self.cold["tick"] == NEVER)
        slots = np.flatnonzero(waits)
        newest = self.state.ring[slots * RING + (h["head"][slots].astype(np.int64) - 1) % RING]
        slots, newest = slots[newest["s"] != NEVER], newest[newest["s"] != NEVER]
        # as kernels.wheel.due_label has it
        over = (newest["a"] // tick_us + 1) * tick_us
        labels = np.maximum(newest["s"] + h["gap"][slots] + 1, over)
        labels = labels[labels > self._counts[CLOCK]]
        due = [int(labels.min())] if len(labels) else []
        mended_us = super().due_us()
        return min(due if mended_us is None else [*due, mended_us], default=None)

    def _measures(self, batch: Batch) -> Floats:
        if batch.is_other is None:
            if not len(batch):
                return batch.value
            raise bad("is_other", "nothing", "which of the two channels each reading is of")
        band = self._bands[batch.is_other.astype(np.int64), batch.slot]
        is_event = (batch.value < band["low"]) | (batch.value > band["high"])
        mark = np.where(batch.is_other, without.ENDS, without.STARTS)
        marks: Floats = np.where(is_event, mark, without.HEARD)
        return np.where(np.isfinite(batch.value), marks, np.nan)

    def _take(self, rows: Rows, start: int) -> int:
        return without.run(self.state, rows, self.bounds, self.out, start)

    def settle(self, batch: Batch | None) -> list[Records]:
        parts = super().settle(batch)
        clock = self._counts[CLOCK]
        if clock != NEVER:
            without.pass_time(self.state, self.bounds, self.out, clock)
            parts.append(self.drain())
        return parts

    def _entries(self, slot: int) -> Records:
        """The ring of one series, oldest first."""
        h = self.hot[slot]
        places = (int(h["head"]) - int(h["used"]) + np.arange(int(h["used"]))) % RING
        return self.state.ring[slot * RING + places]

    def _near(self, slot: int) -> tuple[int, list[Interval]] | None:
        e = self._entries(slot)
        if len(e) < RING:
            return int(NEVER), self._over(slot, NEVER, e["t"], e["s"])
        # of events at one instant all must lie on one side of the start
        if min(int(self.cold[slot]["from_us"]), int(e["t"][1])) <= int(e["t"][0]):
            return None
        return int(e["t"][0]), self._over(slot, e["s"][0], e["t"][1:], e["s"][1:])

    def _anew(self, slot: int, past: Rows) -> list[Interval]:
        base_s = self.cold[slot]["base_s"]
        events = np.flatnonzero(past.measure != without.HEARD)
        order = events[np.lexsort((past.measure[events], past.time_us[events]))]
        times, marks, arrivals = past.time_us[order], past.measure[order], past.arrival_us[order]
        tokens = without.fold(times, marks, base_s)
        h, used = self.hot[slot], min(len(order), RING)
        kept = self.state.ring[slot * RING : slot * RING + used]
        for name, column in zip("tvsa", (times, marks, tokens, arrivals), strict=True):
            kept[name] = column[len(order) - used :]
        h["used"], h["head"] = used, used % RING
        return self._over(slot, base_s, times, tokens)

    def _over(self, slot: int, began: np.int64, times: Int64s, tokens: Int64s) -> list[Interval]:
        """The waits that took too long; settles whether one that runs is found already."""
        h, q = self.hot[slot], self.cold[slot]
        gap, before = int(h["gap"]), np.append(began, tokens)[:-1]
        ends = np.flatnonzero((tokens == NEVER) & (before != NEVER))
        late = ends[times[ends] - before[ends] > gap]
        found = [
            Interval(at, int(times[k]), at, 0.0)
            for k, at in zip(late, (before[late] + gap).tolist(), strict=True)
        ]
        running = int(tokens[-1]) if len(tokens) else int(began)
        label_us = (int(q["tick"]) + 1) * self._lateness.tick_us
        is_due = running != int(NEVER) and running + gap < label_us
        h["is_fired"] = bool(h["is_fired"]) and is_due
        if h["is_fired"]:
            found.append(Interval(running + gap, END, running + gap, 0.0))
        return found

    def _clean(self, slot: int) -> None:
        q, h = self.cold[slot], self.hot[slot]
        newest = self.state.ring[slot * RING + (int(h["head"]) - 1) % RING :][:1]
        newest["a"] = max(int(newest["a"][0]), int(q["tick"]) * self._lateness.tick_us)
        super()._clean(slot)
        without.wait_anew(self.state, slot, self._counts[CLOCK])

    def _young(self) -> tuple[Int64s, Int64s, Bools]:
        ring, slots, head = self.state.ring, np.arange(self.n_series), self.hot["head"]
        oldest, second = slots * RING + head % RING, slots * RING + (head + 1) % RING
        has_one = (self.hot["used"] == RING) & (ring["t"][oldest] < ring["t"][second])
        return ring["t"][oldest], ring["s"][oldest], has_one


def no_waiting(n_series: int, wait_us: int) -> Waiting:
    """A wheel in which nobody stands, for waits of about so long."""
    return Waiting(
        np.full(wheel.BUCKETS, -1, np.int32),
        np.full(n_series, -1, np.int32),
        np.array([NEVER, END, max(wait_us // 64, SECOND_US)], np.int64),
    )

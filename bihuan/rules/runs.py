"""The two fastest runs: a condition held for a time, and silence."""

from __future__ import annotations

import numpy as np

from bihuan.base.time import SECOND_US
from bihuan.rules.findings import END, Interval, intervals
from bihuan.rules.kernels import beyond, silence
from bihuan.rules.kernels.records import (
    CLOCK,
    ENTRY,
    HOT,
    NEVER,
    QUIET,
    RING,
    SHIFT,
    Bools,
    Floats,
    Int64s,
    Records,
    Rows,
)
from bihuan.rules.readings import Batch, History
from bihuan.rules.run import Lateness, Run, Snapshot


class HeldRun(Run):
    """A measure beyond its limit held for a time: see kernels/beyond.py."""

    def __init__(self, n_series: int, lateness: Lateness, history: History, sign: float) -> None:
        super().__init__(n_series, lateness, history, sign)
        self.hot = np.zeros(n_series, HOT)
        self.hot["t"] = NEVER
        self.hot["s"] = NEVER
        self.hot["fixes"] = 1
        self._ring = np.zeros(n_series * RING, ENTRY)
        self._state = beyond.HoldState(self.hot, self.cold, self._ring)

    def set_limits(
        self, slot: int | slice, limit: float, clear: float, hold_us: int, fixes: int = 1
    ) -> None:
        """Parameters of one series or all, from the next reading on; open findings go on."""
        sign = float(self._bounds.sign)
        self.hot["limit"][slot] = sign * limit
        self.hot["clear"][slot] = sign * clear
        self.hot["hold"][slot] = hold_us
        self.hot["fixes"][slot] = fixes

    def set_legs(
        self, slot: int | slice, temperatures: tuple[float, float, float], legs_us: tuple[int, int]
    ) -> None:
        """A cooling instead: hot, middle and cold, and how long each of its two legs may take."""
        hot, middle, cold = temperatures
        self.set_limits(slot, float(np.nextafter(hot, -np.inf)), cold, legs_us[0])
        self.hot["middle"][slot] = middle
        self.hot["more"][slot] = legs_us[1]

    def snapshot(self) -> Snapshot:
        return {**super().snapshot(), "ring": self._ring.copy()}

    def restore(self, snapshot: Snapshot) -> None:
        super().restore(snapshot)
        self._ring[: len(snapshot["ring"])] = snapshot["ring"]

    def _measures(self, batch: Batch) -> Floats:
        return batch.value

    def _take(self, rows: Rows, start: int) -> int:
        return beyond.run(self._state, rows, self._bounds, self._out, start)

    def _entries(self, slot: int) -> Records:
        """The ring of one series, oldest first."""
        h = self.hot[slot]
        places = (int(h["head"]) - int(h["used"]) + np.arange(int(h["used"]))) % RING
        return self._ring[slot * RING + places]

    def _near(self, slot: int) -> tuple[int, list[Interval]] | None:
        entries = self._entries(slot)
        start_us, start_s = int(NEVER), int(NEVER)
        if len(entries) == RING:
            start_us, start_s = int(entries["t"][0]), int(entries["s"][0])
            entries = entries[1:]
            # of readings at one instant all must lie on one side of the start
            if min(int(self.cold[slot]["from_us"]), int(entries["t"][0])) <= start_us:
                return None
        columns = (entries["s"].tolist(), entries["t"].tolist(), entries["v"].tolist())
        return start_us, intervals(start_s, *columns, shift=SHIFT)

    def _anew(self, slot: int, past: Rows) -> list[Interval]:
        h, base_s = self.hot[slot], int(self.cold[slot]["base_s"])
        sign = float(self._bounds.sign)
        tokens = beyond.fold(h, past.time_us, past.measure, np.int64(base_s), sign)
        kept = slice(max(len(tokens) - RING, 0), None)
        entries = self._ring[slot * RING : (slot + 1) * RING]
        used = len(tokens[kept])
        entries["t"][:used] = past.time_us[kept]
        entries["v"][:used] = past.measure[kept]
        entries["s"][:used] = tokens[kept]
        h["used"], h["head"] = used, used % RING
        h["s"] = tokens[-1] if used else base_s
        columns = (tokens.tolist(), past.time_us.tolist(), past.measure.tolist())
        return intervals(base_s, *columns, shift=SHIFT)

    def _young(self) -> tuple[Int64s, Int64s, Bools]:
        oldest = np.arange(self.n_series) * RING + self.hot["head"] % RING
        second = np.arange(self.n_series) * RING + (self.hot["head"] + 1) % RING
        ring = self._ring
        # of two readings at one instant the first is no checkpoint: the second is still to come
        has_one = (self.hot["used"] == RING) & (ring["t"][oldest] < ring["t"][second])
        return ring["t"][oldest], ring["s"][oldest], has_one


class SilenceRun(Run):
    """Series not heard from for longer than their limit: see kernels/silence.py."""

    def __init__(self, n_series: int, lateness: Lateness, history: History, limit_us: int) -> None:
        super().__init__(n_series, lateness, history, 1.0)
        self.hot = np.zeros(n_series, QUIET)
        self.hot["t"] = NEVER
        self.hot["heard"] = NEVER
        self.hot["limit"] = limit_us
        self._ring = np.zeros(n_series * RING, np.int64)
        self._state = silence.QuietState(
            self.hot,
            self.cold,
            self._ring,
            np.full(silence.BUCKETS, -1, np.int32),
            np.full(n_series, -1, np.int32),
            np.array([NEVER, END, max(limit_us // 64, SECOND_US)], np.int64),
        )

    def set_limit(self, slot: int | slice, limit_us: int) -> None:
        """Allowed silence of one series or all, from now on.

        A shorter one is looked at when the series is next heard or its present place in the
        wheel comes up.
        """
        self.hot["limit"][slot] = limit_us

    def snapshot(self) -> Snapshot:
        names = ("ring", "bucket", "follows", "wheel")
        return {**super().snapshot(), **{n: getattr(self._state, n).copy() for n in names}}

    def restore(self, snapshot: Snapshot) -> None:
        super().restore(snapshot)
        for name in ("ring", "bucket", "follows", "wheel"):
            getattr(self._state, name)[: len(snapshot[name])] = snapshot[name]

    def due_us(self) -> int | None:
        h, tick_us = self.hot, self._lateness.tick_us
        waits = (h["t"] != NEVER) & (h["is_fired"] == 0) & (self.cold["tick"] == NEVER)
        # as kernels.silence.due_label has it
        over = (h["heard"][waits] // tick_us + 1) * tick_us
        labels = np.maximum(h["t"][waits] + h["limit"][waits] + 1, over)
        labels = labels[labels > self._counts[CLOCK]]
        due = [int(labels.min())] if len(labels) else []
        mended_us = super().due_us()
        return min(due if mended_us is None else [*due, mended_us], default=None)

    def _measures(self, batch: Batch) -> Floats:
        return batch.value

    def _take(self, rows: Rows, start: int) -> int:
        return silence.run(self._state, rows, self._bounds, self._out, start)

    def _settle(self, batch: Batch | None) -> list[Records]:
        parts = super()._settle(batch)
        clock = self._counts[CLOCK]
        if clock != NEVER:
            silence.pass_time(self._state, self._bounds, self._out, clock)
            parts.append(self._drain())
        return parts

    def _times(self, slot: int) -> Int64s:
        """Event times in the ring of one series, oldest first."""
        h = self.hot[slot]
        places = (int(h["head"]) - int(h["used"]) + np.arange(int(h["used"]))) % RING
        return self._ring[slot * RING + places]

    def _near(self, slot: int) -> tuple[int, list[Interval]] | None:
        times = self._times(slot)
        if len(times) < RING:
            return int(NEVER), self._gaps(slot, times)
        if int(self.cold[slot]["from_us"]) <= int(times[0]):
            return None
        return int(times[0]), self._gaps(slot, times)

    def _gaps(self, slot: int, times: Int64s) -> list[Interval]:
        limit = int(self.hot[slot]["limit"])
        long = np.flatnonzero(np.diff(times) > limit)
        found = [
            Interval(int(times[k]) + limit, int(times[k + 1]), int(times[k]) + limit, 0.0)
            for k in long
        ]
        if self.hot[slot]["is_fired"]:
            found.append(Interval(int(times[-1]) + limit, END, int(times[-1]) + limit, 0.0))
        return found

    def _anew(self, slot: int, past: Rows) -> list[Interval]:
        h, base_us = self.hot[slot], int(self.cold[slot]["base_t"])
        times = past.time_us
        if base_us != NEVER:
            times = np.concatenate(([np.int64(base_us)], times))
        kept = times[np.concatenate(([True], np.diff(times) > 0))][-RING:]
        self._ring[slot * RING : slot * RING + len(kept)] = kept
        h["used"], h["head"] = len(kept), len(kept) % RING
        return self._gaps(slot, times)

    def _clean(self, slot: int) -> None:
        q, h = self.cold[slot], self.hot[slot]
        h["heard"] = max(int(h["heard"]), int(q["tick"]) * int(self._bounds.tick_us))
        super()._clean(slot)
        if not h["is_fired"] and not h["is_due"]:
            limit = int(h["t"]) + int(h["limit"])
            silence.set_due(self._state, slot, limit, self._counts[CLOCK])

    def _young(self) -> tuple[Int64s, Int64s, Bools]:
        oldest = np.arange(self.n_series) * RING + self.hot["head"] % RING
        return self._ring[oldest], np.full(self.n_series, NEVER), self.hot["used"] == RING

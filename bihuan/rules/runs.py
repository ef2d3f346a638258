"""The two fastest runs, a condition held for a time and silence, and both in one pass."""

from __future__ import annotations

import numpy as np

from bihuan.rules.findings import END, Interval, intervals
from bihuan.rules.kernels import doors, held, watch
from bihuan.rules.kernels.records import (
    BLOCK,
    CLOCK,
    ENTRY,
    HOLD,
    NEVER,
    NO_SERIES,
    OPEN,
    RING,
    SETTLED,
    SHIFT,
    SPOT,
    Bools,
    Due,
    Floats,
    Int32s,
    Int64s,
    Records,
    Rows,
)
from bihuan.rules.readings import Batch, History
from bihuan.rules.run import Lateness, Run, Snapshot, in_lines, in_order


def nobody_due(n_series: int) -> Due:
    """Nobody is waited for yet."""
    return Due(np.full(-(-n_series // BLOCK), OPEN), np.full(1, OPEN))


class WatchRun(Run):
    """One part of kernels/watch.py: what both parts need of a series."""

    def __init__(self, n_series: int, lateness: Lateness, history: History, sign: float) -> None:
        super().__init__(n_series, lateness, history, sign)
        self.hot = in_lines(n_series, SPOT)
        self.hot["t"] = NEVER
        self.hot["limit"] = np.inf
        self.hot["gap"] = OPEN
        self.hot["is_due"] = 1
        by = np.zeros(n_series, HOLD)
        by["fixes"] = 1
        self.state = watch.WatchState(
            self.hot,
            by,
            in_lines(n_series * RING, ENTRY),
            self.cold,
            self.cold,
            nobody_due(n_series),
        )
        self._plan = doors.plan_of(self.state, self.out, self.out, self.bounds)

    def snapshot(self) -> Snapshot:
        return {**super().snapshot(), "by": self.state.by.copy(), "ring": self.state.ring.copy()}

    def restore(self, snapshot: Snapshot) -> None:
        super().restore(snapshot)
        self.state.by[: len(snapshot["by"])] = snapshot["by"]
        self.state.ring[: len(snapshot["ring"])] = snapshot["ring"]

    def _measures(self, batch: Batch) -> Floats:
        return batch.value

    def _take(self, rows: Rows, start: int) -> int:
        return doors.feed_at(self._plan, *rows, start)

    def _entries(self, slot: int) -> Records:
        """The ring of one series, oldest first."""
        h = self.hot[slot]
        places = (int(h["head"]) - int(h["used"]) + np.arange(int(h["used"]))) % RING
        return self.state.ring[slot * RING + places]

    def _rebuild(self, slot: int, past: Rows, tokens: Int64s) -> None:
        """Make the ring that of the last readings in `past`."""
        h, used = self.hot[slot], min(len(tokens), RING)
        entries = self.state.ring[slot * RING : slot * RING + used]
        columns = (past.time_us, past.measure, tokens, past.arrival_us)
        for name, column in zip("tvsa", columns, strict=True):
            entries[name] = column[len(tokens) - used :]
        h["used"], h["head"] = used, used % RING
        h["is_held"] = used > 0 and int(tokens[-1]) != NEVER

    def _close(self, slots: int | Int32s) -> None:
        h = self.hot[slots]
        newest = (h["head"].astype(np.int64) - 1) % RING
        self.hot["t"][slots] = self.state.ring["t"][np.int64(slots) * RING + newest]
        self.cold["tick"][slots] = NEVER
        self.cold["is_deep"][slots] = 0

    def _young(self) -> tuple[Int64s, Int64s, Bools]:
        ring, slots, head = self.state.ring, np.arange(self.n_series), self.hot["head"]
        oldest, second = slots * RING + head % RING, slots * RING + (head + 1) % RING
        # of two readings at one instant the first is no checkpoint: the second is still to come
        has_one = (self.hot["used"] == RING) & (ring["t"][oldest] < ring["t"][second])
        return ring["t"][oldest], ring["s"][oldest], has_one


class HeldRun(WatchRun):
    """A measure beyond its limit held for a time."""

    def set_limits(
        self, slot: int | slice, limit: float, clear: float, hold_us: int, fixes: int = 1
    ) -> None:
        """Parameters of one series or all, from the next reading on; open findings go on."""
        sign, by = float(self.bounds.sign), self.state.by
        self.hot["limit"][slot] = sign * limit
        by["clear"][slot] = sign * clear
        by["hold"][slot] = hold_us
        by["fixes"][slot] = fixes

    def set_legs(
        self, slot: int | slice, temperatures: tuple[float, float, float], legs_us: tuple[int, int]
    ) -> None:
        """A cooling instead: hot, middle and cold, and how long each of its two legs may take."""
        hot, middle, cold = temperatures
        self.set_limits(slot, float(np.nextafter(hot, -np.inf)), cold, legs_us[0])
        self.state.by["middle"][slot] = middle
        self.state.by["more"][slot] = legs_us[1]

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
        base_s, sign = self.cold[slot]["base_s"], self.bounds.sign
        h, by = self.hot[slot], self.state.by[slot]
        tokens = held.fold(h, by, past.time_us, past.measure, base_s, sign)
        self._rebuild(slot, past, tokens)
        columns = (tokens.tolist(), past.time_us.tolist(), past.measure.tolist())
        return intervals(int(base_s), *columns, shift=SHIFT)


class SilenceRun(WatchRun):
    """Series not heard from for longer than their limit."""

    def __init__(self, n_series: int, lateness: Lateness, history: History, limit_us: int) -> None:
        super().__init__(n_series, lateness, history, 0.0)
        self._is_beside = False
        self.hot["is_due"] = 0
        self.hot["gap"] = limit_us

    def stand_beside(self, held: HeldRun) -> None:
        """Share hot records and rings with a held rule over the same series, both unheard."""
        held.hot["gap"], held.hot["is_due"] = self.hot["gap"], 0
        self._is_beside = True
        self.hot = held.hot
        shared = held.state
        self.state = self.state._replace(
            hot=shared.hot, by=shared.by, ring=shared.ring, held=held.cold
        )
        held.state = self.state
        self._plan = doors.plan_of(self.state, held.out, self.out, self.bounds)

    def set_limit(self, slot: int | slice, limit_us: int) -> None:
        """Allowed silence of one series or all, from now on; it is looked at when time passes."""
        self.hot["gap"][slot] = limit_us
        self.state.due.blocks[:] = self.state.due.soonest[:] = NEVER

    def snapshot(self) -> Snapshot:
        return {**super().snapshot(), "due": self.state.due.blocks.copy()}

    def restore(self, snapshot: Snapshot) -> None:
        super().restore(snapshot)
        due = self.state.due
        due.blocks[: len(snapshot["due"])] = snapshot["due"]
        due.soonest[0] = due.blocks.min(initial=END)

    def due_us(self) -> int | None:
        h, tick_us, ring = self.hot, self._lateness.tick_us, self.state.ring
        waits = (h["used"] > 0) & (h["is_fired"] == 0) & (self.cold["tick"] == NEVER)
        slots = np.flatnonzero(waits)
        newest = ring[slots * RING + (h["head"][slots].astype(np.int64) - 1) % RING]
        # as kernels.wheel.due_label has it
        over = (newest["a"] // tick_us + 1) * tick_us
        labels = np.maximum(newest["t"] + h["gap"][slots] + 1, over)
        labels = labels[labels > self._counts[CLOCK]]
        due = [int(labels.min())] if len(labels) else []
        mended_us = super().due_us()
        return min(due if mended_us is None else [*due, mended_us], default=None)

    def settle(self, batch: Batch | None) -> list[Records]:
        parts = super().settle(batch)
        clock = self._counts[CLOCK]
        if clock != NEVER:
            doors.pass_time_at(self._plan, clock)
            parts.append(self.drain())
        return parts

    def _near(self, slot: int) -> tuple[int, list[Interval]] | None:
        times = self._entries(slot)["t"]
        if len(times) < RING:
            return int(NEVER), self._gaps(slot, times)
        if int(self.cold[slot]["from_us"]) <= int(times[0]):
            return None
        return int(times[0]), self._gaps(slot, times)

    def _gaps(self, slot: int, times: Int64s) -> list[Interval]:
        limit = int(self.hot[slot]["gap"])
        long = np.flatnonzero(np.diff(times) > limit)
        found = [
            Interval(int(times[k]) + limit, int(times[k + 1]), int(times[k]) + limit, 0.0)
            for k in long
        ]
        if self.hot[slot]["is_fired"]:
            found.append(Interval(int(times[-1]) + limit, END, int(times[-1]) + limit, 0.0))
        return found

    def _anew(self, slot: int, past: Rows) -> list[Interval]:
        base_us = self.cold[slot]["base_t"]
        if not self._is_beside:  # else the held rule's series is as deep, and rebuilt
            self._rebuild(slot, past, np.full(len(past.time_us), NEVER))
        known = past.time_us if base_us == NEVER else np.append(base_us, past.time_us)
        return self._gaps(slot, known)

    def _clean(self, slot: int) -> None:
        q, h = self.cold[slot], self.hot[slot]
        newest = self.state.ring[slot * RING + (int(h["head"]) - 1) % RING :][:1]
        newest["a"] = max(int(newest["a"][0]), int(q["tick"]) * int(self.bounds.tick_us))
        super()._clean(slot)
        if not h["is_fired"] and not h["is_due"]:
            watch.set_due(h, self.state.due, slot, newest["t"][0] + h["gap"])


class FusedRun:
    """A held rule and a silence rule of the same readings: one pass, and each says what it says.

    The two runs are new, of the same series, lateness and history. Each keeps its own ledger,
    snapshot and due time, and parameters are set through it; only readings and time come here.
    """

    def __init__(self, held: HeldRun, quiet: SilenceRun) -> None:
        quiet.stand_beside(held)
        self.held, self.quiet = held, quiet
        self._plan = doors.plan_of(held.state, held.out, quiet.out, held.bounds)

    def feed(self, batch: Batch) -> tuple[Records, Records]:
        """What Run.feed of each would return."""
        held, quiet = self.held, self.quiet
        said: tuple[list[Records], list[Records]] = [], []
        rows = held.unchecked(batch)
        start = 0
        while True:
            start = doors.feed_at(self._plan, *rows, start)
            if start == NO_SERIES:
                held.rows(batch)  # refuses it, and says which
            said[0].append(held.drain())
            said[1].append(quiet.drain())
            if start in {SETTLED, len(batch)}:
                break
            if held.must_mend(rows, start) or quiet.must_mend(rows, start):
                said[0].extend(held.mend_before(rows, start, batch))
                said[1].extend(quiet.mend_before(rows, start, batch))
        if start == SETTLED:
            held.roll_if_due()
            quiet.roll_if_due()
        else:
            said[0].extend(held.settle(batch))
            said[1].extend(quiet.settle(batch))
        return in_order(said[0]), in_order(said[1])

    def pass_time(self, now_us: int) -> tuple[Records, Records]:
        """What Run.pass_time of each would return."""
        return self.held.pass_time(now_us), self.quiet.pass_time(now_us)

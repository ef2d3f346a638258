"""Runs of the kinds that look at a window of time: each series keeps a log of its last readings."""

from __future__ import annotations

import numpy as np

from bihuan.base.time import MINUTE_US
from bihuan.rules.findings import Interval, intervals
from bihuan.rules.kernels import baseline, log, total, window
from bihuan.rules.kernels.records import (
    KEPT,
    LATE,
    LOG,
    N_FULL,
    N_TAIL,
    NEVER,
    SHIFT,
    TAIL,
    TOO_DEEP,
    WIDE,
    Bools,
    Floats,
    Int8s,
    Int32s,
    Int64s,
    Records,
    Rows,
)
from bihuan.rules.readings import Batch, History
from bihuan.rules.run import Lateness, Run, Snapshot, in_lines

NEAR_US = 15 * MINUTE_US  # lateness that the logs themselves can mend
FIRST_CAPACITY = 34  # not a power of two: equal strides would share cache sets


class WindowRun(Run):
    """A measure over a window of time, held beyond its limit: see kernels/window.py."""

    def __init__(self, n_series: int, lateness: Lateness, history: History, kind: int) -> None:
        super().__init__(n_series, lateness, history, 1.0)
        self._kind = kind
        self.hot = in_lines(n_series, WIDE)
        self.hot["t"] = NEVER
        self.hot["fixes"] = 1
        tail = np.zeros(n_series, TAIL)
        tail["before_t"] = tail["before_s"] = NEVER
        tail["late"] = -1
        self._base_from = np.full(n_series, NEVER)
        self._next_from = np.full(n_series, NEVER)
        self._capacity = FIRST_CAPACITY
        self._state = window.LogState(
            np.int64(kind),
            np.int64(NEAR_US),
            self.hot,
            self.cold,
            tail,
            in_lines(n_series * FIRST_CAPACITY, LOG),
            np.zeros(0, LATE),
            self._nothing_kept(n_series, FIRST_CAPACITY),
        )

    def set_window(
        self, slot: int | slice, limit: float, within_us: int, low: float = 0.0, high: float = 0.0
    ) -> None:
        """Parameters of one series or all: met when the measure is strictly beyond `limit`."""
        self.hot["limit"][slot] = limit
        self.hot["within"][slot] = within_us
        self.hot["low"][slot] = low
        self.hot["high"][slot] = high
        self._forget(slot)

    def set_change(self, slot: int | slice, by: float, within_us: int, way: str) -> None:
        """Change by as much as that within a window: a rise, a fall or either."""
        self.hot["floor"][slot] = {"rise": 1.0, "fall": -1.0, "either": 0.0}[way]
        self.set_window(slot, by, within_us)

    def set_baseline(
        self, slot: int | slice, k: float, history_us: int, every_us: int, fixes: int
    ) -> None:
        """Departure of `k` scaled deviations for `fixes` readings in a row.

        every_us  how often median and deviation are taken anew, 0 = at each reading
        """
        self.hot["floor"][slot] = every_us
        self.hot["fixes"][slot] = fixes
        self.set_window(slot, k, history_us)

    def _forget(self, slots: int | slice | Int64s) -> None:
        """Let the records know nothing but parameters: as kernels.window.forget has it."""
        h = self.hot
        if self._kind == window.CHANGE:
            h["low"][slots], h["high"][slots] = -np.inf, np.inf
        elif self._kind in window.SUMMED:
            h["floor"][slots] = -np.inf
        elif self._kind == window.RENEWED:
            h["sum"][slots] = -np.inf
        elif self._kind == window.BASELINE:
            h["floor"][slots] = 0.0
            self._state.kept.used[slots] = baseline.UNKNOWN

    def _nothing_kept(self, n_series: int, capacity: int) -> baseline.Sorted:
        """No sorted windows yet; the kinds that keep none need no room for them."""
        n = n_series if self._kind == window.BASELINE else 1
        return baseline.Sorted(
            np.zeros(n * capacity), np.full(n, baseline.UNKNOWN, np.int64), np.full(n, NEVER)
        )

    def snapshot(self) -> Snapshot:
        state = self._state
        return {
            **super().snapshot(),
            "log": state.log.copy(),
            "tail": state.tail.copy(),
            "late": state.late[: int(self._counts[N_TAIL])].copy(),
            "base_from": self._base_from.copy(),
            "next_from": self._next_from.copy(),
        }

    def restore(self, snapshot: Snapshot) -> None:
        super().restore(snapshot)
        n = len(snapshot["hot"])
        self._base_from[:n] = snapshot["base_from"]
        self._next_from[:n] = snapshot["next_from"]
        self._state.tail[:n] = snapshot["tail"]
        self._capacity = len(snapshot["log"]) // n
        logs = in_lines(self.n_series * self._capacity, LOG)
        logs[: len(snapshot["log"])] = snapshot["log"]
        self._hold_logs(logs)
        self._state = self._state._replace(late=snapshot["late"].copy())

    def _hold_logs(self, logs: Records) -> None:
        kept = self._nothing_kept(self.n_series, self._capacity)
        self._state = self._state._replace(log=logs, kept=kept)
        if self._kind == window.BASELINE:
            self.hot["floor"] = 0.0

    def _make_waiting_room(self, n_rows: int) -> None:
        """Room for what waits already and `n_rows` more."""
        late, n = self._state.late, int(self._counts[N_TAIL])
        if n + n_rows > len(late):
            wider = np.zeros(2 * (n + n_rows), LATE)
            wider[:n] = late[:n]
            self._state = self._state._replace(late=wider)

    def _measures(self, batch: Batch) -> Floats:
        return batch.value

    def _take(self, rows: Rows, start: int) -> int:
        self._make_waiting_room(len(rows.slot) - start)
        stop = log.run(self._state, rows, self.bounds, self.out, start)
        if self._counts[N_FULL]:
            self._counts[N_FULL] = 0
            self._make_room(1)
        return stop

    def _make_room(self, wanted: int) -> None:
        """Drop what no window reaches, and grow until `wanted` more fit with some to spare."""
        used = window.drop_all_old(self._state)
        capacity = self._capacity
        while used + wanted > capacity * 3 // 4:
            capacity += max(capacity - 2, 2)
        if capacity > self._capacity:
            grown = in_lines(self.n_series * capacity, LOG)
            rows = self._state.log.reshape(self.n_series, -1)
            grown.reshape(self.n_series, -1)[:, : self._capacity] = rows
            self._capacity = capacity
            self._hold_logs(grown)

    def settle(self, batch: Batch | None) -> list[Records]:
        parts = super().settle(batch)
        if self._counts[N_TAIL]:
            log.close_up(self._state, self.out)
        return parts

    def _changed(self, slots: Int32s) -> Int32s:
        """Merge what waits, all series at once; those whose log does not reach are deep."""
        self._state.tail["is_listed"][slots] = 0
        at = slots.astype(np.int64)
        found: Int8s = np.empty(len(at), np.int8)
        log.mend_all(self._state, at, found)
        full = at[found == log.NO_ROOM]
        if len(full):
            self._make_room(int(self._counts[N_TAIL]))
            again: Int8s = np.empty(len(full), np.int8)
            log.mend_all(self._state, full, again)
            found[found == log.NO_ROOM] = again
        deep = at[found == TOO_DEEP]
        self.cold["is_deep"][deep] = 1
        changed: Int32s = slots[found != KEPT]
        return changed

    def _near(self, slot: int) -> tuple[int, list[Interval]] | None:
        h, q = self.hot[slot], self._state.tail[slot]
        e = self._state.log[slot * self._capacity :][: int(h["used"])]
        measures = self._measures_of(h, e)
        columns = (e["s"].tolist(), e["t"].tolist(), measures)
        return int(q["before_t"]), intervals(int(q["before_s"]), *columns, shift=SHIFT)

    def _measures_of(self, h: Records, entries: Records) -> list[float]:
        """The measures of a log's entries that opened a finding; of the others anything."""
        measures: list[float] = entries["m"].tolist()
        if self._kind in window.SUMMED:
            beside = h.copy()
            for k in np.flatnonzero(entries["s"] == (entries["t"] << SHIFT | 1)).tolist():
                measures[k] = self._sum_at(beside, entries, k)
        return measures

    def _sum_at(self, h: Records, entries: Records, place: int) -> float:
        if self._kind >= window.AMOUNTS:
            is_running = self._kind == window.RUNNING
            return float(total.total_at(is_running, h, entries, 0, place))
        return float(window.sum_at(np.int64(self._kind), h, entries, 0, place))

    def _past(self, slot: int, after_us: int, batch: Batch | None, upto: int) -> Rows:
        return super()._past(slot, int(self._base_from[slot]), batch, upto)

    def _anew(self, slot: int, past: Rows) -> list[Interval]:
        n, q, h = len(past.time_us), self.cold[slot], self.hot[slot]
        base_t, base_s = int(q["base_t"]), int(q["base_s"])
        anew = np.zeros(n, LOG)
        anew["t"], anew["v"] = past.time_us, past.measure
        first = int(np.searchsorted(anew["t"], base_t, "right"))
        alone = self._state._replace(log=anew, kept=_kept_alone(n))
        self._forget(slot)
        h["used"] = first
        window.judge_again(alone, h, 0, 0, np.int64(NEVER))
        anew["s"][:first] = base_s
        h["used"] = n
        window.judge_again(alone, h, 0, first, np.int64(base_s))
        measures = self._measures_of(h, anew)[first:]
        self._keep_tail(slot, anew, base_t, base_s)
        tail = anew[first:]
        columns = (tail["s"].tolist(), tail["t"].tolist(), measures)
        return intervals(base_s, *columns, shift=SHIFT)

    def _keep_tail(self, slot: int, anew: Records, base_t: int, base_s: int) -> None:
        """Take the end of a series judged anew as its log."""
        h, q, times = self.hot[slot], self._state.tail[slot], anew["t"]
        horizon = int(times[-1]) - int(window.reach(np.int64(self._kind), h)) - NEAR_US
        first = max(int(np.searchsorted(times, horizon, "right")) - 1, 0)
        first = int(np.searchsorted(times, times[first], "left"))
        h["used"] = 0
        if len(anew) - first > self._capacity:
            self._make_room(len(anew) - first)
        is_later = first > 0 and int(times[first - 1]) > base_t
        q["before_t"] = times[first - 1] if is_later else base_t
        q["before_s"] = anew["s"][first - 1] if is_later else base_s
        h["used"] = len(anew) - first
        at = slot * self._capacity
        self._state.log[at : at + len(anew) - first] = anew[first:]
        if self._kind >= window.AMOUNTS:
            total.add_anew(self._kind == window.RUNNING, h, self._state.log, at)
        self._forget(slot)

    def _clean(self, slot: int) -> None:
        super()._clean(slot)
        self._state.tail["is_merged"][slot] = 0
        self._drop_waiting(slot)

    def _drop_waiting(self, slot: int) -> None:
        """What waited of a series was judged with its past."""
        late, tail = self._state.late, self._state.tail
        late["slot"][: int(self._counts[N_TAIL])][
            late["slot"][: int(self._counts[N_TAIL])] == slot
        ] = -1
        tail["late"][slot] = -1

    def _young(self) -> tuple[Int64s, Int64s, Bools]:
        times, tokens = np.full((2, self.n_series), NEVER)
        window.checkpoints(self._state, times, tokens)
        return times, tokens, times != NEVER

    def _roll(self, clock: int) -> None:
        before = self.cold["base_t"].copy(), self.cold["next_t"].copy()
        super()._roll(clock)
        promoted = self.cold["base_t"] != before[0]
        self._base_from[promoted] = self._next_from[promoted]
        renewed = (self.cold["next_t"] != before[1]) & (self.cold["next_t"] != NEVER)
        firsts = self._state.log["t"].reshape(self.n_series, -1)[:, 0]
        self._next_from[renewed] = firsts[renewed] - 1


def _kept_alone(n: int) -> baseline.Sorted:
    return baseline.Sorted(
        np.zeros(max(n, 1)), np.full(1, baseline.UNKNOWN, np.int64), np.full(1, NEVER)
    )

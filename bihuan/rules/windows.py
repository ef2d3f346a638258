"""Runs of the kinds that look at a window of time: each series keeps a log of its last readings."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bihuan.base.time import MINUTE_US
from bihuan.rules.findings import Interval, intervals
from bihuan.rules.kernels import log
from bihuan.rules.kernels.records import (
    LOG,
    N_TAIL,
    NEVER,
    SHIFT,
    WIDE,
    WINDOW,
    Bools,
    Floats,
    Int32s,
    Int64s,
    Records,
    Rows,
)
from bihuan.rules.readings import Batch, History
from bihuan.rules.run import Lateness, Run, Snapshot

Measure = Callable[[Records, Int64s, Int64s, Int64s, Records], None]
NEAR_US = 15 * MINUTE_US  # lateness that the logs themselves can mend
FIRST_CAPACITY = 32


class WindowRun(Run):
    """A measure over a window of time, held beyond its limit: see kernels/log.py."""

    def __init__(
        self, n_series: int, lateness: Lateness, history: History, measure: Measure
    ) -> None:
        super().__init__(n_series, lateness, history, 1.0)
        self.hot = np.zeros(n_series, WIDE)
        for name in ("t", "before_t", "before_s"):
            self.hot[name] = NEVER
        self.hot["fixes"] = 1
        self._by = np.zeros(n_series, WINDOW)
        self._measure = measure
        self._base_from = np.full(n_series, NEVER)
        self._next_from = np.full(n_series, NEVER)
        self._capacity = FIRST_CAPACITY
        self._hold_logs(np.zeros(n_series * FIRST_CAPACITY, LOG))

    def set_window(
        self, slot: int | slice, limit: float, within_us: int, low: float = 0.0, high: float = 0.0
    ) -> None:
        """Parameters of one series or all: met when the measure is strictly beyond `limit`."""
        self.hot["limit"][slot] = limit
        self.hot["clear"][slot] = limit
        self._by["within"][slot] = within_us
        self._by["low"][slot] = low
        self._by["high"][slot] = high

    def snapshot(self) -> Snapshot:
        n = int(self._counts[N_TAIL])
        state = self._state
        return {
            **super().snapshot(),
            "log": state.log.copy(),
            "by": self._by.copy(),
            "late_slot": state.late_slot[:n].copy(),
            "late_t": state.late_t[:n].copy(),
            "late_v": state.late_v[:n].copy(),
            "base_from": self._base_from.copy(),
            "next_from": self._next_from.copy(),
        }

    def restore(self, snapshot: Snapshot) -> None:
        super().restore(snapshot)
        n = len(snapshot["hot"])
        self._by[:n] = snapshot["by"]
        self._base_from[:n] = snapshot["base_from"]
        self._next_from[:n] = snapshot["next_from"]
        self._capacity = len(snapshot["log"]) // n
        logs = np.zeros(self.n_series * self._capacity, LOG)
        logs[: len(snapshot["log"])] = snapshot["log"]
        self._hold_logs(logs)
        self._make_waiting_room(len(snapshot["late_t"]))
        for name in ("late_slot", "late_t", "late_v"):
            getattr(self._state, name)[: len(snapshot[name])] = snapshot[name]

    def _hold_logs(self, logs: Records) -> None:
        self._state = log.LogState(
            self.hot,
            self.cold,
            logs,
            np.zeros(0, np.int32),
            np.zeros(0, np.int64),
            np.zeros(0),
            np.zeros(0, np.int64),
            np.zeros(0, np.int64),
        )

    def _make_waiting_room(self, n_rows: int) -> None:
        """Room for what waits already and `n_rows` more, and for as many appended rows."""
        state = self._state
        n = int(self._counts[N_TAIL]) + n_rows
        if n > len(state.late_t):
            more = n - len(state.late_t)
            state = state._replace(
                late_slot=np.concatenate((state.late_slot, np.zeros(more, np.int32))),
                late_t=np.concatenate((state.late_t, np.zeros(more, np.int64))),
                late_v=np.concatenate((state.late_v, np.zeros(more))),
            )
        if n_rows > len(state.row):
            room = np.zeros(n_rows, np.int64)
            state = state._replace(row=room, place=room.copy())
        self._state = state

    def _measures(self, batch: Batch) -> Floats:
        return batch.value

    def _take(self, rows: Rows, start: int) -> int:
        self._make_waiting_room(len(rows.slot))
        stop = log.take(self._state, rows, self._bounds, self._out, start)
        places = self._state.place[: int(self._counts[log.N_TOUCHED])]
        slots = places // self._capacity
        self._measure(self._state.log, slots * self._capacity, places, places, self._by[slots])
        log.judge(self._state, rows, self._out)
        if stop < len(rows.slot) and self.hot["used"][rows.slot[stop]] == self._capacity:
            self._make_room(1)
        return stop

    def _make_room(self, wanted: int) -> None:
        """Drop what no window reaches, and grow until `wanted` more fit with some to spare."""
        keep_us = int(self._by["within"].max()) + NEAR_US
        used = log.compact(self._state, keep_us)
        capacity = self._capacity
        while used + wanted > capacity * 3 // 4:
            capacity *= 2
        if capacity > self._capacity:
            grown = np.zeros((self.n_series, capacity), LOG)
            grown[:, : self._capacity] = self._state.log.reshape(self.n_series, -1)
            self._capacity = capacity
            self._state = self._state._replace(log=grown.reshape(-1))

    def _mend(self, tick: int, batch: Batch | None, upto: int) -> list[Records]:
        said = super()._mend(tick, batch, upto)
        state, n = self._state, int(self._counts[N_TAIL])
        if n:
            waiting = self.cold["tick"][state.late_slot[:n]] != NEVER
            for column in (state.late_slot, state.late_t, state.late_v):
                column[: int(waiting.sum())] = column[:n][waiting]
            self._counts[N_TAIL] = waiting.sum()
        return said

    def _changed(self, slots: Int32s) -> Int32s:
        """Merge what waits, all series at once; those whose log does not reach are deep."""
        waiting = self._state.late_slot[: int(self._counts[N_TAIL])]
        order = np.argsort(waiting, kind="stable")
        starts = np.searchsorted(waiting[order], slots, "left")
        ends = np.searchsorted(waiting[order], slots, "right")
        most = int((self.hot["used"][slots] + ends - starts).max(initial=0))
        if most > self._capacity:
            self._make_room(int((ends - starts).max()))
        late = log.Late(self._state.late_t[order], self._state.late_v[order])
        self._before_merge(slots, late.times, starts, ends)
        at = slots.astype(np.int64)
        firsts = log.merge(self._state, at, late, starts, ends, self._by["within"][slots])
        is_deep = firsts < 0
        at, firsts = at[~is_deep], firsts[~is_deep]
        base = at * self._capacity
        lasts = base + self.hot["used"][at] - 1
        self._measure(self._state.log, base, base + firsts, lasts, self._by[at])
        is_changed = is_deep.copy()
        is_changed[~is_deep] = log.judge_merged(self._state, at, firsts)
        self._close(slots[~is_changed])
        self.cold["is_deep"][slots[is_deep]] = 1
        return slots[is_changed]

    def _before_merge(self, slots: Int32s, times: Int64s, starts: Int64s, ends: Int64s) -> None:
        """Late readings times[starts to ends) are about to change the logs of these series."""

    def _near(self, slot: int) -> tuple[int, list[Interval]] | None:
        h = self.hot[slot]
        e = self._state.log[slot * self._capacity :][: int(h["used"])]
        columns = (e["s"].tolist(), e["t"].tolist(), e["m"].tolist())
        return int(h["before_t"]), intervals(int(h["before_s"]), *columns, shift=SHIFT)

    def _past(self, slot: int, after_us: int, batch: Batch | None, upto: int) -> Rows:
        return super()._past(slot, int(self._base_from[slot]), batch, upto)

    def _anew(self, slot: int, past: Rows) -> list[Interval]:
        n, q, h = len(past.time_us), self.cold[slot], self.hot[slot]
        base_t, base_s = int(q["base_t"]), int(q["base_s"])
        anew = np.zeros(n, LOG)
        anew["t"], anew["v"] = past.time_us, past.measure
        zero = np.zeros(1, np.int64)
        self._measure(anew, zero, zero, zero + n - 1, self._by[slot : slot + 1])
        first = int(np.searchsorted(anew["t"], base_t, "right"))
        anew["s"][:first] = base_s
        h["used"] = n
        log.judge_again(h, anew, 0, first, np.int64(base_s))
        self._keep_tail(slot, anew, base_t, base_s)
        tail = anew[first:]
        columns = (tail["s"].tolist(), tail["t"].tolist(), tail["m"].tolist())
        return intervals(base_s, *columns, shift=SHIFT)

    def _keep_tail(self, slot: int, anew: Records, base_t: int, base_s: int) -> None:
        """Take the end of a series judged anew as its log."""
        h, times = self.hot[slot], anew["t"]
        horizon = int(times[-1]) - int(self._by["within"][slot]) - NEAR_US
        first = max(int(np.searchsorted(times, horizon, "right")) - 1, 0)
        first = int(np.searchsorted(times, times[first], "left"))
        h["used"] = 0
        if len(anew) - first > self._capacity:
            self._make_room(len(anew) - first)
        is_later = first > 0 and int(times[first - 1]) > base_t
        h["before_t"] = times[first - 1] if is_later else base_t
        h["before_s"] = anew["s"][first - 1] if is_later else base_s
        h["used"] = len(anew) - first
        at = slot * self._capacity
        self._state.log[at : at + len(anew) - first] = anew[first:]

    def _young(self) -> tuple[Int64s, Int64s, Bools]:
        times, tokens = np.full(self.n_series, NEVER), np.full(self.n_series, NEVER)
        has_one = np.zeros(self.n_series, np.bool_)
        logs = self._state.log.reshape(self.n_series, self._capacity)
        for slot in np.flatnonzero(self.hot["used"] > 1):
            e = logs[slot][: int(self.hot["used"][slot])]
            reached = int(e["t"][0]) + int(self._by["within"][slot])
            fit = (np.diff(e["t"]) > 0) & (e["t"][:-1] >= reached)
            if fit.any():
                j = int(np.argmax(fit))
                has_one[slot] = True
                times[slot], tokens[slot] = e["t"][j], e["s"][j]
        return times, tokens, has_one

    def _roll(self, clock: int) -> None:
        before = self.cold["base_t"].copy(), self.cold["next_t"].copy()
        super()._roll(clock)
        promoted = self.cold["base_t"] != before[0]
        self._base_from[promoted] = self._next_from[promoted]
        renewed = (self.cold["next_t"] != before[1]) & (self.cold["next_t"] != NEVER)
        firsts = self._state.log["t"].reshape(self.n_series, -1)[:, 0]
        self._next_from[renewed] = firsts[renewed] - 1

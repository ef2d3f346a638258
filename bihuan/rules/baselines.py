"""Runs of departures from one's own baseline: every series keeps its window sorted."""

from __future__ import annotations

import numpy as np

from bihuan.rules.findings import Interval
from bihuan.rules.kernels import baseline
from bihuan.rules.kernels.records import NEVER, OPEN, Int32s, Int64s, Records, Rows
from bihuan.rules.readings import History
from bihuan.rules.run import Lateness, Snapshot
from bihuan.rules.windows import WindowRun


class BaselineRun(WindowRun):
    """See kernels/baseline.py. The sorted windows are no state: logs and parameters make them."""

    def __init__(self, n_series: int, lateness: Lateness, history: History) -> None:
        self._kept = _unknown(0, 0)
        super().__init__(n_series, lateness, history, self._by_sorting)

    def set_window(
        self, slot: int | slice, limit: float, within_us: int, low: float = 0.0, high: float = 0.0
    ) -> None:
        """Parameters of one series or all; the kernel too must know the limit, as `low`."""
        super().set_window(slot, limit, within_us, limit, high)
        self._kept = _unknown(0, 0)

    def restore(self, snapshot: Snapshot) -> None:
        super().restore(snapshot)
        self._kept = _unknown(0, 0)

    def _by_sorting(
        self, logs: Records, starts: Int64s, firsts: Int64s, lasts: Int64s, by: Records
    ) -> None:
        kept = self._windows() if logs is self._state.log else _unknown(1, max(len(logs), 1))
        baseline.measure(logs, starts, firsts, lasts, by, kept)

    def _before_merge(self, slots: Int32s, times: Int64s, starts: Int64s, ends: Int64s) -> None:
        if not len(slots):
            return
        pairs = np.stack((starts, ends), axis=1).ravel()
        upto = np.minimum.reduceat(np.append(times, OPEN), pairs)[::2]
        base = slots.astype(np.int64) * self._capacity
        useds = self.hot["used"][slots].astype(np.int64)
        baseline.retract(self._windows(), self._state.log, base, useds, upto)

    def _anew(self, slot: int, past: Rows) -> list[Interval]:
        found = super()._anew(slot, past)
        kept = self._windows()
        kept.used[slot] = baseline.UNKNOWN
        kept.band["left"][slot] = 0
        return found

    def _windows(self) -> baseline.Sorted:
        """The kept windows; unknown again when the logs have grown or were restored."""
        if len(self._kept.values) != len(self._state.log):
            self._kept = _unknown(self.n_series, self._capacity)
        return self._kept


def _unknown(n_series: int, capacity: int) -> baseline.Sorted:
    return baseline.Sorted(
        np.zeros(n_series * capacity),
        np.full(n_series, baseline.UNKNOWN, np.int64),
        np.full(n_series, NEVER),
        np.zeros(n_series, baseline.BAND),
    )

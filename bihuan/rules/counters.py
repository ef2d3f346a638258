"""Runs over counters: the increase of one by that of another, and what came in a window."""

from __future__ import annotations

import numpy as np

from bihuan.base.errors import bad
from bihuan.rules.kernels import rate, window
from bihuan.rules.kernels.records import Floats
from bihuan.rules.readings import Batch, History
from bihuan.rules.run import Lateness
from bihuan.rules.windows import WindowRun


class RateRun(WindowRun):
    """See kernels/rate.py; batches say of each reading which counter it is of."""

    def __init__(self, n_series: int, lateness: Lateness, history: History) -> None:
        super().__init__(n_series, lateness, history, window.RATE)

    def set_rate(self, slot: int | slice, limit: float, sign: float, within_us: int) -> None:
        """The limit of one series or all; `sign` +1 beyond is above, -1 beyond is below."""
        self.set_window(slot, sign * limit, within_us, sign)

    def _measures(self, batch: Batch) -> Floats:
        if batch.is_other is None:
            if not len(batch):
                return batch.value
            raise bad("is_other", "nothing", "which of the two counters each reading is of")
        return rate.coded(batch.value, batch.is_other)


class TotalRun(WindowRun):
    """See kernels/total.py; an amount or a total below zero is no value."""

    def __init__(
        self, n_series: int, lateness: Lateness, history: History, *, is_running: bool
    ) -> None:
        way = window.RUNNING if is_running else window.AMOUNTS
        super().__init__(n_series, lateness, history, way)

    def set_total(self, slot: int | slice, limit: float, within_us: int, outage_us: int) -> None:
        """The limit of one series or all; it is reached by the limit itself.

        outage_us  the longest time between two readings that is none, 0 = any
        """
        self.set_window(slot, limit, within_us, outage_us)

    def _measures(self, batch: Batch) -> Floats:
        return np.where(batch.value >= 0.0, batch.value, np.nan)

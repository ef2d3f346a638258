"""Runs over two counters of one series: the increase of one by that of the other."""

from __future__ import annotations

from bihuan.base.errors import bad
from bihuan.rules.kernels import rate
from bihuan.rules.kernels.records import Floats
from bihuan.rules.readings import Batch, History
from bihuan.rules.run import Lateness
from bihuan.rules.windows import WindowRun


class RateRun(WindowRun):
    """See kernels/rate.py; batches say of each reading which counter it is of."""

    def __init__(self, n_series: int, lateness: Lateness, history: History) -> None:
        super().__init__(n_series, lateness, history, rate.measure)

    def set_rate(self, slot: int | slice, limit: float, sign: float, within_us: int) -> None:
        """The limit of one series or all; `sign` +1 beyond is above, -1 beyond is below."""
        self.set_window(slot, sign * limit, within_us, sign)

    def _measures(self, batch: Batch) -> Floats:
        if batch.is_other is None:
            if not len(batch):
                return batch.value
            raise bad("is_other", "nothing", "which of the two counters each reading is of")
        return rate.coded(batch.value, batch.is_other)

"""Early-warning points of single signs, from the bands of NEWS2.

A wristband knows neither breathing nor oxygen given nor consciousness, so there is no total here:
the points of one sign say how far off that sign is, and nothing about the person's NEWS2.

Source: Royal College of Physicians, National Early Warning Score (NEWS) 2, 2017.
"""

from __future__ import annotations

import numpy as np

from bihuan.rules.kernels.records import Floats
from bihuan.rules.readings import Batch, History
from bihuan.rules.run import Lateness
from bihuan.rules.runs import HeldRun

# upper end of each band, itself in it, and its points; the last band has no upper end
BANDS: dict[str, tuple[tuple[float, ...], tuple[int, ...]]] = {
    "heart_rate": ((40, 50, 90, 110, 130), (3, 1, 0, 1, 2, 3)),
    "systolic": ((90, 100, 110, 219), (3, 2, 1, 0, 3)),
    "spo2": ((91, 93, 95), (3, 2, 1, 0)),  # scale 1
    "temperature": ((35.0, 36.0, 38.0, 39.0), (3, 1, 0, 1, 2)),
}


def points_of(sign: str, value: Floats) -> Floats:
    """Points 0 to 3 of each value of one sign, float64[n]; NaN for what is not a value.

    value  float64[n] bpm, mmHg, % or degrees Celsius; between two bands belongs to the upper one
    """
    uppers, points = BANDS[sign]
    scored = np.array(points, np.float64)[
        np.searchsorted(uppers, value, "left").clip(max=len(uppers))
    ]
    return np.where(np.isfinite(value), scored, np.nan)


class PointsRun(HeldRun):
    """A sign whose points are enough, for a number of readings and a time."""

    def __init__(self, n_series: int, lateness: Lateness, history: History, sign: str) -> None:
        super().__init__(n_series, lateness, history, 1.0)
        self._sign = sign

    def set_points(self, slot: int | slice, points: int, fixes: int, hold_us: int) -> None:
        """How many points are enough, for one series or all, from the next reading on."""
        self.set_limits(slot, points - 0.5, points - 0.5, hold_us, fixes)

    def _measures(self, batch: Batch) -> Floats:
        return points_of(self._sign, batch.value)

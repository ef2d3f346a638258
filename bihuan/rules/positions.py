"""Runs over positions: outside an area for a number of fixes and a time."""

from __future__ import annotations

import numpy as np
import shapely

from bihuan.base.errors import bad
from bihuan.rules.areas import Area, area_of
from bihuan.rules.kernels import outside
from bihuan.rules.kernels.records import Floats, Int32s
from bihuan.rules.readings import Batch, History
from bihuan.rules.run import Lateness, Snapshot
from bihuan.rules.runs import HeldRun


class OutsideRun(HeldRun):
    """Outside an area: a held condition over marks 1 = outside, 0 = inside or on the edge."""

    def __init__(self, n_series: int, lateness: Lateness, history: History) -> None:
        super().__init__(n_series, lateness, history, 1.0)
        self._area_of: Int32s = np.zeros(n_series, np.int32)
        self._areas: list[Area] = []
        self._starts: Int32s = np.zeros(1, np.int32)
        self._edges: Floats = np.zeros((0, 4))

    def set_area(self, slot: int | slice, area: Area, fixes: int, hold_us: int) -> None:
        """The area of one series or all, from the next reading on."""
        if area not in self._areas:
            self._hold_areas([*self._areas, area])
        self._area_of[slot] = self._areas.index(area)
        self.set_limits(slot, 0.5, 0.5, hold_us, fixes)

    def snapshot(self) -> Snapshot:
        drawn = [shapely.to_wkb(area.shape) for area in self._areas]
        return {
            **super().snapshot(),
            "area_of": self._area_of.copy(),
            "area_lengths": np.array([len(wkb) for wkb in drawn], np.int64),
            "areas": np.frombuffer(b"".join(drawn), np.uint8),
        }

    def restore(self, snapshot: Snapshot) -> None:
        super().restore(snapshot)
        self._area_of[: len(snapshot["area_of"])] = snapshot["area_of"]
        drawn, ends = snapshot["areas"].tobytes(), np.cumsum(snapshot["area_lengths"])
        starts = ends - snapshot["area_lengths"]
        parts = [drawn[start:end] for start, end in zip(starts, ends, strict=True)]
        self._hold_areas([area_of(shapely.from_wkb(wkb)) for wkb in parts])

    def _hold_areas(self, areas: list[Area]) -> None:
        edges = [area.edges() for area in areas]
        self._areas = areas
        self._edges = np.concatenate(edges)
        self._starts = np.cumsum([0, *map(len, edges)]).astype(np.int32)

    def _measures(self, batch: Batch) -> Floats:
        if batch.longitude is None:
            raise bad("longitude", "nothing", "a longitude with every latitude")
        area = self._area_of[batch.slot]
        latitude = np.ascontiguousarray(batch.value, np.float64)
        longitude = np.ascontiguousarray(batch.longitude, np.float64)
        return outside.mark(latitude, longitude, area, self._starts, self._edges)

"""What people had set when each archived reading came: a backtest judges by it, as live did."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq

from bihuan.base.errors import bad
from bihuan.journal.archived import ENTRIES, lane_folder, manifests
from bihuan.rules.backtest import Switch, Tuned
from bihuan.rules.kernels.records import Int64s
from bihuan.rules.overrides.settings import Effective, Mark, Settings
from bihuan.rules.rule import Rule
from bihuan.rules.tables import Table


class _Told(NamedTuple):
    """The batches of a lane, in order: position, what each had seen, when it was recorded."""

    position: Int64s
    seen0: Int64s
    recorded_us: Int64s


def as_set(settings: Settings, name: str, rule: Rule, *, is_trial: bool = False) -> Tuned | None:
    """How a rule stood for each subject as time went on; None where nothing was ever set of it.

    is_trial: the rule is a changed one in place of what regions set; what is a person's own stays
    """
    if not settings.has(name):
        return None

    def tuned(table: Table, order: Int64s) -> list[Switch]:
        if table.place is None:
            raise bad("readings", "without their place", "readings of the journal")
        told = {lane: _told(lane) for lane in np.unique(table.place.lane).tolist()}
        slots, found = table.slot[order], list[Switch]()
        for slot, series in enumerate(table.series):
            subject = int(series.split(":")[0])
            turns = settings.marks(name, subject)
            rows = np.flatnonzero(slots == slot) if any(turns) else np.zeros(0, np.int64)
            before: Effective | None = None
            for row, at in _turned(table, order, rows, told, turns):
                now = settings.of(name, rule, subject, at, is_trial)
                if now != before:
                    found.append(Switch(row, slot, None if now is None else now.typed))
                before = now
        return sorted(found, key=lambda switch: switch.row)

    return tuned


def _turned(
    table: Table,
    order: Int64s,
    rows: Int64s,
    told: dict[int, _Told],
    turns: tuple[list[int], list[int]],
) -> list[tuple[int, Mark]]:
    """Rows of one series, in event order, before which it may be set otherwise; and when.

    A reading that came late is judged by what is set by then: a lane never goes back.
    """
    if table.place is None or not len(rows):
        return []
    of_lane = told[int(table.place.lane[order[rows[0]]])]
    at = np.searchsorted(of_lane.position, table.place.position[order[rows]])
    seen0 = np.maximum.accumulate(of_lane.seen0[at])
    now_us = np.maximum.accumulate(of_lane.recorded_us[at])
    phase = np.searchsorted(np.array(turns[0], np.int64), seen0, "right")
    phase += np.searchsorted(np.array(turns[1], np.int64), now_us, "right")
    firsts = np.flatnonzero(np.diff(phase, prepend=-1))
    return [(int(rows[k]), Mark(int(seen0[k]), int(now_us[k]))) for k in firsts]


def _told(lane: int) -> _Told:
    columns = ["position", "seen0", "recorded_us"]
    parts = [
        pq.read_table(lane_folder(manifest["day"], lane) / ENTRIES, columns=columns)
        for manifest in manifests(lane)
    ]
    found = [
        np.concatenate([part[name].fill_null(0).to_numpy() for part in parts]) for name in columns
    ]
    order = np.argsort(found[0])
    return _Told(*(column[order] for column in found))

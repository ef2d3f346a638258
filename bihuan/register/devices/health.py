"""Whether a device is heard: the last reading of each of its series, its battery.

Silence is not stored: it depends on when one looks, and for how long a device may be silent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from bihuan.journal.batch import QUALITY_GOOD
from bihuan.journal.follow import catch_up, projects_batch
from bihuan.journal.read import RecordedBatch
from bihuan.journal.rows import Rows
from bihuan.journal.series import SeriesAt
from bihuan.journal.storage import MAIN, reading_lanes
from bihuan.register.devices.models import SeriesHealth

FOLLOWER = "device health"
BATTERY = "battery"
State = Literal["online", "silent", "never"]


@dataclass(frozen=True, slots=True)
class Health:
    """last_us: when it was heard last (arrival), None = never. battery in %, None = not known."""

    state: State
    last_us: int | None
    battery: float | None
    battery_us: int | None


NEVER = Health("never", None, None, None)


def health_of(device_ids: list[int], now_us: int, silent_us: int) -> dict[int, Health]:
    """The health of devices at a time; silent_us: after how long without a word one is silent."""
    found = dict.fromkeys(device_ids, NEVER)
    rows = SeriesHealth.objects.using(MAIN).filter(device_id__in=device_ids).order_by("id")
    for row in rows:
        found[row.device_id] = _later(found[row.device_id], row, now_us - silent_us)
    return found


def follow() -> int:
    """Take in the next readings of every lane; how many batches there were."""
    return sum(catch_up(FOLLOWER, lane) for lane in reading_lanes())


def without_series(rows: Rows, at: SeriesAt) -> None:
    """An erased series was never heard."""
    rows.remove(SeriesHealth, _key(at.lane, at.slot))


def without_old(rows: Rows, place: tuple[int, int], before_us: int) -> None:
    """What was heard before a time alone was never heard; nor a battery that was told then."""
    row = rows.get(SeriesHealth, _key(*place))
    if row is None:
        return
    if row.last_us < before_us:
        rows.remove(SeriesHealth, row.id)
    elif row.battery_us is not None and row.battery_us < before_us:
        held = rows.change(SeriesHealth, row.id)
        held.battery, held.battery_us = None, None


@projects_batch(FOLLOWER, SeriesHealth, forget=without_series, age=without_old)
def heard(rows: Rows, place: RecordedBatch) -> None:
    """The latest arrival of each series of a batch, and the latest good battery by its own time."""
    batch = place.batch
    for slot in np.unique(batch.series).tolist():
        is_its = batch.series == slot
        last_us = int(batch.arrival_us[is_its].max())
        key = _key(place.lane, slot)
        row = rows.get(SeriesHealth, key)
        if row is None:
            device = place.slots.series(slot).device
            held = rows.new(SeriesHealth, id=key, device_id=device, last_us=last_us)
        else:
            held = rows.change(SeriesHealth, key)
            held.last_us = max(held.last_us, last_us)
        for channel in np.unique(batch.channel[is_its]).tolist():
            if place.slots.channel(channel).channel == BATTERY:
                _battery(held, place, is_its & (batch.channel == channel))


def _battery(held: SeriesHealth, place: RecordedBatch, is_meant: np.ndarray) -> None:
    batch = place.batch
    good = np.flatnonzero(is_meant & (batch.quality == QUALITY_GOOD))
    if not len(good):
        return
    last = good[np.argmax(batch.event_us[good])]
    at_us = int(batch.event_us[last])
    if held.battery_us is None or at_us >= held.battery_us:
        held.battery, held.battery_us = float(batch.value[last]), at_us


def _key(lane: int, slot: int) -> int:
    return lane << 32 | slot


def _later(known: Health, row: SeriesHealth, heard_after_us: int) -> Health:
    last_us = max(row.last_us, known.last_us or row.last_us)
    battery, battery_us = known.battery, known.battery_us
    if row.battery_us is not None and (battery_us is None or row.battery_us > battery_us):
        battery, battery_us = row.battery, row.battery_us
    state: State = "online" if last_us >= heard_after_us else "silent"
    return Health(state, last_us, battery, battery_us)

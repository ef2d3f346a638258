"""Readings of one subject's channel out of the journal and its archive."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import numpy as np
from django.db import connections

from bihuan.base.errors import bad
from bihuan.base.time import DAY_US
from bihuan.journal.batch import QUALITY_GOOD
from bihuan.journal.read import RecordedBatch, read_batches
from bihuan.journal.series import series_of_subject
from bihuan.journal.storage import alias_of
from bihuan.loop.shows import Measured

LONGEST_US: Final = 31 * DAY_US
LATE_US: Final = DAY_US  # how much later than measured a reading may have been stored
MOST_BATCHES: Final = 4000  # of a lane; of more only the newest are read


def measured(subject_id: int, channel: str, since_us: int, until_us: int) -> list[Measured]:
    """What was measured from `since_us` until before `until_us`, by its own time.

    What was stored more than a day after it was measured is left out. Raises BadInputError for
    more than 31 days at once.
    """
    if until_us - since_us > LONGEST_US:
        raise bad("until_us", until_us, "at most 31 days after since_us")
    by_lane: dict[int, list[int]] = defaultdict(list)
    for place in series_of_subject(subject_id):
        by_lane[place.lane].append(place.slot)
    found: list[Measured] = []
    for lane, slots in sorted(by_lane.items()):
        first, last = _first(lane, since_us), _first(lane, until_us + LATE_US) - 1
        after = max(first - 1, last - MOST_BATCHES)
        wanted = np.array(slots, np.uint32)
        for recorded in read_batches(lane, after, last):
            found += _of(recorded, wanted, channel, (since_us, until_us))
    return sorted(found)


def _of(
    recorded: RecordedBatch, slots: np.ndarray, channel: str, span: tuple[int, int]
) -> list[Measured]:
    batch = recorded.batch
    at = batch.event_us
    its = np.isin(batch.series, slots) & (at >= span[0]) & (at < span[1])
    return [
        Measured(int(at[n]), float(batch.value[n]), bool(batch.quality[n] == QUALITY_GOOD))
        for n in np.flatnonzero(its).tolist()
        if recorded.slots.channel(int(batch.channel[n])).channel == channel
    ]


def _first(lane: int, since_us: int) -> int:
    """Position of the first entry recorded then or later; 1 where the archive may hold one."""
    with connections[alias_of(lane)].cursor() as cursor:
        cursor.execute(
            "SELECT max(position) FROM journal_entry WHERE lane = %s AND recorded_us < %s",
            (lane, since_us),
        )
        row = cursor.fetchone()
    return 1 if row is None or row[0] is None else int(row[0]) + 1

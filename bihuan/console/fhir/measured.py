"""A subject's readings of a period, from the journal and its archive."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import numpy as np

from bihuan.base.time import CHINA, datetime_of
from bihuan.journal.archived import manifests
from bihuan.journal.models import Entry
from bihuan.journal.read import last_position, read_batches
from bihuan.journal.readings import NewReading
from bihuan.journal.series import SeriesAt, series_of_subject
from bihuan.journal.storage import alias_of

# what a wrong clock may be ahead of the time at which its reading was recorded
AHEAD_US: Final = 3_600_000_000


def measured(subject_id: int, from_us: int, until_us: int) -> list[NewReading]:
    """Every reading of a subject whose own time is in [from, until), in the journal's order.

    Also what came late: everything that was recorded since then is looked through.
    """
    by_lane: dict[int, list[SeriesAt]] = defaultdict(list)
    for place in series_of_subject(subject_id):
        by_lane[place.lane].append(place)
    found: list[NewReading] = []
    for lane, places in sorted(by_lane.items()):
        keys = {place.slot: place.key for place in places}
        slots = np.array(sorted(keys), dtype=np.uint32)
        for recorded in read_batches(lane, _after(lane, from_us - AHEAD_US)):
            batch = recorded.batch
            is_in = (batch.event_us >= from_us) & (batch.event_us < until_us)
            for n in np.flatnonzero(is_in & np.isin(batch.series, slots)).tolist():
                key = keys[int(batch.series[n])]
                channel = recorded.slots.channel(int(batch.channel[n]))
                found.append(
                    NewReading(
                        subject=key.subject,
                        device=key.device,
                        binding=key.binding,
                        channel=channel.channel,
                        unit=channel.unit,
                        event_us=int(batch.event_us[n]),
                        value=float(batch.value[n]),
                        quality=int(batch.quality[n]),
                        arrival_us=int(batch.arrival_us[n]),
                    )
                )
    return found


def _after(lane: int, since_us: int) -> int:
    """The position before the first entry that was recorded since then, archived or not."""
    lines = Entry.objects.using(alias_of(lane)).filter(lane=lane, recorded_us__gte=since_us)
    held = lines.order_by("recorded_us", "position").values_list("position", flat=True).first()
    day = f"{datetime_of(since_us).astimezone(CHINA):%Y-%m-%d}"
    closed = [int(one["first"]) for one in manifests(lane) if one["day"] >= day]
    firsts = [*closed, *([held] if held is not None else [])]
    return min(firsts, default=last_position(lane) + 1) - 1

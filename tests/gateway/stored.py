"""What the journal holds of readings, read back by channel."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connections

from bihuan.journal.batch import QUALITY_GOOD, unpack
from bihuan.journal.models import Entry
from bihuan.journal.readings import BATCH_TYPE
from bihuan.journal.storage import alias_of
from bihuan.register.models import Device


class Stored(NamedTuple):
    """One reading as the journal has it."""

    device: str
    channel: str
    value: float
    is_good: bool
    event_us: int


def stored(channel: str | None = None) -> list[Stored]:
    """Every reading (of one channel), in lane order."""
    entries = Entry.objects.using(alias_of(1)).filter(type=BATCH_TYPE, lane__gt=0)
    # before the names: what is written meanwhile has names that are not read yet
    bodies = list(entries.order_by("lane", "position").values_list("lane", "body"))
    numbers = dict(Device.objects.values_list("id", "number"))
    with connections[alias_of(1)].cursor() as cursor:
        cursor.execute("SELECT lane, slot, device FROM journal_series")
        series = {(lane, slot): numbers[device] for lane, slot, device in cursor.fetchall()}
        cursor.execute("SELECT lane, slot, channel FROM journal_channel")
        channels = {(lane, slot): name for lane, slot, name in cursor.fetchall()}
    found = []
    for lane, body in bodies:
        batch = unpack(bytes(body or b""))
        for n in range(len(batch)):
            found.append(
                Stored(
                    series[lane, int(batch.series[n])],
                    channels[lane, int(batch.channel[n])],
                    float(batch.value[n]),
                    bool(batch.quality[n] == QUALITY_GOOD),
                    int(batch.event_us[n]),
                )
            )
    return [one for one in found if channel is None or one.channel == channel]

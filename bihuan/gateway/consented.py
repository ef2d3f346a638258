"""What of a turn's readings may be kept: not what a person withdrew the consent for.

The device is answered as ever and an SOS always calls; only the readings are let go, unkept, and
the log says of how many subjects. Which channel tells what is in `register.consents.effect`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import structlog

from bihuan.journal.batch import Batch
from bihuan.journal.readings import NewReading, NewReadings
from bihuan.journal.storage import MAIN
from bihuan.register.consents.effect import purpose_of, stopped
from bihuan.register.consents.models import Consent
from bihuan.register.models import Subject

log = structlog.get_logger(__name__)
_AT_ONCE = 500


LetGo = Mapping[int, frozenset[str]]


def kept(rows: Sequence[NewReading], now_us: int, let_go: LetGo | None = None) -> list[NewReading]:
    """The readings that may be kept, in their order.

    let_go  `stopped_for` of the subjects, where a turn of many frames has asked it once
    """
    if let_go is None:
        let_go = stopped_for((row.subject for row in rows), now_us)
    if not let_go:
        return list(rows)
    return [
        row
        for row in rows
        if row.subject is None or purpose_of(row.channel) not in let_go.get(row.subject, ())
    ]


def kept_columns(readings: NewReadings, now_us: int) -> NewReadings:
    """The same for columns."""
    let_go = stopped_for((key.subject for key in readings.series), now_us)
    if not let_go:
        return readings
    purposes = [purpose_of(channel.channel) for channel in readings.channels]
    table = np.array(
        [
            [key.subject is None or p not in let_go.get(key.subject, ()) for p in purposes]
            for key in readings.series
        ],
        np.bool_,
    )
    fits = table[readings.rows.series, readings.rows.channel]
    rows = readings.rows
    return replace(
        readings,
        rows=Batch(
            rows.series[fits],
            rows.channel[fits],
            rows.quality[fits],
            rows.event_us[fits],
            rows.arrival_us[fits],
            rows.value[fits],
        ),
    )


def stopped_for(subject_ids: Iterable[int | None], now_us: int) -> LetGo:
    """Subject → purposes that are stopped; empty, after one small query, where nobody withdrew."""
    wanted = sorted({subject for subject in subject_ids if subject is not None})
    if not wanted or not Consent.objects.using(MAIN).exists():
        return {}
    found: dict[int, frozenset[str]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = Subject.objects.using(MAIN).filter(id__in=wanted[start : start + _AT_ONCE])
        persons = dict(some.exclude(person_id=None).values_list("id", "person_id"))
        purposes = stopped({p for p in persons.values() if p is not None}, now_us)
        found |= {sid: purposes[p] for sid, p in persons.items() if p in purposes}
    if found:
        log.info("readings let go: consent withdrawn", subjects=len(found))
    return found

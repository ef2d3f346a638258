"""Observations that came become rows."""

from __future__ import annotations

import msgspec

from bihuan.base.errors import bad
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.register.models import Device, Subject
from bihuan.register.observations.entries import ObservationReceived
from bihuan.register.observations.models import Observation


@projects(ObservationReceived)
def observation_received(rows: Rows, entry: Recorded[ObservationReceived]) -> None:
    said = entry.payload
    for field, model in (("subject_id", Subject), ("device_id", Device)):
        if rows.get(model, getattr(said, field)) is None:
            raise bad(field, getattr(said, field), f"a registered {model._meta.model_name}")
    rows.new(Observation, id=entry.id(), **msgspec.structs.asdict(said))

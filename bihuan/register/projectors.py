"""Register entries become rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from bihuan.base.errors import bad
from bihuan.journal.payloads import Payload
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.journal.tables import Projection
from bihuan.register import entries, models

COUNTY_ROW = 1


@projects(entries.CountyNamed)
def county_named(rows: Rows, entry: Recorded[entries.CountyNamed]) -> None:
    said = entry.payload
    rows.put(models.County, id=COUNTY_ROW, name=said.name, latin=said.latin, mode=said.mode)


@projects(entries.ModeSet)
def mode_set(rows: Rows, entry: Recorded[entries.ModeSet]) -> None:
    rows.change(models.County, COUNTY_ROW).mode = entry.payload.mode


@projects(entries.AreaRegistered)
def area_registered(rows: Rows, entry: Recorded[entries.AreaRegistered]) -> None:
    said, identity = entry.payload, entry.id()
    above = ""
    if said.parent_id is not None:
        parent = rows.get(models.Area, said.parent_id)
        if parent is None:
            raise bad("parent_id", said.parent_id, "a registered area")
        above = parent.path
    rows.new(
        models.Area,
        id=identity,
        code=said.code,
        name=said.name,
        latin=said.latin,
        level=said.level,
        parent_id=said.parent_id,
        path=f"{above}{identity}.",
        outline=msgspec.json.encode(said.outline).decode(),
    )


# what an entry names must be registered: an SOS must never lead to nowhere
REFERS_TO: Mapping[str, type[Projection]] = {
    "person_id": models.Person,
    "area_id": models.Area,
    "subject_id": models.Subject,
}
# entries whose fields are a new row's columns, one for one
AS_IT_STANDS: Mapping[type[Payload], type[Projection]] = {
    entries.PersonRegistered: models.Person,
    entries.PersonReachable: models.Reach,
    entries.PostHeld: models.Post,
    entries.DutyAssigned: models.Duty,
    entries.SubjectRegistered: models.Subject,
    entries.ContactNamed: models.Contact,
    entries.DeviceAdopted: models.Device,
}


def _must_be(rows: Rows, said: Mapping[str, Any]) -> None:
    for field, model in REFERS_TO.items():
        if field in said and rows.get(model, said[field]) is None:
            raise bad(field, said[field], f"a registered {model._meta.model_name}")


def _added(rows: Rows, entry: Recorded[Any]) -> None:
    said = msgspec.structs.asdict(entry.payload)
    _must_be(rows, said)
    rows.new(AS_IT_STANDS[type(entry.payload)], id=entry.id(), **said)


for _payload in AS_IT_STANDS:
    projects(_payload)(_added)


@projects(entries.DeviceBound)
def device_bound(rows: Rows, entry: Recorded[entries.DeviceBound]) -> None:
    _must_be(rows, {"subject_id": entry.payload.subject_id})
    device = rows.change(models.Device, entry.payload.device_id)
    device.subject_id = entry.payload.subject_id
    device.binding_id = entry.id()


@projects(entries.DeviceReleased)
def device_released(rows: Rows, entry: Recorded[entries.DeviceReleased]) -> None:
    device = rows.change(models.Device, entry.payload.device_id)
    device.subject_id = None
    device.binding_id = None


@projects(entries.FrameRefused)
def frame_refused(rows: Rows, entry: Recorded[entries.FrameRefused]) -> None:
    said = entry.payload
    rows.new(
        models.RefusedFrame,
        id=entry.id(),
        protocol=said.protocol,
        device=said.device,
        raw=said.raw,
        faults=msgspec.json.encode(said.faults).decode(),
        recorded_us=entry.recorded_us,
    )

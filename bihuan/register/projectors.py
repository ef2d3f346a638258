"""Register entries become rows."""

from __future__ import annotations

import msgspec

from bihuan.base.errors import bad
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


@projects(entries.PersonRegistered)
def person_registered(rows: Rows, entry: Recorded[entries.PersonRegistered]) -> None:
    said = entry.payload
    rows.new(models.Person, id=entry.id(), name=said.name, latin=said.latin, phone=said.phone)


def _must_be(rows: Rows, model: type[Projection], field: str, identity: int) -> None:
    """What an entry names must be registered: an SOS must never lead to nowhere."""
    if rows.get(model, identity) is None:
        raise bad(field, identity, f"a registered {model._meta.model_name}")


@projects(entries.PersonReachable)
def person_reachable(rows: Rows, entry: Recorded[entries.PersonReachable]) -> None:
    said = entry.payload
    _must_be(rows, models.Person, "person_id", said.person_id)
    rows.new(
        models.Reach,
        id=entry.id(),
        person_id=said.person_id,
        channel=said.channel,
        address=said.address,
        rank=said.rank,
    )


@projects(entries.PostHeld)
def post_held(rows: Rows, entry: Recorded[entries.PostHeld]) -> None:
    said = entry.payload
    _must_be(rows, models.Person, "person_id", said.person_id)
    _must_be(rows, models.Area, "area_id", said.area_id)
    rows.new(
        models.Post,
        id=entry.id(),
        person_id=said.person_id,
        role=said.role,
        area_id=said.area_id,
        from_us=said.from_us,
        until_us=said.until_us,
    )


@projects(entries.DutyAssigned)
def duty_assigned(rows: Rows, entry: Recorded[entries.DutyAssigned]) -> None:
    said = entry.payload
    _must_be(rows, models.Person, "person_id", said.person_id)
    _must_be(rows, models.Area, "area_id", said.area_id)
    rows.new(
        models.Duty,
        id=entry.id(),
        person_id=said.person_id,
        role=said.role,
        area_id=said.area_id,
        from_us=said.from_us,
        until_us=said.until_us,
    )


@projects(entries.SubjectRegistered)
def subject_registered(rows: Rows, entry: Recorded[entries.SubjectRegistered]) -> None:
    said = entry.payload
    _must_be(rows, models.Person, "person_id", said.person_id)
    _must_be(rows, models.Area, "area_id", said.area_id)
    rows.new(
        models.Subject,
        id=entry.id(),
        scenario=said.scenario,
        kind=said.kind,
        person_id=said.person_id,
        area_id=said.area_id,
        address=said.address,
        note=said.note,
    )


@projects(entries.ContactNamed)
def contact_named(rows: Rows, entry: Recorded[entries.ContactNamed]) -> None:
    said = entry.payload
    _must_be(rows, models.Subject, "subject_id", said.subject_id)
    _must_be(rows, models.Person, "person_id", said.person_id)
    rows.new(
        models.Contact,
        id=entry.id(),
        subject_id=said.subject_id,
        person_id=said.person_id,
        relation=said.relation,
        rank=said.rank,
    )


@projects(entries.DeviceAdopted)
def device_adopted(rows: Rows, entry: Recorded[entries.DeviceAdopted]) -> None:
    said = entry.payload
    rows.new(
        models.Device,
        id=entry.id(),
        protocol=said.protocol,
        number=said.number,
        model=said.model,
        subject_id=None,
        binding_id=None,
    )


@projects(entries.DeviceBound)
def device_bound(rows: Rows, entry: Recorded[entries.DeviceBound]) -> None:
    _must_be(rows, models.Subject, "subject_id", entry.payload.subject_id)
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

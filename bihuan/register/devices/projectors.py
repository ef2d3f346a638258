"""Entries about devices become rows."""

from __future__ import annotations

from bihuan.base.errors import bad
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.register import entries as register
from bihuan.register.devices import entries
from bihuan.register.devices.models import Binding, Calibration, Sim
from bihuan.register.models import Device
from bihuan.register.projectors import must_be

REBOUND = "rebound"


@projects(register.DeviceBound)
def device_bound(rows: Rows, entry: Recorded[register.DeviceBound]) -> None:
    said = entry.payload
    must_be(rows, {"subject_id": said.subject_id})
    device = rows.change(Device, said.device_id)
    _end(rows, device.id, REBOUND, (entry.recorded_us, None, said.by))
    device.subject_id = said.subject_id
    device.binding_id = entry.id()
    rows.new(
        Binding,
        id=entry.id(),
        device_id=said.device_id,
        subject_id=said.subject_id,
        from_us=entry.recorded_us,
        issued_us=said.issued_us,
        by_id=said.by.person_id if said.by is not None else None,
    )


@projects(register.DeviceReleased)
def device_released(rows: Rows, entry: Recorded[register.DeviceReleased]) -> None:
    said = entry.payload
    device = rows.change(Device, said.device_id)
    device.subject_id = device.binding_id = None
    _end(rows, device.id, said.reason, (entry.recorded_us, said.ended_us, said.by))


def _end(
    rows: Rows,
    device_id: int,
    reason: str,
    when: tuple[int, int | None, register.Actor | None],
) -> None:
    recorded_us, ended_us, by = when
    for binding in rows.where(Binding, device_id=device_id):
        if binding.until_us is None:
            held = rows.change(Binding, binding.id)
            held.until_us, held.ended_us, held.reason = recorded_us, ended_us, reason
            held.released_by = by.person_id if by is not None else None


@projects(entries.DeviceSimSet)
def device_sim_set(rows: Rows, entry: Recorded[entries.DeviceSimSet]) -> None:
    said = entry.payload
    _must_be_adopted(rows, said.device_id)
    rows.put(Sim, id=said.device_id, number=said.number, expires_on=said.expires_on)


@projects(entries.DeviceCalibrated)
def device_calibrated(rows: Rows, entry: Recorded[entries.DeviceCalibrated]) -> None:
    said = entry.payload
    _must_be_adopted(rows, said.device_id)
    rows.new(
        Calibration,
        id=entry.id(),
        device_id=said.device_id,
        done_on=said.done_on,
        due_on=said.due_on,
        certificate=said.certificate,
        by_id=said.by.person_id,
    )


def _must_be_adopted(rows: Rows, device_id: int) -> None:
    if rows.get(Device, device_id) is None:
        raise bad("device_id", device_id, "an adopted device")

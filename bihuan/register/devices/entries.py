"""What lane 0 says about devices beside adopting, binding and releasing (`register.entries`)."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type
from bihuan.register.entries import Actor


@entry_type("device.sim_set.v1")
class DeviceSimSet(Payload, frozen=True, kw_only=True):
    """number: sealed under the device's id. expires_on: a date, None = not known."""

    device_id: int
    number: bytes
    expires_on: str | None
    by: Actor


@entry_type("device.calibrated.v1")
class DeviceCalibrated(Payload, frozen=True, kw_only=True):
    """Dates; certificate: its number."""

    device_id: int
    done_on: str
    due_on: str
    certificate: str
    by: Actor

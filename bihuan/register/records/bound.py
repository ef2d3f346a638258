"""A record that hands out a device binds it, and the act that takes it back releases it.

In the transaction of the row: it is filed with its binding, or nothing is. Rights are those of the
row: who may hand out a band binds it by handing it out.
"""

from __future__ import annotations

from bihuan.base.errors import bad
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.entries import Actor, DeviceBound, DeviceReleased
from bihuan.register.models import Device
from bihuan.register.records.doing import Doing
from bihuan.register.records.rows import Row, read, subject_of
from bihuan.register.scheme import RecordType, Value

WANT = "an adopted device that nobody has"


def bind(doing: Doing, row_id: int, declared: RecordType, actor: Actor) -> None:
    """Bind the device that a row names to the row's subject; what it has already stays.

    Raises BadInputError naming the field: no such device, somebody else's, not yet handed over.
    """
    if declared.binds is None:
        return
    row = doing.row(row_id)
    values, subject_id = read(row.values), subject_of(row)
    number, handed_us = values[declared.binds], _handed_us(declared, values)
    if handed_us is not None and handed_us > doing.now_us:
        raise bad(str(declared.handed), handed_us, "not later than now")
    device = _found(doing.rows, declared.binds, str(number))
    if device.subject_id is not None and device.subject_id != subject_id:
        raise bad(declared.binds, f"{number}, which somebody has", WANT)
    assert subject_id is not None, "checked when the scheme was installed"
    if device.subject_id is None:
        said = DeviceBound(
            device_id=device.id, subject_id=subject_id, issued_us=handed_us, by=actor
        )
        doing.append(said)


def release(doing: Doing, row: Row, declared: RecordType, reason: str, actor: Actor) -> None:
    """End the binding of a row's device, if its subject still has it."""
    number = read(row.values).get(declared.binds)
    for device in _numbered(doing.rows, str(number)):
        if device.subject_id is not None and device.subject_id == subject_of(row):
            doing.append(DeviceReleased(device_id=device.id, reason=reason, by=actor))


def _handed_us(declared: RecordType, values: dict[str, Value]) -> int | None:
    handed = values.get(declared.handed) if declared.handed is not None else None
    return handed if isinstance(handed, int) else None


def _found(rows: Rows, field: str, number: str) -> Device:
    """The one adopted device with this number."""
    found = _numbered(rows, number)
    if not found:
        raise bad(field, f"{number}, which is not adopted", WANT)
    if len(found) > 1:
        said = " and ".join(sorted(device.protocol for device in found))
        raise bad(field, f"{number} of {said}", "a number that one device has")
    return found[0]


def _numbered(rows: Rows, number: str) -> list[Device]:
    held = Device.objects.using(MAIN).filter(number=number).order_by("id")
    found = [rows.get(Device, device.id) for device in held]
    return [device for device in found if device is not None]

"""Giving devices out and taking them back; what is heard and not adopted; whose it was when.

Administration of devices is the platform's own (`By` of a person is recorded, rights are the
caller's); every call is one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

from django.db.models import Count, Max

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.ids import row_id
from bihuan.base.time import Clock, rfc3339
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.payloads import Payload
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.devices import entries
from bihuan.register.devices.health import health_of
from bihuan.register.devices.models import Binding, Calibration, Sim
from bihuan.register.entries import Actor, DeviceAdopted, DeviceBound, DeviceReleased
from bihuan.register.models import Device, RefusedFrame, Subject
from bihuan.register.records.doing import By
from bihuan.register.refusals import TakenError
from bihuan.register.scheme import ReleaseReason

Reason = ReleaseReason


@dataclass(frozen=True, slots=True)
class Heard:
    """A device that is heard and not adopted: how often its frames were refused, last when (µs)."""

    protocol: str
    number: str
    frames: int
    last_us: int


class Devices:
    """Writes the devices of one county; the same key does it once."""

    def __init__(self, clock: Clock, keys: KeyRing) -> None:
        self._clock, self._keys = clock, keys

    def adopt(self, protocol: str, number: str, model: str | None, by: By) -> int:
        """Adopt a device; its id."""
        idem = by.idem("adopt", protocol, number)
        with Appender(FACTS_LANE, self._clock) as lane:
            if (earlier := lane.last_with(idem)) is not None:
                return row_id(earlier.position)
            _check_number(protocol, number)
            said = DeviceAdopted(protocol=protocol, number=number, model=model)
            return lane.append(said, idem=idem).id()

    def bind(self, device_id: int, subject_id: int, by: By, issued_us: int | None = None) -> int:
        """Give a device to a subject; the binding's id. One that somebody has is released first."""
        idem = by.idem("bind", device_id, subject_id)
        with Appender(FACTS_LANE, self._clock) as lane:
            if (earlier := lane.last_with(idem)) is not None:
                return row_id(earlier.position)
            device = _adopted(lane.rows, device_id)
            subject = lane.rows.get(Subject, subject_id)
            if subject is None or subject.ended_us is not None:
                raise bad("subject_id", subject_id, "a registered subject that has not ended")
            if device.subject_id is not None:
                raise bad("device_id", device_id, "a device that nobody has; release it first")
            _not_later("issued_us", issued_us, lane.now_us)
            _not_before("issued_us", issued_us, _last_ended_us(lane.rows, device_id))
            said = DeviceBound(
                device_id=device_id, subject_id=subject_id, issued_us=issued_us, by=_actor(by)
            )
            return lane.append(said, idem=idem).id()

    def release(self, device_id: int, reason: Reason, by: By, ended_us: int | None = None) -> int:
        """Take a device back, and why; what it reads from now on is nobody's."""
        idem = by.idem("release", device_id)
        with Appender(FACTS_LANE, self._clock) as lane:
            if (earlier := lane.last_with(idem)) is not None:
                return row_id(earlier.position)
            device = _adopted(lane.rows, device_id)
            if reason not in get_args(Reason):
                raise bad("reason", reason, " | ".join(get_args(Reason)))
            if device.subject_id is None:
                raise TakenError(None, None, "released")
            _not_later("ended_us", ended_us, lane.now_us)
            _not_before("ended_us", ended_us, _given_us(lane.rows, device_id))
            said = DeviceReleased(
                device_id=device_id, reason=reason, ended_us=ended_us, by=_actor(by)
            )
            return lane.append(said, idem=idem).id()

    def set_sim(self, device_id: int, number: str, expires_on: str | None, by: By) -> None:
        """Note a device's SIM; the number is sealed."""
        faults = [] if expires_on is None else _date_faults(("expires_on", expires_on))
        if not 5 <= len(number.strip()) <= 22 or not (
            number.isascii() and number.strip().isdigit()
        ):
            faults.append(Fault("number", "…", "a SIM's number (5 to 22 digits)"))
        if faults:
            raise BadInputError(*faults)
        sealed = self._keys.seal(device_id, number.strip())
        said = entries.DeviceSimSet(
            device_id=device_id, number=sealed, expires_on=expires_on, by=_actor(by)
        )
        self._add(device_id, said)

    def calibrated(self, device_id: int, certificate: str, days: tuple[str, str], by: By) -> None:
        """Note a calibration. days: (done on, due on)."""
        faults = _date_faults(("done_on", days[0]), ("due_on", days[1]))
        if not faults and days[1] <= days[0]:
            faults.append(Fault("due_on", days[1], f"later than {days[0]}"))
        if not 1 <= len(certificate.strip()) <= 64:
            faults.append(Fault("certificate", certificate or "nothing", "1 to 64 characters"))
        if faults:
            raise BadInputError(*faults)
        said = entries.DeviceCalibrated(
            device_id=device_id,
            done_on=days[0],
            due_on=days[1],
            certificate=certificate.strip(),
            by=_actor(by),
        )
        self._add(device_id, said)

    def _add(self, device_id: int, said: Payload) -> None:
        with Appender(FACTS_LANE, self._clock) as lane:
            _adopted(lane.rows, device_id)
            lane.append(said)


def unknown() -> list[Heard]:
    """Devices that are heard and not adopted, the most recent first."""
    known = set(Device.objects.using(MAIN).values_list("protocol", "number"))
    found = (
        RefusedFrame.objects.using(MAIN)
        .exclude(device=None)
        .values_list("protocol", "device")
        .annotate(frames=Count("id"), last_us=Max("recorded_us"))
        .order_by("-last_us", "protocol", "device")
    )
    return [Heard(*row) for row in found if (row[0], row[1]) not in known]


def whose(device_id: int, at_us: int) -> int | None:
    """The subject that had a device at a time of its own; None = nobody.

    Goes by when it was handed over and taken back where that was said. Series go by arrival
    instead: a reading that comes late stays where it arrived.
    """
    found = None
    for binding in Binding.objects.using(MAIN).filter(device_id=device_id).order_by("id"):
        from_us = binding.from_us if binding.issued_us is None else binding.issued_us
        until_us = binding.until_us if binding.ended_us is None else binding.ended_us
        if from_us <= at_us and (until_us is None or at_us < until_us):
            found = binding.subject_id
    return found


def is_calibrated(device_id: int, on: date) -> bool | None:
    """Whether the newest calibration holds on a day; None = there is none."""
    found = Calibration.objects.using(MAIN).filter(device_id=device_id, done_on__lte=str(on))
    newest = found.order_by("-done_on", "-id").first()
    return None if newest is None else str(on) <= newest.due_on


def device_rows(now_us: int, silent_us: int) -> Iterator[dict[str, Any]]:
    """Every adopted device with its health, then what is heard and not adopted."""
    devices = list(Device.objects.using(MAIN).order_by("protocol", "number"))
    health = health_of([device.id for device in devices], now_us, silent_us)
    expiry = dict(Sim.objects.using(MAIN).values_list("id", "expires_on"))
    empty = {"subject": None, "model": None, "battery": None, "sim_expires_on": None}
    for device in devices:
        seen = health[device.id]
        yield {
            "id": device.id,
            "protocol": device.protocol,
            "number": device.number,
            "state": "adopted",
            "health": seen.state,
            "last_us": seen.last_us,
            "subject": device.subject_id,
            "model": device.model,
            "battery": seen.battery,
            "sim_expires_on": expiry.get(device.id),
        }
    for heard in unknown():
        yield {
            "id": None,
            "protocol": heard.protocol,
            "number": heard.number,
            "state": "unknown",
            "health": "refused",
            "last_us": heard.last_us,
            **empty,
        }


def _actor(by: By) -> Actor:
    return Actor(person_id=by.person_id, role="administration", via=by.via)


def _adopted(rows: Rows, device_id: int) -> Device:
    device = rows.get(Device, device_id)
    if device is None:
        raise bad("device_id", device_id, "an adopted device")
    return device


def _check_number(protocol: str, number: str) -> None:
    if not 1 <= len(number.strip()) <= 64:
        raise bad("number", number or "nothing", "1 to 64 characters")
    if Device.objects.using(MAIN).filter(protocol=protocol, number=number).exists():
        raise bad("number", number, f"a {protocol} device that is not adopted yet")


def _not_later(name: str, at_us: int | None, now_us: int) -> None:
    if at_us is not None and at_us > now_us:
        raise bad(name, at_us, "not later than now")


def _not_before(name: str, at_us: int | None, first_us: int | None) -> None:
    if at_us is not None and first_us is not None and at_us < first_us:
        raise bad(name, rfc3339(at_us), f"{rfc3339(first_us)} or later")


def _last_ended_us(rows: Rows, device_id: int) -> int | None:
    """When a device was last taken back; None = never. It is given out again from then on."""
    ends = [
        one.until_us if one.ended_us is None else one.ended_us
        for one in rows.where(Binding, device_id=device_id)
    ]
    return max((one for one in ends if one is not None), default=None)


def _given_us(rows: Rows, device_id: int) -> int | None:
    """When who has a device now got it."""
    for one in rows.where(Binding, device_id=device_id):
        if one.until_us is None:
            return one.from_us if one.issued_us is None else int(one.issued_us)
    return None


def _date_faults(*said: tuple[str, str]) -> list[Fault]:
    faults = []
    for name, text in said:
        try:
            is_date = date.fromisoformat(text).isoformat() == text
        except ValueError:
            is_date = False
        if not is_date:
            faults.append(Fault(name, text, "a date such as 2026-03-02"))
    return faults

"""FHIR R4 Observations: in, they become readings beside their sealed original; out, a Bundle.

The original is recorded first. A request that ends in between is completed when it comes again:
both halves go by the same identity, so neither stands twice.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Q

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.ids import row_id
from bihuan.base.time import Clock
from bihuan.gateway.consented import kept as agreed
from bihuan.gateway.formats import fhir, strict_json
from bihuan.gateway.formats.strict_json import Json, Number
from bihuan.gateway.http.directory import Found, Place, place_of, places
from bihuan.gateway.http.lines import KNOWN
from bihuan.gateway.http.once import refuse_other_body
from bihuan.gateway.http.request import Answer, Request, said
from bihuan.journal.append import Appender
from bihuan.journal.batch import QUALITY_GOOD
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.readings import NewReading, append_readings, seen0_now
from bihuan.journal.series import SeriesKey
from bihuan.journal.storage import MAIN, reading_lanes
from bihuan.register.entries import DeviceAdopted
from bihuan.register.models import Device
from bihuan.register.observations.entries import ObservationReceived
from bihuan.register.observations.models import Observation

PROTOCOL = "fhir"
FHIR_JSON = "application/fhir+json"
_SUBJECT = re.compile(r"Patient/([1-9][0-9]{0,15})")
_DEVICE = re.compile(r"Device/([1-9][0-9]{0,15})")


class ObservationStore:
    """Keeps Observations; used by the worker's thread alone."""

    def __init__(self, clock: Clock, keys: KeyRing) -> None:
        self._clock, self._keys = clock, keys

    def post(self, request: Request) -> Answer:
        """Keep one Observation: 201, or 200 where it is known; 422 with every fault."""
        observation = fhir.parse(request.body)
        readings, without = _readings(observation)
        faults = [
            Fault(one.channel, f"{one.value}", f"{span.low:g} to {span.high:g} {span.unit}")
            for one in readings
            for span in [KNOWN[one.channel]]
            if not Decimal(str(span.low)) <= one.value <= Decimal(str(span.high))
        ]
        place = _subject(request, observation, faults)
        device = _device(request, observation, place, faults)
        if faults or place is None:
            raise BadInputError(*faults)
        seen0 = seen0_now()
        idem = request.idem or _identity(request)
        at_us = readings[0].at_us if readings else None
        kept, key, is_new = self._keep(request, place, device, at_us, idem)
        rows = [
            NewReading(
                subject=place.subject_id,
                device=key.device,
                binding=key.binding,
                channel=one.channel,
                unit=KNOWN[one.channel].unit,
                event_us=one.at_us,
                value=float(one.value),
                quality=QUALITY_GOOD,
                arrival_us=request.received_us,
            )
            for one in readings
        ]
        if rows := agreed(rows, self._clock.now_us()):
            window_us = request.window_us
            append_readings(rows, seen0=seen0, clock=self._clock, idem=idem, window_us=window_us)
        told: dict[str, object] = {"observation": kept, "new": is_new, "readings": len(rows)}
        told["without"] = [fault.as_dict() for fault in without]
        return said(201 if is_new else 200, told, {"Location": f"Observation/{kept}"})

    def _keep(
        self, request: Request, place: Place, device: Found | None, at_us: int | None, idem: bytes
    ) -> tuple[int, SeriesKey, bool]:
        """Record the original; (its id, the series of its readings, whether it is new)."""
        with Appender(FACTS_LANE, self._clock) as lane:
            since_us = lane.now_us - request.window_us
            if request.idem is not None:
                refuse_other_body(range(1), idem, since_us)
                refuse_other_body(reading_lanes(), idem, since_us)
            key = device.key if device is not None else self._own_device(lane, request, place)
            known = lane.last_with(idem, since_us)
            if known is not None:
                return row_id(known.position), key, False
            entry = lane.append(
                ObservationReceived(
                    subject_id=place.subject_id,
                    device_id=key.device,
                    at_us=at_us,
                    document=self._keys.seal_bytes(place.person_id, request.body),
                    source=request.source[:128],
                ),
                idem=idem,
            )
            return entry.id(), key, True

    def _own_device(self, lane: Appender, request: Request, place: Place) -> SeriesKey:
        """The sender itself stands as the device where an Observation names none."""
        number = f"sender-{request.sender.id}"
        known = Device.objects.using(MAIN).filter(protocol=PROTOCOL, number=number).first()
        if known is not None:
            return SeriesKey(place.subject_id, known.id, None)
        adopted = lane.append(DeviceAdopted(protocol=PROTOCOL, number=number, model=None))
        return SeriesKey(place.subject_id, adopted.id(), None)


def bundle_of(
    subject_id: int,
    readings: Sequence[NewReading],
    keys: KeyRing,
    period: tuple[int, int] | None = None,
) -> bytes:
    """A subject's readings as a FHIR Bundle (searchset), oldest first.

    readings  of this subject; channels that are no vital sign are left out, and bad values
    period    [from, until) of the originals' own moments, µs; None: all. One that names a day and
              no moment comes with every period
    Originals that came stand as they came; what was measured otherwise is written anew. What was
    erased is left out. Rights and the record of the view are the caller's.
    """
    found = Observation.objects.using(MAIN).filter(subject_id=subject_id).order_by("id")
    if period is not None:
        is_in = Q(at_us__gte=period[0], at_us__lt=period[1])
        found = found.filter(is_in | Q(at_us=None))
    originals = list(found)
    came = {(one.device_id, one.at_us) for one in originals}
    entries: list[tuple[int, dict[str, Json]]] = []  # without a moment they come first
    for one in originals:
        document = keys.open_bytes(one.document)
        if document is not None:
            url = f"urn:bihuan:observation:{one.id}"
            resource = strict_json.read(document)
            entries.append((one.at_us or 0, {"fullUrl": url, "resource": resource}))
    made = [
        fhir.VitalReading(one.channel, Decimal(repr(one.value)), one.event_us)
        for one in readings
        if one.channel in _VITALS
        and one.quality == QUALITY_GOOD
        and (one.device, one.event_us) not in came
    ]
    once = {(one.channel, one.at_us): one for one in made}
    for observation in fhir.observations_of(once.values(), f"Patient/{subject_id}"):
        resource = strict_json.read(fhir.write(observation))
        at_us = fhir.readings_of(observation)[0].at_us
        entries.append((at_us, {"resource": resource}))
    ordered: list[Json] = [one for _at, one in sorted(entries, key=lambda pair: pair[0])]
    bundle: dict[str, Json] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": Number(str(len(ordered))),
        "entry": ordered,
    }
    return strict_json.write(bundle).encode()


_VITALS = ("heart_rate", "systolic", "diastolic", "spo2", "temperature")


def _readings(
    observation: fhir.Observation,
) -> tuple[list[fhir.VitalReading], tuple[Fault, ...]]:
    """The readings of an Observation; none, and why, of one that names a day and no moment."""
    try:
        return fhir.readings_of(observation), ()
    except BadInputError as error:
        if observation.effective and {fault.field for fault in error.faults} == {_MOMENT}:
            return [], error.faults
        raise


_MOMENT = "effectiveDateTime"


def _identity(request: Request) -> bytes:
    """An Observation without a key is known by its bytes."""
    said_by = f"fhir|{request.sender.id}|".encode()
    return hashlib.sha256(said_by + request.body).digest()


def _subject(request: Request, observation: fhir.Observation, faults: list[Fault]) -> Place | None:
    """Whose it is: `Patient/ID` of ours, or ?subject=ID where the sender has other numbers."""
    literal = (observation.subject.literal if observation.subject else None) or "nothing"
    found = _SUBJECT.fullmatch(literal)
    asked = request.query.get("subject")
    named = _SUBJECT.fullmatch(f"Patient/{asked}") if asked is not None else found
    place = place_of(int(named[1])) if named else None
    if place is None or not request.sender.covers(None, place.area_path):
        got = literal if asked is None else f"?subject={asked}"
        faults.append(Fault("subject", got[:64], "Patient/ID of a subject of this sender"))
        return None
    return place


def _device(
    request: Request, observation: fhir.Observation, place: Place | None, faults: list[Fault]
) -> Found | None:
    """The device that is named as one of ours; one of elsewhere is the sender's own affair."""
    literal = (observation.device.literal if observation.device else None) or ""
    found = _DEVICE.fullmatch(literal)
    if found is None:
        return None
    row = Device.objects.using(MAIN).filter(id=int(found[1])).first()
    if row is None:
        faults.append(Fault("device", literal, "Device/ID of a device of this sender"))
        return None
    bound = places([row.subject_id]).get(row.subject_id) if row.subject_id else None
    device = Found(SeriesKey(row.subject_id, row.id, row.binding_id), bound)
    if not device.is_for(request.sender):
        faults.append(Fault("device", literal, "Device/ID of a device of this sender"))
        return None
    if bound is not None and place is not None and bound.subject_id != place.subject_id:
        faults.append(Fault("device", literal, "a device that is bound to the subject"))
    return Found(SeriesKey(place.subject_id if place else None, row.id, row.binding_id), bound)

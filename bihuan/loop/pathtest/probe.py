"""The probe of the test: a band nobody wears, a person who is nobody, a way that comes back."""

from __future__ import annotations

from typing import Final

from bihuan.base.errors import bad
from bihuan.base.ids import row_id
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.storage import MAIN
from bihuan.loop.pathtest import entries
from bihuan.loop.pathtest.playbook import CHANNEL, ROLE, SCENARIO
from bihuan.register import entries as register
from bihuan.register.models import Area, Device

PROTOCOL: Final = "watch"
NUMBERS: Final = ("0000000000", "0000000001", "0000000002")
NAME: Final = ("通路自检", "Path test")


def prepare(lane: Appender, keys: KeyRing) -> None:
    """Register the probe at the county's own area. Raises BadInputError where there is none."""
    county = Area.objects.using(MAIN).filter(parent_id=None, until_us=None).order_by("id").first()
    if county is None:
        raise bad("areas", "none", "the county's own area, registered or imported")
    number = _free_number()
    person = _person(lane, keys, county.id)
    said = register.SubjectRegistered(
        scenario=SCENARIO,
        kind="probe",
        person_id=person,
        area_id=county.id,
        address=None,
        note=None,
    )
    subject = lane.append(said).id()
    adopted = register.DeviceAdopted(protocol=PROTOCOL, number=number, model="path test")
    device = lane.append(adopted).id()
    lane.append(register.DeviceBound(device_id=device, subject_id=subject))
    lane.append(
        entries.PathPrepared(person_id=person, subject_id=subject, device_id=device, number=number)
    )


def _free_number() -> str:
    known = Device.objects.using(MAIN).filter(protocol=PROTOCOL, number__in=NUMBERS)
    taken = set(known.values_list("number", flat=True))
    for number in NUMBERS:
        if number not in taken:
            return number
    raise bad("device", ", ".join(NUMBERS), "one of these numbers free for the test band")


def _person(lane: Appender, keys: KeyRing, county_id: int) -> int:
    """Nobody, reachable by loopback only, with the one role that the test's ladder calls."""
    person = row_id(lane.next_position)
    names = [keys.seal(person, name) for name in NAME]
    lane.append(register.PersonRegistered(name=names[0], latin=names[1], phone=None))
    address = keys.seal(person, CHANNEL)
    reach = register.PersonReachable(person_id=person, channel=CHANNEL, address=address, rank=0)
    lane.append(reach)
    lane.append(
        register.PostHeld(
            person_id=person, role=ROLE, area_id=county_id, from_us=lane.now_us, until_us=None
        )
    )
    return person

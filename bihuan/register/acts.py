"""Registering: checked calls that become entries. The one way for pages, API, imports and demo."""

from __future__ import annotations

from collections.abc import Sequence

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.payloads import Payload
from bihuan.journal.tables import Projection
from bihuan.register import entries, models
from bihuan.register.areas.acts import AreaActs, NewArea
from bihuan.register.organisations.acts import NewPost, OrganisationActs
from bihuan.register.parties.acts import NewParty, NewPerson, PartyActs
from bihuan.register.records.acts import Ledger
from bihuan.register.records.doing import By
from bihuan.register.records.routines import owe_first
from bihuan.register.subjects.acts import NewSubject, Subjects


class Registrar:
    """Writes the register of one county. Every call is one transaction and returns the new id."""

    def __init__(self, clock: Clock, keys: KeyRing) -> None:
        self._clock, self._keys = clock, keys

    @property
    def ledger(self) -> Ledger:
        """Typed records, filed and acted on by people, with the same clock and keys."""
        return Ledger(self._clock, self._keys)

    @property
    def now_us(self) -> int:
        return self._clock.now_us()

    def county(self, name: str, latin: str, mode: entries.Mode) -> int:
        """Name the county and say whether this is a demo, a drill or the real thing."""
        return self._add(entries.CountyNamed(name=_text("name", name), latin=latin, mode=mode))

    def area(
        self,
        code: str,
        name: tuple[str, str],
        level: entries.Level,
        parent_id: int | None,
        outline: Sequence[tuple[float, float]] = (),
    ) -> int:
        """Register an area by a schematic code; name is (zh, latin). National ones: `AreaActs`."""
        new = NewArea(
            code=code,
            name=name,
            level=level,
            parent_id=parent_id,
            schematic=True,
            outline=outline,
        )
        return AreaActs(self._clock).register(new)

    def person(self, name: str, latin: str, phone: str | None, channels: Sequence[str] = ()) -> int:
        """Register a person; every text is sealed with the person's own key.

        channels  ways to reach the person, first choice first
        """
        new = NewPerson(name=(name, latin), phone=phone, channels=channels)
        return PartyActs(self._clock, self._keys).person(new)

    def post(self, person_id: int, role: str, area_id: int, from_us: int = 0) -> int:
        """Put a person in a role for an area, from a time on."""
        new = NewPost(person_id=person_id, role=role, area_id=area_id, from_us=from_us)
        return OrganisationActs(self._clock).hold(new)

    def duty(self, person_id: int, role: str, area_id: int, times_us: tuple[int, int]) -> int:
        """Put a person on duty for an area from one time to another (µs)."""
        self._must_exist(("person_id", models.Person, person_id), ("area_id", models.Area, area_id))
        from_us, until_us = times_us
        if until_us <= from_us:
            raise bad("until_us", until_us, f"later than {from_us}")
        said = entries.DutyAssigned(
            person_id=person_id, role=role, area_id=area_id, from_us=from_us, until_us=until_us
        )
        return self._add(said)

    def subject(
        self, scenario: str, kind: str, person_id: int, area_id: int, address: str | None = None
    ) -> int:
        """Register a person in a role that a scenario watches or serves."""
        self._must_exist(("person_id", models.Person, person_id), ("area_id", models.Area, area_id))
        said = entries.SubjectRegistered(
            scenario=scenario,
            kind=kind,
            person_id=person_id,
            area_id=area_id,
            address=self._keys.seal(person_id, address) if address else None,
            note=None,
        )
        with Appender(FACTS_LANE, self._clock) as lane:
            identity = lane.append(said).id()
            subject = lane.rows.get(models.Subject, identity)
            if subject is not None:
                owe_first(lane, subject)
        return identity

    def party(self, new: NewParty) -> int:
        """Register a household, legal entity, estate or plot."""
        return PartyActs(self._clock, self._keys).party(new)

    def typed(self, new: NewSubject) -> int:
        """Register a subject with its fields: a firm, a kitchen, a thing with a name."""
        key = f"{new.party_id or new.person_id or new.name}:{new.area_id}"
        return Subjects(self._clock, self._keys).register(new, By(None, "demo", key))

    def contact(self, subject_id: int, person_id: int, relation: str, rank: int) -> int:
        """Name a family contact of a subject; rank 0 is asked first."""
        self._must_exist(
            ("subject_id", models.Subject, subject_id), ("person_id", models.Person, person_id)
        )
        said = entries.ContactNamed(
            subject_id=subject_id, person_id=person_id, relation=relation, rank=rank
        )
        return self._add(said)

    def adopt(self, protocol: str, number: str, model: str | None = None) -> int:
        """Adopt a device; a second time is refused."""
        if models.Device.objects.filter(protocol=protocol, number=number).exists():
            raise bad("number", number, f"a {protocol} device that is not adopted yet")
        return self._add(
            entries.DeviceAdopted(protocol=protocol, number=_text("number", number), model=model)
        )

    def bind(self, device_id: int, subject_id: int) -> int:
        """Give a device to a subject; what it reads from now on is the subject's."""
        self._must_exist(
            ("device_id", models.Device, device_id), ("subject_id", models.Subject, subject_id)
        )
        return self._add(entries.DeviceBound(device_id=device_id, subject_id=subject_id))

    def _must_exist(self, *wanted: tuple[str, type[Projection], int]) -> None:
        faults = [
            Fault(field, str(identity), f"a registered {model._meta.model_name}")
            for field, model, identity in wanted
            if not model.objects.filter(pk=identity).exists()
        ]
        if faults:
            raise BadInputError(*faults)

    def _add(self, payload: Payload) -> int:
        with Appender(FACTS_LANE, self._clock) as lane:
            return lane.append(payload).id()


def _text(field: str, text: str) -> str:
    if not text.strip() or len(text) > 64:
        raise bad(field, text or "nothing", "1 to 64 characters")
    return text

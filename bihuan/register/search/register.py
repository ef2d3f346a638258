"""What of the register can be found: people, firms, offices, areas, subjects, records, devices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bihuan.journal.keys import KeyRing
from bihuan.journal.payloads import Payload
from bihuan.journal.project import Recorded
from bihuan.journal.rows import Rows
from bihuan.register import entries
from bihuan.register.models import Area, Device, Person, Post, Subject
from bihuan.register.organisations.entries import OrganisationRegistered
from bihuan.register.organisations.models import Organisation
from bihuan.register.parties.entries import PartyRegistered
from bihuan.register.parties.models import Party
from bihuan.register.records.entries import RecordOpened
from bihuan.register.records.models import FieldValue, Record
from bihuan.register.rights import REGISTER
from bihuan.register.search.index import Place, Searchable, searchable
from bihuan.register.search.tokens import Document

NOWHERE = Place(REGISTER, "")  # known of nobody's area: found by who may see the whole county
Said = tuple[Document, Place] | None


def _named(noun: str, entry: Recorded[Payload], own: tuple[type[Payload], ...]) -> set[int]:
    """The entry's own row where it registers one, and the row that it names."""
    found = {entry.id()} if isinstance(entry.payload, own) else set()
    named = getattr(entry.payload, f"{noun}_id", None)
    return found | ({named} if isinstance(named, int) else set())


def _people(rows: Rows, entry: Recorded[Payload]) -> set[int]:
    return _named("person", entry, (entries.PersonRegistered,))


def _areas(rows: Rows, entry: Recorded[Payload]) -> Iterable[int]:
    return _named("area", entry, (entries.AreaRegistered,))


def _subjects(rows: Rows, entry: Recorded[Payload]) -> Iterable[int]:
    found = _named("subject", entry, (entries.SubjectRegistered,))
    for person_id in _people(rows, entry):
        found |= {held.id for held in rows.where(Subject, person_id=person_id)}
    return found


def _gather_people(rows: Rows, found: Sequence[Recorded[Payload]]) -> None:
    """Hold what a turn's people are found by with four statements, not four for each."""
    ids = sorted({one for entry in found for one in _people(rows, entry)})
    for model in (Person, Party):
        rows.gather(model, ids)
    for held in (Post, Subject):
        rows.gather_where(held, "person_id", ids)


def _devices(rows: Rows, entry: Recorded[Payload]) -> Iterable[int]:
    return _named("device", entry, (entries.DeviceAdopted,))


def _person(rows: Rows, keys: KeyRing, identity: int) -> Said:
    person = rows.get(Person, identity)
    if person is None:
        return None
    return _of_person(person, keys), _place_of(rows, identity)


def _of_person(person: Person, keys: KeyRing) -> Document:
    name, latin, phone = (keys.open(s) for s in (person.name, person.latin, person.phone))
    return Document(
        names=(name,) if name else (),
        latin=(latin,) if latin else (),
        phones=(phone,) if phone else (),
    )


def _place_of(rows: Rows, person_id: int) -> Place:
    """Where a person is found: at the first post, else where the first subject lives."""
    post = next(iter(rows.where(Post, person_id=person_id)), None)
    if post is not None:
        return _at(rows, post.area_id, REGISTER)
    subject = next(iter(rows.where(Subject, person_id=person_id)), None)
    if subject is not None:
        return _at(rows, subject.area_id, subject.scenario)
    party = rows.get(Party, person_id)
    area_id = party.area_id if party is not None else None
    return NOWHERE if area_id is None else _at(rows, area_id, REGISTER)


def _at(rows: Rows, area_id: int, scenario: str) -> Place:
    area = rows.get(Area, area_id)
    return Place(scenario, area.path) if area is not None else NOWHERE


def _area(rows: Rows, keys: KeyRing, identity: int) -> Said:
    area = rows.get(Area, identity)
    if area is None:
        return None
    document = Document(names=(area.name,), latin=(area.latin,), codes=(area.code,))
    return document, Place(REGISTER, area.path)


def _subject(rows: Rows, keys: KeyRing, identity: int) -> Said:
    subject = rows.get(Subject, identity)
    if subject is None or subject.ended_us is not None:
        return None
    place = _at(rows, subject.area_id, subject.scenario)
    if subject.person_id is not None:
        person = rows.get(Person, subject.person_id)
        return None if person is None else (_of_person(person, keys), place)
    if subject.party_id is not None:
        party = rows.get(Party, subject.party_id)
        return None if party is None else (_of_party(party), place)
    return Document(names=(subject.name or "",), codes=_indexed(rows, subject.id)), place


def _parties(rows: Rows, entry: Recorded[Payload]) -> Iterable[int]:
    return _named("party", entry, (PartyRegistered,))


def _party(rows: Rows, keys: KeyRing, identity: int) -> Said:
    party = rows.get(Party, identity)
    if party is None or party.kind == "person" or party.survivor_id is not None:
        return None
    place = NOWHERE if party.area_id is None else _at(rows, party.area_id, REGISTER)
    return _of_party(party), place


def _of_party(party: Party) -> Document:
    codes = (party.code,) if party.code else ()
    return Document(names=(party.name,), latin=(party.latin,), codes=codes)


def _organisations(rows: Rows, entry: Recorded[Payload]) -> Iterable[int]:
    return _named("organisation", entry, (OrganisationRegistered,))


def _organisation(rows: Rows, keys: KeyRing, identity: int) -> Said:
    found = rows.get(Organisation, identity)
    if found is None or found.until_us is not None:
        return None
    document = Document(names=(found.name,), latin=(found.latin,))
    return document, _at(rows, found.area_id, REGISTER)


def _records(rows: Rows, entry: Recorded[Payload]) -> Iterable[int]:
    found = {entry.id()} if isinstance(entry.payload, RecordOpened) else set()
    named = getattr(entry.payload, "row_id", None)
    return found | ({named} if isinstance(named, int) else set())


def _record(rows: Rows, keys: KeyRing, identity: int) -> Said:
    """By its number and its indexed texts, none of which tells about a person."""
    record = rows.get(Record, identity)
    if record is None or record.is_erased:
        return None
    values = _indexed(rows, record.id)
    names = tuple(value for value in values if not value.isascii())
    document = Document(names=names, codes=(record.number, *values))
    return document, _at(rows, record.area_id, record.scenario)


def _indexed(rows: Rows, row_id: int) -> tuple[str, ...]:
    held = rows.where(FieldValue, row_id=row_id)
    return tuple(value.text for value in held if value.text)


def _ready_people(rows: Rows, ids: Sequence[int]) -> None:
    for model in (Person, Party):
        rows.gather(model, ids)
    for held in (Post, Subject):
        rows.gather_where(held, "person_id", ids)
    posts = [post.area_id for one in ids for post in rows.where(Post, person_id=one)]
    subjects = [held.area_id for one in ids for held in rows.where(Subject, person_id=one)]
    rows.gather(Area, {*posts, *subjects})


def _ready_subjects(rows: Rows, ids: Sequence[int]) -> None:
    rows.gather(Subject, ids)
    held = [subject for one in ids if (subject := rows.get(Subject, one)) is not None]
    rows.gather(Area, {one.area_id for one in held})
    rows.gather(Person, {one.person_id for one in held if one.person_id is not None})
    rows.gather(Party, {one.party_id for one in held if one.party_id is not None})
    rows.gather_where(FieldValue, "row_id", [one.id for one in held if one.name is not None])


def _ready_devices(rows: Rows, ids: Sequence[int]) -> None:
    rows.gather(Device, ids)
    held = [device for one in ids if (device := rows.get(Device, one)) is not None]
    _ready_subjects(rows, [one.subject_id for one in held if one.subject_id is not None])


def _ready_records(rows: Rows, ids: Sequence[int]) -> None:
    rows.gather(Record, ids)
    rows.gather_where(FieldValue, "row_id", ids)
    held = [record for one in ids if (record := rows.get(Record, one)) is not None]
    rows.gather(Area, {one.area_id for one in held})


def _ready_areas(rows: Rows, ids: Sequence[int]) -> None:
    rows.gather(Area, ids)


def _ready_parties(rows: Rows, ids: Sequence[int]) -> None:
    rows.gather(Party, ids)
    held = [party for one in ids if (party := rows.get(Party, one)) is not None]
    rows.gather(Area, {one.area_id for one in held if one.area_id is not None})


def _ready_organisations(rows: Rows, ids: Sequence[int]) -> None:
    rows.gather(Organisation, ids)
    held = [found for one in ids if (found := rows.get(Organisation, one)) is not None]
    rows.gather(Area, {one.area_id for one in held})


def _device(rows: Rows, keys: KeyRing, identity: int) -> Said:
    device = rows.get(Device, identity)
    if device is None:
        return None
    place = NOWHERE
    if device.subject_id is not None:
        subject = rows.get(Subject, device.subject_id)
        place = _at(rows, subject.area_id, subject.scenario) if subject is not None else NOWHERE
    return Document(names=(), codes=(device.number,)), place


for _noun in (
    Searchable("person", _people, _person, _gather_people, _ready_people),
    Searchable("area", _areas, _area, ready=_ready_areas),
    Searchable("subject", _subjects, _subject, ready=_ready_subjects),
    Searchable("device", _devices, _device, ready=_ready_devices),
    Searchable("party", _parties, _party, ready=_ready_parties),
    Searchable("organisation", _organisations, _organisation, ready=_ready_organisations),
    Searchable("record", _records, _record, ready=_ready_records),
):
    searchable(_noun)

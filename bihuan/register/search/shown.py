"""What a hit shows in a list: masked names and telephones, never an illness or an address."""

from __future__ import annotations

from typing import NamedTuple

from bihuan.journal.keys import KeyRing
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register import schemes
from bihuan.register.masking import masked
from bihuan.register.models import Area, Device, Person, Subject
from bihuan.register.organisations.models import Organisation
from bihuan.register.parties.models import Party
from bihuan.register.records.models import Record
from bihuan.register.search.find import Hit


class Shown(NamedTuple):
    """One line: title and what stands below it; title in (zh, en)."""

    noun: str
    row: int
    scenario: str
    title: tuple[str, str]
    detail: str


def shown(hits: list[Hit], keys: KeyRing) -> list[Shown]:
    """Hits as a list may show them; what vanished since it was found is left out."""
    rows, found = Rows(MAIN), []
    for hit in hits:
        said = _said(rows, keys, hit.noun, hit.row)
        if said is not None:
            found.append(Shown(hit.noun, hit.row, hit.scenario, *said))
    return found


def _said(rows: Rows, keys: KeyRing, noun: str, row: int) -> tuple[tuple[str, str], str] | None:
    if noun == "person":
        person = rows.get(Person, row)
        return None if person is None else _person(person, keys)
    if noun == "subject":
        return _subject(rows, keys, row)
    if noun == "record":
        record = rows.get(Record, row)
        return None if record is None else ((record.number, record.number), _kind(record))
    if noun == "device":
        device = rows.get(Device, row)
        return None if device is None else ((device.number, device.number), device.protocol)
    return _named(rows, noun, row)


def _named(rows: Rows, noun: str, row: int) -> tuple[tuple[str, str], str] | None:
    """What has an open name: an area, a firm, an organisation."""
    found: Area | Party | Organisation | None = None
    if noun == "area":
        found = rows.get(Area, row)
    elif noun == "party":
        found = rows.get(Party, row)
    elif noun == "organisation":
        found = rows.get(Organisation, row)
    if found is None:
        return None
    detail = found.code if isinstance(found, Area | Party) else ""
    return (found.name, found.latin or found.name), detail or ""


def _person(person: Person, keys: KeyRing) -> tuple[tuple[str, str], str]:
    name, latin, phone = (keys.open(s) for s in (person.name, person.latin, person.phone))
    zh = masked("name", name)
    return (zh, masked("latin", latin) or zh), masked("phone", phone)


def _subject(rows: Rows, keys: KeyRing, row: int) -> tuple[tuple[str, str], str] | None:
    subject = rows.get(Subject, row)
    if subject is None:
        return None
    if subject.person_id is not None:
        person = rows.get(Person, subject.person_id)
        return None if person is None else _person(person, keys)
    if subject.party_id is not None:
        return _named(rows, "party", subject.party_id)
    return (subject.name or "", subject.name or ""), ""


def _kind(record: Record) -> str:
    declared = schemes.record_type(record.scenario, record.kind)
    return declared.title[0] if declared is not None else record.kind

"""Typed rows as a sheet shows them: references by code, choices by their words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bihuan.journal.storage import MAIN
from bihuan.register import schemes
from bihuan.register.imports.kinds import Asking
from bihuan.register.imports.of_offices import places, within
from bihuan.register.imports.times import shown_minute
from bihuan.register.models import Person, Subject
from bihuan.register.parties.models import Party
from bihuan.register.records.models import Record
from bihuan.register.records.rows import read
from bihuan.register.records.sealing import opened
from bihuan.register.scheme import Field, RecordType, SubjectType, Value

OURS: Final = (
    "number",
    "subject_name",
    "subject_phone",
    "subject_identity_number",
    "subject_code",
    "area_code",
    "address",
)


def column_of(field: Field) -> str:
    """A field's column; one that is called like a column of ours keeps apart."""
    return f"value_{field.name}" if field.name in OURS else field.name


def subject_rows(asking: Asking, scenario: str, declared: SubjectType) -> Iterator[dict[str, Any]]:
    codes, paths = places(), asking.paths(scenario)
    held = Subject.objects.using(MAIN).filter(scenario=scenario, kind=declared.name, ended_us=None)
    for subject in held.order_by("id").iterator(chunk_size=500):
        code, path = codes.get(subject.area_id, (None, None))
        if within(path, paths):
            values = {**read(subject.values), **(opened(asking.keys, subject.sealed) or {})}
            yield {
                **_shown_who(asking, subject, declared.party),
                "area_code": code,
                "address": asking.keys.open(subject.address),
                **_shown(values, declared.fields, codes),
            }


def record_rows(asking: Asking, scenario: str, declared: RecordType) -> Iterator[dict[str, Any]]:
    codes, paths = places(), asking.paths(scenario)
    of = schemes.subject_type(scenario, declared.subject) if declared.subject else None
    held = Record.objects.using(MAIN).filter(scenario=scenario, kind=declared.name, is_erased=False)
    for record in held.order_by("id").iterator(chunk_size=500):
        code, path = codes.get(record.area_id, (None, None))
        if not within(path, paths):
            continue
        subject = Subject.objects.using(MAIN).filter(pk=record.subject_id or 0).first()
        who = _shown_who(asking, subject, of.party if of else None) if subject else {}
        values = {**read(record.values), **(opened(asking.keys, record.sealed) or {})}
        shown = _shown(values, declared.fields, codes)
        yield {"number": record.number, **who, "area_code": code, **shown}


def _shown_who(asking: Asking, subject: Subject, party: str | None) -> dict[str, Any]:
    if party == "person" and subject.person_id is not None:
        person = Person.objects.using(MAIN).get(pk=subject.person_id)
        return {
            "subject_name": asking.keys.open(person.name),
            "subject_phone": asking.keys.open(person.phone),
        }
    if party is None:
        return {"subject_name": subject.name}
    held = Party.objects.using(MAIN).filter(pk=subject.party_id or 0)
    return {"subject_code": held.values_list("code", flat=True).first()}


def _shown(
    values: Mapping[str, Value], fields: tuple[Field, ...], codes: Mapping[int, tuple[str, str]]
) -> dict[str, Any]:
    """Values as a sheet says them: choices by their words, areas by code, times as people do."""
    found: dict[str, Any] = {}
    for field in fields:
        got: Any = values.get(field.name)
        if got is None:
            continue
        if field.kind == "choice":
            got = dict(field.choices).get(got, (got, got))[0]
        elif field.kind == "choices":
            got = "、".join(dict(field.choices).get(one, (one, one))[0] for one in got)
        elif field.kind == "time":
            got = shown_minute(got)
        elif field.kind == "area":
            got = codes.get(got, (got, ""))[0]
        elif field.kind in ("record", "subject"):
            got = _called(got, field.kind)
        found[column_of(field)] = got
    return found


def _called(row_id: int, kind: str) -> Any:
    """How an import finds a row again: a number, a firm's code, a thing's name, else the id."""
    if kind == "record":
        held = Record.objects.using(MAIN).filter(pk=row_id)
        return held.values_list("number", flat=True).first()
    subject_id = row_id
    subject = Subject.objects.using(MAIN).filter(pk=subject_id).first()
    party = Party.objects.using(MAIN).filter(pk=(subject.party_id if subject else None) or 0)
    code = party.values_list("code", flat=True).first()
    return code or (subject.name if subject is not None else None) or subject_id

"""Subjects and records of every scheme: the kind's columns are what its type declares.

What points to another row is named as people do: an area by its code, a firm by its credit code,
a record by its number, a subject by its person, firm or name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from bihuan.base.errors import bad
from bihuan.base.ids import is_id
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.storage import MAIN
from bihuan.register import schemes
from bihuan.register.imports import persons
from bihuan.register.imports.kinds import (
    Do,
    Kind,
    Said,
    Step,
    Work,
    declare_maker,
    nothing,
)
from bihuan.register.imports.persons import person_fields
from bihuan.register.imports.typed_rows import column_of, record_rows, subject_rows
from bihuan.register.models import Area, Subject
from bihuan.register.parties.models import Party
from bihuan.register.records.acts import By, Ledger, Opening
from bihuan.register.records.facts import must_hold
from bihuan.register.records.models import Record
from bihuan.register.records.rows import read, written
from bihuan.register.records.sealing import opened
from bihuan.register.records.values import Within, checked
from bihuan.register.scheme import Field, RecordType, SubjectType
from bihuan.register.subjects.acts import NewSubject, Subjects

AREA: Final = Field(name="area_code", title=("区划代码", "Area code"), kind="text")
NUMBER: Final = Field(name="number", title=("编号", "Number"), kind="text")


def names() -> list[str]:
    """`SCENARIO.TYPE` of every declared subject and record type."""
    return [
        f"{scheme.scenario}.{name}"
        for scheme in schemes.installed().values()
        for name in (*(t.name for t in scheme.subjects), *(t.name for t in scheme.records))
    ]


def maker(name: str) -> Kind | None:
    """The kind of a declared type; None where there is none."""
    scenario, _, of = name.partition(".")
    subject, record = schemes.subject_type(scenario, of), schemes.record_type(scenario, of)
    if subject is not None:
        return _subject_kind(scenario, subject)
    return _record_kind(scenario, record) if record is not None else None


def _subject_kind(scenario: str, declared: SubjectType) -> Kind:
    own = _identity(declared.party, "", is_required=True)
    return Kind(
        name=f"{scenario}.{declared.name}",
        title=declared.title,
        scenario=scenario,
        editors=schemes.editors_of(scenario, declared.name),
        fields=(*own, _required(AREA), _address(declared), *_fields(own, declared.fields)),
        step=lambda work, said: _subject_step(work, said, scenario, declared),
        rows=lambda asking: subject_rows(asking, scenario, declared),
        prepare=_prepare,
        meaning=(
            f"现有{declared.title[0]}，各计一次",
            f"{declared.title[1]}: each that goes on, once",
        ),
        named={"area_id": "area_code", "person_id": "subject_name", "party_id": "subject_code"},
        personal={**_PERSONAL, **{f.name: "text" for f in declared.fields if f.is_sealed}},
    )


def _record_kind(scenario: str, declared: RecordType) -> Kind:
    own: tuple[Field, ...] = (NUMBER,)
    if declared.subject is not None:
        of = schemes.subject_type(scenario, declared.subject)
        own += _identity(of.party if of is not None else None, "", is_required=True)
    own += (AREA if declared.subject is not None else _required(AREA),)
    return Kind(
        name=f"{scenario}.{declared.name}",
        title=declared.title,
        scenario=scenario,
        editors=schemes.editors_of(scenario, declared.name),
        fields=(*own, *_fields(own, declared.fields)),
        step=lambda work, said: _record_step(work, said, scenario, declared),
        rows=lambda asking: record_rows(asking, scenario, declared),
        prepare=_prepare,
        meaning=(
            f"{declared.title[0]}台账，未清除的各计一次",
            f"{declared.title[1]}: rows that are not erased, once each",
        ),
        named={"area_id": "area_code", "subject_id": "subject_name"},
        personal={**_PERSONAL, **{f.name: "text" for f in declared.fields if f.is_sealed}},
    )


def _subject_step(work: Work, said: Said, scenario: str, declared: SubjectType) -> Step:
    work.scenario = scenario
    area_id, identity = work.area(said), _who(work, said, declared.party)
    assert area_id is not None, "a required column"
    values = _values(work, said, scenario, declared.fields)
    held = _subject_of(scenario, declared, identity, area_id)
    key = f"{scenario}.{declared.name}:{identity}"
    if held is None:
        _dry_check(work, scenario, declared.fields, values)
        new = NewSubject(
            scenario=scenario,
            kind=declared.name,
            area_id=area_id,
            address=None if said.get("address") is None else str(said["address"]),
            values=values,
            **identity,  # type: ignore[arg-type]  # person_id, party_id or name
        )
        acts = Subjects(work.clock, work.keys)
        return Step("new", key, lambda: acts.register(new, _by(work, f"{key}:{area_id}")))
    changes = list[Do]()
    if held.area_id != area_id:
        by = _by(work, f"{key}:{held.version}:{area_id}")
        changes.append(lambda: Subjects(work.clock, work.keys).move(held.id, area_id, by))
    return _corrected(work, held, values, key, changes)


def _record_step(work: Work, said: Said, scenario: str, declared: RecordType) -> Step:
    """By its number a row that is filed; without one a new row, and the same row again is it."""
    work.scenario = scenario
    values, subject = _values(work, said, scenario, declared.fields), None
    if declared.subject is not None:
        of = schemes.subject_type(scenario, declared.subject)
        assert of is not None, "checked when the scheme was installed"
        subject = _subject_of(scenario, of, _who(work, said, of.party), None)
        if subject is None:
            raise bad("subject_name", "none", f"a registered {declared.subject}")
        area = work.rows.get(Area, subject.area_id)
        work.must_lie(area.path if area is not None else "", "subject_name", "elsewhere")
    area_id = work.area(said)
    if said.get("number") is not None:
        held = Record.objects.using(MAIN).filter(scenario=scenario, number=said["number"]).first()
        if held is None or held.kind != declared.name or held.is_erased:
            raise bad("number", said["number"], "the number of a filed row, or none for a new one")
        return _corrected(work, held, values, f"record:{held.id}", [])
    _dry_check(work, scenario, declared.fields, values)
    must_hold(declared, values, subject, work.clock.now_us())
    opening = Opening(scenario, declared.name, values, subject.id if subject else None, area_id)
    whole = written([scenario, declared.name, opening.subject_id, area_id, values])
    by = _by(work, hashlib.sha256(whole.encode()).hexdigest()[:40])
    idem = by.idem("open", scenario, declared.name)
    if Entry.objects.using(MAIN).filter(lane=FACTS_LANE, idem=idem).exists():
        return Step("same", by.key, nothing)
    return Step("new", by.key, lambda: Ledger(work.clock, work.keys).open(opening, by))


def _corrected(
    work: Work, held: Subject | Record, values: dict[str, Any], key: str, changes: list[Do]
) -> Step:
    """What a row says otherwise; a column that is not in the file stays as it is."""
    known = {**read(held.values), **(opened(work.keys, held.sealed) or {})}
    said = checked(Within(work.rows, held.scenario), _those(held, values), values, is_whole=False)
    other = {name: values[name] for name in values if said[name] != known.get(name)}
    if other:
        digest = hashlib.sha256(written(other).encode()).hexdigest()[:16]
        by = _by(work, f"{key}:{held.version}:{digest}"[:120])
        ledger = Ledger(work.clock, work.keys)
        changes.append(lambda: ledger.correct(held.id, other, by, reason="导入"))
    return (
        Step("changed", key, lambda: [do() for do in changes])
        if changes
        else Step("same", key, nothing)
    )


def _those(held: Subject | Record, values: Mapping[str, Any]) -> tuple[Field, ...]:
    declared = schemes.record_type(held.scenario, held.kind) or schemes.subject_type(
        held.scenario, held.kind
    )
    return tuple(f for f in (declared.fields if declared else ()) if f.name in values)


def _dry_check(
    work: Work, scenario: str, fields: tuple[Field, ...], values: Mapping[str, Any]
) -> None:
    if work.is_dry:
        checked(Within(work.rows, scenario), fields, values, is_whole=True)


def _by(work: Work, key: str) -> By:
    """The platform files it for who published; `via` leads to that. Rights were checked by area."""
    return By(None, work.by.via, key)


def _values(work: Work, said: Said, scenario: str, fields: tuple[Field, ...]) -> dict[str, Any]:
    """The declared fields that a row gives, references as ids."""
    found: dict[str, Any] = {}
    for field in fields:
        got = said.get(column_of(field))
        if got is None:
            continue
        found[field.name] = (
            _REFERS[field.kind](work, scenario, field, str(got)) if (field.kind in _REFERS) else got
        )
    return found


def _area_id(work: Work, _scenario: str, field: Field, code: str) -> int:
    found = Area.objects.using(MAIN).filter(code=code, until_us=None).first()
    if found is None:
        raise bad(field.name, code, "the code of a registered area that stands")
    return int(found.id)


def _party_id(work: Work, _scenario: str, field: Field, text: str) -> int:
    if field.of == "person":
        ids = persons.alike(work, None, None, persons.checked_number(text, field.name))
    else:
        held = Party.objects.using(MAIN).filter(code=text, survivor_id=None)
        ids = list(held.values_list("id", flat=True)[:2])
    if len(ids) != 1:
        raise bad(field.name, "none", f"the code of a registered {field.of or 'party'}")
    return int(ids[0])


def _record_id(_work: Work, scenario: str, field: Field, number: str) -> int:
    held = Record.objects.using(MAIN).filter(scenario=scenario, number=number, kind=field.of)
    found = held.values_list("id", flat=True).first()
    if found is None:
        raise bad(field.name, number, f"the number of a filed {field.of}")
    return int(found)


def _subject_id(work: Work, scenario: str, field: Field, text: str) -> int:
    held = Subject.objects.using(MAIN).filter(scenario=scenario, kind=field.of, ended_us=None)
    found = list(held.filter(name=text).values_list("id", flat=True)[:2])
    if not found:
        parties = Party.objects.using(MAIN).filter(code=text, survivor_id=None)
        by_code = held.filter(party_id__in=list(parties.values_list("id", flat=True)))
        found = list(by_code.values_list("id", flat=True)[:2])
    if not found and is_id(text):
        found = list(held.filter(pk=int(text)).values_list("id", flat=True))
    if len(found) != 1:
        raise bad(field.name, text, f"the name, code or id of one registered {field.of}")
    return int(found[0])


_REFERS: Final = {
    "area": _area_id,
    "party": _party_id,
    "record": _record_id,
    "subject": _subject_id,
}


def _identity(party: str | None, prefix: str, *, is_required: bool) -> tuple[Field, ...]:
    """The columns that say who or what a subject is."""
    if party == "person":
        return person_fields("subject_", "对象", "Subject", is_required=is_required)
    if party is None:
        return (
            Field(
                name="subject_name", title=("对象名称", "Subject"), kind="text", is_required=True
            ),
        )
    return (Field(name="subject_code", title=("主体代码", "Code"), kind="text", is_required=True),)


def _who(work: Work, said: Said, party: str | None) -> dict[str, int | str]:
    if party == "person":
        return {"person_id": persons.named(work, said, "subject_")}
    if party is None:
        return {"name": str(said["subject_name"])}
    held = Party.objects.using(MAIN).filter(kind=party, code=said["subject_code"], survivor_id=None)
    found = held.values_list("id", flat=True).first()
    if found is None:
        raise bad("subject_code", said["subject_code"], f"the code of a registered {party}")
    return {"party_id": int(found)}


def _subject_of(
    scenario: str, declared: SubjectType, identity: dict[str, Any], area_id: int | None
) -> Subject | None:
    held = Subject.objects.using(MAIN).filter(scenario=scenario, kind=declared.name, ended_us=None)
    found = held.filter(**identity)
    if declared.party is None and area_id is not None:
        found = found.filter(area_id=area_id)
    return found.order_by("id").first()


def _fields(own: tuple[Field, ...], declared: tuple[Field, ...]) -> tuple[Field, ...]:
    return tuple(
        Field(
            name=column_of(f),
            title=f.title,
            kind=f.kind,
            unit=f.unit,
            is_required=f.is_required,
            choices=f.choices,
            at_least=f.at_least,
            at_most=f.at_most,
            of=f.of,
            pattern=f.pattern,
            want=f.want,
        )
        for f in declared
    )


def _required(field: Field) -> Field:
    return Field(name=field.name, title=field.title, kind=field.kind, is_required=True)


def _address(declared: SubjectType) -> Field:
    return Field(name="address", title=("住址", "Address"), kind="text")


def _prepare(work: Work, said: Iterable[Said]) -> None:
    persons.prepare(work, said, "subject_")


_PERSONAL: Final = {"subject_name": "name", "subject_phone": "phone", "address": "address"}
declare_maker(maker, names)

"""Who speaks for a firm: contacts of subjects that a code names, for every scheme that has such.

`contacts` names a subject by its person; a firm has a credit code. Each type has its own sheet,
`chain.firm.contacts`, so that whoever edits its subjects may hand it in. The people are registered
before (`persons`): a sheet of contacts makes nobody up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from bihuan.base.errors import bad
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.storage import MAIN
from bihuan.register import schemes
from bihuan.register.entries import ContactNamed
from bihuan.register.imports import persons
from bihuan.register.imports.kinds import (
    Asking,
    Kind,
    Said,
    Step,
    Work,
    declare_maker,
    nothing,
)
from bihuan.register.imports.of_offices import places, within
from bihuan.register.imports.persons import person_fields
from bihuan.register.models import Area, Contact, Person, Subject
from bihuan.register.parties.models import Party
from bihuan.register.scheme import Field, SubjectType
from bihuan.register.subjects.contacts import MOST_RANK, RELATION

OF: Final = "contacts"
FIELDS: Final = (
    Field(name="subject_code", title=("主体代码", "Code"), kind="text", is_required=True),
    *person_fields("person_", "联系人", "Contact", is_required=True),
    Field(
        name="relation",
        title=("关系", "Relation"),
        kind="text",
        is_required=True,
        pattern=RELATION.pattern,
        want=("小写英文，或1到8个汉字", "small letters, or 1 to 8 Chinese ones"),
    ),
    Field(name="rank", title=("顺序", "Order"), kind="integer", at_least=0, at_most=MOST_RANK),
)
_PERSONAL: Final = {"person_name": "name", "person_phone": "phone"}


def _has_code(declared: SubjectType) -> bool:
    return declared.party not in (None, "person")


def names() -> list[str]:
    """`SCENARIO.TYPE.contacts` of every subject type that stands for a party with a code."""
    return [
        f"{scheme.scenario}.{declared.name}.{OF}"
        for scheme in schemes.installed().values()
        for declared in scheme.subjects
        if _has_code(declared)
    ]


def maker(name: str) -> Kind | None:
    """The kind of a type's contacts; None where there is none."""
    scenario, _, rest = name.partition(".")
    of, _, what = rest.partition(".")
    declared = schemes.subject_type(scenario, of)
    if what != OF or declared is None or not _has_code(declared):
        return None
    zh, en = declared.title
    return Kind(
        name=name,
        title=(f"{zh}联系人", f"{en}: contacts"),
        scenario=scenario,
        editors=schemes.editors_of(scenario, of),
        fields=FIELDS,
        step=lambda work, said: _step(work, said, scenario, declared),
        rows=lambda asking: _rows(asking, scenario, declared),
        prepare=_prepare,
        meaning=(f"{zh}的联系人，一人一行", f"Contacts of each {en}, a row each"),
        words={"relation": ("身份", "职务"), "subject_code": ("统一社会信用代码", "信用代码")},
        named={"person_id": "person_name"},
        personal=_PERSONAL,
    )


def _step(work: Work, said: Said, scenario: str, declared: SubjectType) -> Step:
    """Somebody who speaks for a firm; the same person in the same relation is the same contact."""
    subject = _subject(work, said, scenario, declared)
    person_id, relation = persons.named(work, said), str(said["relation"])
    key = f"contact:{subject.id}:{person_id}:{relation}"
    held = work.rows.where(Contact, subject_id=subject.id)
    if any((one.person_id, one.relation) == (person_id, relation) for one in held):
        return Step("same", key, nothing)
    rank = said.get("rank")
    entry = ContactNamed(
        subject_id=subject.id,
        person_id=person_id,
        relation=relation,
        rank=min(len(held), MOST_RANK) if rank is None else int(str(rank)),
        by=work.by,
    )

    def do() -> None:
        with Appender(FACTS_LANE, work.clock) as lane:
            lane.append(entry)

    return Step("new", key, do)


def _subject(work: Work, said: Said, scenario: str, declared: SubjectType) -> Subject:
    code = str(said["subject_code"])
    parties = Party.objects.using(MAIN).filter(kind=declared.party, code=code, survivor_id=None)
    held = Subject.objects.using(MAIN).filter(
        scenario=scenario,
        kind=declared.name,
        ended_us=None,
        party_id__in=list(parties.values_list("id", flat=True)),
    )
    found = held.order_by("id").first()
    if found is None:
        raise bad("subject_code", code, f"the code of a registered {declared.name}")
    area = work.rows.get(Area, found.area_id)
    work.must_lie(area.path if area is not None else "", "subject_code", code)
    return found


def _prepare(work: Work, said: Iterable[Said]) -> None:
    persons.prepare(work, said, "person_")


def _rows(asking: Asking, scenario: str, declared: SubjectType) -> Iterator[dict[str, Any]]:
    """Every contact of the subjects that may be taken out."""
    codes, paths = places(), asking.paths(scenario)
    held = Subject.objects.using(MAIN).filter(scenario=scenario, kind=declared.name, ended_us=None)
    for subject in held.order_by("id").iterator(chunk_size=500):
        if not within(codes[subject.area_id][1], paths):
            continue
        code = Party.objects.using(MAIN).filter(pk=subject.party_id or 0).values_list("code")
        named = Contact.objects.using(MAIN).filter(subject_id=subject.id).order_by("rank", "id")
        for contact in named:
            person = Person.objects.using(MAIN).get(pk=contact.person_id)
            yield {
                "subject_code": next((one for (one,) in code), None),
                "person_name": asking.keys.open(person.name),
                "person_phone": asking.keys.open(person.phone),
                "relation": contact.relation,
                "rank": contact.rank,
            }


declare_maker(maker, names)

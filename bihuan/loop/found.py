"""Cases among what can be found: by number, and by whom they are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bihuan.journal.keys import KeyRing
from bihuan.journal.payloads import Payload
from bihuan.journal.project import Recorded
from bihuan.journal.rows import Rows
from bihuan.loop.entries import CaseOpened
from bihuan.loop.models import Case
from bihuan.register.models import Area, Person, Subject
from bihuan.register.search.index import Place, Searchable, searchable
from bihuan.register.search.tokens import Document


def _touched(rows: Rows, entry: Recorded[Payload]) -> Iterable[int]:
    return (entry.id(),) if isinstance(entry.payload, CaseOpened) else ()


def _case(rows: Rows, keys: KeyRing, identity: int) -> tuple[Document, Place] | None:
    case = rows.get(Case, identity)
    subject = rows.get(Subject, case.subject_id) if case is not None else None
    if case is None or subject is None:
        return None
    person = rows.get(Person, subject.person_id) if subject.person_id is not None else None
    name = keys.open(person.name) if person is not None else subject.name
    latin = keys.open(person.latin) if person is not None else None
    area = rows.get(Area, case.area_id)
    document = Document(
        names=(name,) if name else (), latin=(latin,) if latin else (), codes=(str(case.id),)
    )
    return document, Place(case.scenario, area.path if area is not None else case.area_path)


def _ready(rows: Rows, ids: Sequence[int]) -> None:
    rows.gather(Case, ids)
    cases = [case for one in ids if (case := rows.get(Case, one)) is not None]
    rows.gather(Area, {case.area_id for case in cases})
    rows.gather(Subject, {case.subject_id for case in cases})
    subjects = [found for case in cases if (found := rows.get(Subject, case.subject_id))]
    rows.gather(Person, {one.person_id for one in subjects if one.person_id is not None})


searchable(Searchable("case", _touched, _case, ready=_ready))

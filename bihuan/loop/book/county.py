"""The one `Book` that there is: rows, cases and readings of a county, by somebody's rights."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from django.db.models import Q, QuerySet
from msgspec.json import Decoder

from bihuan.base.errors import bad
from bihuan.journal.keys import KeyRing
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.book.done import Done
from bihuan.loop.book.measured import measured
from bihuan.loop.book.rows import CaseView, Reader, RowView
from bihuan.loop.book.seen import Seen
from bihuan.loop.models import Case
from bihuan.loop.shows import Book, Measured
from bihuan.register import schemes
from bihuan.register.consents.effect import stopped
from bihuan.register.masking import masked
from bihuan.register.models import Area, Person, Subject
from bihuan.register.parties.models import Party
from bihuan.register.records.lists import Asked, matching
from bihuan.register.records.models import Record
from bihuan.register.records.rows import Row, subject_of
from bihuan.register.records.sealing import opened as unsealed
from bihuan.register.rights import known_as
from bihuan.register.scheme import Value

T = TypeVar("T", Person, Party)
MOST_ROWS: Final = 20_000
MOST_IN_COLUMNS: Final = 200_000
PLAIN: Final = ("id", "subject_id", "area_id", "state")  # columns of the row itself
ALL: Final = None  # `opens`: every row that is read is opened; the caller logged the view


class CountyBook(Book):
    """A county at a moment, for one reader.

    opens  ids of rows whose sealed fields are opened, `ALL` = of every row. Whoever passes one
           has logged the view with its reason
    keys   None: nothing is opened and people have no names (the engine holds no keys)
    is_logged  whether the view is recorded, of a page or sheet of one thing: who acted stands
               there by the full name, as in the history of a row; in lists it is masked
    """

    def __init__(
        self,
        seen: Seen,
        now_us: int,
        language: str,
        keys: KeyRing | None = None,
        opens: Collection[int] | None = frozenset(),
        *,
        is_logged: bool = False,
    ) -> None:
        self._seen, self._now_us, self._language = seen, now_us, language
        self._is_logged = is_logged
        self._reader = Reader(now_us, self._own_ids, self._doers)
        self._officials: dict[int, str] = {}  # the names of who acted, as this reader sees them
        self._keys, self._opens = keys, opens
        self._rows = Rows(MAIN)
        self._areas: dict[int, Area] | None = None
        self._own: frozenset[int] | None = None
        self._measured: dict[int, bool] = {}  # whether a subject's readings may be seen

    @property
    def now_us(self) -> int:
        return self._now_us

    @property
    def language(self) -> str:
        return self._language

    def row(self, row_id: int) -> RowView | None:
        for table in (Record, Subject):
            subject = "subject_id" if table is Record else "id"
            found = table.objects.using(MAIN).filter(
                self._seen.rows("area_id", subject), id=row_id, scenario=self._seen.scenario
            )
            row = found.first()
            if row is not None:
                is_gone = isinstance(row, Record) and row.is_erased
                return None if is_gone or not _is_typed(row) else self._views([row])[0]
        return None

    def rows(
        self,
        kind: str,
        *,
        subject_id: int | None = None,
        states: Sequence[str] = (),
        where: Mapping[str, Any] | None = None,
        since_us: int | None = None,
        until_us: int | None = None,
    ) -> Sequence[RowView]:
        found, subject = self._found(kind, states, where)
        found = found.filter(_within(since_us, until_us))
        if subject_id is not None:
            found = found.filter(**{subject: subject_id})
        rows = list(found.order_by("id")[: MOST_ROWS + 1])
        if len(rows) > MOST_ROWS:
            raise bad(f"rows of {kind}", f"more than {MOST_ROWS}", "since_us, states or where")
        return self._views(rows)

    def columns(
        self, kind: str, fields: Sequence[str], *, states: Sequence[str] = ()
    ) -> Sequence[tuple[Value, ...]]:
        """Streamed: no row is made, and no subject is looked up. Raises BadInputError."""
        self._must_be_open(kind, fields)
        found, subject = self._found(kind, states, None)
        lines = found.order_by("id").values_list("id", subject, "area_id", "state", "values")
        read, made = Decoder().decode, list[tuple[Value, ...]]()
        for *plain, values in lines[: MOST_IN_COLUMNS + 1].iterator(chunk_size=5000):
            if len(made) == MOST_IN_COLUMNS:
                raise bad(f"columns of {kind}", f"more than {MOST_IN_COLUMNS}", "states")
            said = {**read(values), **dict(zip(PLAIN, plain, strict=True))}
            made.append(tuple(said.get(field) for field in fields))
        return made

    def _must_be_open(self, kind: str, fields: Sequence[str]) -> None:
        scenario = self._seen.scenario
        declared = schemes.record_type(scenario, kind) or schemes.subject_type(scenario, kind)
        if declared is None:
            raise bad("kind", f"{scenario}.{kind}", "a type that a scenario declares")
        known = {*PLAIN, *(one.name for one in declared.fields if not one.is_sealed)}
        for field in fields:
            if field not in known:
                raise bad("fields", field, "a field of its own that is not sealed")

    def _found(
        self, kind: str, states: Sequence[str], where: Mapping[str, Any] | None
    ) -> tuple[QuerySet[Any], str]:
        """Rows of a kind that may be seen, and the column that names their subject."""
        is_record = schemes.record_type(self._seen.scenario, kind) is not None
        subject = "subject_id" if is_record else "id"
        found = matching(Asked(self._seen.scenario, kind, filters=where, states=tuple(states)))
        found = found.filter(self._seen.rows("area_id", subject))
        return (found if is_record else found.filter(ended_us=None)), subject

    def case(self, case_id: int) -> Mapping[str, Value] | None:
        found = self._seen.cases.filter(id=case_id).first()
        return None if found is None else self._cases([found])[0]

    def cases(
        self,
        kinds: Sequence[str] = (),
        *,
        subject_id: int | None = None,
        is_open: bool | None = None,
        since_us: int | None = None,
        until_us: int | None = None,
    ) -> Sequence[Mapping[str, Value]]:
        found = self._seen.cases.filter(_within(since_us, until_us))
        if kinds:
            found = found.filter(kind__in=list(kinds))
        if subject_id is not None:
            found = found.filter(subject_id=subject_id)
        if is_open is not None:
            found = found.exclude(state="closed") if is_open else found.filter(state="closed")
        cases: list[Case] = list(found.order_by("id")[: MOST_ROWS + 1])
        if len(cases) > MOST_ROWS:
            raise bad("cases", f"more than {MOST_ROWS}", "since_us and until_us, or kinds")
        return self._cases(cases)

    def readings(
        self, subject_id: int, channel: str, since_us: int, until_us: int
    ) -> Sequence[Measured]:
        if subject_id not in self._measured:
            its = Subject.objects.using(MAIN).filter(
                self._seen.rows("area_id", "id"), id=subject_id, scenario=self._seen.scenario
            )
            self._measured[subject_id] = its.exists()
        may = self._measured[subject_id]
        return measured(subject_id, channel, since_us, until_us) if may else ()

    def stopped(self, subject_id: int) -> frozenset[str]:
        subject = Subject.objects.using(MAIN).filter(id=subject_id).first()
        if subject is None or subject.person_id is None:
            return frozenset()
        return stopped([subject.person_id], self._now_us).get(subject.person_id, frozenset())

    def area(self, area_id: int) -> str:
        found = self._known_areas().get(area_id)
        return self._word(found.name, found.latin) if found is not None else ""

    def areas(self) -> Sequence[tuple[int, str, int | None]]:
        known = self._known_areas().values()
        seen = [a for a in known if a.until_us is None and a.path.startswith(self._seen.paths)]
        seen.sort(key=lambda area: (area.path.count("."), area.code))
        return [(area.id, self._word(area.name, area.latin), area.parent_id) for area in seen]

    def _known_areas(self) -> dict[int, Area]:
        if self._areas is None:
            self._areas = {area.id: area for area in Area.objects.using(MAIN).all()}
        return self._areas

    def _word(self, zh: str, en: str | None) -> str:
        return (en or zh) if self._language == "en" else zh

    def _views(self, rows: Sequence[Row]) -> list[RowView]:
        names = self._names(rows)
        return [
            RowView(self._rows, row, names[row.id], self._unsealed(row), self._reader)
            for row in rows
        ]

    def _cases(self, cases: Sequence[Case]) -> list[CaseView]:
        done = Done(case.id for case in cases)
        return [CaseView(case, done, self._reader) for case in cases]

    def _doers(self, area_id: int | None, ids: Sequence[int]) -> str:
        """Names of who acted; none to whoever holds no post for the place of what they did."""
        area = self._known_areas().get(area_id or 0)
        if self._keys is None or area is None or not area.path.startswith(self._seen.paths):
            return ""
        missing = [one for one in ids if one not in self._officials]
        people = _held(Person, missing)
        self._officials |= {one: self._official(people.get(one)) for one in missing}
        said = [self._officials[one] for one in ids if self._officials[one]]
        return (", " if self._language == "en" else "、").join(said)

    def _official(self, person: Person | None) -> str:
        if person is None or self._keys is None:
            return ""
        is_latin = self._language == "en"
        name = self._keys.open(person.latin if is_latin else person.name) or ""
        return name if self._is_logged else masked("latin" if is_latin else "name", name)

    def _own_ids(self) -> frozenset[int]:
        """Every id under which the reader is known; none of nobody's."""
        if self._own is None:
            person_id = self._seen.person_id
            self._own = frozenset() if person_id is None else known_as(person_id)
        return self._own

    def _is_opened(self, row_id: int | None) -> bool:
        return self._opens is ALL or row_id in self._opens

    def _unsealed(self, row: Row) -> Mapping[str, Value]:
        if self._keys is None or not self._is_opened(row.id):
            return {}
        return unsealed(self._keys, row.sealed) or {}

    def _names(self, rows: Sequence[Row]) -> dict[int, str]:
        """Row → the name of its subject: a thing's or a party's own, a person's as may be seen."""
        about = {row.id: subject_of(row) for row in rows}
        subjects = {row.id: row for row in rows if isinstance(row, Subject)}
        missing = {one for one in about.values() if one is not None} - subjects.keys()
        if missing:
            subjects |= Subject.objects.using(MAIN).in_bulk(missing)
        people = _held(Person, (one.person_id for one in subjects.values()))
        parties = _held(Party, (one.party_id for one in subjects.values()))
        found: dict[int, str] = {}
        for row in rows:
            subject = subjects.get(about[row.id] or 0)
            if subject is None:
                found[row.id] = ""
            elif subject.party_id is not None:
                party = parties.get(subject.party_id)
                found[row.id] = self._word(party.name, party.latin) if party is not None else ""
            elif subject.person_id is not None:
                found[row.id] = self._person(people.get(subject.person_id), row, subject)
            else:
                found[row.id] = subject.name or ""
        return found

    def _person(self, person: Person | None, row: Row, subject: Subject) -> str:
        if person is None or self._keys is None:
            return ""
        is_latin = self._language == "en"
        name = self._keys.open(person.latin if is_latin else person.name) or ""
        is_full = subject.id in self._seen.near or self._is_opened(row.id)
        return name if is_full else masked("latin" if is_latin else "name", name)


def _within(since_us: int | None, until_us: int | None) -> Q:
    wanted = Q()
    if since_us is not None:
        wanted &= Q(opened_us__gte=since_us)
    if until_us is not None:
        wanted &= Q(opened_us__lt=until_us)
    return wanted


def _is_typed(row: Row) -> bool:
    scenario, kind = row.scenario, row.kind
    if isinstance(row, Record):
        return schemes.record_type(scenario, kind) is not None
    return schemes.subject_type(scenario, kind) is not None


def _held(table: type[T], ids: Iterable[int | None]) -> dict[int, T]:
    wanted = {one for one in ids if one is not None}
    return table.objects.using(MAIN).in_bulk(wanted) if wanted else {}

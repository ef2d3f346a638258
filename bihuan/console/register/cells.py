"""Values of rows as cells: names, areas, links and units, with one query for each kind of thing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse

from bihuan.base.time import SECOND_US
from bihuan.console.home import keys
from bihuan.console.people import ERASED, People
from bihuan.console.register import wording
from bihuan.console.register.sheet import Cell
from bihuan.console.shown import area_name
from bihuan.journal.storage import MAIN
from bihuan.register import schemes
from bihuan.register.models import Area, Subject
from bihuan.register.parties.models import Party
from bihuan.register.records.models import Record
from bihuan.register.records.rows import Row, RowType
from bihuan.register.scheme import Computed, Field, SubjectType

HIDDEN = "＊＊＊"
NOTHING = Cell("—", tone="dim")


class Wanted:
    """Ids gathered first, so that their names are read once."""

    def __init__(self) -> None:
        self.areas: set[int] = set()
        self.people: set[int] = set()
        self.parties: set[int] = set()
        self.subjects: set[int] = set()
        self.records: set[int] = set()

    def row(self, row: Row) -> Wanted:
        """What a row's line names."""
        self.areas.add(row.area_id)
        if isinstance(row, Record):
            self.subjects |= {row.subject_id} if row.subject_id is not None else set()
        else:
            self.people |= {row.person_id} if row.person_id is not None else set()
            self.parties |= {row.party_id} if row.party_id is not None else set()
        return self

    def value(self, one: Field | Computed, value: Any) -> None:
        """What a field points to."""
        if not isinstance(value, int) or isinstance(value, bool):
            return
        of = getattr(one, "of", None) if isinstance(one, Field) else None
        if one.kind == "party":
            (self.people if of == "person" else self.parties).add(value)
            if of is None:
                self.people.add(value)
        else:
            kinds = {"area": self.areas, "subject": self.subjects, "record": self.records}
            kinds.get(one.kind, set()).add(value)


class Names:
    """The names of what was gathered: full ones where the reader opened the thing."""

    def __init__(self, wanted: Wanted, *, masked: bool) -> None:
        self._masked = masked
        self.subjects = Subject.objects.using(MAIN).in_bulk(wanted.subjects)
        self.records = Record.objects.using(MAIN).in_bulk(wanted.records)
        parties = wanted.parties | _ids(self.subjects.values(), "party_id")
        self._parties = Party.objects.using(MAIN).in_bulk(parties)
        towns = {row.area_id for row in self.subjects.values()}
        self._areas = Area.objects.using(MAIN).in_bulk(wanted.areas | towns)
        above = {int(part) for a in self._areas.values() for part in a.path.split(".") if part}
        self._areas |= Area.objects.using(MAIN).in_bulk(above - self._areas.keys())
        self.people = People(keys(), wanted.people | _ids(self.subjects.values(), "person_id"))

    def person(self, person_id: int | None) -> str:
        """A person's name, masked in lists."""
        said = self.people.masked if self._masked else self.people.name
        return said(person_id)

    def official(self, person_id: int | None) -> str:
        """Who acted, by the full name: officials answer by name."""
        return self.people.name(person_id) if person_id is not None else ""

    def subject(self, subject: Subject | None) -> str:
        """A subject: a thing by its name, a person masked in lists."""
        if subject is None:
            return ERASED
        if subject.name is not None:
            return subject.name
        if subject.party_id is not None:
            return self.party(subject.party_id)
        return self.person(subject.person_id)

    def party(self, party_id: int | None) -> str:
        """A party's name in the reader's script."""
        party = self._parties.get(party_id) if party_id is not None else None
        if party is None:
            return ERASED
        return wording.word((party.name, party.latin or party.name)) or ERASED

    def place(self, area_id: int | None) -> str:
        """Town and village, without the county; the county by its own name."""
        area = self._areas.get(area_id) if area_id is not None else None
        if area is None:
            return ""
        path = [int(part) for part in area.path.split(".") if part]
        names = [area_name(self._areas.get(one)) for one in (path[1:] or path)]
        return " · ".join(name for name in names if name)

    def value(self, one: Field | Computed, value: Any) -> Cell:
        """A field's value as its kind is shown."""
        if value is None or value == []:
            return NOTHING
        if isinstance(one, Field) and one.choices:
            table = dict(one.choices)
            codes = value if isinstance(value, list) else [value]
            return Cell("、".join(wording.named(table, code) for code in codes))
        return self._plain(one, value)

    def _plain(self, one: Field | Computed, value: Any) -> Cell:
        if one.kind == "yes_no":
            return Cell(wording.word(("是", "Yes") if value else ("否", "No")))
        if one.kind == "time" and isinstance(value, int):
            return Cell(us=value)
        if isinstance(value, int | float) and one.kind in ("integer", "decimal"):
            return Cell(
                f"{value:,g}" if isinstance(value, float) else f"{value:,}",
                sub=wording.unit(one.unit),
            )
        if one.kind == "area":
            return Cell(self.place(value))
        if one.kind == "party":
            named = self.party(value)
            name = named if named != ERASED else self.person(value)
            return Cell(name, href=reverse("party", args=[value]))
        if one.kind in ("subject", "record"):
            return self._pointed(one.kind, value)
        return Cell(str(value), is_code=one.kind in ("place", "photo"))

    def _pointed(self, kind: str, row_id: int) -> Cell:
        row = (self.subjects if kind == "subject" else self.records).get(row_id)
        name = row.number if isinstance(row, Record) else self.subject(row)
        return Cell(name, href=reverse("row", args=[row_id])) if row is not None else NOTHING


def state_cell(row: Row, declared: RowType | None) -> Cell:
    """A row's state; one that has ended or may not change any more is quiet."""
    if getattr(row, "ended_us", None) is not None:
        return Cell(wording.word(("已停止", "Ended")), tone="mute")
    if declared is None or not row.state:
        return Cell()
    return Cell(wording.named(dict(declared.states), row.state), tone="state")


def countdown(due_us: int | None, now_us: int) -> Cell:
    """A time that falls due."""
    if due_us is None:
        return NOTHING
    return Cell(due_us=due_us, left_s=(due_us - now_us) // SECOND_US)


def declared_of(row: Row) -> RowType | None:
    """What the scenario declares of a row; a bare type where it declares nothing."""
    if isinstance(row, Record):
        return schemes.record_type(row.scenario, row.kind)
    found = schemes.subject_type(row.scenario, row.kind)
    return found or SubjectType(name=row.kind, title=(row.kind, row.kind), party=None)


def list_fields(declared: RowType, most: int = 4) -> Sequence[Field]:
    """The columns of a list: what is indexed first, never what is sealed or long."""
    fine = [f for f in declared.fields if not f.is_sealed and f.kind not in ("long_text", "photo")]
    return sorted(fine, key=lambda f: not f.is_indexed)[:most]


def _ids(rows: Iterable[Subject], name: str) -> set[int]:
    return {getattr(row, name) for row in rows if getattr(row, name) is not None}

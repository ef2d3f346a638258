"""The rows that a figure counted: the same conditions, window and area as its value."""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.figures import sql_cases, typed_rows
from bihuan.figures.declared import Cases, Where
from bihuan.figures.gather import Reader
from bihuan.figures.installed import Installed
from bihuan.figures.parts import ids_where, whole_where
from bihuan.figures.periods import Window
from bihuan.figures.where import Clause, Sql
from bihuan.journal.storage import MAIN
from bihuan.register.models import Subject
from bihuan.register.records.models import Record


@dataclass(frozen=True, slots=True)
class Ask:
    """Of which figure, window and subtree. is_whole: what stands below the line, not above it."""

    one: Installed
    window: Window
    path: str
    is_whole: bool = False

    @property
    def where(self) -> Where:
        measure = self.one.figure.measure
        return whole_where(measure) if self.is_whole else ids_where(measure)


def is_cases(one: Installed) -> bool:
    """Whether it counts cases; else typed rows."""
    return isinstance(one.figure.over, Cases)


def rows(reader: Reader, ask: Ask, limit: int, after: int = 0) -> list[int]:
    """Ids, newest first; after: as many are left out."""
    if not is_cases(ask.one):
        found = _typed(reader, ask)
        return sorted((row.id for row in found), reverse=True)[after : after + limit]
    return sql_cases.ids(ask.where, _clause(reader, ask), (limit, after), _sql(ask))


def count(reader: Reader, ask: Ask) -> int:
    """How many there are."""
    if not is_cases(ask.one):
        return len(_typed(reader, ask))
    return sql_cases.count(ask.where, _clause(reader, ask), _sql(ask))


def numbered(one: Installed, ids: list[int]) -> list[tuple[int, str]]:
    """(id, number or name) of typed rows, as lists show them: never a person's name."""
    records = dict(Record.objects.using(MAIN).filter(id__in=ids).values_list("id", "number"))
    things = dict(Subject.objects.using(MAIN).filter(id__in=ids).values_list("id", "name"))
    return [(one_id, records.get(one_id) or things.get(one_id) or str(one_id)) for one_id in ids]


def _sql(ask: Ask) -> Sql:
    return Sql(sql_cases.TABLE, ask.window.end_us)


def _clause(reader: Reader, ask: Ask) -> Clause:
    clause = reader.clause(ask.one, ask.window)
    if ask.one.figure.areas == "then":
        return sql_cases.together(clause, sql_cases.under([ask.path]))
    inside = (area for area, path in reader.paths.items() if path.startswith(ask.path))
    return sql_cases.together(clause, sql_cases.in_areas(inside))


def _typed(reader: Reader, ask: Ask) -> list[typed_rows.Row]:
    test = typed_rows.test_row(ask.where)
    found = reader.typed(ask.one, ask.window)
    areas = ask.one.figure.areas
    return [
        row
        for row in found
        if test(row) and reader.path_at(row.area_id, areas, ask.window).startswith(ask.path)
    ]

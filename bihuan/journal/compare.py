"""Two copies of a table, row by row in key order, all columns; memory is bounded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db import connections, models

from bihuan.journal.table import quoted
from bihuan.journal.tables import Projection

_CHUNK: Final = 5_000
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """The first row that is not the same. live or rebuilt is None where there is no such row."""

    key: Any
    columns: tuple[str, ...]
    live: dict[str, Any] | None
    rebuilt: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class TableResult:
    """One table, live against rebuilt. different: rows changed, missing or too many."""

    table: str
    equal: int
    different: int
    first: Difference | None


def compare(model: type[Projection], live: str, rebuilt: str) -> TableResult:
    """Count the rows that are the same and those that are not."""
    names = tuple(str(field.attname) for field in model._meta.concrete_fields)
    at = names.index(str(model._meta.pk.attname))
    equal = different = 0
    first = None
    for left, right in _pairs(_ordered(model, live), _ordered(model, rebuilt), at):
        if left == right or (left and right and _is_same(left, right)):
            equal += 1
            continue
        different += 1
        if first is None:
            first = _difference(names, at, left, right)
    return TableResult(model._meta.db_table, equal, different, first)


def _ordered(model: type[Projection], alias: str) -> Iterator[Row]:
    """Every row by key, as the driver gives it; text keys in the order of their code points."""
    connection, key = connections[alias], model._meta.pk
    columns = ", ".join(quoted(str(field.column)) for field in model._meta.concrete_fields)
    column = quoted(str(key.column))
    is_text = isinstance(key, models.CharField | models.TextField)
    order = f'{column} COLLATE "C"' if connection.vendor == "postgresql" and is_text else column
    select = f"SELECT {columns} FROM {quoted(model._meta.db_table)}"  # noqa: S608 - names of our own models
    at = [str(field.attname) for field in model._meta.concrete_fields].index(str(key.attname))
    after: Any = None
    while True:
        where = "" if after is None else f" WHERE {order} > %s"
        with connection.cursor() as cursor:
            sql = f"{select}{where} ORDER BY {order} LIMIT {_CHUNK}"
            cursor.execute(sql, () if after is None else (after,))
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < _CHUNK:
            return
        after = rows[-1][at]


def _pairs(
    left: Iterator[Row], right: Iterator[Row], at: int
) -> Iterator[tuple[Row | None, Row | None]]:
    a, b = next(left, None), next(right, None)
    while a is not None or b is not None:
        if b is None or (a is not None and a[at] < b[at]):
            yield a, None
            a = next(left, None)
        elif a is None or b[at] < a[at]:
            yield None, b
            b = next(right, None)
        else:
            yield a, b
            a, b = next(left, None), next(right, None)


def _is_same(left: Row, right: Row) -> bool:
    # NaN is not equal to itself, and a memoryview only to its bytes
    return all(a == b or (a != a and b != b) for a, b in zip(left, right, strict=True))  # noqa: PLR0124 - this is the test for NaN


def _difference(names: tuple[str, ...], at: int, left: Row | None, right: Row | None) -> Difference:
    live = None if left is None else dict(zip(names, left, strict=True))
    rebuilt = None if right is None else dict(zip(names, right, strict=True))
    columns = tuple(
        name for name in names if live and rebuilt and not _is_same((live[name],), (rebuilt[name],))
    )
    key = left[at] if left is not None else right[at] if right is not None else None
    return Difference(key, columns, live, rebuilt)

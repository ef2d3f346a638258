"""One projection's rows in memory, and the SQL that reads and writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import NOT_PROVIDED
from django.db.models.base import ModelState

from bihuan.base.errors import bad
from bihuan.journal.tables import Projection

_BULK: Final = 500  # rows from which PostgreSQL's COPY is worth its start
# written as they are by both drivers
_PLAIN: Final = (
    models.IntegerField,
    models.CharField,
    models.TextField,
    models.FloatField,
    models.BooleanField,
    models.BinaryField,
)
Prepare = Callable[[Any], Any]


class Table:
    """The cached rows of one projection.

    rows     key → row, or None where it is known that there is none
    index    lookup field → value → keys held; complete for values in `loaded`, or if fresh
    dirty    keys to write; made: those of them that are not on disk; gone: keys to remove there
    """

    def __init__(self, model: type[Projection], alias: str, *, is_fresh: bool) -> None:
        self.model = model
        self.is_fresh = is_fresh
        self._alias = alias
        fields = model._meta.concrete_fields
        self.names = [str(field.attname) for field in fields]
        self.name_set = set(self.names)
        self.key = str(model._meta.pk.attname)
        self.defaults = {str(field.attname): None for field in fields if field.null} | {
            str(field.attname): field.default
            for field in fields
            if field.default is not NOT_PROVIDED and not callable(field.default)
        }
        self.rows: dict[Any, Projection | None] = {}
        self.dirty: dict[Any, None] = {}
        self.made: set[Any] = set()
        self.gone: set[Any] = set()
        self.index: dict[str, dict[Any, dict[Any, None]]] = {name: {} for name in model.lookups}
        self.loaded: dict[str, set[Any]] = {name: set() for name in model.lookups}
        self._sql = _Sql(model)
        self._prepare, self._restore = _conversions(model, connections[alias])

    def hold(self, key: Any, row: Projection | None) -> None:
        """Keep a row, and find it by its lookups."""
        self.rows[key] = row
        if row is not None:
            for name, values in self.index.items():
                values.setdefault(getattr(row, name), {})[key] = None

    def unindex(self, key: Any, row: Projection) -> None:
        """Find a row by its lookups no more."""
        for name, values in self.index.items():
            values.get(getattr(row, name), {}).pop(key, None)

    def read(self, key: Any) -> Projection | None:
        """The row on disk, held from now on."""
        found = self._fetch(self._sql.by_key, key)
        self.hold(key, found[0] if found else None)
        return self.rows[key]

    def load(self, name: str, value: Any) -> None:
        """Hold everything on disk that has this value of a lookup; what is held already wins."""
        for row in self._fetch(self._sql.by_lookup[name], value):
            if row.pk not in self.rows:
                self.hold(row.pk, row)
        self.loaded[name].add(value)

    def read_many(self, keys: Iterable[Any]) -> None:
        """Hold the rows of many keys, and that the others do not exist."""
        wanted = [key for key in dict.fromkeys(keys) if key not in self.rows]
        for part in _parts(wanted):
            for row in self._fetch_many(self._sql.key, part):
                self.hold(row.pk, row)
            for key in part:
                self.rows.setdefault(key, None)

    def load_many(self, name: str, values: Iterable[Any]) -> None:
        """Hold everything that has any of these values of a lookup."""
        wanted = [value for value in dict.fromkeys(values) if value not in self.loaded[name]]
        for part in _parts(wanted):
            for row in self._fetch_many(self._sql.columns[name], part):
                if row.pk not in self.rows:
                    self.hold(row.pk, row)
            self.loaded[name].update(part)

    def _fetch_many(self, column: str, values: list[Any]) -> list[Projection]:
        marks = ", ".join(["%s"] * len(values))
        sql = f"{self._sql.select} {column} IN ({marks})"
        return self._fetch(sql, *values)

    def flush(self) -> int:
        """Write what changed: removals and changes first, since they free unique values."""
        written = len(self.dirty) + len(self.gone)
        if not written:
            return 0
        with connections[self._alias].cursor() as cursor:
            if self.gone:
                cursor.executemany(self._sql.delete, [(key,) for key in self.gone])
            if old := [key for key in self.dirty if key not in self.made]:
                cursor.executemany(self._sql.upsert, self._tuples(old))
            if new := [key for key in self.dirty if key in self.made]:
                self._insert(cursor, new)
        self.dirty.clear()
        self.made.clear()
        self.gone.clear()
        return written

    def trim(self, most_rows: int) -> None:
        """Let go of the rows held longest, where more than `most_rows` are held, after a flush."""
        if len(self.rows) <= most_rows or self.dirty or self.gone:
            return
        self.is_fresh = False
        for key in list(self.rows)[: len(self.rows) - most_rows // 2]:
            row = self.rows.pop(key)
            if row is not None:
                self.unindex(key, row)
                for name, values in self.loaded.items():
                    values.discard(getattr(row, name))
        for name, held in self.index.items():
            self.index[name] = {value: keys for value, keys in held.items() if keys}

    def _insert(self, cursor: CursorWrapper, keys: list[Any]) -> None:
        is_bulk = len(keys) >= _BULK and connections[self._alias].vendor == "postgresql"
        if not is_bulk:
            cursor.executemany(self._sql.insert, self._tuples(keys))
            return
        with cursor.copy(self._sql.copy) as copy:
            for values in self._tuples(keys):
                copy.write_row(values)

    def _tuples(self, keys: Iterable[Any]) -> list[tuple[Any, ...]]:
        names, rows = self.names, self.rows
        found = [
            tuple([values[name] for name in names])
            for values in (rows[key].__dict__ for key in keys)
        ]
        for at, prepare in self._prepare:
            found = [(*row[:at], prepare(row[at]), *row[at + 1 :]) for row in found]
        return found

    def _fetch(self, sql: str, *values: Any) -> list[Projection]:
        with connections[self._alias].cursor() as cursor:
            cursor.execute(sql, values)
            found = cursor.fetchall()
        for at, restore in self._restore:
            found = [(*row[:at], restore(row[at]), *row[at + 1 :]) for row in found]
        return [instance(self.model, dict(zip(self.names, row, strict=True))) for row in found]


def _parts(values: list[Any]) -> Iterable[list[Any]]:
    """At most so many at a time: a statement takes a bounded number of values."""
    return (values[at : at + _BULK] for at in range(0, len(values), _BULK))


class _Sql:
    """The statements of one table; names come from our own models."""

    def __init__(self, model: type[Projection]) -> None:
        table = quoted(model._meta.db_table)
        key = quoted(str(model._meta.pk.column))
        columns = [str(field.column) for field in model._meta.concrete_fields]
        names = ", ".join(map(quoted, columns))
        marks = ", ".join(["%s"] * len(columns))
        rest = [quoted(c) for c in columns if quoted(c) != key]
        change = ", ".join(f"{c} = excluded.{c}" for c in rest)
        action = f"DO UPDATE SET {change}" if rest else "DO NOTHING"
        select = f"SELECT {names} FROM {table} WHERE"  # noqa: S608 - names of our own models
        self.insert = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - as above
        self.upsert = f"{self.insert} ON CONFLICT ({key}) {action}"
        self.delete = f"DELETE FROM {table} WHERE {key} = %s"  # noqa: S608 - as above
        self.copy = f"COPY {table} ({names}) FROM STDIN"
        self.select, self.key = select, key
        self.by_key = f"{select} {key} = %s"
        fields = {str(field.attname): str(field.column) for field in model._meta.concrete_fields}
        self.columns = {name: quoted(fields[name]) for name in model.lookups}
        self.by_lookup = {name: f"{select} {column} = %s" for name, column in self.columns.items()}


def quoted(name: str) -> str:
    """A name as SQL takes it."""
    return f'"{name}"'


def instance(model: type[Projection], values: dict[str, Any]) -> Projection:
    """A model instance without Model.__init__: ten times faster, and a rebuild makes millions."""
    row = model.__new__(model)
    row.__dict__.update(values)
    row._state = ModelState()
    return row


def _conversions(
    model: type[Projection], connection: BaseDatabaseWrapper
) -> tuple[list[tuple[int, Prepare]], list[tuple[int, Prepare]]]:
    """Columns that a driver does not write as they are, and those it does not read as they are."""
    prepare: list[tuple[int, Prepare]] = []
    restore: list[tuple[int, Prepare]] = []
    for at, field in enumerate(model._meta.concrete_fields):
        if not isinstance(field, (*_PLAIN, models.ForeignKey)):
            prepare.append((at, _preparing(field, connection)))
        column = field.get_col(model._meta.db_table)
        steps = [*connection.ops.get_db_converters(column), *field.get_db_converters(connection)]
        if isinstance(field, models.BinaryField):
            restore.append((at, _bytes))
        elif steps:
            restore.append((at, _restoring(steps, column, connection)))
    return prepare, restore


def _preparing(field: models.Field[Any, Any], connection: BaseDatabaseWrapper) -> Prepare:
    return lambda value: field.get_db_prep_save(value, connection)


def _restoring(
    steps: list[Callable[[Any, Any, Any], Any]], column: Any, connection: BaseDatabaseWrapper
) -> Prepare:
    def restore(value: Any) -> Any:
        for step in steps:
            value = step(value, column, connection)
        return value

    return restore


def _bytes(value: Any) -> bytes | None:
    # PostgreSQL's driver gives a memoryview
    return None if value is None else bytes(value)


def wrong_names(table: Table, values: Iterable[str]) -> Exception:
    """The error for fields that are missing or unknown."""
    wrong = sorted(table.name_set ^ set(values))
    return bad(table.model._meta.label, ", ".join(wrong), f"exactly {', '.join(table.names)}")

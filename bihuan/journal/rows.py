"""Rows in memory between entries and tables: one code path for live and rebuild.

Projectors see only this: rows by key, rows by a declared lookup, new rows, changed rows. Live,
a `Rows` lives for one transaction and loads what is asked for. In a rebuild it starts on empty
tables (`is_fresh`), knows that what it does not hold does not exist, and writes in bulk.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from django.db import connections
from django.db.models import NOT_PROVIDED
from django.db.models.base import ModelState

from bihuan.base.errors import bad
from bihuan.journal.tables import Projection

R = TypeVar("R", bound=Projection)

_MISSING: dict[str, Any] = {}


class _Table:
    """The cached rows of one projection and how to write them."""

    def __init__(self, model: type[Projection]) -> None:
        self.model = model
        fields = model._meta.concrete_fields
        self.names = [str(field.attname) for field in fields]
        self.key = str(model._meta.pk.attname)
        self.defaults = {
            str(field.attname): field.default
            for field in fields
            if field.default is not NOT_PROVIDED and not callable(field.default)
        } | {str(field.attname): None for field in fields if field.null}
        self.rows: dict[Any, Projection | None] = {}
        self.dirty: dict[Any, None] = {}
        self.made: set[Any] = set()
        self.gone: set[Any] = set()
        self.is_fresh = False
        self.index: dict[str, dict[Any, dict[Any, None]]] = {name: {} for name in model.lookups}

    def insert_sql(self, *, or_update: bool) -> str:
        columns = [str(field.column) for field in self.model._meta.concrete_fields]
        rest = [c for c in columns if c != str(self.model._meta.pk.column)]
        update = ", ".join(f'"{c}" = excluded."{c}"' for c in rest)
        action = f"DO UPDATE SET {update}" if rest else "DO NOTHING"
        conflict = f" ON CONFLICT ({quoted(str(self.model._meta.pk.column))}) {action}"
        return (
            f'INSERT INTO "{self.model._meta.db_table}" '  # noqa: S608 - names come from our own models
            f"({', '.join(map(quoted, columns))}) VALUES ({', '.join(['%s'] * len(columns))})"
            f"{conflict if or_update else ''}"
        )


def quoted(name: str) -> str:
    """A column name as SQL takes it."""
    return f'"{name}"'


class Rows:
    """The rows that projectors read and write."""

    def __init__(self, alias: str, *, is_fresh: bool = False) -> None:
        self.alias = alias
        self._is_fresh = is_fresh
        self._tables: dict[type[Projection], _Table] = {}
        self._undo: list[tuple[_Table, Any, dict[str, Any] | None, Any]] | None = None

    def get(self, model: type[R], key: Any) -> R | None:
        """The row for reading; None where there is none. Do not change it."""
        return cast("R | None", self._cached(self._table(model), key))

    def change(self, model: type[R], key: Any) -> R:
        """The row for changing; its absence is a broken invariant."""
        table = self._table(model)
        row = self._cached(table, key)
        if row is None:
            raise bad(model._meta.label, key, "a row that exists")
        self._remember(table, key, row)
        table.dirty[key] = None
        return cast("R", row)

    def new(self, model: type[R], /, **fields: Any) -> R:
        """A new row; fields left out take the model's own default, or fail."""
        table = self._table(model)
        values = table.defaults | fields
        if values.keys() != set(table.names):
            wrong = sorted(values.keys() ^ set(table.names))
            raise bad(model._meta.label, ", ".join(wrong), f"exactly {', '.join(table.names)}")
        key = values[table.key]
        if table.rows.get(key) is not None:  # a key taken on disk fails at the flush
            raise bad(model._meta.label, key, "a key that is not taken")
        row = _instance(model, values)
        self._remember(table, key, None)
        self._hold(table, key, row)
        table.dirty[key] = None
        table.made.add(key)
        return row

    def put(self, model: type[R], /, **fields: Any) -> R:
        """The row with this key as given, new or changed in these fields."""
        table = self._table(model)
        key = fields[table.key]
        if self._cached(table, key) is None:
            return self.new(model, **fields)
        row = self.change(model, key)
        for name, value in fields.items():
            setattr(row, name, value)
        return row

    def remove(self, model: type[Projection], key: Any) -> None:
        """Remove a row; removing what is not there changes nothing."""
        table = self._table(model)
        row = self._cached(table, key)
        if row is None:
            return
        self._remember(table, key, row)
        for name, values in table.index.items():
            values.get(getattr(row, name), {}).pop(key, None)
        table.rows[key] = None
        table.dirty.pop(key, None)
        if key in table.made:
            table.made.discard(key)
        else:
            table.gone.add(key)

    def where(self, model: type[R], /, **lookup: Any) -> list[R]:
        """Rows found by one declared lookup field, in the order of their keys.

        A lookup field never changes after its row is made.
        """
        table = self._table(model)
        ((name, value),) = lookup.items()
        if name not in table.index:
            raise bad(f"{model._meta.label} lookup", name, " or ".join(table.index) or "none")
        if value not in table.index[name]:
            self._load(table, name, value)
        keys = sorted(table.index[name][value])
        return [cast("R", row) for key in keys if (row := table.rows[key]) is not None]

    def flush(self) -> int:
        """Write what changed; the number of rows written or removed."""
        return sum(self._flush(table) for table in self._tables.values())

    def trim(self, most_rows: int) -> None:
        """After a flush, let go of a table's rows where more than `most_rows` are held."""
        for table in self._tables.values():
            if len(table.rows) > most_rows and not table.dirty and not table.gone:
                table.rows.clear()
                table.index = {name: {} for name in table.index}
                table.is_fresh = False

    @contextmanager
    def undone_on_error(self) -> Iterator[None]:
        """Take back every change of this block if it raises: no half-projected entry."""
        self._undo = []
        try:
            yield
        except Exception:
            for table, key, before, row in reversed(self._undo):
                _take_back(table, key, before, row)
            raise
        finally:
            self._undo = None

    def _table(self, model: type[Projection]) -> _Table:
        table = self._tables.get(model)
        if table is None:
            table = self._tables[model] = _Table(model)
            table.is_fresh = self._is_fresh
        return table

    def _cached(self, table: _Table, key: Any) -> Projection | None:
        row = table.rows.get(key, _MISSING)
        if row is not _MISSING:
            return cast("Projection | None", row)
        if table.is_fresh:
            return None
        found = table.model.objects.using(self.alias).filter(pk=key).first()
        self._hold(table, key, found)
        return found

    def _load(self, table: _Table, name: str, value: Any) -> None:
        """Everything that the table holds for this lookup, what is cached winning."""
        table.index[name].setdefault(value, {})
        if not table.is_fresh:
            for row in table.model.objects.using(self.alias).filter(**{name: value}):
                if row.pk not in table.rows:
                    self._hold(table, row.pk, row)
            for key, cached in table.rows.items():
                if cached is not None and getattr(cached, name) == value:
                    table.index[name][value][key] = None

    def _hold(self, table: _Table, key: Any, row: Projection | None) -> None:
        table.rows[key] = row
        if row is not None:
            for name, values in table.index.items():
                value = getattr(row, name)
                if value in values:
                    values[value][key] = None
                elif table.is_fresh:
                    values[value] = {key: None}

    def _remember(self, table: _Table, key: Any, row: Projection | None) -> None:
        if self._undo is not None:
            self._undo.append((table, key, dict(row.__dict__) if row is not None else None, row))

    def _flush(self, table: _Table) -> int:
        if not table.dirty and not table.gone:
            return 0
        written = len(table.dirty) + len(table.gone)
        with connections[self.alias].cursor() as cursor:
            if table.gone:
                column = quoted(str(table.model._meta.pk.column))
                sql = f'DELETE FROM "{table.model._meta.db_table}" WHERE {column} = %s'  # noqa: S608 - names come from our own models
                cursor.executemany(sql, [(key,) for key in table.gone])
            # what is there first: a case that closes makes room for the one that opens
            if old := [key for key in table.dirty if key not in table.made]:
                cursor.executemany(table.insert_sql(or_update=True), _tuples(table, old))
            if new := [key for key in table.dirty if key in table.made]:
                cursor.executemany(table.insert_sql(or_update=False), _tuples(table, new))
        table.dirty.clear()
        table.made.clear()
        table.gone.clear()
        return written


def _tuples(table: _Table, keys: list[Any]) -> list[tuple[Any, ...]]:
    names = table.names
    return [
        tuple(values[name] for name in names)
        for values in (table.rows[key].__dict__ for key in keys)
    ]


def _instance(model: type[R], values: dict[str, Any]) -> R:
    """A model instance without Model.__init__: ten times faster, and a rebuild makes millions."""
    row = model.__new__(model)
    row.__dict__.update(values)
    row._state = ModelState()
    return row


def _take_back(table: _Table, key: Any, before: dict[str, Any] | None, row: Any) -> None:
    if before is not None:
        row.__dict__.clear()
        row.__dict__.update(before)
        table.rows[key] = row
        table.gone.discard(key)
        table.dirty[key] = None
        for name, values in table.index.items():
            if (value := getattr(row, name)) in values:
                values[value][key] = None
        return
    made = table.rows.pop(key, None)
    table.dirty.pop(key, None)
    table.made.discard(key)
    if made is not None:
        for name, values in table.index.items():
            values.get(getattr(made, name), {}).pop(key, None)

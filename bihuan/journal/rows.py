"""Rows in memory between entries and tables: one code path for live and rebuild.

Projectors see only this: rows by key, rows by a declared lookup, new rows, changed rows. Live,
a `Rows` lives for one transaction and loads what is asked for. In a rebuild it starts on empty
tables (`is_fresh`), knows that what it does not hold does not exist, and writes in bulk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple, TypeVar, cast

from bihuan.base.errors import bad
from bihuan.journal.table import Table, instance, wrong_names
from bihuan.journal.tables import Projection

R = TypeVar("R", bound=Projection)

_MISSING: Final[Any] = object()


class _Before(NamedTuple):
    """How a row was: what was cached and its values, and whether it was to be written."""

    table: Table
    key: Any
    held: Any
    values: dict[str, Any] | None
    is_dirty: bool
    is_made: bool
    is_gone: bool


class Rows:
    """The rows that projectors read and write.

    only  the tables that may be used; None: all
    """

    def __init__(
        self, alias: str, *, is_fresh: bool = False, only: Iterable[type[Projection]] | None = None
    ) -> None:
        self.alias = alias
        self._is_fresh = is_fresh
        self._only = None if only is None else set(only)
        self._tables: dict[type[Projection], Table] = {}
        self._undo: list[_Before] | None = None

    def get(self, model: type[R], key: Any) -> R | None:
        """The row for reading; None where there is none. Do not change it."""
        return cast("R | None", self._cached(self._table(model), key))

    def change(self, model: type[R], key: Any) -> R:
        """The row for changing, but for its key and lookups; its absence is a broken invariant."""
        table = self._table(model)
        row = self._cached(table, key)
        if row is None:
            raise bad(model._meta.label, key, "a row that exists")
        self._remember(table, key)
        table.dirty[key] = None
        return cast("R", row)

    def new(self, model: type[R], /, **fields: Any) -> R:
        """A new row; fields left out take the model's own default, or fail."""
        table = self._table(model)
        values = table.defaults | fields
        if values.keys() != table.name_set:
            raise wrong_names(table, values)
        key = values[table.key]
        if table.rows.get(key) is not None:  # a key taken on disk fails at the flush
            raise bad(model._meta.label, key, "a key that is not taken")
        row = instance(model, values)
        self._remember(table, key)
        table.hold(key, row)
        table.dirty[key] = None
        table.made.add(key)
        return cast("R", row)

    def put(self, model: type[R], /, **fields: Any) -> R:
        """The row with this key as given, new or changed in these fields."""
        table = self._table(model)
        key = fields[table.key]
        if self._cached(table, key) is None:
            return self.new(model, **fields)
        if not fields.keys() <= table.name_set:
            raise wrong_names(table, table.name_set | fields.keys())
        row = self.change(model, key)
        for name in table.index:
            if name in fields and fields[name] != getattr(row, name):
                raise bad(f"{model._meta.label}.{name}", fields[name], "a lookup never changes")
        for name, value in fields.items():
            setattr(row, name, value)
        return row

    def remove(self, model: type[Projection], key: Any) -> None:
        """Remove a row; removing what is not there changes nothing."""
        table = self._table(model)
        row = self._cached(table, key)
        if row is None:
            return
        self._remember(table, key)
        table.unindex(key, row)
        table.rows[key] = None
        table.dirty.pop(key, None)
        if key in table.made:
            table.made.discard(key)
        else:
            table.gone.add(key)

    def where(self, model: type[R], /, **lookup: Any) -> list[R]:
        """Rows found by one declared lookup field, in the order of their keys.

        A lookup field never changes after its row is made, and None finds nothing.
        """
        table = self._table(model)
        ((name, value),) = lookup.items()
        if name not in table.index:
            raise bad(f"{model._meta.label} lookup", name, " or ".join(table.index) or "none")
        if value is None:
            return []
        if not table.is_fresh and value not in table.loaded[name]:
            table.load(name, value)
        keys = table.index[name].get(value)
        return [cast("R", table.rows[key]) for key in sorted(keys)] if keys else []

    def gather(self, model: type[Projection], keys: Iterable[Any]) -> None:
        """Hold the rows of many keys with one statement: who asks for them next finds them here."""
        table = self._table(model)
        if not table.is_fresh:
            table.read_many(keys)

    def gather_where(self, model: type[Projection], name: str, values: Iterable[Any]) -> None:
        """Hold every row with one of these values of a lookup with one statement."""
        table = self._table(model)
        if not table.is_fresh:
            table.load_many(name, (value for value in values if value is not None))

    def flush(self) -> int:
        """Write what changed; the number of rows written or removed."""
        return sum(table.flush() for table in self._tables.values())

    def trim(self, most_rows: int) -> None:
        """After a flush, let go of a table's oldest rows where more than `most_rows` are held."""
        for table in self._tables.values():
            table.trim(most_rows)

    @contextmanager
    def undone_on_error(self) -> Iterator[None]:
        """Take back every change of this block if it raises: no half-projected entry.

        Blocks may stand in each other; the outer one also takes back what an inner one did.
        """
        outer, mine = self._undo, list[_Before]()
        self._undo = mine
        try:
            yield
        except Exception:
            for before in reversed(mine):
                _take_back(before)
            raise
        else:
            if outer is not None:
                outer += mine
        finally:
            self._undo = outer

    def _table(self, model: type[Projection]) -> Table:
        table = self._tables.get(model)
        if table is None:
            if self._only is not None and model not in self._only:
                raise bad("table", model._meta.label, "a table that this projector named")
            table = Table(model, self.alias, is_fresh=self._is_fresh)
            self._tables[model] = table
        return table

    def _cached(self, table: Table, key: Any) -> Projection | None:
        row = table.rows.get(key, _MISSING)
        if row is not _MISSING:
            return cast("Projection | None", row)
        return None if table.is_fresh else table.read(key)

    def _remember(self, table: Table, key: Any) -> None:
        if self._undo is not None:
            held = table.rows.get(key, _MISSING)
            is_row = held is not None and held is not _MISSING
            values = dict(held.__dict__) if is_row else None
            marks = (key in table.dirty, key in table.made, key in table.gone)
            self._undo.append(_Before(table, key, held, values, *marks))


def _take_back(before: _Before) -> None:
    """Make a row, and what is to be written of it, exactly what they were."""
    table, key = before.table, before.key
    now = table.rows.pop(key, None)
    if now is not None:
        table.unindex(key, now)
    if before.values is not None:
        before.held.__dict__.clear()
        before.held.__dict__.update(before.values)
    if before.held is not _MISSING:
        table.hold(key, before.held)
    if before.is_dirty:
        table.dirty[key] = None
    else:
        table.dirty.pop(key, None)
    for keys, is_in in ((table.made, before.is_made), (table.gone, before.is_gone)):
        if is_in:
            keys.add(key)
        else:
            keys.discard(key)

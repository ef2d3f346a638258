"""Which tables hold parties, by kind: a part of the register makes its own known here."""

from __future__ import annotations

from bihuan.journal.rows import Rows
from bihuan.journal.tables import Projection
from bihuan.register.models import Person

_tables: dict[str, type[Projection]] = {"person": Person}


def holds(kind: str, table: type[Projection]) -> None:
    """Make the table of a kind of party known; the same one a second time changes nothing."""
    _tables[kind] = table


def is_party(rows: Rows, party_id: int, kind: str | None) -> bool:
    """Whether a party of this kind (None = any) is registered.

    A table for several kinds has a column `kind`, which must say this one.
    """
    for name, table in _tables.items():
        if kind not in (None, name):
            continue
        row = rows.get(table, party_id)
        if row is not None and getattr(row, "kind", name) == name:
            return True
    return False

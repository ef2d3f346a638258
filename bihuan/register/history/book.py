"""Writing history: a projector changes rows through a book, and the book keeps before and after."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from bihuan.journal.project import Recorded
from bihuan.journal.rows import Rows
from bihuan.journal.tables import Projection
from bihuan.register.history.models import Change

R = TypeVar("R", bound=Projection)


class Book:
    """The changes that one entry makes. One book for each projected entry: ids count up in it.

    at_us  from when on the changes hold; None: from when they were recorded
    """

    def __init__(self, rows: Rows, entry: Recorded[Any], at_us: int | None = None) -> None:
        self.rows = rows
        self._entry = entry
        self._at_us = entry.recorded_us if at_us is None else at_us
        self._n = 0

    def registered(self, model: type[R], /, **fields: Any) -> R:
        """A new row, and the line that says since when the thing is known."""
        row = self.rows.new(model, **fields)
        self.note(noun_of(model), row.pk, "")
        return row

    def change(self, model: type[R], key: int, /, **fields: Any) -> R:
        """The row with these fields changed; a field that stays as it is leaves no line."""
        row = self.rows.change(model, key)
        for name, after in fields.items():
            before = getattr(row, name)
            if before != after:
                self.note(noun_of(model), key, name, before, after)
                setattr(row, name, after)
        return row

    def note(
        self, noun: str, key: int, field: str, before: object = None, after: object = None
    ) -> None:
        """One line: what was and what is. Bytes are taken to be sealed and stay so."""
        by = getattr(self._entry.payload, "by", None)
        self.rows.new(
            Change,
            id=self._entry.id(self._n),
            noun=noun,
            noun_id=key,
            position=self._entry.position,
            recorded_us=self._entry.recorded_us,
            effective_us=self._at_us,
            field=field,
            before=_kept(before),
            after=_kept(after),
            is_sealed=isinstance(before, bytes) or isinstance(after, bytes),
            by_id=by.person_id if by is not None else None,
            role=by.role if by is not None else "",
            via=by.via if by is not None else "",
        )
        self._n += 1


def noun_of(model: type[Projection]) -> str:
    """What the rows of a table are called in the history: `person`, `area`, `post`."""
    return str(model._meta.model_name)


def _kept(value: object) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    return msgspec.json.encode(value)

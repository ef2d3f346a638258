"""What one entry writes of a typed row: its values, indexed fields, links, duties, its history.

Ids of new rows come from the entry; one counter serves all of its tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from bihuan.base.time import CHINA, us_of
from bihuan.journal.project import Recorded
from bihuan.journal.rows import Rows
from bihuan.register.entries import Actor
from bihuan.register.records.facts import facts_of, neighbours
from bihuan.register.records.models import DutyDue, FieldValue, Record, RowChange, RowLink
from bihuan.register.records.rows import Row, fields_of, kind_of, read, type_of, written
from bihuan.register.scheme import Field


class Writing:
    """One entry's changes of typed rows."""

    def __init__(self, rows: Rows, entry: Recorded[Any]) -> None:
        self.rows, self.entry = rows, entry
        self._n = 0

    def next_id(self) -> int:
        """The id of the next row that this entry makes."""
        self._n += 1
        return self.entry.id(self._n - 1)

    def take(self, row: Row, after: Mapping[str, Any]) -> None:
        """Put values into a row, its index and its links."""
        row.values = written(read(row.values) | dict(after))
        declared = fields_of(row)
        for name, said in sorted(after.items()):  # ids go by this order, in a rebuild too
            field = declared.get(name)
            if field is not None:
                self._index(row, field, said)
                self._link(row, field, said)

    def touch(self, row: Row, act: str, *doers: Actor) -> None:
        """Note who did what, and that the row is another version now."""
        done = read(row.done)
        known = done.get(act, {"us": 0, "by": []})
        people = dict.fromkeys([*known["by"], *(d.person_id for d in doers if d.person_id)])
        done[act] = {"us": self.entry.recorded_us, "by": list(people)}
        row.done = written(done)
        row.version += 1
        row.changed_us = self.entry.recorded_us
        row.last_by = doers[0].person_id

    def changed(self, row: Row, what: str, by: Actor, **said: Any) -> None:
        """One line of the row's history; before and after as mappings."""
        for name in ("before", "after", "extra", "sealed_names"):
            if name in said:
                said[name] = written(said[name])
        self.rows.new(
            RowChange,
            **{
                "id": self.next_id(),
                "row_id": row.id,
                "at_us": self.entry.recorded_us,
                "what": what,
                "from_state": row.state,
                "to_state": row.state,
                "before": "{}",
                "after": "{}",
                "by_id": by.person_id,
                "role": by.role,
                "via": by.via,
                **said,
            },
        )

    def duties(self, row: Row) -> None:
        """Work out anew when the duties of the row and of its neighbours fall due."""
        for one in neighbours(self.rows, row):
            self._own_duties(one)

    def end_duties(self, row: Row) -> None:
        """The row owes nothing more."""
        for due in self.rows.where(DutyDue, row_id=row.id):
            self._set_due(due, None)

    def forget(self, row: Record) -> None:
        """Let go of what was said in a row, in its index, its links and its history."""
        row.values, row.sealed, row.is_erased = "{}", None, True
        for value in self.rows.where(FieldValue, row_id=row.id):
            self.rows.remove(FieldValue, value.id)
        for link in self.rows.where(RowLink, row_id=row.id):
            self.rows.remove(RowLink, link.id)
        for change in self.rows.where(RowChange, row_id=row.id):
            self.rows.remove(RowChange, change.id)
        self.end_duties(row)

    def _index(self, row: Row, field: Field, said: Any) -> None:
        if not field.is_indexed:
            return
        for held in self.rows.where(FieldValue, row_id=row.id):
            if held.field == field.name:
                self.rows.remove(FieldValue, held.id)
        for columns in _columns(field, said):
            self.rows.new(
                FieldValue,
                id=self.next_id(),
                row_id=row.id,
                kind=kind_of(row),
                field=field.name,
                **columns,
            )

    def _link(self, row: Row, field: Field, said: Any) -> None:
        if field.kind not in ("subject", "record") or field.is_sealed:
            return
        for held in self.rows.where(RowLink, row_id=row.id):
            if held.field == field.name:
                self.rows.remove(RowLink, held.id)
        if said is not None:
            self.rows.new(
                RowLink,
                id=self.next_id(),
                row_id=row.id,
                field=field.name,
                to_id=said,
                target=f"{said}:{kind_of(row)}.{field.name}",
            )

    def _own_duties(self, row: Row) -> None:
        declared = type_of(row).duties
        if not declared or getattr(row, "is_erased", False) or getattr(row, "ended_us", None):
            return
        known = {due.duty: due for due in self.rows.where(DutyDue, row_id=row.id)}
        facts = facts_of(self.rows, row, self.entry.recorded_us)
        for duty in declared:
            due_us = duty.at(facts)
            if duty.name in known:
                self._set_due(known[duty.name], due_us)
            elif due_us is not None:
                self.rows.new(
                    DutyDue,
                    id=self.next_id(),
                    row_id=row.id,
                    scenario=row.scenario,
                    kind=row.kind,
                    duty=duty.name,
                    due_us=due_us,
                    state="waiting",
                )

    def _set_due(self, due: DutyDue, due_us: int | None) -> None:
        if due.due_us == due_us:
            return  # a time that passed and was told stays so
        held = self.rows.change(DutyDue, due.id)
        held.due_us = due_us
        held.state = "none" if due_us is None else "waiting"


def _columns(field: Field, said: Any) -> Iterator[dict[str, Any]]:
    """The lookup columns of a value: number, text or time; none for what is not known."""
    for one in said if isinstance(said, list) else () if said is None else (said,):
        if field.kind == "date":
            midnight = datetime.combine(date.fromisoformat(one), time(0), CHINA)
            yield {"text": one, "at_us": us_of(midnight)}
        elif field.kind == "time":
            yield {"at_us": one}
        elif isinstance(one, bool):
            yield {"text": "yes" if one else "no"}
        elif isinstance(one, int | float):
            yield {"number": float(one)}
        else:
            yield {"text": one}

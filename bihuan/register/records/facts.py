"""What computed fields, duties and checks may look at: a row's values and those of related rows.

Pure over `Rows`, so a projector may ask it. What is sealed is None here: who projects has no key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bihuan.base.errors import BadInputError, Fault
from bihuan.journal.rows import Rows
from bihuan.register import schemes
from bihuan.register.models import Subject
from bihuan.register.records.models import Record, RowLink
from bihuan.register.records.rows import (
    Row,
    RowType,
    ledger_of,
    read,
    row_of,
    type_of,
)
from bihuan.register.scheme import Facts, Field, RecordType, Relation, Value


def facts_of(rows: Rows, row: Row, now_us: int, said: Mapping[str, Value] | None = None) -> Facts:
    """The facts of a row at a time. said: what an act says of it; rows named there are read too."""
    values, related = {**values_of(row), **(said or {})}, _Related(rows, row)
    for field in type_of(row).fields:
        if field.kind in ("subject", "record") and not field.is_sealed:
            pointed = values[field.name]
            related.point(field.name, row_of(rows, pointed) if isinstance(pointed, int) else None)
    if isinstance(row, Record):
        subject = rows.get(Subject, row.subject_id) if row.subject_id is not None else None
        related.point("subject", subject)
    return Facts(values, related, now_us)


class _Related(dict[str, Sequence[Mapping[str, Value]]]):
    """Related rows by name, read when they are asked for: a subject may have thousands.

    `samples` are the row's own; `batch.samples` hang on the row that `batch` points to.
    """

    def __init__(self, rows: Rows, row: Row) -> None:
        super().__init__()
        self._rows, self._row = rows, row
        self._targets: dict[str, Row | None] = {}

    def point(self, name: str, target: Row | None) -> None:
        """The row points to this one, by that name."""
        self._targets[name] = target
        self[name] = [values_of(target)] if target is not None else []

    def __missing__(self, name: str) -> Sequence[Mapping[str, Value]]:
        pointer, _dot, relation = name.rpartition(".")
        if pointer and pointer not in self._targets:
            raise KeyError(name)
        target = self._targets[pointer] if pointer else self._row
        self[name] = [] if target is None else _of_relation(self._rows, target, relation)
        return self[name]


def _of_relation(rows: Rows, row: Row, name: str) -> list[Mapping[str, Value]]:
    for relation in type_of(row).relations:
        if relation.name == name:
            return [values_of(one) for one in related_rows(rows, row, relation)]
    raise KeyError(name)


def computed(rows: Rows, row: Row, now_us: int) -> dict[str, Value]:
    """The computed fields of a row, worked out now."""
    declared = type_of(row)
    if not declared.computed:
        return {}
    facts = facts_of(rows, row, now_us)
    return {field.name: field.of(facts) for field in declared.computed}


def must_hold(
    declared: RowType, values: Mapping[str, Value], subject: Subject | None, now_us: int
) -> None:
    """Refuse a row that its type's own check does not let stand. Raises BadInputError."""
    if not isinstance(declared, RecordType) or declared.check is None:
        return
    whole = {field.name: values.get(field.name) for field in declared.fields}
    related = {"subject": [values_of(subject)] if subject is not None else []}
    faults = [Fault(*found) for found in declared.check(Facts(whole, related, now_us))]
    if faults:
        raise BadInputError(*faults)


def values_of(row: Row) -> dict[str, Value]:
    """A row's own fields, None where sealed or not known, and what the register knows of it."""
    found: dict[str, Value] = {field.name: None for field in _declared_fields(row)}
    found |= read(row.values)
    found |= {
        "id": row.id,
        "number": row.number if isinstance(row, Record) else None,
        "state": row.state,
        "area_id": row.area_id,
        "subject_id": row.subject_id if isinstance(row, Record) else None,
        "opened_us": row.opened_us,
        "changed_us": row.changed_us,
    }
    for act, done in read(row.done).items():
        found[f"at.{act}"] = done["us"]
    return found


def related_rows(rows: Rows, row: Row, relation: Relation) -> list[Record]:
    """The records of a relation, oldest first; erased ones are no more."""
    kind = f"{row.scenario}.{relation.to}"
    if relation.by in ("subject", "same_subject"):
        owner = row.subject_id if isinstance(row, Record) else row.id
        found = rows.where(Record, ledger=ledger_of(owner or 0, kind))
    else:
        links = rows.where(RowLink, target=f"{row.id}:{kind}.{relation.by}")
        held = (rows.get(Record, link.row_id) for link in links)
        found = [record for record in held if record is not None]
    return sorted((r for r in found if not r.is_erased), key=lambda record: record.id)


def neighbours(rows: Rows, row: Row) -> list[Row]:
    """The row and every row with duties to which it is related, in the order of their ids."""
    found = {row.id: row}
    for one in [*_pointed_to(rows, row), *_pointing_here(rows, row)]:
        found[one.id] = one
    return [found[row_id] for row_id in sorted(found)]


def _pointed_to(rows: Rows, row: Row) -> Iterator[Row]:
    ids = [link.to_id for link in rows.where(RowLink, row_id=row.id)]
    if isinstance(row, Record) and row.subject_id is not None:
        ids.append(row.subject_id)
    for row_id in ids:
        found = row_of(rows, row_id)
        if found is not None and _has_duties(found):
            yield found


def _pointing_here(rows: Rows, row: Row) -> Iterator[Row]:
    scheme = schemes.installed().get(row.scenario)
    types: list[RowType] = [] if scheme is None else [*scheme.subjects, *scheme.records]
    for declared in types:
        if not declared.duties:
            continue
        kind = f"{row.scenario}.{declared.name}"
        if getattr(declared, "subject", None) == row.kind and isinstance(row, Subject):
            yield from rows.where(Record, ledger=ledger_of(row.id, kind))
        for field in declared.fields:
            if field.kind in ("subject", "record") and field.of == row.kind:
                for link in rows.where(RowLink, target=f"{row.id}:{kind}.{field.name}"):
                    found = row_of(rows, link.row_id)
                    if found is not None:
                        yield found


def _has_duties(row: Row) -> bool:
    declared = _declared(row)
    return declared is not None and bool(declared.duties)


def _declared(row: Row) -> RowType | None:
    if isinstance(row, Record):
        return schemes.record_type(row.scenario, row.kind)
    return schemes.subject_type(row.scenario, row.kind)


def _declared_fields(row: Row) -> tuple[Field, ...]:
    declared = _declared(row)
    return declared.fields if declared is not None else ()

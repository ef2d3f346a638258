"""Typed rows whatever they are: a record or a subject by its id, its type, whose key seals it."""

from __future__ import annotations

from typing import Any

import msgspec

from bihuan.base.errors import bad
from bihuan.journal.rows import Rows
from bihuan.register import schemes
from bihuan.register.holders import Where
from bihuan.register.models import Subject
from bihuan.register.records.models import Record
from bihuan.register.scheme import Field, RecordAct, RecordType, SubjectType

Row = Subject | Record
RowType = SubjectType | RecordType
_encoder = msgspec.json.Encoder(order="deterministic")


def row_of(rows: Rows, row_id: int) -> Row | None:
    """The record or subject with this id."""
    return rows.get(Record, row_id) or rows.get(Subject, row_id)


def changing(rows: Rows, row_id: int) -> Row:
    """The same, for changing; its absence is a broken invariant."""
    if rows.get(Record, row_id) is not None:
        return rows.change(Record, row_id)
    return rows.change(Subject, row_id)


def type_of(row: Row) -> RowType:
    """What the scenario declares of a row; BadInputError where it declares nothing."""
    found: RowType | None
    if isinstance(row, Record):
        found = schemes.record_type(row.scenario, row.kind)
    else:
        found = schemes.subject_type(row.scenario, row.kind)
    if found is None:
        raise bad("kind", f"{row.scenario}.{row.kind}", "a type that a scenario declares")
    return found


def act_of(row: Row, name: str) -> RecordAct:
    """A declared act of a row's type."""
    declared = {act.name: act for act in type_of(row).acts}
    if name not in declared:
        raise bad("act", name, " | ".join(declared) or "an act of a type that has acts")
    return declared[name]


def fields_of(row: Row) -> dict[str, Field]:
    """The declared fields of a row by name."""
    return {field.name: field for field in type_of(row).fields}


def subject_of(row: Row) -> int | None:
    """The subject that a row is or belongs to."""
    return row.subject_id if isinstance(row, Record) else row.id


def kind_of(row: Row) -> str:
    """`SCENARIO.KIND`."""
    return f"{row.scenario}.{row.kind}"


def ledger_of(subject_id: int, kind: str) -> str:
    """How a subject's records of one kind (`SCENARIO.KIND`) are found."""
    return f"{subject_id}:{kind}"


def where(row: Row, at_us: int) -> Where:
    """Where rights to a row come from."""
    return Where(row.area_id, subject_of(row), at_us)


def final_states(declared: RowType) -> set[str]:
    """States from which no act leads on; of a type without acts all of them."""
    left = {
        state
        for act in declared.acts
        if act.to is not None
        for state in act.from_states
        if act.to != state
    }
    return {name for name, _words in declared.states} - left


def read(text: str) -> Any:
    """What a JSON column holds."""
    return msgspec.json.decode(text)


def written(held: object) -> str:
    """JSON of a column: the same for the same content."""
    return _encoder.encode(held).decode()

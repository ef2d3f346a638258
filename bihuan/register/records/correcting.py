"""Correcting a row: what changes is said with what stood before; what is immutable stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bihuan.base.errors import bad
from bihuan.register.entries import Actor
from bihuan.register.models import Subject
from bihuan.register.records import entries
from bihuan.register.records.doing import Doing
from bihuan.register.records.facts import must_hold
from bihuan.register.records.models import Record
from bihuan.register.records.rows import Row, read, type_of
from bihuan.register.records.sealing import key_ids, sealed_text
from bihuan.register.scheme import RecordType


def corrected(
    doing: Doing,
    row: Row,
    given: Mapping[str, Any],
    why: tuple[Actor, str],
    idem: bytes | None,
) -> int:
    """Append a correction; why: who, and the reason."""
    declared, (actor, reason) = type_of(row), why
    if isinstance(declared, RecordType) and declared.is_immutable:
        raise bad("row", declared.name, "a type that may be corrected; file another row")
    said = doing.values(row.scenario, declared.fields, given, is_whole=False)
    held = read(row.values)
    binds = declared.binds if isinstance(declared, RecordType) else None
    if binds is not None and said.plain.get(binds, held.get(binds)) != held.get(binds):
        raise bad(binds, said.plain[binds], "as it was filed: take it back and file another row")
    if isinstance(declared, RecordType) and declared.check is not None:
        subject = doing.rows.get(Subject, row.subject_id) if isinstance(row, Record) else None
        whole = {**doing.whole(row), **said.plain, **said.sealed}
        must_hold(declared, whole, subject, doing.now_us)
    after = {name: one for name, one in said.plain.items() if held.get(name) != one}
    entry = entries.RowCorrected(
        row_id=row.id,
        before={name: held.get(name) for name in after},
        after=entries.said(after),
        sealed=doing.resealed(row, said.sealed),
        sealed_names=sorted(said.sealed),
        reason=sealed_text(doing.keys, key_ids(doing.rows, row), reason),
        by=actor,
    )
    return doing.append(entry, idem).id()

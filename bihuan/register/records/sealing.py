"""Sealing a row's fields: under its person's key, and where retention erases them, its own too.

With two envelopes either key suffices to erase: the person's takes all of the person's rows, the
row's takes one row when it was kept long enough.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from bihuan.journal.keys import KeyRing
from bihuan.journal.rows import Rows
from bihuan.register.models import Subject
from bihuan.register.records.rows import Row, type_of
from bihuan.register.scheme import RecordType, Value

_encoder = msgspec.json.Encoder(order="deterministic")
_PLAIN = b"{"[0]  # an envelope begins with the high byte of an id, which is 0


def key_ids(rows: Rows, row: Row) -> tuple[int, ...]:
    """Whose keys seal a row, the outer one first."""
    if isinstance(row, Subject):
        return (row.key_id,)
    subject = rows.get(Subject, row.subject_id) if row.subject_id is not None else None
    declared = type_of(row)
    has_own = isinstance(declared, RecordType) and declared.keep_days is not None
    if subject is None:
        return (row.id,)
    return (subject.key_id, row.id) if has_own else (subject.key_id,)


def new_key_ids(subject: Subject | None, declared: RecordType, record_id: int) -> tuple[int, ...]:
    """The same for a record that is about to be."""
    if subject is None:
        return (record_id,)
    return (subject.key_id, record_id) if declared.keep_days else (subject.key_id,)


def sealed(keys: KeyRing, ids: tuple[int, ...], values: Mapping[str, Value]) -> bytes | None:
    """Values as sealed bytes; None where there are none."""
    return sealed_bytes(keys, ids, _encoder.encode(dict(values))) if values else None


def sealed_bytes(keys: KeyRing, ids: tuple[int, ...], content: bytes) -> bytes:
    """Content under every key, the first one outermost."""
    for person in reversed(ids):
        content = keys.seal_bytes(person, content)
    return content


def opened(keys: KeyRing, held: bytes | memoryview | None) -> dict[str, Value] | None:
    """The sealed values; {} where there are none, None where a key is destroyed."""
    if held is None:
        return {}
    content = keys.open_bytes(held)
    if content is not None and content[0] != _PLAIN:
        content = keys.open_bytes(content)
    return None if content is None else msgspec.json.decode(content)


def sealed_text(keys: KeyRing, ids: tuple[int, ...], text: str) -> bytes | None:
    """A free text, as a sealed object of its own; None where it is empty."""
    return sealed(keys, ids, {"text": text}) if text.strip() else None


def opened_text(keys: KeyRing, held: bytes | memoryview | None) -> str | None:
    """The free text of `sealed_text`."""
    found = (opened(keys, held) or {}).get("text")
    return found if isinstance(found, str) else None

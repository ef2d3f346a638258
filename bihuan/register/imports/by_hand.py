"""Mapping by hand: the file's columns with a few of their cells, and the file kept to look again.

The file waits sealed in `imports/` of the data folder, as long as what was staged of it; a
browser cannot send a chosen file twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from django.conf import settings

from bihuan.journal.keys import KeyRing
from bihuan.register.imports.headings import LOOKED_AT, field_of, mapped, words_of
from bihuan.register.imports.kinds import Kind
from bihuan.register.imports.sheet import Sheet

SAMPLES: Final = 3
MOST_COLUMNS: Final = 100


class Column(NamedTuple):
    """A column of the file: heading, first cells below it, the field it is taken for.

    field  None = not recognised, "" = left out
    """

    heading: str
    samples: list[str]
    field: str | None


class Kept(NamedTuple):
    """A file as it was handed in."""

    filename: str
    content: bytes


def columns_of(sheets: Sequence[Sheet], kind: Kind, told: Mapping[str, str]) -> list[Column]:
    """The columns of the first sheet with headings, else of the fullest row of the first sheet."""
    known = words_of(kind.fields, kind.words, told)
    for sheet in sheets:
        at = mapped(sheet, kind.fields, known)
        if at is not None:
            return _columns(sheet, at.row, kind, known)
    sheet = sheets[0]
    rows = sheet.rows[:LOOKED_AT]
    fullest = max(range(len(rows)), key=lambda n: (sum(map(bool, rows[n])), -n), default=0)
    return _columns(sheet, fullest, kind, known) if rows else []


def _columns(sheet: Sheet, at: int, kind: Kind, known: Mapping[str, str]) -> list[Column]:
    found = []
    for n, heading in enumerate(sheet.rows[at][:MOST_COLUMNS]):
        if not heading:
            continue
        below = (row[n] for row in sheet.rows[at + 1 :] if n < len(row) and row[n])
        samples = [cell[:40] for _n, cell in zip(range(SAMPLES), below, strict=False)]
        found.append(Column(heading, samples, field_of(heading, kind.fields, known)))
    return found


def keep(staged_id: int, key_id: int, file: Kept, keys: KeyRing) -> None:
    """Seal the file beside the staged rows. Written whole or not at all."""
    path = _path(staged_id)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    named = json.dumps(file.filename).encode() + b"\n" + file.content
    fresh = path.with_suffix(".new")
    fresh.write_bytes(keys.seal_bytes(key_id, named))
    fresh.replace(path)


def kept(staged_id: int, keys: KeyRing) -> Kept | None:
    """The file again; None where it is gone."""
    path = _path(staged_id)
    sealed = keys.open_bytes(path.read_bytes()) if path.exists() else None
    if sealed is None:
        return None
    name, _line, content = sealed.partition(b"\n")
    return Kept(json.loads(name), content)


def forget(staged_id: int) -> None:
    """Let the file go."""
    _path(staged_id).unlink(missing_ok=True)


def _path(staged_id: int) -> Path:
    return Path(settings.BIHUAN_DATA) / "imports" / f"{staged_id}.sealed"

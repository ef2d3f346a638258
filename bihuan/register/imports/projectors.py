"""Published imports become a ledger of imports."""

from __future__ import annotations

from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.register.imports.entries import ImportFinished, ImportPublished
from bihuan.register.imports.models import Import


@projects(ImportPublished)
def published(rows: Rows, entry: Recorded[ImportPublished]) -> None:
    said = entry.payload
    rows.new(
        Import,
        id=entry.id(),
        kind=said.kind,
        digest=said.digest,
        rows=said.rows,
        left_out=said.left_out,
        which=said.which,
        by_id=said.by.person_id,
        published_us=entry.recorded_us,
    )


@projects(ImportFinished)
def finished(rows: Rows, entry: Recorded[ImportFinished]) -> None:
    said, row = entry.payload, rows.change(Import, entry.payload.import_id)
    row.finished_us, row.done, row.refused = entry.recorded_us, said.done, said.refused

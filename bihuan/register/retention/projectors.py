"""What was said about keeping becomes rules."""

from __future__ import annotations

from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.register.retention.entries import RetentionSet
from bihuan.register.retention.models import RetentionRule


@projects(RetentionSet)
def retention_set(rows: Rows, entry: Recorded[RetentionSet]) -> None:
    said = entry.payload
    rows.new(
        RetentionRule,
        id=entry.id(),
        kind=said.kind,
        keep_days=said.keep_days,
        source=said.source,
        effective_from=said.effective_from,
        region=said.region,
        by_id=said.by.person_id,
    )

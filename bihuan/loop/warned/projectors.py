"""Entries about cases of official warnings become rows."""

from __future__ import annotations

from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.loop.models import Case
from bihuan.loop.projectors import happened
from bihuan.loop.warned import entries
from bihuan.loop.warned.models import CaseWarning
from bihuan.loop.warned.words import quoted
from bihuan.register.warnings.models import OfficialWarning


@projects(entries.CaseWarned)
def case_warned(rows: Rows, entry: Recorded[entries.CaseWarned]) -> None:
    said = entry.payload
    case = rows.change(Case, said.case_id)
    rows.new(CaseWarning, id=entry.id(), case_id=case.id, warning_id=said.warning_id)
    warning = rows.get(OfficialWarning, said.warning_id)
    words = quoted(warning)[:128] if warning is not None else str(said.warning_id)
    happened(rows, entry, case, "warned", detail=words)

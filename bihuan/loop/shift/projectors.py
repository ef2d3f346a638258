"""Entries of a shift become rows."""

from __future__ import annotations

import msgspec

from bihuan.base.errors import bad
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.loop.models import Case
from bihuan.loop.shift import entries
from bihuan.loop.shift.models import FlashReport, Handover, LogLine
from bihuan.register.areas.spans import path_now


@projects(entries.LogWritten)
def log_written(rows: Rows, entry: Recorded[entries.LogWritten]) -> None:
    said = entry.payload
    if said.corrects is not None:
        line = rows.change(LogLine, said.corrects)
        if line.corrected_by is not None:
            raise bad("corrects", said.corrects, "a line that nobody corrected yet")
        line.corrected_by = entry.id()
    rows.new(
        LogLine,
        id=entry.id(),
        area_id=said.area_id,
        area_path=path_now(rows, said.area_id),
        at_us=said.at_us,
        written_us=entry.recorded_us,
        text=said.text,
        about=said.about,
        corrects=said.corrects,
        corrected_by=None,
        person_id=said.by.person(),
    )


@projects(entries.HandoverOffered)
def handover_offered(rows: Rows, entry: Recorded[entries.HandoverOffered]) -> None:
    said = entry.payload
    rows.new(
        Handover,
        id=entry.id(),
        area_id=said.area_id,
        area_path=path_now(rows, said.area_id),
        from_us=said.from_us,
        until_us=said.until_us,
        text=said.text,
        open_cases=msgspec.json.encode(said.open_cases).decode(),
        digest=said.digest,
        offered_by=said.by.person(),
        offered_us=entry.recorded_us,
    )


@projects(entries.HandoverAccepted)
def handover_accepted(rows: Rows, entry: Recorded[entries.HandoverAccepted]) -> None:
    said = entry.payload
    handover = rows.change(Handover, said.handover_id)
    if handover.accepted_us is not None or handover.digest != said.digest:
        raise bad("handover", said.handover_id, "one that waits, with the digest that was offered")
    handover.accepted_by, handover.accepted_us = said.by.person(), entry.recorded_us
    handover.since = msgspec.json.encode(said.since).decode()
    handover.remark = said.remark


@projects(entries.FlashReportSigned)
def flash_report_signed(rows: Rows, entry: Recorded[entries.FlashReportSigned]) -> None:
    said = entry.payload
    if rows.get(Case, said.about) is None:
        raise bad("case", said.about, "a case")
    rows.new(
        FlashReport,
        id=entry.id(),
        about=said.about,
        area_path=path_now(rows, said.area_id),
        n=said.n,
        stage=said.stage,
        text=said.text,
        digest=said.digest,
        signed_by=said.by.person(),
        signed_us=entry.recorded_us,
    )

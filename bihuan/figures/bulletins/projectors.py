"""Entries of bulletins become rows."""

from __future__ import annotations

import msgspec

from bihuan.base.errors import bad
from bihuan.figures.bulletins import entries
from bihuan.figures.bulletins.models import Bulletin, BulletinText
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.register.models import Area


@projects(entries.BulletinDrafted)
def bulletin_drafted(rows: Rows, entry: Recorded[entries.BulletinDrafted]) -> None:
    said = entry.payload
    area = rows.get(Area, said.area_id)
    if area is None:
        raise bad("area_id", said.area_id, "a registered area")
    rows.new(
        Bulletin,
        id=entry.id(),
        area_id=said.area_id,
        area_path=area.path,
        kind=said.kind,
        period=said.period,
        title_zh=said.title[0],
        title_en=said.title[1],
        drafted_us=entry.recorded_us,
        drafted_by=said.by.person(),
    )


@projects(entries.BulletinWritten)
def bulletin_written(rows: Rows, entry: Recorded[entries.BulletinWritten]) -> None:
    said = entry.payload
    bulletin = rows.change(Bulletin, said.bulletin_id)
    if said.n != bulletin.saves + 1:
        raise bad("n", said.n, f"{bulletin.saves + 1}, the next text")
    bulletin.saves = said.n
    rows.new(
        BulletinText,
        id=entry.id(),
        bulletin_id=said.bulletin_id,
        n=said.n,
        zh=said.zh,
        en=said.en,
        bound=msgspec.json.encode(said.bound, order="deterministic").decode(),
        claims=msgspec.json.encode(said.claims, order="deterministic").decode(),
        digest=said.digest,
        written_us=entry.recorded_us,
        written_by=said.by.person(),
    )


@projects(entries.BulletinIssued)
def bulletin_issued(rows: Rows, entry: Recorded[entries.BulletinIssued]) -> None:
    said = entry.payload
    bulletin = rows.change(Bulletin, said.bulletin_id)
    found = [
        row for row in rows.where(BulletinText, bulletin_id=said.bulletin_id) if row.n == said.n
    ]
    if said.version != bulletin.version + 1 or not found or found[0].digest != said.digest:
        raise bad("version", said.version, f"version {bulletin.version + 1} of a saved text")
    text = rows.change(BulletinText, found[0].id)
    if text.version is not None:
        raise bad("n", said.n, "a text that was not issued yet")
    text.version, text.reason = said.version, said.reason
    text.issued_us, text.issued_by = entry.recorded_us, said.by.person()
    text.release_us = said.release_us
    bulletin.version = said.version
    if bulletin.release_us is None or said.release_us < bulletin.release_us:
        bulletin.release_us = said.release_us


@projects(entries.BulletinWithdrawn)
def bulletin_withdrawn(rows: Rows, entry: Recorded[entries.BulletinWithdrawn]) -> None:
    said = entry.payload
    bulletin = rows.change(Bulletin, said.bulletin_id)
    if bulletin.withdrawn_us is not None:
        raise bad("bulletin", said.bulletin_id, "one that was not withdrawn")
    bulletin.withdrawn_us, bulletin.withdrawn_by = entry.recorded_us, said.by.person()
    bulletin.withdrawn_reason = said.reason

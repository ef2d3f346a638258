"""Entries about links become rows."""

from __future__ import annotations

from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.register.near import entries
from bihuan.register.near.models import NearLink
from bihuan.register.projectors import must_be


@projects(entries.NearLinkGiven)
def given(rows: Rows, entry: Recorded[entries.NearLinkGiven]) -> None:
    said = entry.payload
    must_be(rows, {"person_id": said.person_id})
    rows.new(
        NearLink,
        id=entry.id(),
        subject_id=said.subject_id,
        person_id=said.person_id,
        given_by=said.by.person(),
        given_us=entry.recorded_us,
        revoked_us=None,
        revoked_by=None,
    )


@projects(entries.NearLinkRevoked)
def revoked(rows: Rows, entry: Recorded[entries.NearLinkRevoked]) -> None:
    link = rows.change(NearLink, entry.payload.link_id)
    if link.revoked_us is None:
        link.revoked_us, link.revoked_by = entry.recorded_us, entry.payload.by.person_id

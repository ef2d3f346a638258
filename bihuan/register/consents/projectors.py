"""Entries about consents become rows."""

from __future__ import annotations

import msgspec

from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.register.consents import entries
from bihuan.register.consents.models import Consent, ConsentAge
from bihuan.register.projectors import must_be


@projects(entries.ConsentGiven)
def consent_given(rows: Rows, entry: Recorded[entries.ConsentGiven]) -> None:
    said = entry.payload
    must_be(rows, {"person_id": said.person_id})
    must_be(rows, {"person_id": said.guardian_id})
    rows.new(
        Consent,
        id=entry.id(),
        person_id=said.person_id,
        purpose=said.purpose,
        scope=msgspec.json.encode(said.scope).decode(),
        given_by=said.given_by,
        guardian_id=said.guardian_id,
        document=said.document,
        notice=said.notice,
        from_us=said.from_us,
        until_us=said.until_us,
        given_us=entry.recorded_us,
        taken_by=said.by.person_id,
    )


@projects(entries.ConsentWithdrawn)
def consent_withdrawn(rows: Rows, entry: Recorded[entries.ConsentWithdrawn]) -> None:
    consent = rows.change(Consent, entry.payload.consent_id)
    if consent.withdrawn_us is None:
        consent.withdrawn_us = entry.recorded_us
        consent.withdrawn_by = entry.payload.by.person_id


@projects(entries.ConsentDeclined)
def consent_declined(rows: Rows, entry: Recorded[entries.ConsentDeclined]) -> None:
    """It stands as one that was taken back in the moment in which it was asked for."""
    said = entry.payload
    must_be(rows, {"person_id": said.person_id})
    rows.new(
        Consent,
        id=entry.id(),
        person_id=said.person_id,
        purpose=said.purpose,
        scope="[]",
        given_by="self",
        notice=said.notice,
        from_us=entry.recorded_us,
        given_us=entry.recorded_us,
        taken_by=said.by.person_id,
        withdrawn_us=entry.recorded_us,
        withdrawn_by=said.by.person_id,
    )


@projects(entries.ConsentAgeSet)
def consent_age_set(rows: Rows, entry: Recorded[entries.ConsentAgeSet]) -> None:
    said = entry.payload
    rows.new(
        ConsentAge,
        id=entry.id(),
        years=said.years,
        source=said.source,
        effective_from=said.effective_from,
        region=said.region,
        by_id=said.by.person_id,
    )

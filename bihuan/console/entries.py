"""What the views lane says: who looked at whose health, place or name, and why."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type, upcasts


@entry_type("case.viewed.v1")
class CaseViewedV1(Payload, frozen=True, kw_only=True):
    """As it was written while every case had a subject."""

    case_id: int
    subject_id: int
    by: int
    purpose: str


@entry_type("override.viewed.v1")
class OverrideViewed(Payload, frozen=True, kw_only=True):
    """Why a person's limits are other than declared was read. by: the reader's person id."""

    override_id: int
    subject_id: int
    by: int


@entry_type("case.viewed.v2")
class CaseViewed(Payload, frozen=True, kw_only=True):
    """Somebody opened a case and saw the person behind it. subject_id: None = it has none."""

    case_id: int
    subject_id: int | None
    by: int
    purpose: str


@upcasts(CaseViewedV1)
def viewed(old: CaseViewedV1) -> CaseViewed:
    """The same view."""
    return CaseViewed(
        case_id=old.case_id, subject_id=old.subject_id, by=old.by, purpose=old.purpose
    )


@entry_type("row.viewed.v1")
class RowViewed(Payload, frozen=True, kw_only=True):
    """Somebody opened a subject, a record, a device or a party. about: the subject or person."""

    noun: str
    row_id: int
    about: int | None
    by: int
    purpose: str

"""What the views lane says: who looked at whose health, place or name, and why."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type


@entry_type("case.viewed.v1")
class CaseViewed(Payload, frozen=True, kw_only=True):
    """Somebody opened a case and saw the person behind it."""

    case_id: int
    subject_id: int
    by: int
    purpose: str

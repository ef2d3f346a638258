"""What lane 0 says about cases of official warnings."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type


@entry_type("case.warned.v1")
class CaseWarned(Payload, frozen=True, kw_only=True):
    """An official warning, its upgrade or its cancellation stands on a case."""

    case_id: int
    warning_id: int

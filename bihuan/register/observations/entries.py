"""What lane 0 says about FHIR Observations that came."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type


@entry_type("observation.received.v1")
class ObservationReceived(Payload, frozen=True, kw_only=True):
    """An Observation as it came (健康观测): its bytes sealed for the subject's person.

    at_us      when it was measured; None where it names a day and no moment
    device_id  whose series its readings are in
    """

    subject_id: int
    device_id: int
    at_us: int | None
    document: bytes
    source: str

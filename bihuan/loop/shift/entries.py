"""What lane 0 says about a shift. Free texts are sealed with the key of the area they are about."""

from __future__ import annotations

from typing import Literal

from bihuan.journal.payloads import Payload, entry_type
from bihuan.register.entries import Actor

ReportStage = Literal["first", "follow_up", "final"]


@entry_type("log.written.v1")
class LogWritten(Payload, frozen=True, kw_only=True):
    """One line of a duty log. at_us: when it happened, as said; corrects: the line it replaces.

    about: the case that it is about. It is no `case_id`: a line never waits for a parked case.
    """

    area_id: int
    at_us: int
    text: bytes
    about: int | None
    corrects: int | None
    by: Actor


@entry_type("handover.offered.v1")
class HandoverOffered(Payload, frozen=True, kw_only=True):
    """The shift that ends hands over. open_cases: every open case of the subtree at that moment.

    digest: SHA-256 of what was signed, in hex.
    """

    area_id: int
    from_us: int
    until_us: int
    text: bytes
    open_cases: list[int]
    digest: str
    by: Actor


@entry_type("handover.accepted.v1")
class HandoverAccepted(Payload, frozen=True, kw_only=True):
    """The shift that begins takes over what was offered and what was opened since.

    digest: of what was offered; since: cases opened between offer and acceptance.
    """

    handover_id: int
    since: list[int]
    remark: bytes | None
    digest: str
    by: Actor


@entry_type("flash_report.signed.v1")
class FlashReportSigned(Payload, frozen=True, kw_only=True):
    """A flash report as a person signed it; n counts the reports of one case from 1.

    about: the case; text: sealed; digest: SHA-256 of the clear text, in hex.
    """

    about: int
    area_id: int
    n: int
    stage: ReportStage
    text: bytes
    digest: str
    by: Actor

"""What lane 0 says about official warnings. Texts are the issuer's, unaltered."""

from __future__ import annotations

from typing import Literal

from bihuan.journal.payloads import Payload, entry_type

Change = Literal["new", "upgraded", "downgraded", "repeated", "cancelled", "notice"]
How = Literal["superseded", "cancelled", "expired"]
Point = tuple[float, float]


class WarningReference(Payload, frozen=True, kw_only=True):
    """How one message names another: who, which, when (µs)."""

    sender: str
    identifier: str
    sent_us: int

    @property
    def text(self) -> str:
        """The same as one word, as in CAP: `sender,identifier,time`."""
        return f"{self.sender},{self.identifier},{self.sent_us}"


class WarningArea(Payload, frozen=True, kw_only=True):
    """Where a warning applies.

    codes     (name of the list of codes, code), as they came
    polygons  rings of (latitude, longitude), degrees WGS 84, closed
    circles   (latitude, longitude, radius in km)
    """

    description: str
    codes: list[tuple[str, str]]
    polygons: list[list[Point]]
    circles: list[tuple[float, float, float]]


class WarningInfo(Payload, frozen=True, kw_only=True):
    """What a warning says, in one language. Times µs; None where the message says none."""

    language: str
    categories: list[str]
    event: str
    urgency: str
    severity: str
    certainty: str
    sender_name: str | None
    headline: str | None
    description: str | None
    instruction: str | None
    effective_us: int | None
    onset_us: int | None
    expires_us: int | None
    parameters: list[tuple[str, str]]
    areas: list[WarningArea]


@entry_type("warning.received.v1")
class WarningReceived(Payload, frozen=True, kw_only=True):
    """A CAP message as it came (预警信号).

    said      which message this is; references: which ones it speaks about
    change    what it changes for the county, by what stood when it came; `notice`: nothing
    document  the message's own bytes
    source    who handed it in
    """

    said: WarningReference
    status: str
    msg_type: str
    scope: str
    references: list[WarningReference]
    note: str | None
    infos: list[WarningInfo]
    change: Change
    document: bytes
    source: str


@entry_type("warning.ended.v1")
class WarningEnded(Payload, frozen=True, kw_only=True):
    """A warning no longer stands. by_id: the message that ended it; None: its time ran out."""

    warning_id: int
    how: How
    by_id: int | None

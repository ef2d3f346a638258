"""What the journal says about unsealing (启封): asked and decided in lane 0, read in the views."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type
from bihuan.register.entries import Actor


@entry_type("unsealing.asked.v1")
class UnsealingAsked(Payload, frozen=True, kw_only=True):
    """Somebody asks to read who reported a sealed case, and why (sealed). It waits to until_us."""

    case_id: int
    by: Actor
    reason: bytes
    until_us: int


@entry_type("unsealing.decided.v1")
class UnsealingDecided(Payload, frozen=True, kw_only=True):
    """A second person agrees, or does not. until_us: to when both may read; None = refused."""

    case_id: int
    unsealing_id: int
    by: Actor
    until_us: int | None


@entry_type("origin.unsealed.v1")
class OriginUnsealed(Payload, frozen=True, kw_only=True):
    """Lane of views: who a sealed origin is was read. by, second: the reader and the other one.

    reason: as it was asked, sealed with the key of the case's texts.
    """

    case_id: int
    unsealing_id: int
    by: int
    second: int
    reason: bytes
    purpose: str

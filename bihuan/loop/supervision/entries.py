"""What lane 0 says about supervision: raised by a clock or by hand, lifted with a reason."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type
from bihuan.loop.entries import Called
from bihuan.register.entries import Actor


@entry_type("supervision.raised.v1")
class SupervisionRaised(Payload, frozen=True, kw_only=True):
    """level: 1 催办, 2 督办, 3 挂牌督办. by: None where a clock brought it, clock_id: which.

    n: how often this clock brought supervision; watch_us: when it does next.
    """

    case_id: int
    level: int
    by: Actor | None
    reason: bytes | None
    told: list[Called]
    clock_id: int | None = None
    n: int = 0
    watch_us: int | None = None


@entry_type("supervision.lifted.v1")
class SupervisionLifted(Payload, frozen=True, kw_only=True):
    case_id: int
    by: Actor
    reason: bytes

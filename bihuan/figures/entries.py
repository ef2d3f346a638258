"""What lane 0 says about figures: a period is published, or a target is set."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type
from bihuan.register.entries import Actor


class Published(Payload, frozen=True, kw_only=True):
    """One figure in one area. amount None = nothing to count; top, bottom: what it is made of."""

    figure: str
    version: int
    area_id: int
    amount: float | None
    top: float | None
    bottom: float | None


@entry_type("figure_period.locked.v1")
class PeriodLocked(Payload, frozen=True, kw_only=True):
    """The figures of a scenario for a period, as published. n > 1: a correction, with its reason.

    position: how far lane 0 had been followed when they were counted
    """

    by: Actor
    scenario: str
    period: str
    n: int
    reason: str
    position: int
    values: list[Published]


@entry_type("figure_target.set.v1")
class TargetSet(Payload, frozen=True, kw_only=True):
    """The county's own target; amount None takes it back."""

    by: Actor
    figure: str
    amount: float | None
    source: str
    region: str
    from_us: int

"""What the rules themselves append: which versions hold, and that a reading lane's time passed."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type


@entry_type("rule.in_force.v1")
class RuleInForce(Payload, frozen=True, kw_only=True):
    """A version of a rule judges the batches whose `seen0` reaches this entry, and none before.

    declared: its parameters, unit, source and severity as canonical JSON; never changed after.
    """

    scenario: str
    rule: str
    version: int
    declared: str


@entry_type("readings.ticked.v1")
class LaneTicked(Payload, frozen=True, kw_only=True):
    """Something a rule waits for fell due and no entry of this lane had passed that time."""

    due_us: int

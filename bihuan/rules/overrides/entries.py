"""What people say about a rule's parameters: for one subject until a time, or for a region."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type
from bihuan.register.entries import Actor

Given = dict[str, str | int | float]


@entry_type("rule.overridden.v1")
class RuleOverridden(Payload, frozen=True, kw_only=True):
    """Other parameters of a rule for one subject, for batches whose `seen0` reaches this entry.

    parameters  only those that differ, as a rule declares them; polygon: sealed instead, as WKT,
                since it says where somebody lives
    reason      sealed for the subject's person
    until_us    by recorded time of the lane; what was set before for this subject ends here
    """

    scenario: str
    rule: str
    subject_id: int
    parameters: Given
    unit: str
    reason: bytes
    until_us: int
    by: Actor
    polygon: bytes | None = None


@entry_type("rule.override_ended.v1")
class RuleOverrideEnded(Payload, frozen=True, kw_only=True):
    """The subject is judged as others are again, before the time that was set."""

    override_id: int
    reason: bytes
    by: Actor


@entry_type("rule.limit_set.v1")
class RuleLimitSet(Payload, frozen=True, kw_only=True):
    """A region's own figure in place of what a rule declares.

    areas  ids of the region and of all below it when it was set; none = the whole county. So a
           merger changes no limit by itself: who merges sets it anew
    depth  of the region below the county: of two that hold for a subject the deeper one does
    effective_from  the day, in China, from which it holds; YYYY-MM-DD
    """

    scenario: str
    rule: str
    area_id: int
    areas: list[int]
    depth: int
    parameters: Given
    unit: str
    source: str
    effective_from: str
    by: Actor

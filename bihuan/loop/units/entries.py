"""What lane 0 says about who works on a case: assignments and what came of each."""

from __future__ import annotations

from typing import Literal

from bihuan.journal.payloads import Payload, entry_type
from bihuan.loop.entries import Called, ClockSet
from bihuan.register.entries import Actor

Purpose = Literal["lead", "assist", "summon", "hand_over"]


class Target(Payload, frozen=True, kw_only=True):
    """Exactly one of: a person, whoever holds a role for an area, an organisation."""

    person_id: int | None = None
    role: str | None = None
    area_id: int | None = None
    organisation_id: int | None = None


@entry_type("assignment.made.v1")
class AssignmentMade(Payload, frozen=True, kw_only=True):
    """Somebody is to sign for it. told: who gets a message; clock: to the receipt."""

    case_id: int
    by: Actor
    purpose: Purpose
    target: Target
    text: bytes | None
    told: list[Called]
    clock: ClockSet | None


@entry_type("assignment.received.v1")
class AssignmentReceived(Payload, frozen=True, kw_only=True):
    """签收 or 报到: a named person answers for the unit."""

    case_id: int
    by: Actor
    assignment_id: int
    text: bytes | None = None


@entry_type("assignment.returned.v1")
class AssignmentReturned(Payload, frozen=True, kw_only=True):
    """退回 with a reason. told: the assigner's superior from the second return on."""

    case_id: int
    by: Actor
    assignment_id: int
    reason: bytes
    told: list[Called]


@entry_type("assignment.reported.v1")
class AssignmentReported(Payload, frozen=True, kw_only=True):
    """An assisting or summoned unit says what it did; the lead reports for all."""

    case_id: int
    by: Actor
    assignment_id: int
    text: bytes


@entry_type("assignment.withdrawn.v1")
class AssignmentWithdrawn(Payload, frozen=True, kw_only=True):
    """It no longer stands: the case was transferred, or nobody took over."""

    case_id: int
    by: Actor
    assignment_id: int

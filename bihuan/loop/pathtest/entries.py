"""What lane 0 says about the test of the path: its plan, its probe, and each run of it."""

from __future__ import annotations

from typing import Literal

from bihuan.journal.payloads import Payload, entry_type
from bihuan.loop.entries import PlannedStep
from bihuan.register.entries import Actor

Cause = Literal["scheduled", "asked"]
Stage = Literal["sent", "stored", "opened", "called", "delivered"]


@entry_type("path.planned.v1")
class PathPlanned(Payload, frozen=True, kw_only=True):
    """Test on the nth working day of each month, at a minute of the day in China's time."""

    is_on: bool
    working_day: int
    minute: int
    by: Actor


@entry_type("path.prepared.v1")
class PathPrepared(Payload, frozen=True, kw_only=True):
    """The probe: a registered band that nobody wears, and whose calls come back by loopback."""

    person_id: int
    subject_id: int
    device_id: int
    number: str


@entry_type("path.begun.v1")
class PathBegun(Payload, frozen=True, kw_only=True):
    """One run begins. like_subject, steps: whose ladder was planned, and whom it would call now.

    Nobody of these steps is called; None where nobody is registered yet.
    """

    cause: Cause
    like_subject: int | None
    playbook: str | None
    steps: list[PlannedStep]
    by: Actor | None


@entry_type("path.proved.v1")
class PathProved(Payload, frozen=True, kw_only=True):
    """The press came through. Recorded times in µs: stored, opened, called, delivered.

    signal: lane-0 position of what the gateway stored.
    """

    run_id: int
    signal: int
    case_id: int
    delivery_id: int
    stored_us: int
    opened_us: int
    called_us: int
    delivered_us: int


@entry_type("path.failed.v1")
class PathFailed(Payload, frozen=True, kw_only=True):
    """The press did not come through in time. stage: the first that was not reached."""

    run_id: int
    stage: Stage
    detail: str

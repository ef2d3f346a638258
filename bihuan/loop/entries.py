"""What lane 0 says about signals, cases, pursuits and deliveries.

Free texts and frames tell about a person: they are bytes sealed with the subject's key.
"""

from __future__ import annotations

from typing import Literal

from bihuan.journal.payloads import Payload, entry_type
from bihuan.register.entries import Actor, Said

Outcome = Literal["confirmed", "no_reply", "false_alarm", "decided"]
Cause = Literal["signal", "finding"]
Fact = Literal[
    "accepted",
    "delivered",
    "answered",
    "heard",
    "confirmed",
    "no_answer",
    "declined",
    "off",
    "failed",
    "unknown",
]


@entry_type("time.ticked.v1")
class Ticked(Payload, frozen=True, kw_only=True):
    """Something stored fell due and no entry had passed that time: due_us is what fell due."""

    due_us: int


class ClockSet(Payload, frozen=True, kw_only=True):
    kind: str
    due_us: int


@entry_type("signal.set_aside.v1")
class SignalSetAside(Payload, frozen=True, kw_only=True):
    """A signal for which no case is opened, and why: nothing that arrived goes without a word."""

    signal: int
    kind: str
    source: str
    reason: str


@entry_type("signal.undecided.v1")
class SignalUndecided(Payload, frozen=True, kw_only=True):
    """A signal whose decision broke: it stands among the faults, and the others go on."""

    signal: int
    reason: str


@entry_type("finding.noted.v1")
class FindingNoted(Payload, frozen=True, kw_only=True):
    """What a rule said stands on the case that it opened or joined, and never closes it.

    finding: lane-0 position of the statement. key: the finding's identity. words: what was
    measured and its limit, as `150 > 130 bpm`, which reads the same in every language.
    """

    case_id: int
    finding: int
    key: str
    rule: str
    what: Said
    words: str


@entry_type("finding.set_aside.v1")
class FindingSetAside(Payload, frozen=True, kw_only=True):
    """A statement that stands on no case, and why; the finding itself is shown all the same."""

    finding: int
    reason: str


@entry_type("finding.undecided.v1")
class FindingUndecided(Payload, frozen=True, kw_only=True):
    """A statement whose decision broke: it stands among the faults, and the others go on."""

    finding: int
    reason: str


@entry_type("case.opened.v1")
class CaseOpened(Payload, frozen=True, kw_only=True):
    """signal: lane-0 position of what opened it. playbook: `scenario.kind@version`, pinned.

    cause: whether that is a signal or a finding; before there were findings, a signal.
    """

    signal: int
    scenario: str
    kind: str
    playbook: str
    severity: str
    subject_id: int
    area_id: int
    area_path: str
    is_late: bool
    clock: ClockSet
    cause: Cause = "signal"


@entry_type("case.joined.v1")
class CaseJoined(Payload, frozen=True, kw_only=True):
    """A repeat joins the open case. clock: the answer clock that a new press re-arms."""

    case_id: int
    signal: int
    is_late: bool
    clock: ClockSet | None
    cause: Cause = "signal"


class Called(Payload, frozen=True, kw_only=True):
    """A person on a ladder step: under which role, and by which channels."""

    person_id: int
    role: str
    channels: list[str]


class PlannedStep(Payload, frozen=True, kw_only=True):
    """One step of a ladder as it was when the pursuit began. skipped: why nobody is called."""

    title: str
    wait_s: int
    people: list[Called]
    skipped: str | None


@entry_type("pursuit.begun.v1")
class PursuitBegun(Payload, frozen=True, kw_only=True):
    case_id: int
    round: int
    steps: list[PlannedStep]


@entry_type("pursuit.stepped.v1")
class PursuitStepped(Payload, frozen=True, kw_only=True):
    """Step n is called now; `again` counts calls of the last step after the ladder ran out.

    wait_s: from its first attempt, how long until the next step or the next call of this one.
    """

    case_id: int
    pursuit_id: int
    step: int
    again: int
    wait_s: int


@entry_type("pursuit.ran_out.v1")
class PursuitRanOut(Payload, frozen=True, kw_only=True):
    """Nobody on the ladder answered, or nobody stands on it.

    The last step is called again until somebody answers; an empty ladder is planned anew.
    """

    case_id: int
    pursuit_id: int
    next_due_us: int


@entry_type("clock.missed.v1")
class ClockMissed(Payload, frozen=True, kw_only=True):
    case_id: int
    clock_id: int


@entry_type("case.lapsed.v1")
class CaseLapsed(Payload, frozen=True, kw_only=True):
    """Who had taken it showed no progress in time: it waits for an answer again."""

    case_id: int
    clock: ClockSet


@entry_type("case.taken.v1")
class CaseTaken(Payload, frozen=True, kw_only=True):
    case_id: int
    by: Actor
    clock: ClockSet | None


@entry_type("case.progressed.v1")
class CaseProgressed(Payload, frozen=True, kw_only=True):
    case_id: int
    by: Actor
    text: bytes | None
    clock: ClockSet | None


class ProofGiven(Payload, frozen=True, kw_only=True):
    """digest: SHA-256 of the sealed file. place: the device's own position, None = unproved."""

    kind: str
    digest: str | None
    media_type: str | None
    taken_us: int | None
    place: bytes | None


@entry_type("case.reported.v1")
class CaseReported(Payload, frozen=True, kw_only=True):
    """answer: what the origin is told, in plain words."""

    case_id: int
    by: Actor
    text: bytes
    answer: bytes
    proof: list[ProofGiven]
    asked: list[Called]
    clock: ClockSet | None


@entry_type("case.asked_again.v1")
class CaseAskedAgain(Payload, frozen=True, kw_only=True):
    """The origin has not said whether it is solved and is asked once more."""

    case_id: int
    asked: list[Called]
    clock: ClockSet | None


@entry_type("case.answered_by_origin.v1")
class OriginAnswered(Payload, frozen=True, kw_only=True):
    case_id: int
    by: Actor
    is_solved: bool
    text: bytes | None
    clock: ClockSet | None


@entry_type("case.closed.v1")
class CaseClosed(Payload, frozen=True, kw_only=True):
    case_id: int
    by: Actor
    outcome: Outcome
    reason: bytes | None


@entry_type("delivery.attempted.v1")
class DeliveryAttempted(Payload, frozen=True, kw_only=True):
    """Written before the attempt: an attempt whose outcome is lost becomes `unknown`."""

    case_id: int
    delivery_id: int


@entry_type("delivery.told.v1")
class DeliveryTold(Payload, frozen=True, kw_only=True):
    """One fact about a message's fate, with the evidence that the channel gave."""

    case_id: int
    delivery_id: int
    fact: Fact
    evidence: str

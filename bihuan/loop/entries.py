"""What lane 0 says about signals, cases, pursuits and deliveries.

Free texts and frames tell about a person: they are bytes sealed with the subject's key.
"""

from __future__ import annotations

from typing import Literal

from msgspec import field

from bihuan.journal.payloads import Payload, entry_type, upcasts
from bihuan.register.entries import Actor, Said

Outcome = Literal[
    "confirmed",
    "no_reply",
    "false_alarm",
    "decided",
    "declined",
    "not_applicable",
    "merged",
    "void",
]
Cause = Literal["signal", "finding", "matter"]
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


class CountedAs(Payload, frozen=True, kw_only=True):
    """How a clock is counted: what is needed to count it anew after an extension.

    rule: the law behind the days; closes: minutes after midnight at which a day ends, None = 24:00
    """

    amount: float
    unit: str
    rule: str | None = None
    is_start_excluded: bool = True
    rolls_forward: bool = True
    closes: int | None = None
    most_extension: float | None = None


class ClockSet(Payload, frozen=True, kw_only=True):
    """A clock starts. is_provisional: days on its way are not announced yet.

    watch_us: when supervision by itself is due, None = never. ref: what of the case it belongs to
    (an assignment), 0 = the case itself; of an assignment made by the same entry, that one.
    """

    kind: str
    due_us: int
    is_provisional: bool = False
    counted: CountedAs | None = None
    watch_us: int | None = None
    ref: int = 0


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
class CaseOpenedV1(Payload, frozen=True, kw_only=True):
    """As it was written before anybody could report something without a subject."""

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


@entry_type("case.opened.v2")
class CaseOpened(Payload, frozen=True, kw_only=True):
    """signal: lane-0 position of what opened it. playbook: `scenario.kind@version`, pinned.

    cause       whether that is a signal, a finding, or a matter that somebody reported
    subject_id  None where it is about a place alone
    origin_id   the person who reported it; None where a thing did, or nobody gave a name
    sealed_for  whose key seals its texts; None: the subject's person
    is_sealed   whether who reported it is kept from everybody who handles it
    row_id      the record that it is about, where its playbook has a case for each; 0 = none
    """

    signal: int
    scenario: str
    kind: str
    playbook: str
    severity: str
    subject_id: int | None
    area_id: int
    area_path: str
    is_late: bool
    state: str
    clocks: list[ClockSet]
    cause: Cause = "signal"
    origin_id: int | None = None
    sealed_for: int | None = None
    is_sealed: bool = False
    row_id: int = 0


@upcasts(CaseOpenedV1)
def opened(old: CaseOpenedV1) -> CaseOpened:
    """An emergency of a subject that waits for an answer: there was nothing else."""
    return CaseOpened(
        signal=old.signal,
        scenario=old.scenario,
        kind=old.kind,
        playbook=old.playbook,
        severity=old.severity,
        subject_id=old.subject_id,
        area_id=old.area_id,
        area_path=old.area_path,
        is_late=old.is_late,
        state="awaiting_answer",
        clocks=[old.clock],
        cause=old.cause,
    )


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
    people: who stands on it now, where it is called again hours later; None: as it was planned.
    """

    case_id: int
    pursuit_id: int
    step: int
    again: int
    wait_s: int
    people: list[Called] | None = None


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
    answer: bytes | None = None
    remedy: bytes | None = None
    told: list[Called] = field(default_factory=list)


@entry_type("case.unanswered.v1")
class CaseUnanswered(Payload, frozen=True, kw_only=True):
    """The origin was asked often enough: a superior is called, n-th time, to sign or to go on."""

    case_id: int
    n: int
    called: list[Called]
    clock: ClockSet | None


@entry_type("delivery.attempted.v1")
class DeliveryAttempted(Payload, frozen=True, kw_only=True):
    """Written before the attempt: an attempt whose outcome is lost becomes `unknown`.

    account: the channel account it leaves by, "" where the channel has none. reach_id: to which
    of the person's addresses.
    """

    case_id: int
    delivery_id: int
    account: str = ""
    reach_id: int | None = None


@entry_type("delivery.told.v1")
class DeliveryTold(Payload, frozen=True, kw_only=True):
    """One fact about a message's fate, with the evidence that the channel gave."""

    case_id: int
    delivery_id: int
    fact: Fact
    evidence: str

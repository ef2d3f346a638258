"""`act()`: what a person does to a case, checked, appended and projected in one transaction.

Of two clicks the second finds the case changed and gets `TakenError`: who was first, and when.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import Clock, rfc3339
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Parked
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop import entries, ladder
from bihuan.loop.decide import clock_set
from bihuan.loop.models import Case, CaseClock
from bihuan.loop.playbook import ORIGIN_ROLE, Act, Playbook, playbook_of
from bihuan.register.entries import Actor
from bihuan.register.models import Subject


class TakenError(Exception):
    """Somebody else acted first (409): who, in which role, when (µs), and the state now."""

    def __init__(self, by: int | None, at_us: int | None, state: str) -> None:
        self.by, self.at_us, self.state = by, at_us, state
        when = rfc3339(at_us) if at_us is not None else "before"
        super().__init__(
            f"act: got a case in state {state} (person {by}, {when}), want an earlier one"
        )


class ForbiddenError(Exception):
    """The person may not do this (403); nothing is said about the case."""


class ParkedError(Exception):
    """The case waits for a mended projector (503): its entries are kept, nothing is lost."""


@dataclass(frozen=True, slots=True)
class ProofFile:
    """A photo already stored: SHA-256 of its sealed bytes; place as `lat,lon` or None."""

    digest: str
    media_type: str
    taken_us: int | None
    place: str | None


@dataclass(frozen=True, slots=True)
class Command:
    """One click. key makes a repeated send of the same click do nothing twice."""

    act: str
    case_id: int
    person_id: int
    via: str
    key: str
    text: str = ""
    answer: str = ""
    proof: tuple[ProofFile, ...] = field(default=())


def act(command: Command, clock: Clock, keys: KeyRing) -> int:
    """Do it; the lane-0 position of what was appended (the earlier one for a repeated key).

    Raises TakenError, ForbiddenError, ParkedError, BadInputError (every bad field).
    """
    idem = f"act:{command.act}:{command.case_id}:{command.person_id}:{command.key}".encode()
    with Appender(FACTS_LANE, clock) as lane:
        earlier = lane.last_with(idem)
        if earlier is not None:
            return earlier.position
        case = lane.rows.get(Case, command.case_id)
        if case is None:
            raise ForbiddenError  # a stranger cannot tell a missing case from a foreign one
        playbook = playbook_of(case.playbook)
        declared = playbook.act(command.act)
        role = role_for(lane.rows, case, command.person_id, declared.roles, lane.now_us)
        if role is None:
            raise ForbiddenError
        if lane.rows.where(Parked, stream=command.case_id):
            raise ParkedError
        if case.state not in declared.from_states:
            raise TakenError(case.last_by, case.last_act_us, case.state)
        by = Actor(person_id=command.person_id, role=role, via=command.via)
        _check(command, declared, case)
        step = _Doing(lane, case, playbook, by, _Sealer(lane.rows, case, keys))
        return _HOW[command.act](step, command, idem)


def role_for(
    rows: Rows, case: Case, person_id: int, roles: tuple[str, ...], now_us: int
) -> str | None:
    """The first of these roles that the person holds for the case's place; None = no right."""
    where = (case.subject_id, case.area_path, now_us)
    for role in roles:
        if role == ORIGIN_ROLE:
            if person_id in ladder.holders(rows, role, where):
                return role
        elif person_id in ladder.all_holders(rows, role, where):
            return role
    return None


def may(case: Case, person_id: int, name: str, now_us: int) -> bool:
    """Whether a page should offer this act to this person now."""
    rows = Rows(MAIN)
    declared = playbook_of(case.playbook).act(name)
    return (
        case.state in declared.from_states
        and not _is_barred(declared, case, person_id)
        and role_for(rows, case, person_id, declared.roles, now_us) is not None
    )


def _is_barred(declared: Act, case: Case, person_id: int) -> bool:
    return "owner" in declared.not_by and person_id in (case.owner_id, case.reported_by)


def _check(command: Command, declared: Act, case: Case) -> None:
    if _is_barred(declared, case, command.person_id):
        raise ForbiddenError
    faults = []
    if declared.proof and not _has_proof(command, declared.proof):
        faults.append(Fault("proof", "none", " or ".join(declared.proof)))
    if (
        command.act in ("report", "false_alarm", "sign_no_reply", "decide")
        and not command.text.strip()
    ):
        faults.append(Fault("text", "nothing", "what was found and done, in a few words"))
    if len(command.text) > 2000:
        faults.append(Fault("text", f"{len(command.text)} characters", "at most 2000"))
    if faults:
        raise BadInputError(*faults)


def _has_proof(command: Command, kinds: tuple[str, ...]) -> bool:
    return ("photo" in kinds and bool(command.proof)) or (
        "words" in kinds and bool(command.text.strip())
    )


class _Sealer:
    """Seals texts for the person whom the case is about."""

    def __init__(self, rows: Rows, case: Case, keys: KeyRing) -> None:
        subject = rows.get(Subject, case.subject_id)
        assert subject is not None
        self._person, self._keys = subject.person_id, keys

    def __call__(self, text: str) -> bytes:
        return self._keys.seal(self._person, text)


@dataclass(frozen=True, slots=True)
class _Doing:
    lane: Appender
    case: Case
    playbook: Playbook
    by: Actor
    seal: _Sealer

    def clock(self, kind: str) -> entries.ClockSet:
        limit = self.playbook.progress if kind == "progress" else self.playbook.confirmation
        return clock_set(kind, limit, self.lane.now_us)


def _take(doing: _Doing, command: Command, idem: bytes) -> int:
    said = entries.CaseTaken(case_id=doing.case.id, by=doing.by, clock=doing.clock("progress"))
    return doing.lane.append(said, idem=idem).position


def _progress(doing: _Doing, command: Command, idem: bytes) -> int:
    said = entries.CaseProgressed(
        case_id=doing.case.id,
        by=doing.by,
        text=doing.seal(command.text) if command.text.strip() else None,
        clock=doing.clock("progress"),
    )
    return doing.lane.append(said, idem=idem).position


def _report(doing: _Doing, command: Command, idem: bytes) -> int:
    asked = ladder.family(doing.lane.rows, doing.case.subject_id)
    proof = [
        entries.ProofGiven(
            kind="photo",
            digest=p.digest,
            media_type=p.media_type,
            taken_us=p.taken_us,
            place=doing.seal(p.place) if p.place else None,
        )
        for p in command.proof
    ] or [entries.ProofGiven(kind="words", digest=None, media_type=None, taken_us=None, place=None)]
    said = entries.CaseReported(
        case_id=doing.case.id,
        by=doing.by,
        text=doing.seal(command.text),
        answer=doing.seal(command.answer.strip() or command.text),
        proof=proof,
        asked=asked,
        clock=doing.clock("confirmation"),
    )
    return doing.lane.append(said, idem=idem).position


def _origin(doing: _Doing, command: Command, idem: bytes, *, is_solved: bool) -> int:
    said = entries.OriginAnswered(
        case_id=doing.case.id,
        by=doing.by,
        is_solved=is_solved,
        text=doing.seal(command.text) if command.text.strip() else None,
        # until a superior decides, too: a case without a clock would fall silent
        clock=None if is_solved else doing.clock("progress"),
    )
    position = doing.lane.append(said, idem=idem).position
    if is_solved:
        _append_close(doing, "confirmed", "", None)
    return position


def _solved(doing: _Doing, command: Command, idem: bytes) -> int:
    return _origin(doing, command, idem, is_solved=True)


def _not_solved(doing: _Doing, command: Command, idem: bytes) -> int:
    return _origin(doing, command, idem, is_solved=False)


def _append_close(doing: _Doing, outcome: entries.Outcome, reason: str, idem: bytes | None) -> int:
    said = entries.CaseClosed(
        case_id=doing.case.id,
        by=doing.by,
        outcome=outcome,
        reason=doing.seal(reason) if reason else None,
    )
    return doing.lane.append(said, idem=idem).position


def _false_alarm(doing: _Doing, command: Command, idem: bytes) -> int:
    return _append_close(doing, "false_alarm", command.text, idem)


def _sign_no_reply(doing: _Doing, command: Command, idem: bytes) -> int:
    if doing.case.times_asked < doing.playbook.tries:
        got = f"asked {doing.case.times_asked} times"
        raise bad("times_asked", got, f"at least {doing.playbook.tries} before 未回复办结")
    for clock in doing.lane.rows.where(CaseClock, case_id=doing.case.id):
        if clock.kind == "confirmation" and clock.state == "running":
            got = f"the last try runs until {rfc3339(clock.due_us)}"
            raise bad("times_asked", got, "its time over before 未回复办结")
    return _append_close(doing, "no_reply", command.text, idem)


def _decide(doing: _Doing, command: Command, idem: bytes) -> int:
    if doing.case.refusals < doing.playbook.refusals:
        got = f"{doing.case.refusals} refusals"
        raise bad("refusals", got, f"at least {doing.playbook.refusals} before a superior decides")
    return _append_close(doing, "decided", command.text, idem)


_HOW = {
    "take": _take,
    "progress": _progress,
    "report": _report,
    "solved": _solved,
    "not_solved": _not_solved,
    "false_alarm": _false_alarm,
    "sign_no_reply": _sign_no_reply,
    "decide": _decide,
}

"""`act()`: what a person does to a case, checked, appended and projected in one transaction.

Of two clicks the second finds the case changed and gets `TakenError`: who was first, and when.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Parked
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop import given
from bihuan.loop import verbs as _verbs  # noqa: F401 - each part of the loop registers its verbs
from bihuan.loop.acting import (
    Asking,
    Command,
    Doing,
    ForbiddenError,
    GivenFile,
    ParkedError,
    ProofFile,
    TakenError,
    fields_of,
    verb_of,
)
from bihuan.loop.cases.sealed import hidden_in, is_hidden
from bihuan.loop.kept import keep
from bihuan.loop.models import Case
from bihuan.loop.playbook import MOST_TEXT, Act, Field, playbook_of
from bihuan.loop.standing import role_for
from bihuan.loop.units.models import Assignment
from bihuan.register.entries import Actor

__all__ = [
    "Command",
    "ForbiddenError",
    "GivenFile",
    "Offered",
    "ParkedError",
    "ProofFile",
    "Result",
    "TakenError",
    "act",
    "act_by_code",
    "act_many",
    "acts_for",
    "may",
    "may_by_code",
    "offered",
]

NOBODY = 0  # no person has this id
RoleOf = Callable[[Rows, Case, Act, tuple[int, int]], str | None]
MOST_FILES = 20
MOST_COMMANDS = 200


@dataclass(frozen=True, slots=True)
class Offered:
    """An act on offer, with everything that it asks for: forms and the API are made from it."""

    declared: Act
    role: str
    fields: tuple[Field, ...]
    needs_text: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one command of a batch: its position, or the error."""

    command: Command
    position: int | None
    error: Exception | None


def act(command: Command, clock: Clock, keys: KeyRing) -> int:
    """Do it; the lane-0 position of what was appended (the earlier one for a repeated key).

    Raises TakenError, ForbiddenError, ParkedError, BadInputError (every bad field).
    """
    return _act(command, clock, keys, _role_of)


def act_by_code(command: Command, clock: Clock, keys: KeyRing) -> int:
    """The same for who has a matter's number and code and no account: they are its origin.

    `command.person_id` does not count: it is whoever reported the matter, or nobody by name. The
    caller has checked the code. Raises as `act`.
    """
    return _act(replace(command, person_id=NOBODY, via="code"), clock, keys, _role_by_code)


def may_by_code(case: Case, name: str) -> bool:
    """Whether who has the code may do this now."""
    names = [one.name for one in playbook_of(case.playbook).acts]
    if name not in names:
        return False
    declared = playbook_of(case.playbook).act(name)
    role = _role_by_code(Rows(MAIN), case, declared, (NOBODY, 0))
    return role is not None and case.state in declared.from_states


def _role_of(rows: Rows, case: Case, declared: Act, who: tuple[int, int]) -> str | None:
    return role_for(rows, case, who[0], declared.roles, who[1])


def _role_by_code(_rows: Rows, case: Case, declared: Act, _who: tuple[int, int]) -> str | None:
    return "origin" if case.cause == "matter" and "origin" in declared.roles else None


def _act(command: Command, clock: Clock, keys: KeyRing, role_of: RoleOf) -> int:
    idem = f"act:{command.act}:{command.case_id}:{command.person_id}:{command.key}".encode()
    with Appender(FACTS_LANE, clock) as lane:
        earlier = lane.last_with(idem)
        if earlier is not None:
            return earlier.position
        first = lane.next_position
        case = lane.rows.get(Case, command.case_id)
        if case is None:
            raise ForbiddenError  # a stranger cannot tell a missing case from a foreign one
        playbook = playbook_of(case.playbook)
        declared = playbook.act(command.act)
        role = role_of(lane.rows, case, declared, (command.person_id, lane.now_us))
        if role is None:
            raise ForbiddenError
        if lane.rows.where(Parked, stream=command.case_id):
            raise ParkedError
        if case.state not in declared.from_states:
            by_id = None if is_hidden(hidden_in(case), case.last_by) else case.last_by
            raise TakenError(by_id, case.last_act_us, case.state)
        who = case.origin_id if command.person_id == NOBODY else command.person_id
        by = Actor(person_id=who, role=role, via=command.via)
        typed = _checked(lane.rows, command, declared, case)
        doing = Doing(lane, case, playbook, declared, by, command, typed, keys, idem)
        verb_of(declared).do(doing)
        assert lane.next_position > first, f"{declared.verb} appends what it did"
        keep(doing)
        return first


def act_many(commands: Iterable[Command], clock: Clock, keys: KeyRing) -> list[Result]:
    """Many cases, one command each; every one stands or falls alone, and says which.

    Raises BadInputError for more than 200 at once.
    """
    wanted = list(commands)
    if len(wanted) > MOST_COMMANDS:
        raise BadInputError(Fault("commands", str(len(wanted)), f"at most {MOST_COMMANDS}"))
    return [_one(command, clock, keys) for command in wanted]


def _one(command: Command, clock: Clock, keys: KeyRing) -> Result:
    try:
        return Result(command, act(command, clock, keys), None)
    except (TakenError, ForbiddenError, ParkedError, BadInputError) as refused:
        return Result(command, None, refused)


def may(case: Case, person_id: int, name: str, now_us: int) -> bool:
    """Whether a page should offer this act to this person now."""
    return (
        _offered(Rows(MAIN), case, playbook_of(case.playbook).act(name), (person_id, now_us))
        is not None
    )


def offered(case: Case, person_id: int, now_us: int) -> list[str]:
    """The names of `acts_for`."""
    return [one.declared.name for one in acts_for(case, person_id, now_us)]


def acts_for(case: Case, person_id: int, now_us: int) -> list[Offered]:
    """Every act that a page should offer to this person now, in the playbook's order."""
    rows, declared = Rows(MAIN), playbook_of(case.playbook).acts
    found = [_offered(rows, case, act, (person_id, now_us)) for act in declared]
    return [one for one in found if one is not None]


def _offered(rows: Rows, case: Case, declared: Act, who: tuple[int, int]) -> Offered | None:
    person_id, now_us = who
    if case.state not in declared.from_states or _is_barred(rows, declared, case, person_id):
        return None
    role = role_for(rows, case, person_id, declared.roles, now_us)
    verb = verb_of(declared)
    asking = Asking(rows, case, playbook_of(case.playbook), declared, person_id, now_us)
    if role is None or (verb.is_offered is not None and not verb.is_offered(asking)):
        return None
    return Offered(declared, role, fields_of(declared), verb.needs_text)


def _is_barred(rows: Rows, declared: Act, case: Case, person_id: int) -> bool:
    """Whether another part of the loop was theirs: who acted there does not also do this."""
    parts: dict[str, set[int | None]] = {
        "owner": {case.owner_id, case.reported_by},
        "origin": {case.origin_id},
    }
    if "assigner" in declared.not_by:
        parts["assigner"] = {made.made_by for made in rows.where(Assignment, case_id=case.id)}
    return any(person_id in parts[part] for part in declared.not_by)


def _checked(rows: Rows, command: Command, declared: Act, case: Case) -> dict[str, object]:
    if _is_barred(rows, declared, case, command.person_id):
        raise ForbiddenError
    faults: list[Fault] = []
    if declared.proof and not _has_proof(command, declared.proof):
        faults.append(Fault("proof", "none", " or ".join(declared.proof)))
    if verb_of(declared).needs_text and not command.text.strip():
        faults.append(Fault("text", "nothing", "what was found and done, in a few words"))
    for name, text in (("text", command.text), ("answer", command.answer)):
        if len(text) > MOST_TEXT:
            faults.append(Fault(name, f"{len(text)} characters", f"at most {MOST_TEXT}"))
    count = len(command.proof) + len(command.files)
    if count > MOST_FILES:
        faults.append(Fault("proof", f"{count} files", f"at most {MOST_FILES}"))
    typed = given.read(fields_of(declared), command.fields, faults)
    given.check(faults)
    return typed


def _has_proof(command: Command, kinds: tuple[str, ...]) -> bool:
    return (
        ("photo" in kinds and bool(command.proof))
        or ("file" in kinds and bool(command.files))
        or ("words" in kinds and bool(command.text.strip()))
    )

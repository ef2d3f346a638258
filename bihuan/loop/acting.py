"""What every act has in common: the command, the refusals, and the verbs that do it.

A verb is registered once by the part of the loop that knows how; a playbook's table says who may
use it when. The transaction around it is in `bihuan.loop.act`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

from bihuan.base.time import CHINA, datetime_of, rfc3339
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.payloads import Payload
from bihuan.journal.project import Recorded
from bihuan.journal.rows import Rows
from bihuan.loop import entries
from bihuan.loop.decide import clock_set
from bihuan.loop.models import Case
from bihuan.loop.playbook import Act, Field, Playbook
from bihuan.loop.states import FIELD_WORDS
from bihuan.register.entries import Actor

P = TypeVar("P", bound=Payload)


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
class GivenFile:
    """A document already stored (`proofs.store_document`): its digest, type, size, and its name.

    sha256: of the file as it was given, in hex.
    """

    digest: str
    media_type: str
    size_bytes: int
    name: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """One click. key makes a repeated send of the same click do nothing twice.

    fields: what the act asks for beside words and proof, as text, by the names it declares.
    """

    act: str
    case_id: int
    person_id: int
    via: str
    key: str
    text: str = ""
    answer: str = ""
    proof: tuple[ProofFile, ...] = field(default=())
    fields: Mapping[str, str] = field(default_factory=dict)
    files: tuple[GivenFile, ...] = field(default=())


@dataclass(slots=True)
class Doing:
    """One act under way: the case under its lane's lock, who does it, and what they gave."""

    lane: Appender
    case: Case
    playbook: Playbook
    declared: Act
    by: Actor
    command: Command
    given: Mapping[str, Any]
    keys: KeyRing
    idem: bytes | None

    @property
    def rows(self) -> Rows:
        return self.lane.rows

    def seal(self, text: str) -> bytes:
        """A text about this case, sealed with the key that its texts share."""
        return self.keys.seal(self.case.sealed_for, text)

    def text(self) -> bytes | None:
        """The words that came with it, sealed; None where there were none."""
        said = self.command.text.strip()
        return self.seal(self.command.text) if said else None

    def told(self) -> bytes | None:
        """As `text`, with what was typed into the act's own fields, a line each, sealed."""
        said = [self.command.text.strip()]
        for one in self.declared.fields:
            if one.kind in ("text", "date") and not one.options and one.name in self.given:
                title = one.title or FIELD_WORDS.get(one.name, (one.name, one.name))
                said.append(f"{title[0]}：{_typed(self.given[one.name])}")
        whole = "\n".join(line for line in said if line)
        return self.seal(whole) if whole else None

    def clock(self, kind: str) -> entries.ClockSet | None:
        return clock_set(self.lane, self.case, kind)

    def clocks(self, kinds: tuple[str, ...]) -> list[entries.ClockSet]:
        """The clocks that an act starts."""
        return [clock for kind in kinds if (clock := self.clock(kind)) is not None]

    def picked(self) -> str | None:
        """What was picked in the act's own choices, in their order; None where it has none."""
        asked = [field for field in self.declared.fields if field.options]
        return " ".join(str(self.given[f.name]) for f in asked if f.name in self.given) or None

    def say(self, payload: P) -> Recorded[P]:
        """Append it; the first of an act carries its key, so that it is done once."""
        idem, self.idem = self.idem, None
        return self.lane.append(payload, idem=idem)


def _typed(given: object) -> str:
    """A moment as the county's clock says it, words as they are."""
    if isinstance(given, int):
        return f"{datetime_of(given).astimezone(CHINA):%Y-%m-%d %H:%M}"
    return str(given)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks whether an act is on offer: the case's rows, the act, the person and the time."""

    rows: Rows
    case: Case
    playbook: Playbook
    declared: Act
    person_id: int
    now_us: int


@dataclass(frozen=True, slots=True)
class Verb:
    """How an act is done.

    fields      what it always asks for
    needs_text  whether words are required
    is_offered  whether it makes sense now, beyond the playbook's table
    """

    do: Callable[[Doing], None]
    fields: tuple[Field, ...] = ()
    needs_text: bool = False
    is_offered: Callable[[Asking], bool] | None = None


_verbs: dict[str, Verb] = {}


def can(name: str, verb: Verb) -> None:
    """Make a verb known; the same name a second time replaces it."""
    _verbs[name] = verb


def verb_of(declared: Act) -> Verb:
    """The verb of an act; playbooks are checked at installation, so it is there."""
    return _verbs[declared.verb]


def verbs() -> Mapping[str, Verb]:
    """Every verb that a playbook's table may use."""
    return MappingProxyType(_verbs)


def fields_of(declared: Act) -> tuple[Field, ...]:
    """Everything that an act asks for beside words and proof: the verb's first, then its own."""
    own = {asked.name: asked for asked in (*verb_of(declared).fields, *declared.fields)}
    return tuple(own.values())

"""What every act on a typed row shares: who does it, with which right, once, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from bihuan.base.errors import bad
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Parked
from bihuan.journal.payloads import Payload
from bihuan.journal.project import Recorded
from bihuan.register.entries import Actor, SignalReceived
from bihuan.register.holders import Where, role_for
from bihuan.register.records.models import Hold, Record
from bihuan.register.records.rows import Row, final_states, read, row_of, subject_of, type_of, where
from bihuan.register.records.sealing import key_ids, opened, sealed
from bihuan.register.records.values import Within, checked
from bihuan.register.refusals import BrokenError, ForbiddenError
from bihuan.register.scheme import Field, Value

P = TypeVar("P", bound=Payload)
SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class By:
    """Who does it and by which way; the same key a second time does nothing twice.

    person_id  None = the platform itself (an import that a person published, the engine, a demo);
               whoever hands on a person's click must name the person
    """

    person_id: int | None
    via: str
    key: str

    def idem(self, *what: object) -> bytes:
        """The identity of this click."""
        return ":".join(map(str, ("row", *what, self.person_id, self.key))).encode()


class Split(NamedTuple):
    """Values by where they are kept."""

    plain: dict[str, Value]
    sealed: dict[str, Value]


class Doing:
    """One transaction on typed rows: the lane, the keys, who acts."""

    def __init__(self, lane: Appender, keys: KeyRing, by: By) -> None:
        self.lane, self.keys, self.by = lane, keys, by
        self.rows, self.now_us = lane.rows, lane.now_us

    def append(self, payload: P, idem: bytes | None = None) -> Recorded[P]:
        """Append; where the projector cannot take it nothing of this transaction is kept."""
        return append(self.lane, payload, idem)

    def row(self, row_id: int) -> Row:
        """The row; a stranger cannot tell a missing one from a foreign one."""
        row = row_of(self.rows, row_id)
        if row is None or getattr(row, "is_erased", False):
            raise ForbiddenError
        return row

    def actor(self, roles: Iterable[str], at: Where) -> Actor:
        """Who acts, in the first role that gives the right."""
        if self.by.person_id is None:
            return Actor(person_id=None, role=SYSTEM, via=self.by.via)
        role = role_for(self.rows, self.by.person_id, roles, at)
        if role is None:
            raise ForbiddenError
        return Actor(person_id=self.by.person_id, role=role, via=self.by.via)

    def at(self, row: Row) -> Where:
        """Where rights to a row come from, now."""
        return where(row, self.now_us)

    def values(
        self, scenario: str, fields: Sequence[Field], given: Mapping[str, Any], *, is_whole: bool
    ) -> Split:
        """Checked values, apart by whether they are sealed; what is not given is not among them."""
        found = checked(Within(self.rows, scenario), fields, given, is_whole=is_whole)
        said = {name: one for name, one in found.items() if name in given}
        hidden = {field.name for field in fields if field.is_sealed}
        return Split(
            {name: one for name, one in said.items() if name not in hidden},
            {name: one for name, one in said.items() if name in hidden},
        )

    def resealed(self, row: Row, more: Mapping[str, Value]) -> bytes | None:
        """A row's sealed fields with some of them changed; None where none is."""
        if not more:
            return None
        held = opened(self.keys, row.sealed)
        if held is None:
            raise bad("row", row.id, "a row whose person is not erased")
        return sealed(self.keys, key_ids(self.rows, row), {**held, **more})

    def seal(self, row: Row, values: Mapping[str, Value]) -> bytes | None:
        """Values of an act, sealed for the row."""
        return sealed(self.keys, key_ids(self.rows, row), values)

    def whole(self, row: Row) -> dict[str, Value]:
        """Every field of a row, sealed ones opened."""
        held = opened(self.keys, row.sealed)
        if held is None:
            raise bad("row", row.id, "a row whose person is not erased")
        return {**read(row.values), **held}

    def must_be_free(self, row: Row, to_state: str) -> None:
        """A row under hold is not closed."""
        if to_state == row.state or to_state not in final_states(type_of(row)):
            return
        for hold in self.rows.where(Hold, row_id=row.id):
            if hold.until_us is None:
                raise bad("hold", hold.cause, "nothing that needs the row")

    def raise_signal(self, row: Row, kind: str, what: str) -> None:
        """Send a signal to the loop, about the row's subject."""
        signal(self.lane, row, kind, what)


def append(lane: Appender, payload: P, idem: bytes | None = None) -> Recorded[P]:
    """Append; BrokenError where its projector cannot take it, so that nothing is kept."""
    entry = lane.append(payload, idem=idem)
    for parked in lane.rows.where(Parked, stream=entry.id()):
        raise BrokenError(parked.reason)
    return entry


def signal(lane: Appender, row: Row, kind: str, what: str) -> None:
    """A row's act, duty or routine sends a signal; the case that it opens can point to the row."""
    named = row.number if isinstance(row, Record) else str(row.id)
    lane.append(
        SignalReceived(
            kind=kind,
            subject_id=subject_of(row),
            device_id=None,
            at_us=None,
            detail=None,
            source=f"{row.scenario}.{row.kind} {named} {what}"[:128],
            row_id=row.id,
        )
    )

"""Registering subjects and ending them; their fields and states change as those of any typed row.

`Ledger.act`, `correct`, `hold` and the rest of `records.acts` take a subject's id too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.ids import row_id
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.rows import Rows
from bihuan.register import parties_known, schemes
from bihuan.register.entries import EndReason, SubjectEnded, SubjectRegistered
from bihuan.register.holders import Where
from bihuan.register.models import Area, Subject
from bihuan.register.records import entries
from bihuan.register.records.doing import By, Doing
from bihuan.register.records.routines import cease, owe_first
from bihuan.register.records.sealing import sealed
from bihuan.register.refusals import ForbiddenError, TakenError
from bihuan.register.scheme import SubjectType

PERSON = "person"


@dataclass(frozen=True, slots=True)
class NewSubject:
    """A subject to be registered: person_id, party_id or name, as its type declares."""

    scenario: str
    kind: str
    area_id: int
    person_id: int | None = None
    party_id: int | None = None
    name: str | None = None
    address: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


class Subjects:
    """Writes the subjects of one county. A call is one transaction; a key does it once."""

    def __init__(self, clock: Clock, keys: KeyRing) -> None:
        self._clock, self._keys = clock, keys

    def register(self, new: NewSubject, by: By) -> int:
        """Register a subject; its id. What its type owes is owed from now on.

        Raises BadInputError (every bad field), ForbiddenError.
        """
        idem = by.idem("subject", new.scenario, new.kind)
        with Appender(FACTS_LANE, self._clock) as lane:
            if (earlier := lane.last_with(idem)) is not None:
                return row_id(earlier.position)
            doing = Doing(lane, self._keys, by)
            declared = _type(new)
            _one_thing(doing.rows, new, declared)
            at = Where(new.area_id, None, doing.now_us)
            actor = doing.actor(schemes.editors_of(new.scenario, new.kind), at)
            said = doing.values(new.scenario, declared.fields, new.values, is_whole=True)
            key_id = new.person_id if new.person_id is not None else row_id(lane.next_position)
            entry = SubjectRegistered(
                scenario=new.scenario,
                kind=new.kind,
                person_id=new.person_id,
                party_id=new.party_id,
                name=new.name,
                area_id=new.area_id,
                address=self._keys.seal(key_id, new.address) if new.address else None,
                note=None,
                values=entries.said(said.plain),
                sealed=sealed(self._keys, (key_id,), said.sealed),
                by=actor,
            )
            identity = doing.append(entry, idem).id()
            subject = lane.rows.get(Subject, identity)
            assert subject is not None
            owe_first(lane, subject)
            return identity

    def move(self, subject_id: int, area_id: int, by: By) -> int:
        """It belongs to another area from now on; the history keeps the old one."""
        idem = by.idem("move", subject_id)
        with Appender(FACTS_LANE, self._clock) as lane:
            if (earlier := lane.last_with(idem)) is not None:
                return row_id(earlier.position)
            doing, subject = self._edited(lane, subject_id, by)
            editors = schemes.editors_of(subject.scenario, subject.kind)
            if doing.rows.get(Area, area_id) is None:
                raise bad("area_id", area_id, "a registered area")
            entry = entries.RowCorrected(
                row_id=subject.id,
                before={},
                after={},
                sealed=None,
                sealed_names=[],
                reason=None,
                by=doing.actor(editors, doing.at(subject)),
                area_id=area_id,
            )
            return doing.append(entry, idem).id()

    def end(self, subject_id: int, reason: EndReason, at_us: int, by: By) -> int:
        """It is a subject no more: moved away, died, closed; it owes nothing more."""
        idem = by.idem("end", subject_id)
        with Appender(FACTS_LANE, self._clock) as lane:
            if (earlier := lane.last_with(idem)) is not None:
                return row_id(earlier.position)
            doing, subject = self._edited(lane, subject_id, by)
            editors = schemes.editors_of(subject.scenario, subject.kind)
            actor = doing.actor(editors, doing.at(subject))
            if subject.ended_us is not None:
                raise TakenError(subject.last_by, subject.changed_us, subject.state)
            faults = []
            if reason not in get_args(EndReason):
                faults.append(Fault("reason", reason, " | ".join(get_args(EndReason))))
            if at_us > doing.now_us:
                faults.append(Fault("at_us", str(at_us), "not later than now"))
            if faults:
                raise BadInputError(*faults)
            entry = SubjectEnded(subject_id=subject.id, reason=reason, at_us=at_us, by=actor)
            position = doing.append(entry, idem).id()
            cease(lane, subject.id)
            return position

    def _edited(self, lane: Appender, subject_id: int, by: By) -> tuple[Doing, Subject]:
        subject = lane.rows.get(Subject, subject_id)
        if subject is None:
            raise ForbiddenError
        return Doing(lane, self._keys, by), subject


def _type(new: NewSubject) -> SubjectType:
    declared = schemes.subject_type(new.scenario, new.kind)
    if declared is None:
        raise bad("kind", f"{new.scenario}.{new.kind}", "a subject type that a scenario declares")
    return declared


def _one_thing(rows: Rows, new: NewSubject, declared: SubjectType) -> None:
    """Exactly what the type stands for, and a registered area: every fault of both."""
    wanted = {None: "name", PERSON: "person_id"}.get(declared.party, "party_id")
    given = {"person_id": new.person_id, "party_id": new.party_id, "name": new.name}
    faults = [
        Fault(name, str(got), f"none: a {declared.name} has a {wanted}")
        for name, got in given.items()
        if got is not None and name != wanted
    ]
    got = given[wanted]
    if isinstance(got, str) and not 1 <= len(got.strip()) <= 64:
        faults.append(Fault("name", got or "nothing", "1 to 64 characters"))
    is_known = isinstance(got, str) or (
        got is not None and parties_known.is_party(rows, got, declared.party)
    )
    if not is_known:
        faults.append(Fault(wanted, str(got), f"a registered {declared.party or 'name'}"))
    if rows.get(Area, new.area_id) is None:
        faults.append(Fault("area_id", str(new.area_id), "a registered area"))
    if faults:
        raise BadInputError(*faults)

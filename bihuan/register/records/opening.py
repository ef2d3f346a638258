"""Filing a row: numbered without a gap under the lane's lock, checked as its type declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.ids import row_id
from bihuan.base.time import CHINA, Clock, datetime_of
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.rows import Rows
from bihuan.register import schemes
from bihuan.register.entries import Actor
from bihuan.register.holders import Where
from bihuan.register.models import Area, Subject
from bihuan.register.records import bound, entries
from bihuan.register.records.correcting import corrected
from bihuan.register.records.doing import By, Doing, Split, append
from bihuan.register.records.facts import must_hold
from bihuan.register.records.models import Counter, Period
from bihuan.register.records.routines import owe_next
from bihuan.register.records.rows import Row, fields_of
from bihuan.register.records.sealing import new_key_ids, sealed
from bihuan.register.refusals import BrokenError, ForbiddenError, TakenError
from bihuan.register.scheme import RecordType


@dataclass(frozen=True, slots=True)
class Opening:
    """A row to be filed. The area is the subject's unless the type belongs to an area alone."""

    scenario: str
    kind: str
    values: Mapping[str, Any]
    subject_id: int | None = None
    area_id: int | None = None


class Filing(NamedTuple):
    """A checked row about to be numbered."""

    scenario: str
    declared: RecordType
    subject: Subject | None
    area_id: int
    said: Split
    actor: Actor
    is_draft: bool = False


class Ledgers:
    """Files rows of one county."""

    def __init__(self, clock: Clock, keys: KeyRing) -> None:
        self._clock, self._keys = clock, keys

    def open(self, new: Opening, by: By) -> int:
        """File a row; its id. The same key again gives the same row."""
        idem = by.idem("open", new.scenario, new.kind)
        with Appender(FACTS_LANE, self._clock) as lane:
            if (earlier := lane.last_with(idem)) is not None:
                return row_id(earlier.position)
            doing = Doing(lane, self._keys, by)
            declared = _type(new)
            subject, area_id = _place(doing.rows, new, declared)
            at = Where(area_id, subject.id if subject else None, doing.now_us)
            actor = doing.actor(schemes.editors_of(new.scenario, new.kind), at)
            said = doing.values(new.scenario, declared.fields, new.values, is_whole=True)
            filing = Filing(new.scenario, declared, subject, area_id, said, actor)
            record_id = filed(lane, self._keys, filing, idem)
            bound.bind(doing, record_id, declared, actor)
            _raise_filed(doing, record_id, filing)
            return record_id

    def sign(self, period_id: int, given: Mapping[str, Any], by: By) -> int:
        """Sign what a subject owes for a period, in time or late; the record's id.

        given completes or overrides the draft; a report that nothing was found is a record too.
        """
        idem = by.idem("sign", period_id)
        with Appender(FACTS_LANE, self._clock) as lane:
            doing = Doing(lane, self._keys, by)
            period = doing.rows.get(Period, period_id)
            if period is None:
                raise ForbiddenError
            if lane.last_with(idem) is not None and period.record_id is not None:
                return period.record_id
            return _signed(doing, period, given, idem)


def _raise_filed(doing: Doing, record_id: int, filing: Filing) -> None:
    """Send the signal that what was filed asks for, if any; it stands or falls with the row."""
    declared, said = filing.declared, filing.said
    if declared.raises is None:
        return
    unsaid = {field.name: None for field in declared.fields}
    kind = declared.raises({**unsaid, **said.plain, **said.sealed})
    if kind is None:
        return
    if kind not in schemes.signals_of(filing.scenario):
        raise BrokenError(f"{filing.scenario}.{declared.name}.raises: got {kind}, want a signal")
    doing.raise_signal(doing.row(record_id), kind, "filed")


def _signed(doing: Doing, period: Period, given: Mapping[str, Any], idem: bytes) -> int:
    subject = doing.rows.get(Subject, period.subject_id)
    routine = schemes.routine(period.scenario, period.routine)
    assert subject is not None
    if routine is None:
        raise bad("routine", period.routine, "a routine that the scenario declares")
    actor = doing.actor(routine.roles, Where(subject.area_id, subject.id, doing.now_us))
    if period.state not in ("waiting", "missed"):
        raise TakenError(period.signed_by, period.signed_us, period.state)
    declared = schemes.record_type(period.scenario, routine.record)
    assert declared is not None, "checked when the scheme was installed"
    if period.record_id is None:
        said = doing.values(period.scenario, declared.fields, given, is_whole=True)
        filing = Filing(period.scenario, declared, subject, subject.area_id, said, actor)
        record_id = filed(doing.lane, doing.keys, filing)
    else:
        record_id = period.record_id
        row = doing.row(record_id)
        _must_be_complete(doing, row, given)
        corrected(doing, row, given, (actor, ""), None)
    was = period.state
    signed = entries.RoutineSigned(period_id=period.id, record_id=record_id, by=actor)
    doing.append(signed, idem)
    if was == "waiting":
        owe_next(doing.lane, subject, routine, period.ends)
    return record_id


def filed(lane: Appender, keys: KeyRing | None, filing: Filing, idem: bytes | None = None) -> int:
    """Append a numbered row; its id. keys: needed where a value is sealed."""
    declared, subject, said = filing.declared, filing.subject, filing.said
    if not filing.is_draft:
        must_hold(declared, {**said.plain, **said.sealed}, subject, lane.now_us)
    year, n = next_number(lane.rows, f"{filing.scenario}.{declared.name}", lane.now_us)
    ids = new_key_ids(subject, declared, row_id(lane.next_position))
    if said.sealed and keys is None:
        raise bad("sealed", ", ".join(said.sealed), "no sealed fields where there are no keys")
    entry = entries.RecordOpened(
        scenario=filing.scenario,
        kind=declared.name,
        number=declared.number.format(year=year, n=n),
        year=year,
        n=n,
        subject_id=subject.id if subject is not None else None,
        area_id=filing.area_id,
        values=entries.said(said.plain),
        sealed=sealed(keys, ids, said.sealed) if keys is not None else None,
        is_draft=filing.is_draft,
        by=filing.actor,
    )
    return append(lane, entry, idem).id()


def _must_be_complete(doing: Doing, row: Row, given: Mapping[str, Any]) -> None:
    """A draft is signed only with every required field."""
    fields = tuple(fields_of(row).values())
    doing.values(row.scenario, fields, {**doing.whole(row), **given}, is_whole=True)


def next_number(rows: Rows, kind: str, now_us: int) -> tuple[int, int]:
    """(year in the county, next number): without a gap, since the lane is held to the commit."""
    year = datetime_of(now_us).astimezone(CHINA).year
    counter = rows.get(Counter, f"{kind}.{year}")
    return year, (counter.n if counter is not None else 0) + 1


def _type(new: Opening) -> RecordType:
    declared = schemes.record_type(new.scenario, new.kind)
    if declared is None:
        raise bad("kind", f"{new.scenario}.{new.kind}", "a record type that a scenario declares")
    return declared


def _place(rows: Rows, new: Opening, declared: RecordType) -> tuple[Subject | None, int]:
    """The subject and the area that a new row belongs to."""
    if declared.subject is None:
        faults = []
        if new.subject_id is not None:
            faults.append(Fault("subject_id", str(new.subject_id), "none: it belongs to an area"))
        if new.area_id is None or rows.get(Area, new.area_id) is None:
            faults.append(Fault("area_id", str(new.area_id), "a registered area"))
        if faults or new.area_id is None:
            raise BadInputError(*faults)
        return None, new.area_id
    subject = rows.get(Subject, new.subject_id) if new.subject_id is not None else None
    if subject is None or (subject.scenario, subject.kind) != (new.scenario, declared.subject):
        raise bad("subject_id", new.subject_id, f"a registered {declared.subject}")
    if subject.ended_us is not None:
        raise bad("subject_id", new.subject_id, f"a {declared.subject} that has not ended")
    return subject, new.area_id if new.area_id is not None else subject.area_id

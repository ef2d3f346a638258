"""What lane 0 says about typed rows: records, and subjects where they are typed.

A row is a record or a subject: ids come from positions, so an id names one of them. Values are
those of fields that are not sealed; `sealed` is always the whole of a row's sealed fields, as the
row has them from then on (None = unchanged), since who projects has no key.
"""

from __future__ import annotations

from collections.abc import Mapping

from bihuan.journal.payloads import Payload, entry_type
from bihuan.register.entries import Actor
from bihuan.register.scheme import Value

Values = dict[str, str | int | float | bool | list[str] | None]


def said(values: Mapping[str, Value]) -> Values:
    """Values as an entry has them."""
    return {
        name: one if one is None or isinstance(one, str | int | float) else list(one)
        for name, one in values.items()
    }


@entry_type("record.opened.v1")
class RecordOpened(Payload, frozen=True, kw_only=True):
    """A numbered row; `n` counts within `year` of its type, without a gap.

    is_draft: it filled itself and nobody has signed it yet.
    """

    scenario: str
    kind: str
    number: str
    year: int
    n: int
    subject_id: int | None
    area_id: int
    values: Values
    sealed: bytes | None
    is_draft: bool
    by: Actor


@entry_type("row.acted.v1")
class RowActed(Payload, frozen=True, kw_only=True):
    """Somebody did a declared act. before, after: own fields that changed; extra: the act's others.

    sealed_names  the sealed fields that changed; sealed_extra: the act's own sealed fields
    proposal_id   what the second person confirmed; `by` is who proposed it
    """

    row_id: int
    act: str
    from_state: str
    to_state: str
    before: Values
    after: Values
    extra: Values
    sealed: bytes | None
    sealed_names: list[str]
    sealed_extra: bytes | None
    by: Actor
    second: Actor | None = None
    proposal_id: int | None = None


@entry_type("row.called_out.v1")
class RowCalledOut(Payload, frozen=True, kw_only=True):
    """An act orders a call-out to who is on duty; whom empty: the one that runs is lifted.

    whom      (role, area id); uncalled: kind of the signal where nobody could be called
    """

    row_id: int
    act: str
    whom: list[tuple[str, int]]
    zh: str
    en: str
    warning_id: int | None
    uncalled: str
    by: Actor


@entry_type("row.told.v1")
class RowTold(Payload, frozen=True, kw_only=True):
    """An act tells one person: named in the row, or who reported the case; one of the two."""

    row_id: int
    act: str
    person_id: int | None
    case_id: int | None
    title: tuple[str, str]
    text: tuple[str, str]


@entry_type("row.corrected.v1")
class RowCorrected(Payload, frozen=True, kw_only=True):
    """Fields were corrected; the old values stay in before. reason is sealed."""

    row_id: int
    before: Values
    after: Values
    sealed: bytes | None
    sealed_names: list[str]
    reason: bytes | None
    by: Actor
    area_id: int | None = None


@entry_type("row.proposed.v1")
class RowProposed(Payload, frozen=True, kw_only=True):
    """An act that holds only when a second person confirms it, until expires_us."""

    row_id: int
    act: str
    values: Values
    sealed: bytes | None
    by: Actor
    expires_us: int


@entry_type("row.declined.v1")
class RowDeclined(Payload, frozen=True, kw_only=True):
    """The second person said no. reason is sealed."""

    row_id: int
    proposal_id: int
    reason: bytes | None
    by: Actor


@entry_type("row.lapsed.v1")
class RowLapsed(Payload, frozen=True, kw_only=True):
    """Nobody confirmed it in time."""

    row_id: int
    proposal_id: int


@entry_type("row.held.v1")
class RowHeld(Payload, frozen=True, kw_only=True):
    """The row may be neither closed nor erased: `cause` names what needs it (a complaint)."""

    row_id: int
    cause: str
    by: Actor


@entry_type("row.freed.v1")
class RowFreed(Payload, frozen=True, kw_only=True):
    row_id: int
    hold_id: int
    by: Actor


@entry_type("record.erased.v1")
class RecordErased(Payload, frozen=True, kw_only=True):
    """Kept long enough: values are gone from the row, the key of the sealed ones is destroyed."""

    row_id: int
    keep_days: int


@entry_type("duty.passed.v1")
class DutyPassed(Payload, frozen=True, kw_only=True):
    """A row's duty was still open at its time."""

    row_id: int
    due_id: int
    duty: str
    due_us: int


@entry_type("routine.owed.v1")
class RoutineOwed(Payload, frozen=True, kw_only=True):
    """A subject owes a row for a period. starts, ends: dates, both included."""

    subject_id: int
    scenario: str
    routine: str
    starts: str
    ends: str
    due_us: int


@entry_type("routine.signed.v1")
class RoutineSigned(Payload, frozen=True, kw_only=True):
    period_id: int
    record_id: int
    by: Actor


@entry_type("routine.missed.v1")
class RoutineMissed(Payload, frozen=True, kw_only=True):
    """The time passed unsigned. record_id: the draft that filled itself; None = there is none."""

    period_id: int
    record_id: int | None


@entry_type("routine.ceased.v1")
class RoutineCeased(Payload, frozen=True, kw_only=True):
    """The period is owed no more: its subject ended, or the scenario owes it no longer."""

    period_id: int

"""What a scenario declares of its subjects and records: fields, relations, states, acts, duties.

Tables of frozen rows that the register reads; a scenario brings no code but pure functions.
Words are (zh, en); times are µs UTC; a value that is not known is None, never 0 or "".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Words = tuple[str, str]
FieldKind = Literal[
    "text",
    "long_text",
    "integer",
    "decimal",
    "yes_no",
    "date",
    "time",
    "choice",
    "choices",
    "area",
    "party",
    "subject",
    "record",
    "place",
    "photo",
]
PartyKind = Literal["person", "household", "legal_entity", "estate", "plot"]
Value = str | int | float | bool | Sequence[str] | None
# why a device is taken back
ReleaseReason = Literal["returned", "death", "lost", "broken", "replaced", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A typed field.

    unit       of a number, as UCUM (`Cel`, `g`, `min`) or a plain word; None for a count
    of         the type that a `subject` or `record` field points to, the kind of a `party` field
    is_sealed  tells about a person: kept sealed, masked in lists, each opening logged
    is_indexed found by search and usable as a filter; never together with is_sealed
    pattern    what a text must match as a whole; want says it in words (zh, en)
    """

    name: str
    title: Words
    kind: FieldKind
    unit: str | None = None
    is_required: bool = False
    choices: tuple[tuple[str, Words], ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    of: str | None = None
    is_sealed: bool = False
    is_indexed: bool = False
    pattern: str | None = None
    want: Words | None = None


class Facts(NamedTuple):
    """What a computed field, a duty or a check may look at.

    values   the row's own fields by name
             and what the register knows of it: `id`, `number`, `state`, `area_id`, `subject_id`,
             `opened_us`, `changed_us`, `at.ACT` (µs at which that act was last done). A field
             that is sealed or not known is None
    related  rows that point to it or that it points to, by relation name, oldest first: values.
             A `subject` or `record` field is a relation of its own name to one row; `subject` is
             the subject that a record belongs to. `batch.samples` are the rows that hang on the
             row pointed to; a duty that looks there is asked anew only when a nearer row changes
    now_us   recorded time or the time of the page
    """

    values: Mapping[str, Value]
    related: Mapping[str, Sequence[Mapping[str, Value]]]
    now_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """A field that is worked out when it is looked at and never stored. `of` is pure."""

    name: str
    title: Words
    kind: FieldKind
    of: Callable[[Facts], Value]
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """Rows of a record type that belong to this one: `by` is their field that points here.

    `by` is "subject" where they are the subject's own records, "same_subject" where a record type
    declares them: those of its own subject, itself among them.
    """

    name: str
    title: Words
    to: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opens:
    """A record that an act files besides: its type, its values, its area (None: the subject's)."""

    kind: str
    values: Mapping[str, Value]
    area_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsOut:
    """A call-out that an act orders: one runs for each row, a later one supersedes it.

    whom     (role, area) of who is called: rosters of areas inside the row's own; an area of None
             is the row's own. () = nobody: the order that runs is lifted, in these words
    zh, en   the instruction, to be spoken; no link in it
    warning  number of the official warning that is quoted, as far as it stands; None = none
    """

    whom: tuple[tuple[str, int | None], ...]
    zh: str
    en: str
    warning: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tells:
    """A message that an act sends to one person, who may hold no post.

    to      the row's `party` field that names the person, sealed or not; empty there = `report`
    report  the row's field with the number of a case: its origin is told, None = nobody
    title   names nobody: it is what a locked screen shows
    """

    to: str
    report: str | None
    title: Words
    text: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAct:
    """What may be done to a row: from which states into which, by whom, with which fields.

    to          the state after it; None = the state stays
    fields      asked for by the act; those named like the row's own fields change them
    second      who else must confirm it before it holds, never the same person; () = nobody
    not_by      acts whose doer may not do this one (the keeper of a sample does not verify it)
    check       further conditions: what stands in the way as (field, got, want); () = nothing
    raises      kind of the signal that it sends to the loop, in the same transaction
    opens       records of the same subject that it files in the same transaction (the tasks of a
                response level), from the facts after it and what it was told: pure, like `check`
    calls       a call-out that it orders in the same transaction, from the facts after it: pure
    uncalled    kind of the signal that is sent where nobody could be called
    tells       a message that it sends in the same transaction, from the facts after it: pure
    second_h    hours after which what waits for the second person lapses
    releases    the act's choice that says why: it ends the binding of the device that the row bound
    one_tap     done by its button at once, with nothing to open first: what must not wait and
                can be taken back; only without fields and without a second person
    """

    name: str
    title: Words
    from_states: tuple[str, ...]
    to: str | None
    roles: tuple[str, ...]
    fields: tuple[Field, ...] = ()
    second: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    check: Callable[[Facts], Sequence[tuple[str, str, str]]] | None = None
    raises: str | None = None
    opens: Callable[[Facts], Sequence[Opens]] | None = None
    calls: Callable[[Facts], CallsOut | None] | None = None
    uncalled: str | None = None
    tells: Callable[[Facts], Tells | None] | None = None
    second_h: int = 72
    releases: str | None = None
    one_tap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Something of a row that falls due: `at` says when (µs; None = not, or no more).

    raises   kind of the signal that it sends once to the loop when the time passes
    """

    name: str
    title: Words
    at: Callable[[Facts], int | None]
    roles: tuple[str, ...]
    raises: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Routine:
    """A row of `record` that each subject owes each day, week or month.

    by        local time of the last day of the period, `18:00`; at that time a draft that filled
              itself still waits for its signature, or the signal `raises` is sent
    days      `calendar` or `working`: whether days off owe one
    draft     fills a new row from what is known of the period; None = empty fields
    """

    name: str
    title: Words
    record: str
    subject: str
    per: Literal["day", "week", "month"]
    by: str
    days: Literal["calendar", "working"]
    roles: tuple[str, ...]
    raises: str | None = None
    draft: Callable[[Facts], Mapping[str, Value]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectType:
    """A party or a thing in a role that the scenario watches or serves.

    party     which kind of party stands behind it; None = a thing with a name of its own
    states    as of a record; the first is that of a new one
    loops     kinds of playbook whose cases can be about one; None = all of the scenario. Who is on
              call is looked at for these alone
    keep_readings  for how many days what devices measured of one is kept; None = for good
    """

    name: str
    title: Words
    party: PartyKind | None
    fields: tuple[Field, ...] = ()
    relations: tuple[Relation, ...] = ()
    computed: tuple[Computed, ...] = ()
    states: tuple[tuple[str, Words], ...] = ()
    acts: tuple[RecordAct, ...] = ()
    duties: tuple[Duty, ...] = ()
    purposes: tuple[str, ...] = ()
    loops: tuple[str, ...] | None = None
    keep_readings: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordType:
    """A typed row of the scenario's ledgers (台账).

    subject   the type of the subject it belongs to; None = it belongs to an area alone
    number    how a row is numbered, `LY-{year}-{n:05}`; n counts within the year
    keep_days how long a row is kept after its last change before retention may erase it; None =
              for good
    is_immutable  what was filed is never corrected, not even by who filed it (readings, labels)
    check     what a row must hold as a whole, when it is filed and when it is corrected: what
              stands in the way as (field, got, want); sealed fields are there, `id` is not yet
    raises    pure: the values as a person filed them, sealed ones too -> kind of the signal to send
              to the loop in the same transaction, None = none; an import sends none
    binds     the text field that names a device: filing the row binds it to the row's subject, if
              nobody has it; that field is never corrected. handed: the field that says since when.
              An import does the same
    """

    name: str
    title: Words
    subject: str | None
    number: str
    fields: tuple[Field, ...]
    states: tuple[tuple[str, Words], ...] = (("kept", ("在册", "On file")),)
    relations: tuple[Relation, ...] = ()
    computed: tuple[Computed, ...] = ()
    acts: tuple[RecordAct, ...] = ()
    duties: tuple[Duty, ...] = ()
    keep_days: int | None = None
    is_immutable: bool = False
    check: Callable[[Facts], Sequence[tuple[str, str, str]]] | None = None
    raises: Callable[[Mapping[str, Value]], str | None] | None = None
    binds: str | None = None
    handed: str | None = None


class Says(NamedTuple):
    """How refusals of a scenario's own checks are said on pages.

    fields  what a fault's field is called: (zh, en)
    texts   the English of what was got or is wanted -> its Chinese; `{}` holds what it names
    """

    fields: Mapping[str, Words]
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """All types of one scenario, by which the register checks and shows its rows.

    editors   roles that may register and edit, by type name; others with a right to see only see
    says      words of its own refusals; None = the register's words alone
    """

    scenario: str
    subjects: tuple[SubjectType, ...] = ()
    records: tuple[RecordType, ...] = ()
    routines: tuple[Routine, ...] = ()
    editors: Mapping[str, tuple[str, ...]] | None = None
    says: Says | None = None

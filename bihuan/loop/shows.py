"""What a scenario shows and sends besides the common parts: panels, sheets, overviews, notices.

Declarations only: a template of the folder and a pure function that reads a `Book`. The console
mounts them, asks the rights, logs the views; a scenario has no view and no address of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

from bihuan.register.scheme import Value, Words

Row = Mapping[str, Value]
On = Literal["case", "subject", "record", "area", "near"]


class Measured(NamedTuple):
    """One reading: when (µs UTC), the value in the channel's unit, whether it may be judged."""

    at_us: int
    value: float
    is_good: bool


class Book(Protocol):
    """The county as the person who asks may see it; sealed fields are None unless it is opened.

    A row is its own fields, its computed ones (worked out when looked at) and `id`, `number`,
    `name`, `state`, `area_id`, `subject_id`, `kind`, `opened_us`, `changed_us`, `at.ACT`,
    `is_draft`, `person_id`, `party_id`, `ended_us`. `name` is that of its subject: a person's is
    full where the row is opened or a relative's, masked elsewhere. `mine.ACT` says whether who
    reads did that act (`mine.register`: filed it); `who.ACT` names who did, to readers with a post
    for the place alone: in full on a page or sheet of one thing, whose view is logged, masked
    elsewhere, and "" to everybody else. A case is `id`, `number`, `kind`, `state`, `outcome`,
    `area_id`, `subject_id`, `row_id` (the record it is about, where there is a case for each;
    0 = none), `owner_id`, `opened_us`, `answered_us`, `acted_us`, `closed_us`, `severity`; of its
    timeline `who.LINE` and `at.LINE`, the newest of a kind (`taken`, `reported`, `closed`, else
    an act's own name), and `picked.FIELD`, what was picked last in a choice of its acts. `mine`,
    `who`, `picked` and a case's `at` are asked for by name alone, and stand in no list of fields.
    """

    @property
    def now_us(self) -> int:
        """The time of the page, or the recorded time at which a notice fell due."""
        ...

    @property
    def language(self) -> str:
        """`zh` or `en`: in which the words are wanted."""
        ...

    def row(self, row_id: int) -> Row | None:
        """One subject or record; None where there is none, or none that may be seen."""
        ...

    def rows(
        self,
        kind: str,
        *,
        subject_id: int | None = None,
        states: Sequence[str] = (),
        where: Mapping[str, Any] | None = None,
        since_us: int | None = None,
        until_us: int | None = None,
    ) -> Sequence[Row]:
        """Subjects or records of one kind, oldest first; `where` names indexed fields.

        since_us, until_us  when it was opened, from-to. A subject that has ended is left out.
        where               a value, a beginning that ends in `*`, or (from, to); None = open
        """
        ...

    def columns(
        self, kind: str, fields: Sequence[str], *, states: Sequence[str] = ()
    ) -> Sequence[tuple[Value, ...]]:
        """Some fields of every subject or record of one kind, oldest first, for large counties.

        fields  a row's own that are not sealed, or `id`, `subject_id`, `area_id`, `state`; neither
                computed ones nor names
        """
        rows = self.rows(kind, states=states)
        return [tuple(row[field] for field in fields) for row in rows]

    def case(self, case_id: int) -> Row | None:
        """One case, as `row`."""
        ...

    def cases(
        self,
        kinds: Sequence[str] = (),
        *,
        subject_id: int | None = None,
        is_open: bool | None = None,
        since_us: int | None = None,
        until_us: int | None = None,
    ) -> Sequence[Row]:
        """Cases of the scenario, oldest first."""
        ...

    def readings(
        self, subject_id: int, channel: str, since_us: int, until_us: int
    ) -> Sequence[Measured]:
        """What devices measured of a subject, by time."""
        ...

    def stopped(self, subject_id: int) -> frozenset[str]:
        """Purposes for which the subject's person withdrew the consent, or it is over."""
        return frozenset()

    def area(self, area_id: int) -> str:
        """An area's name at this time."""
        ...

    def areas(self) -> Sequence[tuple[int, str, int | None]]:
        """(id, name, parent) of every area that may be seen, parents first."""
        ...


Facts = Callable[[Book, int], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What the page of a case, subject, record or area shows besides the common parts.

    on        `near`: the page without an account of a relative or of a firm's own contact
    kind      of the case, the subject or the record; of an area its level, `*` = every one
    template  a file of the folder, `panel.html`; it is given what `facts(book, id)` returns
    """

    on: On
    kind: str
    title: Words
    facts: Facts
    template: str = "panel.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page to print, sign and keep, also as PDF: of one subject, record, case or area.

    kind       as of a panel
    roles      who may open it, held for the place of the thing; () = who may open the thing
    per        the period that it is about, chosen on the page; the facts get it as `period`
    opens      True: it shows sealed fields; opening it is logged as a view with its reason
    """

    name: str
    on: On
    kind: str
    title: Words
    facts: Callable[[Book, int, tuple[int, int] | None], Mapping[str, Any]]
    template: str
    per: Literal["day", "week", "month"] | None = None
    opens: bool = False
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """A page over many rows: a supply map, a board of batches, coverage by area.

    roles  who may look, for the areas that they hold it in; () = who may see the scenario
    """

    name: str
    title: Words
    facts: Callable[[Book], Mapping[str, Any]]
    template: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What devices say against an act of a row, asked once before it is done.

    The book sees the whole county of the scenario, whoever acts; nothing sealed is opened.

    row    name of the subject or record type
    acts   names of its acts
    check  what stands in the way as (field, got, want), of a row and the act's name
    """

    row: str
    acts: tuple[str, ...]
    check: Callable[[Book, int, str], Sequence[tuple[str, str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message that goes out each day at a local time, to who holds a role for a subject.

    text  what it says in (zh, en), or None where nothing is to be said
    """

    name: str
    title: Words
    subject: str
    to: str
    at: str
    text: Callable[[Book, int], Words | None]

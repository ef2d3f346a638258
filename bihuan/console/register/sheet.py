"""What a page of the register is made of, the same for every noun: facts, tables, forms, history.

A page module fills a `Sheet` or a `Listing`; two templates draw all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as made
from typing import Any

from bihuan.register.scheme import Field


@dataclass(frozen=True, slots=True)
class Cell:
    """One shown value. us: a time instead of a text; due_us: a time that counts down."""

    text: str = ""
    href: str = ""
    tone: str = ""
    sub: str = ""
    us: int | None = None
    due_us: int | None = None
    left_s: int | None = None
    icon: str = ""
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A named value of a sheet. is_sealed: it tells about a person and its opening was logged."""

    name: str
    cell: Cell
    was: Cell | None = None
    is_sealed: bool = False
    is_computed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a sheet or a list. link: (address, words) of what shows all of them."""

    title: str
    columns: tuple[str, ...]
    rows: list[list[Cell]]
    empty: str
    link: tuple[str, str] | None = None
    note: str = ""


@dataclass(slots=True)
class Control:
    """One control of a form, as the field declares it."""

    field: Field
    name: str
    label: str
    widget: str
    value: str = ""
    choices: list[tuple[str, str, bool]] = made(default_factory=list)
    unit: str = ""
    hint: str = ""
    fault: str = ""
    attributes: dict[str, str] = made(default_factory=dict)


@dataclass(slots=True)
class Form:
    """A form of one act. opens: it stands open, so that the next step needs no click."""

    name: str
    title: str
    action: str
    controls: list[Control]
    key: str
    icon: str = "pen-line"
    is_main: bool = False
    opens: bool = False
    note: str = ""
    has_file: bool = False
    extra: tuple[tuple[str, str], ...] = ()
    faults: list[str] = made(default_factory=list)
    one_tap: bool = False


@dataclass(slots=True)
class Line:
    """A line of a history."""

    us: int
    what: str
    who: str
    changes: list[tuple[str, str, str]] = made(default_factory=list)
    reason: str = ""
    second: str = ""


@dataclass(slots=True)
class Sheet:
    """A page about one thing. main and side: tables; crumbs: (address, words)."""

    title: str
    kicker: str
    crumbs: list[tuple[str, str]]
    here: str
    state: Cell | None = None
    sub: list[Cell] = made(default_factory=list)
    facts: list[Fact] = made(default_factory=list)
    forms: list[Form] = made(default_factory=list)
    plots: list[Any] = made(default_factory=list)
    main: list[Table] = made(default_factory=list)
    side: list[Table] = made(default_factory=list)
    history: list[Line] | None = None
    on: str | None = None
    on_word: str = ""
    bars: list[tuple[str, str]] = made(default_factory=list)
    code: str = ""
    week: list[Any] = made(default_factory=list)
    links: list[tuple[str, str]] = made(default_factory=list)
    panels: list[Any] = made(default_factory=list)


@dataclass(slots=True)
class Listing:
    """A list with its filters in the address. tabs: (address, words, is this one)."""

    title: str
    table: Table
    crumbs: list[tuple[str, str]] = made(default_factory=list)
    tabs: list[tuple[str, str, bool]] = made(default_factory=list)
    filters: list[Control] = made(default_factory=list)
    forms: list[Form] = made(default_factory=list)
    more: str = ""
    is_filtered: bool = False
    bars: list[tuple[str, str]] = made(default_factory=list)
    others: list[Table] = made(default_factory=list)
    sub: str = ""
    links: list[tuple[str, str]] = made(default_factory=list)

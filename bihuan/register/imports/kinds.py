"""What can be imported and exported: a kind's fields, and what one row of it would do.

A kind is one function `step`: from a checked row to new, changed or same, and the call that makes
it so. The preview asks it and does nothing; the publisher asks it again and does it: so a row that
somebody else has brought meanwhile is "same", and a rerun changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from bihuan.base.errors import Fault, bad
from bihuan.base.time import Clock
from bihuan.journal.keys import KeyRing
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.entries import Actor
from bihuan.register.models import Area
from bihuan.register.rights import REGISTER, Rights
from bihuan.register.scheme import Field, Value, Words

Said = dict[str, Value]
State = Literal["new", "changed", "same"]
Do = Callable[[], object]


class Step(NamedTuple):
    """What a row would do. key: its natural key, by which two rows of a file are one."""

    state: State
    key: str
    do: Do


def nothing() -> None:
    """What a row does that is there already."""


@dataclass(slots=True)
class Work:
    """What steps share. rows are fresh for each row when it is done, kept while it is looked at.

    is_dry   a preview: areas and households of the file itself count as there (`pending`)
    may      paths of the areas in which who asks may edit rows of the kind; None = the platform
    """

    clock: Clock
    keys: KeyRing
    by: Actor
    rows: Rows = field(default_factory=lambda: Rows(MAIN))
    is_dry: bool = False
    may: list[str] | None = None
    scenario: str = REGISTER
    pending: dict[str, str] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)

    def area(self, said: Said, name: str = "area_code") -> int | None:
        """The id of the standing area with the code that a row gives; None where it gives none."""
        code = said.get(name)
        if code is None:
            return None
        known = self.found.setdefault("areas", {})
        if code not in known:
            standing = Area.objects.using(MAIN).filter(code=code, until_us=None)
            known[code] = standing.values_list("id", "path").first()
        if known[code] is None:
            raise bad(name, code, "the code of a registered area that stands")
        identity, path = known[code]
        self.must_lie(path, name, str(code))
        return int(identity)

    def must_lie(self, path: str, name: str, got: str) -> None:
        """Refuse a row outside the areas that who imports may edit."""
        if self.may is not None and not any(path.startswith(above) for above in self.may):
            raise bad(name, got, "an area that you may edit")

    def must_be_whole(self, what: str) -> None:
        """Refuse a row without an area where who imports may not edit the whole county."""
        if self.may is None:
            return
        top = Area.objects.using(MAIN).filter(parent_id=None, until_us=None).first()
        if top is None or top.path not in self.may:
            raise bad(what, "no area", "an area that you may edit")


StepOf = Callable[[Work, Said], Step]
RowsOf = Callable[["Asking"], Iterator[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Asking:
    """Who wants which rows out. filters: by field, as texts."""

    mine: Rights | None
    keys: KeyRing
    now_us: int
    filters: Mapping[str, str] = field(default_factory=dict)

    def paths(self, scenario: str, verb: Literal["export", "open"] = "export") -> list[str] | None:
        """Subtrees of which rows may go out; None = all."""
        return None if self.mine is None else self.mine.paths(scenario, verb)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of sheet.

    words    other headings by field; named: a fault's field as acts call it → the column's
    order    for each row its depth (less is done before) and the faults that rows have together
    prepare  reads at once what the steps will ask one by one
    rows     what goes out, by field; personal: fields that are masked without the right to open
    editors  roles that edit this very type; () = whoever has the verb `edit` in its scenario
    meaning  口径: what a row is and what is counted
    """

    name: str
    title: Words
    fields: tuple[Field, ...]
    step: StepOf
    rows: RowsOf
    meaning: Words
    scenario: str = REGISTER
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)
    order: Callable[[Work, list[Said]], list[tuple[int, list[Fault]]]] | None = None
    prepare: Callable[[Work, Iterable[Said]], None] | None = None
    personal: Mapping[str, str] = field(default_factory=dict)
    editors: tuple[str, ...] = ()


def edit_paths(mine: Rights, kind: Kind) -> list[str]:
    """Areas in which a person may edit rows of a kind: as its type's editors, or by the verb."""
    if not kind.editors:
        return mine.paths(kind.scenario, "edit")
    return sorted({path for role, path in mine.held if role in kind.editors})


_kinds: dict[str, Kind] = {}
_makers: list[Callable[[str], Kind | None]] = []


def declare(kind: Kind) -> Kind:
    """Make a kind known."""
    if kind.name in _kinds:
        raise bad("kind", kind.name, "a name that is not taken")
    _kinds[kind.name] = kind
    return kind


def declare_maker(maker: Callable[[str], Kind | None], names: Callable[[], list[str]]) -> None:
    """Kinds that come and go with the schemes: made when they are asked for."""
    _makers.append(maker)
    _named.append(names)


_named: list[Callable[[], list[str]]] = []


def kind_of(name: str) -> Kind:
    """A kind by its name: `persons`, `elder_care.visit`."""
    if name in _kinds:
        return _kinds[name]
    for maker in _makers:
        if (kind := maker(name)) is not None:
            return kind
    raise bad("kind", name, " | ".join(kind_names()))


def kind_names() -> list[str]:
    """Every kind that there is now."""
    return [*sorted(_kinds), *sorted(name for names in _named for name in names())]

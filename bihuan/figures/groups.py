"""Which figures share the cells of the cube, and what one case adds to them.

Figures over the same kinds of cases that put a case into a month by the same time are one group:
one cell of an area and month holds all their additive parts, as int64s. A spread (the values of a
percentile) has cells of its own. Points and different values (`Distinct`) are no cells.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

from bihuan.base.time import CHINA, DAY_US, datetime_of
from bihuan.figures.declared import Cases
from bihuan.figures.installed import Installed, installed
from bihuan.figures.models import CaseFact
from bihuan.figures.parts import Part, parts_of
from bihuan.figures.where import Of, reader, test_of

_EAST_US: Final = 8 * 3_600 * 1_000_000  # CHINA, as µs
_EPOCH: Final = date(1970, 1, 1)
Add = Callable[[CaseFact], int]


@dataclass(frozen=True, slots=True)
class Group:
    """Cases of a scenario (kinds () = all) by one of their times. spread: a group of one spread."""

    id: str
    scenario: str
    kinds: tuple[str, ...]
    at: str
    parts: tuple[Part, ...]
    spread: bool = False

    @property
    def layout(self) -> str:
        """What its cells mean."""
        return "\n".join(part.key for part in self.parts)


def cubed(one: Installed) -> bool:
    """Whether a figure is read from cells."""
    figure = one.figure
    is_flow = isinstance(figure.over, Cases) and figure.period != "point"
    return is_flow and all(part.what != "set" for part in parts_of(figure.measure))


def group_of(one: Installed) -> str:
    """The id of the group of a figure over cases."""
    assert isinstance(one.figure.over, Cases)
    return _named(one.scenario, one.figure.over.kinds, one.figure.at or "")


def spread_id(group: str, part: Part) -> str:
    """The id of the group of one spread."""
    return f"{group}~{hashlib.sha256(part.key.encode()).hexdigest()[:12]}"


def _named(scenario: str, kinds: Iterable[str], at: str) -> str:
    named = "+".join(sorted(kinds)) or "*"
    if len(named) > 80:
        named = hashlib.sha256(named.encode()).hexdigest()[:16]
    return f"{scenario}:{named}:{at}"


def groups() -> dict[str, Group]:
    """Every group of the installed figures, spreads too."""
    parts: dict[str, dict[str, Part]] = {}
    made: dict[str, tuple[str, tuple[str, ...], str]] = {}
    for one in installed().values():
        over = one.figure.over
        if not isinstance(over, Cases) or not cubed(one):
            continue
        name = group_of(one)
        made[name] = (one.scenario, tuple(sorted(over.kinds)), one.figure.at or "")
        for part in parts_of(one.figure.measure):
            parts.setdefault(name, {})[part.key] = part
    found = {}
    for name, about in made.items():
        own = [parts[name][key] for key in sorted(parts[name])]
        additive = tuple(part for part in own if part.is_additive)
        if additive:
            found[name] = Group(name, *about, additive)
        for part in own:
            if part.what == "spread":
                of_spread = spread_id(name, part)
                found[of_spread] = Group(of_spread, *about, (part,), spread=True)
    return found


@lru_cache(maxsize=4_096)
def _month_of_day(day: int) -> int:
    at = _EPOCH + timedelta(days=day)
    return at.year * 12 + at.month - 1


def month_of(at_us: int) -> int:
    """The month of a time in the county: year × 12 + month − 1."""
    return _month_of_day((at_us + _EAST_US) // DAY_US)


def date_of(at_us: int) -> date:
    """The county's date at a time."""
    return datetime_of(at_us).astimezone(CHINA).date()


class Adder:
    """What one case adds to the cells of one group, compiled from the declaration."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self._at = attrgetter(group.at)
        self._kinds = frozenset(group.kinds)
        self._adds = [_adding(part) for part in group.parts]

    def place(self, fact: CaseFact) -> int | None:
        """The month into which the case falls; None where it is none of the group's."""
        if fact.scenario != self.group.scenario or (self._kinds and fact.kind not in self._kinds):
            return None
        at_us = self._at(fact)
        return None if at_us is None else month_of(at_us)

    def adds(self, fact: CaseFact) -> list[int | None]:
        """One number for each part; of a spread its value, None = none."""
        return [add(fact) for add in self._adds]


def _adding(part: Part) -> Callable[[CaseFact], int | None]:
    test = test_of(part.where, _read)
    if part.what == "n":
        return lambda fact: 1 if test(fact) else 0
    assert part.column is not None
    read: Of = reader(part.column, _read)
    if part.what == "spread":
        return lambda fact: read(fact) if test(fact) else None

    def add(fact: CaseFact) -> int:
        value: Any = read(fact) if test(fact) else None
        return 0 if value is None else int(value)

    return add


def _read(column: str) -> Of:
    return attrgetter(column)


def known_groups() -> dict[str, Group]:
    """The same as `groups`, kept until other figures are installed."""
    return {adder.group.id: adder.group for adder in adders()}


_adders: dict[str, Adder] = {}
_known: list[object] = []


def adders() -> list[Adder]:
    """One for each group; made anew when other figures are installed."""
    now: list[object] = [one.figure for one in installed().values()]
    if len(now) != len(_known) or any(a is not b for a, b in zip(now, _known, strict=True)):
        _adders.clear()
        _adders.update({name: Adder(group) for name, group in sorted(groups().items())})
        _known[:] = now
    return list(_adders.values())

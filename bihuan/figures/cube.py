"""The cube made anew from the facts by SQL, and compared with the cells that the follower keeps.

Two ways to the same cells: the follower adds one case after the other in Python, this adds all up
in the database. `make_current` is also what gives a newly declared figure its past.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connections, transaction

from bihuan.figures import sql_cases
from bihuan.figures.groups import Group, adders, groups, month_of
from bihuan.figures.models import Cell, Layout, Touch
from bihuan.figures.periods import month_start_us
from bihuan.figures.projectors import FOLLOWER, Place, packed, touch
from bihuan.figures.where import Clause
from bihuan.journal.follow import catch_up_facts, facts_position, lock_follower
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN

_MOST_MONTHS = 2_400  # 200 years: a time beyond that is a broken clock's
Cells = dict[str, tuple[Place, bytes]]


@dataclass(frozen=True, slots=True)
class Compared:
    """Cells of the cube against what the facts give. different: changed, missing or too many."""

    equal: int
    different: int
    first: str | None


def cells_of(group: Group) -> Cells:
    """Every cell of a group, from the facts alone."""
    found: Cells = {}
    for month in _months(group):
        where = sql_cases.together(
            sql_cases.scope(group.scenario, group.kinds),
            sql_cases.between(group.at, month_start_us(month), month_start_us(month + 1)),
        )
        source = _spread(group, where) if group.spread else _sums(group, where)
        for area, path, numbers in source:
            place = Place(group.id, month, area, path)
            found[place.key] = (place, packed(numbers))
    return found


def _sums(group: Group, where: Clause) -> Iterator[tuple[int, str, list[int]]]:
    for area, path, numbers in sql_cases.by_area(group.parts, [where]):
        if any(numbers):
            yield area, path, numbers


def _spread(group: Group, where: Clause) -> Iterator[tuple[int, str, list[int]]]:
    together: dict[tuple[int, str], list[int]] = {}
    for area, path, value in sql_cases.values(group.parts[0], [where]):
        together.setdefault((area, path), []).append(int(value))
    for (area, path), numbers in together.items():
        yield area, path, sorted(numbers)


def _months(group: Group) -> range:
    column = sql_cases.FACTS.column(group.at).sql
    where = sql_cases.scope(group.scenario, group.kinds)
    sql = f"SELECT MIN({column}), MAX({column}) FROM {sql_cases.TABLE} WHERE {where.sql}"  # noqa: S608 - made of checked names
    ((first, last),) = sql_cases.rows(Clause(sql, where.params))
    if first is None:
        return range(0)
    return range(month_of(first), min(month_of(last), month_of(first) + _MOST_MONTHS) + 1)


def compare() -> Compared:
    """The stored cells against the facts, cell by cell; changes nothing."""
    equal = different = 0
    first: str | None = None
    known = groups()
    for group in known.values():
        wanted = cells_of(group)
        stored = Cell.objects.using(MAIN).filter(cluster=group.id).values_list("id", "parts")
        held = {key: bytes(parts) for key, parts in stored.iterator()}
        for key in sorted(wanted.keys() | held.keys()):
            if key in wanted and held.get(key) == wanted[key][1]:
                equal += 1
                continue
            different, first = different + 1, first or key
    strays = Cell.objects.using(MAIN).exclude(cluster__in=known).count()
    return Compared(equal, different + strays, first)


def is_current() -> bool:
    """Whether every stored cell means what is declared now."""
    stored = dict(Layout.objects.using(MAIN).values_list("id", "parts"))
    return stored == {adder.group.id: adder.group.layout for adder in adders()}


def make_current() -> int:
    """Make the cells of groups whose declaration changed; how many groups. Twice changes nothing.

    A group is one transaction: the follower, held meanwhile by its lock, sees old or new.
    """
    stored = dict(Layout.objects.using(MAIN).values_list("id", "parts"))
    known = groups()
    old = [name for name, layout in stored.items() if name not in known]
    new = [name for name, group in known.items() if stored.get(name) != group.layout]
    for name in old + new:
        with transaction.atomic(using=MAIN):
            lock_follower(FOLLOWER, FACTS_LANE)
            _make(name, known.get(name))
    return len(old) + len(new)


def _make(name: str, group: Group | None) -> None:
    with connections[MAIN].cursor() as cursor:
        cursor.execute("DELETE FROM figures_cell WHERE cluster = %s", (name,))
        cursor.execute("DELETE FROM figures_touch WHERE cluster = %s", (name,))
    rows, position = Rows(MAIN, only=(Cell, Layout, Touch)), facts_position(FOLLOWER)
    if group is None:
        rows.remove(Layout, name)
    else:
        rows.put(Layout, id=name, parts=group.layout)
        for key, (place, parts) in cells_of(group).items():
            rows.new(
                Cell,
                id=key,
                cluster=place.group,
                month=place.month,
                area_id=place.area_id,
                area_path=place.area_path,
                parts=parts,
            )
            touch(rows, place.group, place.month, position)
    rows.flush()


class Figures:
    """Keeps the figures: one is enough, a second finds nothing left to do."""

    def __init__(self, per_turn: int = 200) -> None:
        self._per_turn = per_turn
        self._checked = 0

    def run_once(self) -> int:
        """Follow lane 0 by at most one turn; how many entries were followed."""
        known = hash(tuple(adder.group.layout for adder in adders()))
        # before the first entry there is nothing to make: the first turn says what cells mean
        if known != self._checked and facts_position(FOLLOWER):
            make_current()
            self._checked = known
        return catch_up_facts(FOLLOWER, self._per_turn)

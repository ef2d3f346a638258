"""What figures are made of, by area: read from the cube, from the facts, or from typed rows.

A `Reader` lives for one page: what several figures need is read once. Whole months come from
cells, the days around them from the facts by the same conditions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from django.db import connections

from bihuan.base.errors import bad
from bihuan.figures import kept, sql_cases, typed_rows
from bihuan.figures.declared import Cases
from bihuan.figures.groups import Group, cubed, group_of, known_groups, month_of, spread_id
from bihuan.figures.installed import Installed
from bihuan.figures.parts import Part, parts_of
from bihuan.figures.periods import Window, month_start_us
from bihuan.figures.where import Clause, Sql
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.areas.spans import path_at
from bihuan.register.models import Area

Lot = dict[str, Any]  # path of an area → what its own cases give for one part
Got = Callable[[Part], Any]


class Reader:
    """Gathers for one page. Values are those of one moment only if the caller's transaction is."""

    def __init__(self) -> None:
        self._groups = known_groups()
        self._cells: dict[tuple[str, Window, str], dict[str, Lot]] = {}
        self._lots: dict[tuple[Any, ...], dict[str, Lot]] = {}
        self._rows: dict[tuple[Any, ...], list[typed_rows.Row]] = {}
        self._put: dict[tuple[int, str], Any] = {}
        self._paths: dict[int, str] | None = None
        self._then: dict[tuple[int, int], str] = {}
        self._touched = kept.Touched()

    @property
    def paths(self) -> dict[int, str]:
        """Where every area lies now, merged ones in what they were merged into."""
        if self._paths is None:
            self._paths = dict(Area.objects.using(MAIN).values_list("id", "path"))
        return self._paths

    def lots(self, one: Installed, window: Window) -> dict[str, Lot]:
        """Part key → path → value, of everything in the window; of a point at its end."""
        figure = one.figure
        key = (one.id, figure.version, window)
        if key not in self._lots:
            self._lots[key] = self._read(one, window)
        return self._lots[key]

    def got(self, one: Installed, window: Window, path: str) -> Got:
        """The parts of a figure in a subtree. Figures that share a part put it together once."""
        lots = self.lots(one, window)

        def of(part: Part) -> Any:
            lot = lots[part.key]
            key = (id(lot), path)  # the lot is held here as long as the reader is
            if key not in self._put:
                held = [value for at, value in lot.items() if at.startswith(path)]
                self._put[key] = _together(part, held)
            return self._put[key]

        return of

    def _read(self, one: Installed, window: Window) -> dict[str, Lot]:
        if not isinstance(one.figure.over, Cases):
            return self._typed(one, window)
        if cubed(one):
            return self._cubed(one, window)
        return self._facts(one, window)

    def clause(self, one: Installed, window: Window) -> Clause:
        """The cases that a figure looks at in a window; of a point at its end."""
        figure = one.figure
        if not isinstance(figure.over, Cases):
            raise bad("figure", one.id, "a figure over cases")
        scope = sql_cases.scope(one.scenario, figure.over.kinds)
        if figure.period == "point":
            return sql_cases.together(scope, sql_cases.open_at(window.end_us - 1))
        at = sql_cases.between(figure.at or "opened_us", *window)
        return sql_cases.together(scope, at)

    def _pieces(self, one: Installed, window: Window) -> list[Clause]:
        """The same cases as `clause`; of a point in pieces that an index holds."""
        over = one.figure.over
        if one.figure.period != "point" or not isinstance(over, Cases) or not over.kinds:
            return [self.clause(one, window)]
        scope = sql_cases.scope(one.scenario, over.kinds)
        pieces = sql_cases.open_pieces(window.end_us - 1)
        return [sql_cases.together(scope, piece) for piece in pieces]

    def _cubed(self, one: Installed, window: Window) -> dict[str, Lot]:
        name, found = group_of(one), dict[str, Lot]()
        for part in parts_of(one.figure.measure):
            own = name if part.is_additive else spread_id(name, part)
            found[part.key] = self._of_group(self._groups[own], window, one.figure.areas)[part.key]
        return found

    def _of_group(self, group: Group, window: Window, areas: str) -> dict[str, Lot]:
        key = (group.id, window, areas)
        if key not in self._cells:
            first, last = _whole_months(window)
            lots: dict[str, Lot] = {part.key: {} for part in group.parts}
            if first < last:
                self._months(group, (first, last), areas, lots)
                edges = (
                    Window(window.start_us, month_start_us(first)),
                    Window(month_start_us(last), window.end_us),
                )
            else:
                edges = (window, Window(0, 0))
            for edge in edges:
                if edge.start_us < edge.end_us:
                    self._edge(group, edge, areas, lots)
            self._cells[key] = lots
        return self._cells[key]

    def _path(self, area_id: int, path: str, areas: str) -> str:
        return path if areas == "then" else self.paths.get(area_id, path)

    def path_at(self, area_id: int, areas: str, window: Window) -> str:
        """Of typed rows: where their area lay at the end of the window, or lies now."""
        now = self.paths.get(area_id, f"{area_id}.")
        if areas == "now":
            return now
        key = (area_id, window.end_us)
        if key not in self._then:
            self._then[key] = path_at(Rows(MAIN), area_id, window.end_us - 1) or now
        return self._then[key]

    def _months(
        self, group: Group, months: tuple[int, int], areas: str, lots: dict[str, Lot]
    ) -> None:
        with connections[MAIN].cursor() as cursor:
            cursor.execute(
                "SELECT area_id, area_path, parts FROM figures_cell "
                "WHERE cluster = %s AND month >= %s AND month < %s",
                (group.id, *months),
            )
            found = cursor.fetchall()
        if not found:
            return
        where = [self._path(area, path, areas) for area, path, _parts in found]
        if group.spread:
            lot = lots[group.parts[0].key]
            for path, (_area, _path, parts) in zip(where, found, strict=True):
                lot.setdefault(path, []).append(np.frombuffer(bytes(parts), "<i8"))
            return
        places = {path: n for n, path in enumerate(dict.fromkeys(where))}
        table = np.frombuffer(b"".join(bytes(parts) for _a, _p, parts in found), "<i8")
        added = np.zeros((len(places), len(group.parts)), np.int64)
        np.add.at(added, [places[path] for path in where], table.reshape(len(found), -1))
        for n, part in enumerate(group.parts):
            lots[part.key].update(zip(places, added[:, n].tolist(), strict=True))

    def _edge(self, group: Group, window: Window, areas: str, lots: dict[str, Lot]) -> None:
        days, rest = kept.split(window)
        found = [one for part in rest for one in _read(group, part)]
        if days is not None:
            # what is kept is shared by every page: it is read and never changed
            found += kept.kept(group, days, self._touched, lambda: list(_read(group, days)))
        if group.spread:
            lot = lots[group.parts[0].key]
            for area, path, values in found:
                lot.setdefault(self._path(area, path, areas), []).append(values)
            return
        for area, path, numbers in found:
            place = self._path(area, path, areas)
            for part, number in zip(group.parts, numbers, strict=True):
                lot = lots[part.key]
                lot[place] = lot.get(place, 0) + number

    def _facts(self, one: Installed, window: Window) -> dict[str, Lot]:
        pieces, of = self._pieces(one, window), Sql(sql_cases.TABLE, window.end_us)
        areas, parts = one.figure.areas, parts_of(one.figure.measure)
        found: dict[str, Lot] = {part.key: {} for part in parts}
        additive = [part for part in parts if part.is_additive]
        if additive:
            for area, path, numbers in sql_cases.by_area(additive, pieces, of):
                place = self._path(area, path, areas)
                for part, number in zip(additive, numbers, strict=True):
                    found[part.key][place] = found[part.key].get(place, 0) + number
        for part in parts:
            if not part.is_additive:
                _spread(sql_cases.values(part, pieces, of), found[part.key], self, areas)
        return found

    def typed(self, one: Installed, window: Window) -> list[typed_rows.Row]:
        """The typed rows that a figure looks at in a window, as they stood; of a point at its end.

        at_us None: rows of a flow count as they are now, so that a late correction revises.
        """
        figure, is_point = one.figure, one.figure.period == "point"
        at_us = window.end_us - 1 if is_point else None
        key = (one.scenario, figure.over, at_us)
        if key not in self._rows:
            self._rows[key] = typed_rows.rows_of(one.scenario, figure.over, at_us)
        if is_point:
            return self._rows[key]
        test = typed_rows.in_window(figure.at or "opened_us", window)
        return [row for row in self._rows[key] if test(row)]

    def _typed(self, one: Installed, window: Window) -> dict[str, Lot]:
        rows, found = self.typed(one, window), dict[str, Lot]()
        for part in parts_of(one.figure.measure):
            lot = found.setdefault(part.key, {})
            for area, value in typed_rows.gathered(part, rows):
                path = self.path_at(area, one.figure.areas, window)
                if part.is_additive:
                    lot.setdefault(path, []).append(value)
                else:
                    lot.setdefault(path, []).append(np.array([value]))
            if part.is_additive:  # exact whatever the order: fsum
                for path, values in lot.items():
                    is_whole = all(isinstance(value, int) for value in values)
                    lot[path] = sum(values) if is_whole else math.fsum(values)
        return found


def _read(group: Group, window: Window) -> Iterable[tuple[int, str, Any]]:
    """(area, its path then, numbers or its values) of a group's cases in a window, by the facts."""
    where = sql_cases.together(
        sql_cases.scope(group.scenario, group.kinds), sql_cases.between(group.at, *window)
    )
    if not group.spread:
        return sql_cases.by_area(group.parts, [where])
    together: dict[tuple[int, str], list[Any]] = {}
    for area, path, value in sql_cases.values(group.parts[0], [where]):
        together.setdefault((area, path), []).append(value)
    return [(area, path, np.array(values)) for (area, path), values in together.items()]


def _spread(source: Iterable[tuple[int, str, Any]], lot: Lot, reader: Reader, areas: str) -> None:
    together: dict[str, list[Any]] = {}
    for area, path, value in source:
        together.setdefault(reader._path(area, path, areas), []).append(value)
    for path, values in together.items():
        lot.setdefault(path, []).append(np.array(values))


def _whole_months(window: Window) -> tuple[int, int]:
    """Months wholly inside a window: the first, and the one after the last."""
    first = month_of(window.start_us)
    if month_start_us(first) < window.start_us:
        first += 1
    return first, month_of(window.end_us)


def by_child(lots: Mapping[str, Lot], prefix: str) -> dict[int, Got]:
    """The same for each area directly under a path; what is of the area itself: under its own id"""
    depth = prefix.count(".")
    found: dict[int, dict[str, list[Any]]] = {}
    for key, lot in lots.items():
        for path, value in lot.items():
            if path.startswith(prefix):
                ids = path.split(".")
                child = int(ids[depth] or ids[depth - 1])
                found.setdefault(child, {}).setdefault(key, []).append(value)
    return {child: _getter(held) for child, held in found.items()}


def _getter(held: dict[str, list[Any]]) -> Got:
    return lambda part: _together(part, held.get(part.key, []))


def _together(part: Part, values: list[Any]) -> Any:
    if part.what == "n":
        return sum(values)
    if part.what == "sum":
        return math.fsum(values) if any(isinstance(v, float) for v in values) else sum(values)
    arrays = [array for held in values for array in held]
    if not arrays:
        return []
    return (
        np.unique(np.concatenate(arrays)) if part.what == "set" else np.sort(np.concatenate(arrays))
    )

"""The parts of figures over cases as SQL over `case_fact`: for what is no whole month, for points,
for lists of ids, and to make the cube anew. The same conditions as the follower's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from django.db import connections

from bihuan.figures import spans
from bihuan.figures.declared import Where
from bihuan.figures.parts import Part
from bihuan.figures.where import Clause, Sql, joined
from bihuan.journal.storage import MAIN

TABLE: Final = "figures_case_fact"
FACTS: Final = Sql(TABLE)
Areas = Sequence[tuple[int, str]]


def scope(scenario: str, kinds: Sequence[str]) -> Clause:
    """Cases of a scenario and kinds."""
    if not kinds:
        return Clause(f"{TABLE}.scenario = %s", (scenario,))
    marks = ", ".join(["%s"] * len(kinds))
    return Clause(f"{TABLE}.scenario = %s AND {TABLE}.kind IN ({marks})", (scenario, *kinds))


def between(at: str, start_us: int, end_us: int) -> Clause:
    """Cases whose time lies in a window, its end left out."""
    column = FACTS.column(at).sql
    return Clause(f"{column} >= %s AND {column} < %s", (start_us, end_us))


def open_at(at_us: int) -> Clause:
    """Cases that had been opened and not closed at a time."""
    opened, closed = FACTS.column("opened_us").sql, FACTS.column("closed_us").sql
    # the + keeps the planner from reading all that was ever opened instead of the few still open
    return Clause(f"+{opened} <= %s AND ({closed} IS NULL OR {closed} > %s)", (at_us, at_us))


def open_pieces(at_us: int) -> list[Clause]:
    """The cases of `open_at`, each in one piece: the span of those open still, and the others'.

    What a piece says besides is implied by how long its cases were open: an index is read by it.
    """
    opened, closed, found = FACTS.column("opened_us").sql, FACTS.column("closed_us").sql, []
    for span in spans.SPANS:
        bound_us = spans.bound_us(span)
        first_us = 0 if bound_us is None else max(0, at_us - bound_us)
        found.append(
            Clause(
                f"{FACTS.column('span').sql} = %s AND {opened} > %s AND {opened} <= %s "
                f"AND ({closed} IS NULL OR {closed} > %s)",
                (span, first_us, at_us, at_us),
            )
        )
    return found


def together(*clauses: Clause) -> Clause:
    """All of them hold."""
    found = joined(" AND ", clauses)
    assert found is not None
    return found


def adding(parts: Sequence[Part], sql: Sql = FACTS) -> Clause:
    """One column for each additive part."""
    found = joined(", ", (_adding(part, sql) for part in parts))
    assert found is not None
    return found


def _adding(part: Part, sql: Sql) -> Clause:
    where = sql.where(part.where)
    value = Clause("1") if part.column is None else sql.of(part.column)
    added = f"SUM(CASE WHEN {where.sql} THEN {value.sql} ELSE 0 END)"
    return Clause(f"COALESCE({added}, 0)", (*where.params, *value.params))


def by_area(
    parts: Sequence[Part], pieces: Sequence[Clause], of: Sql = FACTS
) -> Iterator[tuple[int, str, list[int]]]:
    """(area, its path then, one number for each additive part); an area once for each piece.

    pieces: of which cases; no case in two of them
    """
    adds, found = adding(parts, of), list[Clause]()
    for where in pieces:
        sql = f"SELECT area_id, area_path, {adds.sql} FROM {TABLE} WHERE {where.sql} GROUP BY 1, 2"  # noqa: S608 - made of checked names
        found.append(Clause(sql, (*adds.params, *where.params)))
    for area, path, *numbers in rows(_all_of(found)):
        yield area, path, [int(number) for number in numbers]


def values(part: Part, pieces: Sequence[Clause], of: Sql = FACTS) -> Iterator[tuple[int, str, Any]]:
    """(area, its path then, a value) of a spread or set, for every case that has one.

    pieces: as of `by_area`; of a set each once in an area of a piece
    """
    assert part.column is not None
    value, of_part = of.of(part.column), of.where(part.where)
    is_set = "DISTINCT " if part.what == "set" else ""
    found = []
    for where in pieces:
        sql = (
            f"SELECT {is_set}area_id, area_path, {value.sql} FROM {TABLE} "  # noqa: S608 - as above
            f"WHERE {where.sql} AND {of_part.sql} AND {value.sql} IS NOT NULL"
        )
        params = (*value.params, *where.params, *of_part.params, *value.params)
        found.append(Clause(sql, params))
    yield from rows(_all_of(found))


def _all_of(statements: Sequence[Clause]) -> Clause:
    found = joined(" UNION ALL ", statements)
    assert found is not None
    return found


def ids(conditions: Where, where: Clause, page: tuple[int, int], of: Sql = FACTS) -> list[int]:
    """Ids of the cases, newest first. page: how many, and how many are left out before."""
    of_figure = of.where(conditions)
    sql = (
        f"SELECT id FROM {TABLE} WHERE {where.sql} AND {of_figure.sql} "  # noqa: S608 - as above
        "ORDER BY id DESC LIMIT %s OFFSET %s"
    )
    found = rows(Clause(sql, (*where.params, *of_figure.params, *page)))
    return [row[0] for row in found]


def count(conditions: Where, where: Clause, of: Sql = FACTS) -> int:
    """How many there are."""
    of_figure = of.where(conditions)
    sql = f"SELECT COUNT(*) FROM {TABLE} WHERE {where.sql} AND {of_figure.sql}"  # noqa: S608 - as above
    return int(next(iter(rows(Clause(sql, (*where.params, *of_figure.params)))))[0])


def in_areas(area_ids: Iterable[int]) -> Clause:
    """Cases of these areas."""
    found = sorted(area_ids)
    if not found:
        return Clause("FALSE")
    return Clause(f"{TABLE}.area_id IN ({', '.join(map(str, found))})")


def under(paths: Sequence[str]) -> Clause:
    """Cases whose area lay in one of these subtrees then."""
    found = joined(" OR ", (Clause(f"{TABLE}.area_path LIKE %s", (f"{p}%",)) for p in paths))
    return Clause(f"({found.sql})", found.params) if found else Clause("FALSE")


def rows(clause: Clause, alias: str = MAIN) -> list[tuple[Any, ...]]:
    """What a statement gives."""
    with connections[alias].cursor() as cursor:
        cursor.execute(clause.sql, clause.params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found

"""Finding: tokens propose, the opened text decides, and only what who asks may see is proposed.

Each way in which a query may be meant is a set of tokens that a row must have. The rarest of them
leads: its rows are walked in order of their ids, the others are looked up for each, and the walk
ends as soon as there are enough. So the cost is that of the rarest token and never of the register.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Concat

from bihuan.journal.keys import KeyRing
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.search import tokens
from bihuan.register.search.index import Hasher, nouns
from bihuan.register.search.models import SearchRow, SearchToken

MOST_PROPOSED = 200
COUNTED = 2_000  # a token of more rows than that is common, however many


class Hit(NamedTuple):
    """A row that was found; rank 0 is the best."""

    rank: int
    noun: str
    row: int
    scenario: str


class _Proposed(NamedTuple):
    """A row of the index that has the tokens; in order of being registered."""

    id: int
    noun: str
    row: int
    scenario: str


class Finder:
    """Answers queries. Every hit has been opened and compared."""

    def __init__(self, keys: KeyRing, hasher: Hasher) -> None:
        self._keys, self._hash = keys, hasher

    def find(
        self,
        query: str,
        may_see: Callable[[QuerySet[SearchRow]], QuerySet[SearchRow]],
        most: int = 20,
        only: Sequence[str] = (),
    ) -> list[Hit]:
        """The best rows for a query, at most `most`.

        may_see  narrows the rows to those that who asks may see; a stranger's narrows to none
        only     nouns to look among, () = all
        """
        asked = tokens.words(query)
        if not asked:
            return []
        found: set[_Proposed] = set()
        for every in self._meanings(asked):
            found.update(_proposed(every, may_see, only))
        first = sorted(found)[:MOST_PROPOSED]
        return sorted(self._compared(query, first, 2 * most))[:most]

    def _meanings(self, asked: Sequence[str]) -> list[tuple[int, ...]]:
        """The sets of tokens, hashed, the rarest first; without those that no row can have."""
        known: dict[str, tuple[int, int]] = {}  # token: how many rows have it, its hash

        def counted(token: str) -> tuple[int, int]:
            if token not in known:
                hashed = self._hash(token)
                having = SearchToken.objects.filter(token=hashed).order_by("found_id")
                known[token] = having[:COUNTED].count(), hashed
            return known[token]

        ways = []
        for word in asked:
            meant = [{counted(token) for token in way} for way in tokens.of_word(word)]
            ways.append([way for way in meant if all(rows for rows, _hashed in way)])
        sets = {tuple(sorted(set().union(*one))) for one in product(*ways)}
        return [tuple(dict.fromkeys(hashed for _rows, hashed in one)) for one in sorted(sets)]

    def _compared(self, query: str, proposed: list[_Proposed], enough: int) -> list[Hit]:
        """What was opened and does answer; a batch of rows is read at once."""
        rows, known, hits = Rows(MAIN), nouns(), list[Hit]()
        for first in range(0, len(proposed), enough):
            some = proposed[first : first + enough]
            for noun, held in _by_noun(some):
                ready = known[noun].ready
                if ready is not None:
                    ready(rows, held)
            for row in some:
                said = known[row.noun].document(rows, self._keys, row.row)
                if said is None:
                    continue  # erased or gone since it was indexed
                rank = tokens.rank(said[0], query)
                if rank is not None:
                    hits.append(Hit(rank, row.noun, row.row, row.scenario))
                if len(hits) >= enough:  # one character finds thousands: who asks will say more
                    return hits
        return hits


def _by_noun(found: Sequence[_Proposed]) -> Iterator[tuple[str, list[int]]]:
    held: dict[str, list[int]] = {}
    for row in found:
        held.setdefault(row.noun, []).append(row.row)
    yield from held.items()


def _proposed(
    every: Sequence[int],
    may_see: Callable[[QuerySet[SearchRow]], QuerySet[SearchRow]],
    only: Sequence[str],
) -> Iterator[_Proposed]:
    """The first rows that have all these tokens, the rarest of which comes first."""
    rarest, *others = every
    rows = may_see(SearchRow.objects.filter(tokens__token=rarest))
    if only:  # as a text that no index holds: the tokens lead, not the noun of every third row
        rows = rows.annotate(kind=Concat("noun", Value(""))).filter(kind__in=only)
    for other in others:
        having = SearchToken.objects.filter(token=other, found_id=OuterRef("pk"))
        rows = rows.filter(Exists(having))
    told = rows.values_list("id", "noun", "row", "scenario")
    return map(_Proposed._make, told.order_by("tokens__found_id")[:MOST_PROPOSED])

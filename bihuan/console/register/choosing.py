"""Which thing is meant by what was typed: a number of the register, a code, or a name."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Q, QuerySet

from bihuan.console.home import keys
from bihuan.console.people import People
from bihuan.console.register.reach import Reach, inside
from bihuan.journal.storage import MAIN
from bihuan.register import schemes
from bihuan.register.models import Subject
from bihuan.register.parties.models import Party
from bihuan.register.records.models import Record
from bihuan.register.rights import REGISTER
from bihuan.register.scheme import Field
from bihuan.register.search.find import Finder
from bihuan.register.search.index import Hasher, Index
from bihuan.register.search.models import SearchRow

MOST = 8
MOST_ROUNDS = 50  # of the index before one search


def candidates(reach: Reach, scenario: str, one: Field, text: str) -> list[tuple[int, str]]:
    """(id, name) of what may be meant, at most 8."""
    if one.kind == "record":
        return _records(reach, scenario, one, text)
    if one.kind == "subject":
        return _subjects(reach, scenario, one.of, text)
    if one.of == "person":
        return people(reach, text)
    found = Party.objects.using(MAIN).filter(Q(name__startswith=text) | Q(code=text))
    found = found.filter(survivor_id=None, **({"kind": one.of} if one.of else {}))
    named = [(party.id, party.name) for party in found.order_by("id")[:MOST]]
    return named or (people(reach, text) if one.of is None else [])


def people(reach: Reach, text: str) -> list[tuple[int, str]]:
    """People by name, initials or the end of their number; only for who is in a post."""
    if not reach.is_official:
        return []
    ids = found_ids(reach, text, ("person",))
    known = People(keys(), ids)
    return [(identity, known.name(identity)) for identity in ids]


def found_ids(reach: Reach, text: str, nouns: tuple[str, ...]) -> list[int]:
    """What the search finds of these nouns, the best first."""
    return [hit.row for hit in _finder().find(text, narrowing(reach), MOST, nouns)]


def narrowing(reach: Reach) -> NarrowedBy:
    """Which rows of the search this person may be told of."""
    return NarrowedBy(reach)


class NarrowedBy:
    """A filter of `SearchRow`: subjects by scenario and area, the register's own by post."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def __call__(self, rows: QuerySet[SearchRow]) -> QuerySet[SearchRow]:
        wanted = Q(pk__in=())
        for scenario in schemes.installed():
            wanted |= Q(scenario=scenario) & inside(self._reach.paths(scenario))
        if self._reach.is_official:
            wanted |= Q(noun__in=("area", "device"), scenario__in=("", REGISTER))
            wanted |= Q(noun="person", scenario__in=("", REGISTER)) & ~Q(
                path=""
            )  # who holds a post
        if self._reach.may_keep_some() or self._reach.may_keep_some("act"):
            wanted |= Q(noun="person", path="")
        return rows.filter(wanted)


def _subjects(reach: Reach, scenario: str, kind: str | None, text: str) -> list[tuple[int, str]]:
    wanted = Subject.objects.using(MAIN).filter(ended_us=None)
    if scenario:
        wanted = wanted.filter(scenario=scenario)
    if kind:
        wanted = wanted.filter(kind=kind)
    ids = found_ids(reach, text, ("subject",))
    rows = list(wanted.filter(id__in=ids))
    known = People(keys(), [row.person_id for row in rows])
    return [(row.id, row.name or known.name(row.person_id)) for row in rows]


def _records(reach: Reach, scenario: str, one: Field, text: str) -> list[tuple[int, str]]:
    found = Record.objects.using(MAIN).filter(scenario=scenario, kind=one.of, number=text)
    return [(row.id, row.number) for row in found if reach.may_see(row)]


def _finder() -> Finder:
    """The search, which first takes in what was registered since it was last asked."""
    hasher = Hasher(settings.BIHUAN_DATA / "search.key")
    index = Index(keys(), hasher)
    for _round in range(MOST_ROUNDS):
        if not index.run_once():
            break
    return Finder(keys(), hasher)

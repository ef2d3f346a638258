"""Search over a register: found by each way, by those who may see it, and not after erasure."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connections
from django.db.models import QuerySet

from bihuan.base.time import MovableClock
from bihuan.journal import county as journal_county
from bihuan.journal.erase import erase
from bihuan.journal.keys import KeyRing
from bihuan.journal.storage import MAIN
from bihuan.register.acts import Registrar
from bihuan.register.search.find import Finder
from bihuan.register.search.index import Hasher, Index
from bihuan.register.search.models import SearchRow, SearchToken

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]


def everything(rows: QuerySet[SearchRow]) -> QuerySet[SearchRow]:
    return rows


class Register:
    """Two villages; 王桂兰 lives in the first, 王国强 is its secretary; 王贵兰 in the second."""

    def __init__(self, clock: MovableClock, keys: KeyRing, folder: Path) -> None:
        journal_county.create("青禾县", clock, lanes=4)
        self.clock, self.keys = clock, keys
        hasher = Hasher(folder / "search.key")
        self.index, self.finder = Index(keys, hasher), Finder(keys, hasher)
        self.to = Registrar(clock, keys)
        self.first = self.to.area("330402101203", ("沈家弄村", "Shenjialong"), "village", None)
        self.second = self.to.area("330402101204", ("柳溪村", "Liuxi"), "village", None)
        self.elder = self.to.person("王桂兰", "Wang Guilan", "13900005566")
        self.other = self.to.person("王贵兰", "Wang Guilan", "13900007788")
        self.secretary = self.to.person("王国强", "Wang Guoqiang", None)
        self.to.post(self.secretary, "village_duty", self.first)
        self.subject = self.to.subject("elder_care", "elder", self.elder, self.first)
        self.to.subject("elder_care", "elder", self.other, self.second)
        self.device = self.to.adopt("watch", "8800000015")
        self.settle()

    def settle(self) -> None:
        while self.index.run_once():
            pass

    def found(self, query: str, *nouns: str) -> list[tuple[str, int]]:
        hits = self.finder.find(query, everything, only=nouns)
        return [(hit.noun, hit.row) for hit in hits]


@pytest.fixture
def register(data: Path, clock: MovableClock, keys: KeyRing) -> Register:
    return Register(clock, keys, data)


def test_person_is_found_by_name_initials_latin_and_phone(register: Register) -> None:
    for query in ("王桂兰", "桂兰", "5566", "13900005566"):
        assert register.found(query, "person") == [("person", register.elder)], query
    both = {("person", register.elder), ("person", register.other)}
    for query in ("wgl", "guilan", "wang gui"):
        assert set(register.found(query, "person")) == both, query


def test_area_is_found_by_either_reading_and_by_code(register: Register) -> None:
    for query in ("sjl", "sjn", "家弄", "330402101203", "1203"):
        assert register.found(query, "area") == [("area", register.first)], query


def test_device_is_found_by_the_end_of_its_number(register: Register) -> None:
    assert register.found("0015", "device") == [("device", register.device)]


def test_subject_of_a_person_is_found_with_the_person(register: Register) -> None:
    assert register.found("王桂兰", "subject") == [("subject", register.subject)]


def test_who_may_see_a_place_finds_what_is_there_and_nothing_else(register: Register) -> None:
    path = f"{register.second}."

    def second_only(rows: QuerySet[SearchRow]) -> QuerySet[SearchRow]:
        return rows.filter(path__startswith=path)

    assert register.finder.find("王桂兰", second_only) == []
    assert len(register.finder.find("王贵兰", second_only)) == 2  # the person and the subject


def test_stranger_finds_nothing(register: Register) -> None:
    assert register.finder.find("王", lambda rows: rows.none()) == []


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_erased_person_is_found_no_more_even_before_the_index_knows(register: Register) -> None:
    erase(register.elder, [], register.clock, register.keys)
    assert register.found("王桂兰") == []
    assert register.found("5566") == []
    register.settle()
    gone = SearchRow.objects.filter(noun="person", row=register.elder)
    kept = SearchToken.objects.filter(found_id__in=gone.values("id"))
    assert kept.count() == 0, "its hashes are gone as well"


def test_index_holds_no_text(register: Register) -> None:
    """Only hashes: no name, no number, and another installation's key gives other hashes."""
    with connections[MAIN].cursor() as cursor:
        cursor.execute("SELECT * FROM register_search_row")
        text = str(cursor.fetchall())
    assert "王" not in text
    assert "5566" not in text
    assert SearchToken.objects.count() > 50


def test_index_made_anew_is_the_same(register: Register) -> None:
    def state() -> list[tuple[str, int, str, tuple[int, ...]]]:
        return sorted(
            (
                row.noun,
                row.row,
                row.path,
                tuple(
                    sorted(
                        SearchToken.objects.filter(found_id=row.id).values_list("token", flat=True)
                    )
                ),
            )
            for row in SearchRow.objects.all()
        )

    before = state()
    register.index.anew()
    assert state() == []
    register.settle()
    assert state() == before


def test_empty_query_and_an_endless_one_find_nothing(register: Register) -> None:
    assert register.found("") == []
    assert register.found("   ") == []
    assert register.found("王" * 10_000) == []

"""Rights: every role × area × scenario × verb, worked out by a slow reading of the words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import HOUR_US, MovableClock
from bihuan.journal import county as journal_county
from bihuan.journal.keys import KeyRing
from bihuan.register import rights
from bihuan.register.acts import Registrar
from bihuan.register.entries import Level
from bihuan.register.models import Area
from bihuan.register.rights import VERBS, for_user, grant
from bihuan.register.rosters.acts import Rosters
from bihuan.register.rosters.pattern import Pattern, Shift
from bihuan.register.search.index import Hasher, Index
from bihuan.register.search.models import SearchRow

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]

# the words of the rule, apart from the code: who may what in which scenario
WORDS = {
    ("test_care", "duty"): {"see", "open", "act"},
    ("test_care", "chief"): {"see", "open", "act", "export", "review"},
    ("test_care", "family"): {"see", "open", "act"},
    ("test_food", "duty"): {"see"},
}
LEVELS: tuple[Level, ...] = ("county", "town", "village")
PLACES = ("county", "town_a", "village_a1", "village_a2", "town_b", "village_b1")
ABOVE = {
    "county": ("county",),
    "town_a": ("county", "town_a"),
    "village_a1": ("county", "town_a", "village_a1"),
    "village_a2": ("county", "town_a", "village_a2"),
    "town_b": ("county", "town_b"),
    "village_b1": ("county", "town_b", "village_b1"),
}


@pytest.fixture(autouse=True)
def grants() -> Iterator[None]:
    before = dict(rights._grants)
    for (scenario, role), verbs in WORDS.items():
        grant(scenario, role, [verb for verb in VERBS if verb in verbs])
    yield
    rights._grants.clear()
    rights._grants.update(before)


class Places:
    """A county of two towns; one person for each (role, place), a relative and a stranger."""

    def __init__(self, clock: MovableClock, keys: KeyRing) -> None:
        journal_county.create("青禾县", clock, lanes=4)
        self.clock, self.to = clock, Registrar(clock, keys)
        self.area: dict[str, int] = {}
        for n, name in enumerate(PLACES):
            above = ABOVE[name][-2] if len(ABOVE[name]) > 1 else None
            level = LEVELS[len(ABOVE[name]) - 1]
            self.area[name] = self.to.area(
                f"3304{n:02}",
                (name, name),
                level,
                self.area[above] if above else None,
            )
        self.stranger = self.to.person("陌生人", "Stranger", None)

    def holder(self, role: str, place: str) -> int:
        person = self.to.person(f"{role}{place}", "x", None)
        self.to.post(person, role, self.area[place])
        return person

    def path(self, place: str) -> str:
        return Area.objects.get(id=self.area[place]).path


@pytest.fixture
def places(data: object, clock: MovableClock, keys: KeyRing) -> Places:
    return Places(clock, keys)


def test_matrix_of_roles_places_scenarios_and_verbs(places: Places) -> None:
    """6 places of a post × 2 roles × 6 places asked × 2 scenarios × every verb; a stranger."""
    now_us, asked = places.clock.now_us(), 0
    paths = {place: places.path(place) for place in PLACES}
    nobody = for_user(places.stranger, now_us)
    for role, held_at in product(("duty", "chief"), PLACES):
        mine = for_user(places.holder(role, held_at), now_us)
        for place, scenario, verb in product(PLACES, ("test_care", "test_food"), VERBS):
            wanted = held_at in ABOVE[place] and verb in WORDS.get((scenario, role), ())
            assert mine.may(scenario, verb, paths[place]) is wanted, (role, held_at, place, verb)
            assert not nobody.may(scenario, verb, paths[place])
            asked += 1
    assert asked == 2 * 6 * 6 * 2 * len(VERBS)


def test_filter_finds_the_same_rows_as_the_question_one_by_one(
    places: Places, keys: KeyRing, data: Path
) -> None:
    """`where()` over indexed subjects of every place and `may()` agree, for every holder."""
    subjects = {
        places.to.subject("test_care", "elder", places.to.person("老人", "x", None), area): place
        for place, area in places.area.items()
    }
    relative = places.to.person("女儿", "x", None)
    hers = next(iter(subjects))
    places.to.contact(hers, relative, "daughter", 0)
    index = Index(keys, Hasher(data / "search.key"))
    while index.run_once():
        pass
    paths = {place: places.path(place) for place in PLACES}
    people = {places.holder("duty", place): place for place in PLACES}
    for person, verb in product([*people, relative, places.stranger], VERBS):
        mine = for_user(person, places.clock.now_us())
        asked = mine.where(verb, ("test_care", "test_food"), ("scenario", "path", "row"))
        found = set(SearchRow.objects.filter(asked, noun="subject").values_list("row", flat=True))
        one_by_one = {
            subject
            for subject, place in subjects.items()
            if mine.may("test_care", verb, paths[place], subject)
        }
        assert found == one_by_one
        if person == places.stranger:
            assert found == set()
        if person == relative:
            assert found == ({hers} if verb in ("see", "open", "act") else set())


def test_post_that_ended_or_has_not_begun_gives_nothing(places: Places) -> None:
    person, now_us = places.to.person("甲", "x", None), places.clock.now_us()
    places.to.duty(person, "duty", places.area["county"], (now_us + HOUR_US, now_us + 2 * HOUR_US))
    path = places.path("county")
    may = [
        for_user(person, now_us + after_us).may("test_care", "act", path)
        for after_us in (0, HOUR_US, 2 * HOUR_US - 1, 2 * HOUR_US)
    ]
    assert may == [False, True, True, False]


def test_roster_gives_rights_for_the_shift_and_no_longer(places: Places) -> None:
    """The clock stands at Monday 08:00; 甲 has 08:00–20:00, then 乙 until the morning."""
    first, second = (places.to.person(name, "x", None) for name in ("甲", "乙"))
    rosters = Rosters(places.clock, lambda _rows, _person: None)
    roster = rosters.make("镇值班", "duty", places.area["town_a"], is_waking=False)
    pattern = Pattern(
        shifts=(
            Shift(name="白班", from_="08:00", until="20:00"),
            Shift(name="夜班", from_="20:00", until="08:00"),
        ),
        crews=((first,), (second,)),
        anchor=date(2026, 3, 2),
    )
    now_us, path = places.clock.now_us(), places.path("village_a1")
    assert not for_user(first, now_us).may("test_care", "act", path)
    rosters.follow(roster, pattern, now_us)
    for hours, who in ((0, first), (11, first), (12, second), (23, second)):
        at_us = now_us + hours * HOUR_US
        for person in (first, second):
            assert for_user(person, at_us).may("test_care", "act", path) is (person == who), hours
    assert not for_user(first, now_us).may("test_care", "act", places.path("town_b"))


def test_verb_that_is_none_is_refused() -> None:
    with pytest.raises(BadInputError, match=r"test_care\.grants\.duty"):
        grant("test_care", "duty", ["delete"])  # type: ignore[list-item]

"""The same act sent again under its key: the same id, one row; by journal, not by a kept answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock, us_of
from bihuan.journal import county as journal_county
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Head
from bihuan.register.areas.acts import AreaActs, NewArea, NewShape
from bihuan.register.entries import Actor
from bihuan.register.models import Area, Post
from bihuan.register.organisations.acts import NewOrganisation, NewPost, OrganisationActs
from bihuan.register.parties.acts import NewParty, NewPerson, PartyActs
from bihuan.register.parties.duplicates import DuplicateActs
from bihuan.register.parties.households import HouseholdActs
from bihuan.register.parties.models import Party
from tests.rebuilt import differences

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]
SINCE = us_of(datetime(2020, 1, 1, tzinfo=UTC))
CLERK = Actor(person_id=7, role="registrar", via="page")
OTHER = Actor(person_id=8, role="registrar", via="page")
COUNTY = NewArea(code="330482000000", name=("青禾县", "Qinghe"), level="county", parent_id=None)


@pytest.fixture(autouse=True)
def new_county(data: object, clock: MovableClock) -> None:
    journal_county.create("青禾县", clock, lanes=4)


def position() -> int:
    return int(Head.objects.get(lane=FACTS_LANE).position)


LI = NewPerson(name=("李一", "Li Yi"), phone="0990 1")


def test_every_act_of_the_register_is_done_once_for_its_key(
    clock: MovableClock, keys: KeyRing
) -> None:
    areas, bodies = AreaActs(clock, CLERK), OrganisationActs(clock, CLERK)
    parties, houses = PartyActs(clock, keys, CLERK), HouseholdActs(clock, CLERK)
    pairs = DuplicateActs(clock, CLERK)
    county = areas.keyed("k").register(COUNTY)
    person, twin = parties.keyed("k").person(LI), parties.keyed("k2").person(LI)
    house = parties.keyed("k").party(NewParty(kind="household", area_id=county))
    water = NewOrganisation(kind="department", name=("水务所", "Water"), area_id=county)
    body = bodies.keyed("k").register(water)
    clock.advance(hours=1)
    now_us = clock.now_us()
    acts: dict[str, Callable[[], int | None]] = {
        "area": lambda: areas.keyed("k").register(COUNTY),
        "shape": lambda: areas.keyed("k").change(county, now_us, NewShape(name=("青禾", "Q"))),
        "person": lambda: parties.keyed("k").person(LI),
        "party": lambda: parties.keyed("k").party(NewParty(kind="household", area_id=county)),
        "rename": lambda: parties.keyed("k").rename(person, ("李益", "Li Yi")),
        "locate": lambda: parties.keyed("k").locate(person, county, "1 号"),
        "phone": lambda: parties.keyed("k").change_phone(person, "0990 22"),
        "in house": lambda: houses.keyed("k").join(house, person, SINCE, is_head=True),
        "body": lambda: bodies.keyed("k").register(water),
        "post": lambda: bodies.keyed("k").hold(
            NewPost(person_id=person, role="village_duty", area_id=county)
        ),
        "member": lambda: bodies.keyed("k").join(body, person, SINCE),
        "merge": lambda: pairs.keyed("k").merge(twin, person),
        "unmerge": lambda: pairs.keyed("k").unmerge(twin),
        "died": lambda: parties.keyed("k").died(person, now_us),
    }
    for name, act in acts.items():
        first, stood = act(), position()
        clock.advance(hours=30)  # longer than any answer of the API is kept
        assert act() == first, name
        assert position() == stood, name
    assert [acts[name]() for name in ("area", "person", "body")] == [county, person, body]
    assert Post.objects.filter(person_id=person).count() == 1
    assert differences() == []


def test_another_key_another_person_and_no_key_are_acts_of_their_own(
    clock: MovableClock, keys: KeyRing
) -> None:
    new = NewParty(kind="household")
    ids = [
        PartyActs(clock, keys, CLERK).keyed("a").party(new),
        PartyActs(clock, keys, CLERK).keyed("b").party(new),
        PartyActs(clock, keys, OTHER).keyed("a").party(new),
        PartyActs(clock, keys, CLERK).party(new),
        PartyActs(clock, keys, CLERK).party(new),
    ]
    assert len(set(ids)) == 5
    assert Party.objects.filter(kind="household").count() == 5


def test_key_of_a_refused_act_is_free(clock: MovableClock) -> None:
    acts = AreaActs(clock, CLERK).keyed("k")
    with pytest.raises(BadInputError):
        acts.register(NewArea(code="x", name=("", ""), level="county", parent_id=None))
    assert Area.objects.count() == 0
    assert acts.register(COUNTY) == Area.objects.get().id

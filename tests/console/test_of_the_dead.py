"""Of a person recorded as dead: sign-in, keys, rights, calls end; a shift of theirs is told."""

from __future__ import annotations

import pytest
from django.test import Client

from bihuan.base.time import DAY_US
from bihuan.console.access import keys as system_keys
from bihuan.console.access.keys import Wanted
from bihuan.console.accounts import Desk
from bihuan.register.entries import Actor
from bihuan.register.models import Post, Reach
from bihuan.register.organisations.acts import NewPost, OrganisationActs
from bihuan.register.parties.acts import PartyActs
from bihuan.register.rights import for_user
from tests.console.place import PASSWORD, Place
from tests.console.test_api_keys import System
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(databases="__all__")
OPERATOR = Actor(person_id=None, role="operator", via="command")


def acts(place: Place) -> PartyActs:
    return PartyActs(place.clock, place.keys, OPERATOR)


def test_account_key_posts_and_calls_end_and_come_back_where_it_was_said_in_error(
    place: Place,
) -> None:
    person, case_id = place.people.secretary, place.hold_key()
    key = System(system_keys.make(Wanted("平台", person, 30), Desk.here()))
    client = place.client("village")
    assert client.get(f"/cases/{case_id}/").status_code == 200
    acts(place).died(person, place.clock.now_us())
    assert not Reach.objects.filter(person_id=person).exists()
    assert not Post.objects.filter(person_id=person, until_us=None).exists()
    assert client.get(f"/cases/{case_id}/").status_code == 302, "the open session ends"
    fresh = Client()
    fresh.post("/sign-in/", {"username": "village", "password": PASSWORD})
    assert fresh.get("/").status_code == 302
    assert fresh.get("/api/v1/cases").json().get("cases", []) == []
    assert key.get("/cases").status_code == 401
    acts(place).lives(person)
    fresh = Client()
    fresh.post("/sign-in/", {"username": "village", "password": PASSWORD})
    assert fresh.get("/").status_code == 200, "it was said in error"
    assert key.get("/cases").status_code == 200
    assert differences() == []


def test_post_and_duty_that_would_end_later_end_with_their_holder(place: Place) -> None:
    person, now_us = place.people.stranger, place.clock.now_us()
    new = NewPost(
        person_id=person,
        role="village_duty",
        area_id=place.people.village,
        from_us=now_us,
        until_us=now_us + 30 * DAY_US,
    )
    post = OrganisationActs(place.clock).hold(new)
    place.registrar.duty(person, "town_duty", place.people.town, (now_us, now_us + DAY_US))
    place.wall.advance(hours=1)
    assert len(for_user(person, place.clock.now_us()).held) == 2
    acts(place).died(person, place.clock.now_us())
    assert Post.objects.get(id=post).until_us == place.clock.now_us()
    assert for_user(person, place.clock.now_us()).is_stranger
    assert differences() == []


def test_dead_relative_sees_no_case_and_the_living_one_does(place: Place) -> None:
    case_id, person = place.hold_key(), place.people.daughter
    client = place.client("family")
    assert client.get(f"/cases/{case_id}/").status_code == 200
    assert for_user(person, place.clock.now_us()).family == {place.people.subject}
    acts(place).died(person, place.clock.now_us())
    assert for_user(person, place.clock.now_us()).family == frozenset()
    assert client.get(f"/cases/{case_id}/").status_code == 302

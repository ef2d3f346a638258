"""What a withdrawn consent stops, and what it never stops."""

from __future__ import annotations

import pytest

from bihuan.base.time import DAY_US
from bihuan.register.consents.acts import Consents, NewConsent
from bihuan.register.consents.effect import hidden_from, stopped
from bihuan.register.records.doing import By
from bihuan.register.schemes import installed
from bihuan.scenarios import load
from tests.county import World

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]


def by(world: World, key: str) -> By:
    return By(world.people.secretary, "page", key)


def given(world: World, purpose: str, key: str, **more: object) -> int:
    load()
    assert installed()
    wanted = NewConsent(world.people.elder, purpose, "2026-1", **more)  # type: ignore[arg-type]
    return Consents(world.clock, world.keys).give(wanted, by(world, key))


def test_consent_that_was_withdrawn_stops_its_purpose_alone(world: World) -> None:
    elder = world.people.elder
    vitals = given(world, "vitals", "1")
    given(world, "position", "2")
    assert stopped([elder], world.clock.now_us()) == {}
    Consents(world.clock, world.keys).withdraw(vitals, by(world, "3"))
    assert stopped([elder], world.clock.now_us()) == {elder: frozenset({"vitals"})}


def test_consent_given_anew_stops_nothing(world: World) -> None:
    elder = world.people.elder
    Consents(world.clock, world.keys).withdraw(given(world, "vitals", "1"), by(world, "2"))
    given(world, "vitals", "3")
    assert stopped([elder], world.clock.now_us()) == {}


def test_consent_that_is_over_stops_its_purpose(world: World) -> None:
    elder, until_us = world.people.elder, world.clock.now_us() + DAY_US
    given(world, "vitals", "1", until_us=until_us)
    assert stopped([elder], until_us - 1) == {}
    assert stopped([elder], until_us) == {elder: frozenset({"vitals"})}


def test_nobody_s_consent_written_down_stops_nothing_here(world: World) -> None:
    assert stopped([world.people.elder], world.clock.now_us()) == {}


def test_relative_who_is_no_longer_agreed_to_sees_nothing_others_do(world: World) -> None:
    people = world.people
    hers = given(world, "family_view", "1", scope=(str(people.daughter),))
    now_us = world.clock.now_us()
    assert hidden_from(people.daughter, [people.elder], now_us) == set()
    Consents(world.clock, world.keys).withdraw(hers, by(world, "2"))
    now_us = world.clock.now_us()
    assert hidden_from(people.daughter, [people.elder], now_us) == {people.elder}
    assert hidden_from(people.secretary, [people.elder], now_us) == set()

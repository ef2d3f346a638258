"""Consents: for a purpose, from-to, by oneself or a guardian; withdrawn, processing stops."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from typer.testing import CliRunner

from bihuan.base.errors import BadInputError
from bihuan.base.time import DAY_US
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.consents.acts import (
    FAMILY_VIEW,
    RESCUE,
    Consents,
    NewConsent,
    family_may_see,
    may_process,
)
from bihuan.register.consents.age import (
    PROPOSED,
    OwnAge,
    age_at,
    every_age,
    own_age,
    set_own_age,
)
from bihuan.register.consents.models import Consent
from bihuan.register.entries import Actor
from bihuan.register.parties.acts import NewPerson, PartyActs
from bihuan.register.refusals import ForbiddenError, TakenError
from bihuan.wiring.commands import build
from tests.register.conftest import Kitchen
from tests.register.imports.sheets import resident

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def consents(kitchen: Kitchen) -> Consents:
    return Consents(kitchen.world.clock, kitchen.keys)


def may(kitchen: Kitchen, purpose: str, after_us: int = 0, part: str | None = None) -> bool:
    person = kitchen.world.people.elder
    return may_process(Rows(MAIN), person, purpose, kitchen.now_us + after_us, part)


def test_rescue_needs_no_consent_and_everything_else_does(kitchen: Kitchen) -> None:
    assert may(kitchen, RESCUE)
    assert not may(kitchen, "canteen")
    assert not may(kitchen, FAMILY_VIEW)


def test_a_consent_holds_from_to_and_for_its_scope(kitchen: Kitchen, consents: Consents) -> None:
    elder = kitchen.world.people.elder
    until_us = kitchen.now_us + DAY_US
    new = NewConsent(elder, "canteen", "2026-01", scope=("menu",), until_us=until_us)
    one = consents.give(new, kitchen.by(kitchen.manager, "k"))
    assert consents.give(new, kitchen.by(kitchen.manager, "k")) == one
    assert [may(kitchen, "canteen", us) for us in (-1, 0, DAY_US - 1, DAY_US)] == [
        False,
        True,
        True,
        False,
    ]
    assert may(kitchen, "canteen", 0, "menu")
    assert not may(kitchen, "canteen", 0, "bills")


def test_withdrawing_stops_processing_and_keeps_the_history(
    kitchen: Kitchen, consents: Consents
) -> None:
    new = NewConsent(kitchen.world.people.elder, "canteen", "2026-01")
    consent = consents.give(new, kitchen.by(kitchen.manager))
    kitchen.world.wall.advance(hours=1)
    consents.withdraw(consent, kitchen.by(kitchen.manager, "w"))
    consents.withdraw(consent, kitchen.by(kitchen.manager, "w"))
    assert [may(kitchen, "canteen", us) for us in (-1, 0)] == [True, False]
    assert may(kitchen, RESCUE)
    with pytest.raises(TakenError):
        consents.withdraw(consent, kitchen.by(kitchen.second))
    with pytest.raises(ForbiddenError):
        consents.withdraw(12, kitchen.by(kitchen.second))
    again = consents.give(new, kitchen.by(kitchen.manager))
    assert list(Consent.objects.order_by("id").values_list("id", flat=True)) == [consent, again]
    assert may(kitchen, "canteen")


def test_family_sees_only_with_consent_and_a_stranger_never(
    kitchen: Kitchen, consents: Consents
) -> None:
    people, at_us = kitchen.world.people, kitchen.now_us
    new = NewConsent(people.elder, FAMILY_VIEW, "2026-01", scope=(str(people.daughter),))
    assert not family_may_see(Rows(MAIN), people.elder, people.daughter, at_us)
    consents.give(new, kitchen.by(kitchen.manager))
    assert family_may_see(Rows(MAIN), people.elder, people.daughter, at_us)
    assert not family_may_see(Rows(MAIN), people.elder, people.stranger, at_us)


def test_a_guardian_shows_a_document(kitchen: Kitchen, consents: Consents) -> None:
    people = kitchen.world.people
    new = NewConsent(people.elder, "canteen", "2026-01", "guardian", people.elder)
    with pytest.raises(BadInputError) as error:
        consents.give(new, kitchen.by(kitchen.manager))
    assert [f.field for f in error.value.faults] == ["guardian_id", "document"]
    good = NewConsent(people.elder, "canteen", "2026-01", "guardian", people.daughter, "ab" * 32)
    consents.give(good, kitchen.by(kitchen.manager))
    assert Consent.objects.get().guardian_id == people.daughter


def test_the_dead_agree_to_nothing_and_for_nobody(kitchen: Kitchen, consents: Consents) -> None:
    people, world = kitchen.world.people, kitchen.world
    PartyActs(world.clock, kitchen.keys).died(people.daughter, kitchen.now_us)
    hers = NewConsent(people.daughter, "canteen", "2026-01")
    for_her = NewConsent(people.elder, "canteen", "2026-01", "guardian", people.daughter, "ab" * 32)
    for new, field in ((hers, "person_id"), (for_her, "guardian_id")):
        with pytest.raises(BadInputError) as error:
            consents.give(new, kitchen.by(kitchen.manager))
        assert [(f.field, f.want) for f in error.value.faults] == [(field, "who lives")]


def test_every_fault_of_a_consent_is_told(kitchen: Kitchen, consents: Consents) -> None:
    new = NewConsent(7, "selling", "", document="paper", guardian_id=8, until_us=1)
    with pytest.raises(BadInputError) as error:
        consents.give(new, kitchen.by(kitchen.manager))
    fields = [fault.field for fault in error.value.faults]
    assert fields == ["person_id", "purpose", "notice", "until_us", "document", "guardian_id"]


# ---- from which age on somebody agrees alone -------------------------------------------------

CLERK = Actor(person_id=None, role="operator", via="test")


def person_born(kitchen: Kitchen, born: str, n: int = 1) -> int:
    acts = PartyActs(kitchen.world.clock, kitchen.keys, CLERK)
    return acts.person(NewPerson(name=("小明", ""), identity_number=resident(n, born)))


def agree(kitchen: Kitchen, consents: Consents, person: int, **more: Any) -> int:
    return consents.give(
        NewConsent(person, "canteen", "2026-01", **more), kitchen.by(kitchen.manager)
    )


def test_minor_does_not_agree_alone_and_a_guardian_does(
    kitchen: Kitchen, consents: Consents
) -> None:
    """2 March 2026: born on 3 March 2012 is still 13, a day later 14."""
    child = person_born(kitchen, "20120303")
    with pytest.raises(BadInputError) as refused:
        agree(kitchen, consents, child)
    (fault,) = refused.value.faults
    assert (fault.field, fault.got) == ("given_by", "13")
    assert "14" in fault.want
    assert "[K]" in fault.want
    paper: dict[str, Any] = {"given_by": "guardian", "document": "ab" * 32}
    assert agree(kitchen, consents, child, guardian_id=kitchen.manager, **paper)
    brother = person_born(kitchen, "20130101", 2)
    with pytest.raises(BadInputError, match="guardian_id: got 13"):
        agree(kitchen, consents, child, guardian_id=brother, **paper)
    kitchen.world.wall.advance(days=1)
    assert agree(kitchen, consents, child)


def test_person_of_unknown_age_agrees_alone(kitchen: Kitchen, consents: Consents) -> None:
    assert agree(kitchen, consents, kitchen.world.people.elder)


def test_age_is_a_figure_with_source_and_day_and_the_past_stays(
    kitchen: Kitchen, consents: Consents
) -> None:
    clock = kitchen.world.clock
    youth = person_born(kitchen, "20100101")  # 16 years
    assert own_age(clock.now_us()) == PROPOSED
    assert "[K]" in PROPOSED.source
    first = agree(kitchen, consents, youth)
    set_own_age(OwnAge(18, "县民政局", "2026-03-04", "青禾县"), clock, CLERK)
    assert agree(kitchen, consents, youth), "not in effect yet"
    kitchen.world.wall.advance(days=2)
    assert own_age(clock.now_us()).years == 18
    with pytest.raises(BadInputError, match=r"from 18 years on \(县民政局\)"):
        agree(kitchen, consents, youth)
    assert Consent.objects.get(id=first).withdrawn_us is None, "what was given goes on"
    assert [one.years for one in every_age()] == [14, 18]


def test_age_with_nothing_right_tells_every_field(kitchen: Kitchen) -> None:
    with pytest.raises(BadInputError) as refused:
        set_own_age(OwnAge(0, " ", "soon", ""), kitchen.world.clock, CLERK)
    fields = [fault.field for fault in refused.value.faults]
    assert fields == ["years", "source", "region", "effective_from"]
    with pytest.raises(BadInputError, match="the past stays"):
        set_own_age(OwnAge(16, "x", "2026-03-01", "x"), kitchen.world.clock, CLERK)


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        ("2012-03-02", "2026-03-01", 13),
        ("2012-03-02", "2026-03-02", 14),
        ("2012-02-29", "2026-02-28", 13),
        ("2012-02-29", "2026-03-01", 14),
    ],
)
def test_birthday_makes_a_year(born: str, day: str, years: int) -> None:
    assert age_at(date.fromisoformat(born), date.fromisoformat(day)) == years


def test_command_lists_and_sets_the_age(kitchen: Kitchen) -> None:
    run = CliRunner().invoke
    listed = run(build(["consent-age"]), ["consent-age", "list", "--json"])
    assert [json.loads(line)["years"] for line in listed.output.splitlines()] == [14]
    assert "[K]" in listed.output
    said = ["consent-age", "set", "16", "--source", "县民政局", "--region", "青禾县"]
    made = run(build(["consent-age"]), [*said, "--effective-from", "2099-01-01"])
    assert made.exit_code == 0, made.output
    listed = run(build(["consent-age"]), ["consent-age", "list", "--json"])
    assert [json.loads(line)["years"] for line in listed.output.splitlines()] == [14, 16]

"""What a person withdrew the consent for is let go; an SOS calls all the same."""

from __future__ import annotations

import pytest

from bihuan.base.time import datetime_of
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.consented import kept, kept_columns
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN
from bihuan.gateway.intake import Intake
from bihuan.gateway.simulate import SOS_BIT, alarm_frame
from bihuan.journal.batch import QUALITY_GOOD
from bihuan.journal.readings import NewReading, columns_of
from bihuan.register.consents.acts import Consents, NewConsent
from bihuan.register.records.doing import By
from bihuan.scenarios import load
from tests.county import BAND, World
from tests.gateway.stored import stored
from tests.loop.conftest import key_file, world

__all__ = ["key_file", "world"]
pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]


def rows(world: World) -> list[NewReading]:
    """Vitals, position and battery of the elder, and vitals of a band that nobody wears."""
    people, now_us = world.people, world.clock.now_us()
    said = (
        ("heart_rate", "bpm"),
        ("lat", "deg"),
        ("lon_gcj02", "deg"),
        ("battery", "%"),
        ("fix_hdop", "1"),
    )
    worn = [
        NewReading(
            people.subject, people.device, 1, channel, unit, now_us, 70.0, QUALITY_GOOD, now_us
        )
        for channel, unit in said
    ]
    unworn = worn[0]._replace(subject=None, binding=None)
    return [*worn, unworn]


def withdrawn(world: World, purpose: str) -> None:
    load()
    by = By(world.people.secretary, "page", purpose)
    consents = Consents(world.clock, world.keys)
    consent = consents.give(NewConsent(world.people.elder, purpose, "2026-1"), by)
    consents.withdraw(consent, by)


@pytest.mark.parametrize(
    ("purpose", "left"),
    [
        ("vitals", ["lat", "lon_gcj02", "battery", "fix_hdop", "heart_rate"]),
        ("position", ["heart_rate", "battery", "heart_rate"]),
    ],
)
def test_readings_of_a_withdrawn_purpose_are_let_go(
    world: World, purpose: str, left: list[str]
) -> None:
    assert len(kept(rows(world), world.clock.now_us())) == 6
    withdrawn(world, purpose)
    now_us = world.clock.now_us()
    assert [row.channel for row in kept(rows(world), now_us)] == left
    columns = kept_columns(columns_of(rows(world)), now_us)
    assert [columns.channels[c].channel for c in columns.rows.channel.tolist()] == left


def test_sos_calls_whatever_was_withdrawn(world: World) -> None:
    withdrawn(world, "vitals")
    withdrawn(world, "position")
    world.press()
    world.settle()
    people = world.people
    assert world.phones.take() == {(people.daughter, "call"): 1, (people.secretary, "call"): 1}


def test_frame_of_a_withdrawn_purpose_is_taken_and_its_place_is_not_kept(world: World) -> None:
    """Through the intake itself: before the withdrawal the place is kept, after it no more."""
    intake = Intake(world.clock, world.keys)
    intake.store([alarm(world, "0001")])
    assert len(stored("lat")) == 1
    withdrawn(world, "position")
    world.wall.advance(minutes=1)
    intake.store([alarm(world, "0002")])
    assert len(stored("lat")) == 1
    assert len(stored("battery")) == 2
    world.settle()
    people = world.people
    assert world.phones.take()[people.daughter, "call"] >= 1


def alarm(world: World, index: str) -> Arrival:
    """An SOS of the elder's band, with its place and its battery."""
    at_us = world.clock.now_us()
    raw = alarm_frame(BAND, index, (30.1, 119.2), (SOS_BIT,), at_us)
    decoded = PROTOCOLS["watch"].decoder(PLAIN).decode(raw, datetime_of(at_us))
    return Arrival("watch", raw, decoded, at_us)

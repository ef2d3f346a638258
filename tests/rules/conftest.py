"""The county of the loop's tests, for rules that read its journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from bihuan.base.time import MovableClock
from bihuan.journal.keys import KeyRing
from bihuan.register.models import Device
from bihuan.rules.live import LiveRules
from tests.county import World
from tests.rules.bands import Band, fresh, run


@pytest.fixture
def world(data: Path, clock: MovableClock) -> World:
    """People and bands; nothing was measured yet."""
    return World(clock, KeyRing(data / "keys.db"))


@pytest.fixture
def band(world: World) -> Band:
    device = Device.objects.get(pk=world.people.device)
    return Band(world, world.people.subject, device.id)


@pytest.fixture
def live(world: World) -> LiveRules:
    """The rules, in force before the first reading."""
    made = fresh(world)
    run(made)
    return made

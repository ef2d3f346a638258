"""A live county in which nothing is registered but one person at the county's desk."""

from __future__ import annotations

from pathlib import Path

import pytest

from bihuan.base.time import MovableClock
from bihuan.journal.keys import KeyRing
from bihuan.scenarios.hazard.tests.rural import Rural
from tests.conftest import clock, data, keys
from tests.console.conftest import made
from tests.county import World

__all__ = ["clock", "data", "keys", "made", "rural", "world"]


@pytest.fixture
def world(data: Path, clock: MovableClock) -> World:
    """The county of the loop's tests, for rules over recorded readings."""
    return World(clock, KeyRing(data / "keys.db"))


@pytest.fixture
def rural(made: object, clock: MovableClock) -> Rural:
    return Rural(clock)

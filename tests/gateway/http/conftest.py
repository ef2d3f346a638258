"""A county, a gateway and its HTTP intake."""

from __future__ import annotations

import pytest

from bihuan.base.time import MovableClock
from bihuan.journal.keys import KeyRing
from tests.county import World
from tests.gateway.http.post import Gate


@pytest.fixture
def world(transactional_db: None, clock: MovableClock, keys: KeyRing) -> World:
    return World(clock, keys)


@pytest.fixture
def gate(world: World, clock: MovableClock, keys: KeyRing) -> Gate:
    return Gate(clock, keys)

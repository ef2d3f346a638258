"""The three villages for each test."""

from __future__ import annotations

import pytest

from tests.county import World
from tests.loop.callout.town import Town


@pytest.fixture
def town(world: World) -> Town:
    return Town(world)

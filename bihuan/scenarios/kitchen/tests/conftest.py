"""The kitchen's place; after each test a rebuild from the journal gives the same rows.

The county, the clock and the data folder are those of every other test.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bihuan.base.time import MovableClock
from bihuan.scenarios.kitchen.tests.place import Place
from tests.conftest import clock, county, data, keys, pytest_sessionfinish
from tests.rebuilt import differences

__all__ = ["clock", "county", "data", "keys", "pytest_sessionfinish"]


@pytest.fixture
def place(transactional_db: None, data: Path, clock: MovableClock) -> Iterator[Place]:
    made = Place(data, clock)
    made.wait(seconds=1)
    made.world.phones.take()
    yield made
    assert differences() == [], "a rebuild gives other rows"

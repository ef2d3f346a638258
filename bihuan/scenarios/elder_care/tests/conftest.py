"""The county of the loop's tests, and a book whose pages a test writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bihuan.base.time import MovableClock
from bihuan.journal.keys import KeyRing
from bihuan.scenarios.elder_care.tests.paper import PaperBook
from tests.conftest import clock, data  # noqa: F401 - fixtures of every test
from tests.county import World


@pytest.fixture
def world(data: Path, clock: MovableClock) -> Iterator[World]:  # noqa: F811 - fixtures
    """Nothing sent yet; an unread message fails the test."""
    made = World(clock, KeyRing(data / "keys.db"))
    yield made
    assert made.phones.take() == {}, "messages that the test did not expect"


@pytest.fixture
def book() -> PaperBook:
    return PaperBook()

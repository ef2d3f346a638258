"""One county for each test: people, a movable clock, phones of which every message is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bihuan.base.time import MovableClock
from bihuan.journal.keys import KeyRing
from tests.county import World


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file of keys for the whole run: ids come again, keys need not be made again."""
    return tmp_path_factory.mktemp("keys") / "keys.db"


@pytest.fixture
def world(data: Path, key_file: Path, clock: MovableClock) -> Iterator[World]:
    """The county, with nothing sent yet; an unread message fails the test."""
    made = World(clock, KeyRing(key_file))
    yield made
    assert made.phones.take() == {}, "messages that the test did not expect"

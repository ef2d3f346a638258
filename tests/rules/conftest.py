"""The county of the loop's tests, for rules that read its journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from bihuan.base.time import MovableClock
from bihuan.journal.keys import KeyRing
from tests.county import World


@pytest.fixture
def world(data: Path, clock: MovableClock) -> World:
    """People and bands; nothing was measured yet."""
    return World(clock, KeyRing(data / "keys.db"))

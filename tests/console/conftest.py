"""A county for each test whose pages go by a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache

from bihuan.base.time import MovableClock
from bihuan.console import home
from bihuan.register.entries import Mode
from tests.console.place import Made, Place


@pytest.fixture
def made(data: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    """Makes the county in a mode; the machine's clock of the pages is the test's."""
    monkeypatch.setattr(home, "SystemClock", lambda: clock)
    _forget()

    def make(mode: Mode) -> Place:
        return Place(clock, mode)

    yield make
    _forget()


def _forget() -> None:
    home.clock.cache_clear()
    home.keys.cache_clear()
    cache.clear()  # where sign-in attempts are counted


@pytest.fixture
def place(made: Made, data: Path) -> Place:
    """A demo county in which nothing has happened yet."""
    county = made("demo")
    county.bring_cast(data)
    return county

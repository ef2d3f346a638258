"""A county for each test whose pages go by a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache

from bihuan.base.time import MovableClock
from bihuan.console import home
from bihuan.console.outside import providers
from bihuan.register.entries import Mode
from tests.console.place import Made, Place
from tests.console.trips import SIGN_INS
from tests.loop.providers.loopback import Loopback


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


@pytest.fixture
def far() -> Iterator[Loopback]:
    """The provider's end of the wire."""
    loopback = Loopback()
    yield loopback
    loopback.close()
    assert loopback.unexpected == []
    assert not loopback.script, "an announced request did not come"


@pytest.fixture
def site(place: Place, data: Path, far: Loopback) -> Place:
    """The county with one sign-in of each kind, all of them on loopback."""
    (data / providers.FILE).write_text(SIGN_INS.replace("FAR", far.url))
    place.user("village")
    return place

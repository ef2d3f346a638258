"""The county of the loop's tests, and one whose cases are told straight to the journal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bihuan.base.time import MovableClock
from bihuan.figures.bulletins import source
from bihuan.figures.installed import forget, install
from tests.console.conftest import made, place
from tests.figures.cases_told import NAME, Told, scenario
from tests.figures.told_figures import Figures
from tests.loop.conftest import key_file, world

__all__ = ["key_file", "made", "place", "world"]


@pytest.fixture
def told(county: str, clock: MovableClock) -> Iterator[Told]:
    """青禾县 with the built-in figures of one playbook."""
    install(scenario())
    yield Told(clock)
    forget(NAME)


@pytest.fixture
def figures() -> Iterator[Figures]:
    """Figures that a bulletin may name, as the test says them."""
    known = Figures()
    source.answer_for("test.", known)
    yield known
    source.forget("test.")

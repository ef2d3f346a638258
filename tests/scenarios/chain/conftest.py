"""The empty county, whose pages and API go by the test's clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache

from bihuan.base.time import MovableClock
from bihuan.console import home
from tests.scenarios.chain.county import Empty


@pytest.fixture
def empty(
    data: Path,
    clock: MovableClock,
    transactional_db: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Empty]:
    monkeypatch.setattr(home, "SystemClock", lambda: clock)
    for forget in (home.clock.cache_clear, home.keys.cache_clear, cache.clear):
        forget()
    yield Empty(clock)
    for forget in (home.clock.cache_clear, home.keys.cache_clear, cache.clear):
        forget()

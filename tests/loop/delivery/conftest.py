"""The county of the loop's tests with channel accounts, and the providers' end on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bihuan.base.time import MovableClock
from bihuan.journal.keys import KeyRing
from tests.loop.delivery.carrier_house import CarrierHouse
from tests.loop.delivery.desk import Desk


@pytest.fixture
def house() -> Iterator[CarrierHouse]:
    """Providers that fail the test on any request that their documents do not know."""
    made = CarrierHouse()
    yield made
    made.close()
    assert made.unexpected == []


@pytest.fixture
def desk(data: Path, key_file: Path, clock: MovableClock, house: CarrierHouse) -> Iterator[Desk]:
    """The county; nobody has an address but who is given one."""
    made = Desk(clock, KeyRing(key_file), house)
    yield made
    made.close()
    assert made.phones.take() == {}

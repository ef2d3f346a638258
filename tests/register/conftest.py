"""Counties of the register's tests: one with a few areas, one with a kitchen and its people."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bihuan.base.time import MovableClock
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.payloads import Payload
from bihuan.journal.read import entries
from bihuan.register import schemes
from bihuan.register.acts import Registrar
from bihuan.register.records.acts import By, Ledger, Opening
from bihuan.register.records.models import Record
from bihuan.register.subjects.acts import NewSubject, Subjects
from tests.county import World
from tests.rebuilt import differences
from tests.register.kitchen import KITCHEN, ROLES, SIGNALS
from tests.register.territory import Territory

SCENARIO = KITCHEN.scenario


@dataclass
class Kitchen:
    """Who and what a test needs; `by` makes a new click each time."""

    world: World
    ledger: Ledger
    subjects: Subjects
    unit: int
    manager: int
    second: int
    inspector: int
    is_rebuilt: bool = True

    _keys = itertools.count()

    @property
    def keys(self) -> KeyRing:
        return self.world.keys

    @property
    def stranger(self) -> int:
        return self.world.people.stranger

    @property
    def now_us(self) -> int:
        return self.world.clock.now_us()

    def by(self, person_id: int | None, key: str | None = None) -> By:
        return By(person_id, "page", key or f"k{next(self._keys)}")

    def batch(self, **values: Any) -> int:
        said = {"dish": "红烧肉", "cooked": self.now_us, "core": 75.5, **values}
        return self.ledger.open(
            Opening(SCENARIO, "batch", said, subject_id=self.unit), self.by(self.manager)
        )

    def row(self, row_id: int) -> Record:
        return Record.objects.get(id=row_id)

    def run(self) -> None:
        """Decide all that waits."""
        while self.world.engine.run_once():
            pass

    def said(self, kind: type[Payload]) -> list[Any]:
        """Every payload of a kind in the journal."""
        return [e.payload for e in entries(FACTS_LANE) if isinstance(e.payload, kind)]


@pytest.fixture
def kitchen_scheme() -> Iterator[None]:
    schemes.install(KITCHEN, SIGNALS, ROLES)
    yield
    schemes.forget(SCENARIO)


@pytest.fixture
def kitchen(
    transactional_db: None, kitchen_scheme: None, data: Path, clock: MovableClock
) -> Iterator[Kitchen]:
    world = World(clock, KeyRing(data / "keys.db"))
    registrar = Registrar(clock, world.keys)
    people = world.people
    manager, second, inspector = (
        registrar.person(name, latin, None)
        for name, latin in (("赵一", "Zhao Yi"), ("钱二", "Qian Er"), ("孙三", "Sun San"))
    )
    registrar.post(manager, "manager", people.village)
    registrar.post(second, "manager", people.village)
    registrar.post(inspector, "inspector", people.county)
    subjects = Subjects(clock, world.keys)
    unit = subjects.register(
        NewSubject(
            SCENARIO,
            "unit",
            people.village,
            name="石桥中央厨房",
            values={"licence": "JY0001", "phone": "0990 1234"},
        ),
        By(inspector, "page", "unit"),
    )
    made = Kitchen(world, Ledger(clock, world.keys), subjects, unit, manager, second, inspector)
    yield made
    assert not made.is_rebuilt or differences() == [], "a rebuild gives other rows"


@pytest.fixture
def territory(county: str, clock: MovableClock) -> Territory:
    return Territory(clock)

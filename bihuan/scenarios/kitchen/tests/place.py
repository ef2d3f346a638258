"""A county with a kitchen, its school, their people and probes, all invented; time is moved."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bihuan.base.time import MINUTE_US, MovableClock
from bihuan.journal.keys import KeyRing
from bihuan.journal.readings import NewReading, append_readings, seen0_now
from bihuan.loop.models import Case
from bihuan.register.acts import Registrar
from bihuan.register.parties.acts import NewParty, PartyActs
from bihuan.register.records import lists
from bihuan.register.records.acts import By, Ledger, Opening
from bihuan.register.records.models import DutyDue, Proposal, Record
from bihuan.register.subjects.acts import NewSubject, Subjects
from bihuan.rules.live import LiveRules
from bihuan.scenarios.kitchen.rules import RULES
from tests.county import CHANNEL, World

HOUR, MINUTE = 3_600_000_000, 60_000_000  # µs
PEOPLE = (
    ("worker", "line_worker", "kitchen"),
    ("officer", "food_safety_officer", "kitchen"),
    ("director", "food_safety_director", "kitchen"),
    ("manager", "kitchen_manager", "kitchen"),
    ("driver", "driver", "school"),
    ("receiver", "school_receiver", "school"),
    ("station", "market_station", "town"),
    ("regulator", "market_regulator", "county"),
    ("second", "market_regulator", "county"),
    ("rival", "food_safety_officer", "rival"),
)


class Place:
    """`as_("officer")` is who does it; every click is a new one unless a key is said."""

    def __init__(self, data: Path, clock: MovableClock) -> None:
        self.clock = clock
        self.world = World(clock, KeyRing(data / "keys.db"))
        self.keys = self.world.keys
        self.ledger, self.subjects = Ledger(clock, self.keys), Subjects(clock, self.keys)
        self._clicks, self._registrar = itertools.count(), Registrar(clock, self.keys)
        self._areas()
        self.people = {
            name: self._person(name, role, self.areas[where]) for name, role, where in PEOPLE
        }
        self.people["stranger"] = self.world.people.stranger
        self._things()

    def _areas(self) -> None:
        people, add = self.world.people, self._registrar.area
        self.areas = {"county": people.county, "town": people.town}
        for n, name in enumerate(("kitchen", "school", "rival")):
            self.areas[name] = add(f"33040299{n}", (name, name), "building", people.village)

    def _person(self, name: str, role: str, area: int) -> int:
        person = self._registrar.person(name, name, "0990 1234 0001", [CHANNEL])
        self._registrar.post(person, role, area)
        return person

    def _things(self) -> None:
        firm = PartyActs(self.clock, self.keys).party(
            NewParty(kind="legal_entity", name=("青禾示例供餐公司", "Qinghe Sample Meals"))
        )
        values = {
            "licence": "JY19901000000001",
            "licensed_on": "2024-01-05",
            "is_central": True,
            "is_rebuilt": True,
            "is_smart": True,
            "on_ccp": True,
        }
        self.supplier = self.subjects.register(
            NewSubject("kitchen", "supplier", self.areas["kitchen"], party_id=firm, values=values),
            self.by("regulator"),
        )
        self.line = self.thing("line", "一号线", "officer", supplier=self.supplier)
        self.probe = self.thing(
            "core_probe",
            "手持探针",
            "officer",
            supplier=self.supplier,
            instrument="TP-01",
            is_handheld=True,
            calibrated_on="2026-01-10",
            calibrated_until="2026-12-31",
            error=0.2,
        )
        self.school = self.subjects.register(
            NewSubject(
                "kitchen",
                "school",
                self.areas["school"],
                name="青禾示例小学",
                values={"pupils": 240, "has_microwave": True},
            ),
            self.by("regulator"),
        )

    def thing(self, kind: str, name: str, who: str, **values: Any) -> int:
        """A thing with a name at the kitchen."""
        new = NewSubject("kitchen", kind, self.areas["kitchen"], name=name, values=values)
        return self.subjects.register(new, self.by(who))

    def by(self, who: str, key: str = "") -> By:
        return By(self.people[who], "page", key or f"click-{next(self._clicks)}")

    @property
    def now_us(self) -> int:
        return self.clock.now_us()

    def file(self, kind: str, who: str, values: Mapping[str, Any], subject: int = 0) -> int:
        new = Opening("kitchen", kind, values, subject_id=subject or self.supplier)
        return self.ledger.open(new, self.by(who))

    def batch(self, **more: Any) -> int:
        values = {
            "dish": "红烧鸡块",
            "meal": "lunch",
            "line": self.line,
            "cooked": self.now_us,
            "core": 82.0,
            "probe": self.probe,
            "keeping": "hot",
            "portions": 240,
            "for_schools": True,
            **more,
        }
        return self.file("batch", "worker", values)

    def check(self, batch: int, step: str, core: float, at_us: int | None = None) -> int:
        at = self.now_us if at_us is None else at_us
        values = {"batch": batch, "step": step, "at": at, "core": core, "probe": self.probe}
        return self.file("check", "worker", values)

    def sample(self, batch: int, grams: float = 150) -> int:
        values = {
            "batch": batch,
            "grams": grams,
            "taken": self.now_us,
            "place": "留样柜 1 层",
            "is_sealed_up": True,
        }
        return self.file("sample", "worker", values)

    def released(self, **more: Any) -> int:
        """A batch that left the kitchen as it should."""
        batch = self.batch(**more)
        self.sample(batch)
        if more.get("keeping") == "chilled":
            self.clock.advance(minutes=50)
            self.check(batch, "chill", 6)
        self.do(batch, "pack", "worker")
        self.do(batch, "release", "officer")
        return batch

    def deliver(self, batch: int, portions: int = 240) -> int:
        values = {
            "batch": batch,
            "portions": portions,
            "left": self.now_us,
            "vehicle": "演A0001",
            "is_enclosed": True,
        }
        return self.file("delivery", "driver", values, self.school)

    def receive(self, delivery: int, core: float = 66, portions: int = 240) -> int:
        values = {
            "delivery": delivery,
            "arrived": self.now_us,
            "core": core,
            "portions": portions,
            "is_whole": True,
        }
        return self.file("receipt", "receiver", values, self.school)

    def arrive(
        self, delivery: int, core: float = 66, portions: int = 240, at_us: int | None = None
    ) -> int:
        said = {"arrived": self.now_us if at_us is None else at_us, "arrived_core": core}
        more = {"portions_arrived": portions, "is_whole": True}
        return self.do(delivery, "arrive", "receiver", **said, **more)

    def do(self, row: int, act: str, who: str, **values: Any) -> int:
        return self.ledger.act(row, act, values, self.by(who))

    def confirm(self, who: str) -> int:
        """The second person confirms what waits."""
        waiting = Proposal.objects.get(state="waiting")
        return self.ledger.confirm(waiting.id, self.by(who))

    def row(self, row: int) -> Record:
        return Record.objects.get(id=row)

    def shown(self, row: int) -> Mapping[str, Any]:
        """The computed fields of a record, now."""
        return lists.shown_row(self.row(row), self.now_us)

    def due(self, row: int, duty: str) -> int | None:
        found = DutyDue.objects.filter(row_id=row, duty=duty).first()
        return found.due_us if found is not None else None

    def cases(self, kind: str) -> list[Case]:
        return list(Case.objects.filter(scenario="kitchen", kind=kind).order_by("id"))

    def wait(self, **parts: float) -> None:
        self.world.wait(**parts)

    def told(self) -> set[str]:
        """Who was called since the last time."""
        names = {person: name for name, person in self.people.items()}
        return {names.get(person, str(person)) for person, _purpose in self.world.phones.take()}


class Probe:
    """A connected probe of a control point: its readings go to the journal and are judged."""

    def __init__(self, place: Place, kind: str, channel: str) -> None:
        self._place, self._channel = place, channel
        self.point = place.thing(
            kind,
            kind,
            "officer",
            supplier=place.supplier,
            instrument=f"D-{kind}",
            calibrated_on="2026-01-10",
            calibrated_until="2026-12-31",
            error=0.1,
        )
        self._live = LiveRules(place.clock, {"kitchen": RULES})
        self.turn()

    def turn(self) -> None:
        for _turn in range(500):
            if not self._live.run_once():
                return
        raise AssertionError("rules are still busy")

    def says(self, *values: float, every_min: int = 1) -> None:
        """Values one step apart; time passes between them, and everything due happens."""
        for value in values:
            self._place.wait(minutes=every_min)
            now_us = self._place.now_us
            row = NewReading(
                subject=self.point,
                device=self.point + 1,
                binding=self.point + 2,
                channel=self._channel,
                unit="Cel",
                event_us=now_us,
                value=value,
                quality=0,
                arrival_us=now_us,
            )
            append_readings([row], seen0=seen0_now(), clock=self._place.clock)
            self.turn()
        self._place.world.settle()

    def silent(self, minutes: int) -> None:
        """Nothing is heard for so long."""
        for _minute in range(minutes):
            self._place.wait(minutes=1)
            self.turn()
        self._place.world.settle()


STEP_US = MINUTE_US

"""A small invented town for the journal's tests: houses, their repairs, a projector that fails.

The tables are in no installed app; the fixture `town` makes and drops them.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from bihuan.journal.follow import projects_batch
from bihuan.journal.payloads import Payload, entry_type, upcasts
from bihuan.journal.project import Recorded, projects
from bihuan.journal.read import RecordedBatch
from bihuan.journal.rows import Rows
from bihuan.journal.series import SeriesAt
from bihuan.journal.tables import Projection


class House(Projection):
    id = models.BigIntegerField(primary_key=True)
    street = models.CharField(max_length=20)
    case = models.BigIntegerField(null=True)
    owner = models.BinaryField(null=True)
    repairs = models.IntegerField(default=0)
    is_lived_in = models.BooleanField(default=True)
    warmth = models.FloatField(null=True)
    lookups = ("street", "case")

    class Meta:
        app_label = "journal_tests"
        db_table = "test_house"


class Street(Projection):
    name = models.CharField(primary_key=True, max_length=20)
    houses = models.IntegerField()
    notes = models.JSONField(default=None, null=True)

    class Meta:
        app_label = "journal_tests"
        db_table = "test_street"


class Latest(Projection):
    """The newest reading of a subject on a channel."""

    id = models.CharField(primary_key=True, max_length=60)
    event_us = models.BigIntegerField()
    reading = models.FloatField()

    class Meta:
        app_label = "journal_tests"
        db_table = "test_latest"


Town = tuple[type[Projection], ...]
TOWN = (House, Street, Latest)

# mypy knows the fields of installed apps only
HOUSES: Any = House.objects
STREETS: Any = Street.objects
LATEST: Any = Latest.objects


@entry_type("test.house_built.v1")
class HouseBuilt(Payload, frozen=True, kw_only=True):
    street: str
    case_id: int | None = None
    owner: bytes | None = None


@entry_type("test.house_repaired.v1")
class HouseRepaired(Payload, frozen=True, kw_only=True):
    case_id: int
    house: int
    hours: int
    fails_after: bool = False


@entry_type("test.house_gone.v1")
class HouseGone(Payload, frozen=True, kw_only=True):
    house: int


@entry_type("test.noted.v1")
class Noted(Payload, frozen=True, kw_only=True):
    """Has no projector."""

    house: int


@entry_type("test.street_named.v1")
class StreetNamedOld(Payload, frozen=True, kw_only=True):
    name: str


@entry_type("test.street_named.v2")
class StreetNamed(Payload, frozen=True, kw_only=True):
    name: str
    notes: dict[str, int]


@upcasts(StreetNamedOld)
def with_notes(old: StreetNamedOld) -> StreetNamed:
    return StreetNamed(name=old.name, notes={"read as": 2})


@projects(StreetNamed)
def street_named(rows: Rows, entry: Recorded[StreetNamed]) -> None:
    rows.put(Street, name=entry.payload.name, houses=0, notes=entry.payload.notes)


@projects(HouseBuilt)
def house_built(rows: Rows, entry: Recorded[HouseBuilt]) -> None:
    said = entry.payload
    rows.new(House, id=entry.id(), street=said.street, case=said.case_id, owner=said.owner)
    count = len(rows.where(House, street=said.street))
    rows.put(Street, name=said.street, houses=count)


@projects(HouseRepaired)
def house_repaired(rows: Rows, entry: Recorded[HouseRepaired]) -> None:
    house = rows.change(House, entry.payload.house)
    house.repairs += 1
    house.warmth = entry.payload.hours / 3
    if entry.payload.fails_after:
        rows.put(Street, name="half done", houses=-1)
        rows.remove(House, house.id)
        rows.new(House, id=house.id, street="half done")
        raise ValueError("the roof fell in")


@projects(HouseGone)
def house_gone(rows: Rows, entry: Recorded[HouseGone]) -> None:
    house = rows.get(House, entry.payload.house)
    if house is not None:
        rows.remove(House, house.id)
        rows.put(Street, name=house.street, houses=len(rows.where(House, street=house.street)))


def without_series(rows: Rows, at: SeriesAt) -> None:
    rows.remove(Latest, f"{at.key.subject or at.key.device}:heart_rate")


@projects_batch("test latest", Latest, forget=without_series)
def latest(rows: Rows, place: RecordedBatch) -> None:
    batch = place.batch
    for slot, channel, event_us, value in zip(
        batch.series.tolist(),
        batch.channel.tolist(),
        batch.event_us.tolist(),
        batch.value.tolist(),
        strict=True,
    ):
        series = place.slots.series(slot)
        key = f"{series.subject or series.device}:{place.slots.channel(channel).channel}"
        known = rows.get(Latest, key)
        if known is None or known.event_us <= event_us:
            rows.put(Latest, id=key, event_us=event_us, reading=value)

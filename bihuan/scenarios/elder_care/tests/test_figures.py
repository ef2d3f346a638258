"""What the founding text states, as a figure that opens to its rows."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bihuan.base.time import us_of
from bihuan.figures import drill
from bihuan.figures.installed import figure
from bihuan.figures.periods import parse
from bihuan.figures.values import Book
from bihuan.register.devices.acts import Devices
from bihuan.register.models import Area
from bihuan.register.records.acts import By, Ledger, Opening
from tests.county import World

pytestmark = pytest.mark.django_db(databases="__all__")
BEGAN = datetime.fromisoformat("2022-05-06T09:00:00+08:00")


def handed_out(world: World, n: int) -> list[int]:
    """One band a week from May 2022 on, each to another elder of the village; the papers' ids."""
    ledger, devices = Ledger(world.clock, world.keys), Devices(world.clock, world.keys)
    rows = []
    for week in range(n):
        number = f"99000001{week:02}"
        by = By(world.people.secretary, "page", number)
        devices.adopt("watch", number, None, by)
        said = {"device": number, "handed": us_of(BEGAN + timedelta(weeks=week))}
        subject = world.subject(world.people.village)
        rows.append(ledger.open(Opening("elder_care", "issue", said, subject), by))
    return rows


def told(world: World, name: str, period: str) -> float | None:
    path = Area.objects.get(id=world.people.village).path
    one = figure(f"elder_care.{name}")
    return Book(world.clock.now_us()).value(one, parse(period), path).told.amount


def test_more_than_ten_bands_since_may_is_a_figure(world: World) -> None:
    """001: 「5月份到现在，智能手环已经发放了10多个」; here 13, one a week, one given back."""
    rows = handed_out(world, 13)
    ledger = Ledger(world.clock, world.keys)
    by = By(world.people.secretary, "page", "back")
    ledger.act(rows[0], "take_back", {"cause": "returned"}, by)
    assert told(world, "bands_issued", "2022-04") == 0
    assert told(world, "bands_issued", "2022-05") == 4  # 6, 13, 20 and 27 May
    assert told(world, "bands_issued", "2022-07") == 13
    assert told(world, "bands_issued", "2022-08") == 13
    assert told(world, "bands_in_use", "2026-03") == 12, "one was given back"
    one, book = figure("elder_care.bands_issued"), Book(world.clock.now_us())
    path = Area.objects.get(id=world.people.county).path
    ask = drill.Ask(one, book.window(one, parse("2022-08")), path)
    assert sorted(drill.rows(book.reader, ask, 50)) == rows

"""Followers and rebuilds beside a county that goes on working."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.db import connections

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock
from bihuan.journal import follow, rebuild, shadow
from bihuan.journal.append import Appender
from bihuan.journal.follow import catch_up, projects_batch
from bihuan.journal.models import FACTS_LANE, Offset
from bihuan.journal.read import RecordedBatch
from bihuan.journal.readings import append_readings
from bihuan.journal.rebuild import check, swap
from bihuan.journal.rows import Rows
from bihuan.journal.storage import reading_lanes
from tests.journal.test_readings import reading
from tests.journal.town import HOUSES, LATEST, HouseBuilt, Latest, Street, Town, without_series

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


class Traffic:
    """Somebody who appends and follows until told to stop, in a thread of their own."""

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self.rounds = 0
        self.failed: list[BaseException] = []

    def __enter__(self) -> Traffic:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _work(self) -> None:
        try:
            while not self._is_over.is_set():
                self.rounds += 1
                with Appender(FACTS_LANE, self._clock) as lane:
                    lane.append(HouseBuilt(street=f"{self.rounds % 7}街"))
                rows = [reading(s, value=float(self.rounds)) for s in range(1, 9)]
                append_readings(rows, seen0=1, clock=self._clock)
                for at in reading_lanes():
                    catch_up("test latest", at)
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            self.failed.append(error)
        finally:
            connections.close_all()


def test_a_check_under_traffic_finds_no_false_difference(town: Town, clock: MovableClock) -> None:
    with Traffic(clock) as traffic:
        found = [check(town) for _ in range(5)]
    assert not traffic.failed
    assert [str(one) for one in found] == ["equal"] * 5
    assert traffic.rounds > 1
    assert [one.position for one in found] == sorted(one.position for one in found)


def test_what_comes_before_the_freeze_is_compared_too(
    town: Town, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shadow.frozen

    @contextmanager
    def late() -> Iterator[str]:
        with Appender(FACTS_LANE, clock) as lane:
            lane.append(HouseBuilt(street="河街"))
        append_readings([reading()], seen0=1, clock=clock)
        assert sum(catch_up("test latest", at) for at in reading_lanes()) == 1
        with real() as alias:
            # and what comes after it is not
            with Appender(FACTS_LANE, clock) as lane:
                lane.append(HouseBuilt(street="山街"))
            yield alias

    monkeypatch.setattr(rebuild, "frozen", late)
    found = check(town)
    assert (str(found), found.position) == ("equal", 2)
    assert {t.table: t.equal for t in found.tables}["test_house"] == 1
    assert {t.table: t.equal for t in found.tables}["test_latest"] == 1


def test_a_swap_under_traffic_loses_nothing(town: Town, clock: MovableClock) -> None:
    with Traffic(clock) as traffic:
        found = [swap(town) for _ in range(3)]
    assert not traffic.failed
    assert [str(one) for one in found] == ["equal"] * 3
    assert HOUSES.count() == traffic.rounds
    assert {row.reading for row in LATEST.all()} == {float(traffic.rounds)}
    assert str(check(town)) == "equal"


def test_a_follower_that_raises_stops_at_its_offset(
    town: Town, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in (1.0, 2.0, 3.0):
        append_readings([reading(value=value)], seen0=1, clock=clock)
    (lane,) = [at for at in reading_lanes() if catch_up("test latest", at, limit=1)]
    good = follow._followers["test latest"]

    def fails_at_three(rows: Rows, place: RecordedBatch) -> None:
        good.function(rows, place)
        if place.batch.value[0] == 3.0:
            raise ZeroDivisionError

    failing = replace(good, function=fails_at_three)
    with monkeypatch.context() as patched:
        patched.setitem(follow._followers, "test latest", failing)
        assert catch_up("test latest", lane, limit=1) == 1
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                catch_up("test latest", lane)
        assert LATEST.get().reading == 2.0
    assert catch_up("test latest", lane) == 1
    assert LATEST.get().reading == 3.0
    assert Offset.objects.count() == 1


def test_a_second_follower_of_a_name_or_table_is_refused() -> None:
    with pytest.raises(BadInputError, match="want a name that is not taken"):
        projects_batch("test latest", Street, forget=without_series)(lambda _rows, _place: None)
    with pytest.raises(BadInputError, match="want tables of no other batch projector"):
        projects_batch("test other", Latest, forget=without_series)(lambda _rows, _place: None)

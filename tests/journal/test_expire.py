"""Readings whose time is over are gone from database and archive; the rest stands and verifies."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from bihuan.base.time import DAY_US, MovableClock
from bihuan.journal import erase as erase_module
from bihuan.journal import expire as expire_module
from bihuan.journal.archive import close_days, prune
from bihuan.journal.archived import archived_entries
from bihuan.journal.batch import unpack
from bihuan.journal.expire import Expiry, expire, finish_expiries
from bihuan.journal.readings import BATCH_TYPE, append_readings
from bihuan.journal.series import series_of_subject
from bihuan.journal.storage import reading_lanes
from tests.journal.test_erase import broken
from tests.journal.test_readings import reading, stored
from tests.journal.town import Town

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
PERSON, NEIGHBOUR, OLD, NEW = 5, 9, 61.0, 62.0


def measured(value: float, clock: MovableClock) -> None:
    rows = [reading(who, value=value) for who in range(1, 13)]
    append_readings(rows, seen0=3, clock=clock)


def due(clock: MovableClock, days: int) -> Expiry:
    before_us = clock.now_us() - days * DAY_US
    return Expiry("x.y.readings", days, before_us, tuple(series_of_subject(PERSON)))


def left(who: int) -> list[float]:
    return sorted(value for subject, _us, value in stored() if subject == who)


@pytest.fixture
def lived(town: Town, clock: MovableClock) -> MovableClock:
    """Everybody was measured ten days ago and today."""
    measured(OLD, clock)
    clock.advance(days=10)
    measured(NEW, clock)
    return clock


def test_readings_over_their_time_are_gone_and_nothing_else(lived: MovableClock) -> None:
    said = expire(due(lived, 5), lived)
    assert said is not None
    assert (left(PERSON), left(NEIGHBOUR)) == ([NEW], [OLD, NEW])
    assert broken() == []
    assert expire(due(lived, 5), lived) is None, "nothing is left to go"


def test_nothing_goes_before_its_time(lived: MovableClock) -> None:
    assert expire(due(lived, 10), lived) is None
    assert left(PERSON) == [OLD, NEW]


@pytest.mark.parametrize("is_pruned", [False, True])
def test_archive_lets_go_of_them_too(lived: MovableClock, is_pruned: bool) -> None:
    lived.advance(days=1)
    close_days(lived)
    if is_pruned:
        assert prune(lived, 5) > 0
    assert expire(due(lived, 5), lived) is not None
    found = [
        (place.series, value)
        for lane in reading_lanes()
        for row in archived_entries(lane, 0, None)
        if row[2] == BATCH_TYPE
        for place in [unpack(bytes(row[7] or b""))]
        for value in place.value.tolist()
    ]
    assert sum(value == OLD for _series, value in found) == 11, "of twelve people one is gone"
    assert sum(value == NEW for _series, value in found) == 12
    assert broken() == []


def test_a_crash_after_it_was_recorded_is_finished_at_the_next_start(
    lived: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(expire_module, "overwrite", killed)
        with pytest.raises(KeyboardInterrupt):
            expire(due(lived, 5), lived)
    assert left(PERSON) == [OLD, NEW]
    finish_expiries()
    assert left(PERSON) == [NEW]
    assert broken() == []


def test_a_later_chunk_that_is_gone_without_a_word_is_named(lived: MovableClock) -> None:
    """What lane 0 says of old readings covers no newer ones."""
    expire(due(lived, 5), lived)
    (at,) = series_of_subject(PERSON)
    erase_module.overwrite(at.lane, {at.slot})
    (found,) = broken()
    assert "lane 0 records no such erasure" in found.what


def test_no_copy_of_the_value_stays_in_a_file(lived: MovableClock, data: Path) -> None:
    mark = struct.pack("<d", 12345.678901)
    append_readings([reading(PERSON, value=12345.678901)], seen0=3, clock=lived)
    lived.advance(days=10)
    measured(NEW, lived)
    close_days(lived)
    expire(due(lived, 5), lived)
    assert [p.name for p in data.rglob("*") if p.is_file() and mark in p.read_bytes()] == []

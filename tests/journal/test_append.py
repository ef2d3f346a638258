"""Appending: positions without gaps, order under a clock set back, all or nothing."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from django.apps import apps
from django.db import IntegrityError, connections

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock, SystemClock
from bihuan.journal import county as journal_county
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, VIEWS_LANE, Entry, Head
from bihuan.journal.payloads import Payload, decode, encode, entry_type, upcasts
from bihuan.journal.read import entries, tail
from bihuan.journal.readings import append_readings
from bihuan.journal.storage import alias_of, reading_lanes
from bihuan.journal.tables import kind_of
from bihuan.journal.verify import verify
from tests.journal.test_readings import reading, stored
from tests.journal.town import HOUSES, House, HouseBuilt, Noted, StreetNamed, StreetNamedOld, Town

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def positions(lane: int) -> list[int]:
    found = Entry.objects.using(alias_of(lane)).filter(lane=lane).order_by("position")
    return list(found.values_list("position", flat=True))


def is_whole() -> bool:
    return not [r for r in verify() if r.broken]


def test_a_county_is_created_once(county: str, clock: MovableClock) -> None:
    with pytest.raises(BadInputError, match="want a data folder without a county"):
        journal_county.create("another", clock)
    assert journal_county.opened().county == county
    assert list(reading_lanes()) == [1, 2, 3, 4]


def test_a_creation_that_was_interrupted_is_taken_up(county: str, clock: MovableClock) -> None:
    with connections["default"].cursor() as cursor:  # as if the crash came before lane 0
        cursor.execute("DELETE FROM journal_entry WHERE lane IN (0, 255)")
        cursor.execute("DELETE FROM journal_head WHERE lane IN (0, 255)")
    assert not journal_county.exists()
    journal_county.create(county, clock, lanes=4)
    assert is_whole()


def test_an_algorithm_nobody_knows_is_refused(
    transactional_db: None, data: Path, clock: MovableClock
) -> None:
    with pytest.raises(BadInputError, match="algorithm: got md5, want sha256 or sm3"):
        journal_county.create("x", clock, algorithm="md5")
    assert not journal_county.exists()


def test_recorded_time_never_goes_back(county: str, clock: MovableClock) -> None:
    with Appender(FACTS_LANE, clock) as lane:
        before_us = lane.append(Noted(house=1)).recorded_us
    clock.jump(hours=-3)
    with Appender(FACTS_LANE, clock) as lane:
        assert lane.append(Noted(house=2)).recorded_us == before_us
    clock.jump(hours=4)
    with Appender(FACTS_LANE, clock) as lane:
        assert lane.append(Noted(house=3)).recorded_us == before_us + 3_600_000_000
    assert is_whole()


def test_an_exception_leaves_nothing(town: Town, clock: MovableClock) -> None:
    with pytest.raises(ZeroDivisionError):
        _append_and_raise(clock)
    assert positions(0) == [1]
    assert Head.objects.get(lane=0).position == 1
    assert not HOUSES.exists()
    with Appender(FACTS_LANE, clock) as lane:
        assert lane.append(HouseBuilt(street="河街")).position == 2
    assert is_whole()


def _append_and_raise(clock: MovableClock) -> None:
    with Appender(FACTS_LANE, clock) as lane:
        lane.append(HouseBuilt(street="河街"))
        lane.write_pending()
        raise ZeroDivisionError


def test_rows_that_cannot_be_written_leave_no_entry(town: Town, clock: MovableClock) -> None:
    with Appender(FACTS_LANE, clock) as lane:
        taken = lane.append(HouseBuilt(street="河街")).id()
    with pytest.raises(IntegrityError):
        _append_a_row_that_is_taken(clock, taken)
    assert positions(0) == [1, 2]
    assert is_whole()


def _append_a_row_that_is_taken(clock: MovableClock, taken: int) -> None:
    with Appender(FACTS_LANE, clock) as lane:
        lane.append(Noted(house=1))
        lane.rows.new(House, id=taken, street="山街")


def test_an_entry_is_found_by_its_identity_within_the_window(
    county: str, clock: MovableClock
) -> None:
    with Appender(FACTS_LANE, clock) as lane:
        first = lane.append(Noted(house=1), idem=b"frame 1")
        found = lane.last_with(b"frame 1")
        assert found is not None
        assert found.position == first.position
    clock.advance(minutes=10)
    with Appender(VIEWS_LANE, clock) as lane:
        assert lane.last_with(b"frame 1") is None  # another lane's
    with Appender(FACTS_LANE, clock) as lane:
        assert lane.last_with(b"frame 1", clock.now_us()) is None
        assert lane.last_with(b"frame 1") is not None
    assert is_whole()


def test_an_empty_identity_is_refused(county: str, clock: MovableClock) -> None:
    with pytest.raises(BadInputError, match="idempotency key"), Appender(FACTS_LANE, clock) as lane:
        lane.append(Noted(house=1), idem=b"")
    assert positions(0) == [1]


def test_threads_leave_no_gap_and_no_double(county: str, clock: MovableClock) -> None:
    def work(number: int) -> None:
        try:
            for _ in range(10):
                with Appender(FACTS_LANE, clock) as lane:
                    lane.append(Noted(house=number))
                append_readings([reading(s) for s in range(1, 6)], seen0=1, clock=clock)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert positions(0) == list(range(1, 42))
    assert len(stored()) == 4 * 10 * 5
    assert is_whole()


def test_one_frame_that_arrives_many_times_at_once_is_kept_once(
    county: str, clock: MovableClock
) -> None:
    together = threading.Barrier(6)

    def deliver(subject: int) -> bool:
        try:
            together.wait()
            # bound to somebody else each time, so that the lanes differ
            return append_readings([reading(subject)], seen0=1, clock=clock, idem=b"frame").is_new
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(deliver, range(1, 7))) == [False] * 5 + [True]
    assert len(stored()) == 1


def test_processes_leave_no_gap_and_intern_each_series_once(
    county: str, clock: MovableClock, process_environment: dict[str, str]
) -> None:
    script = textwrap.dedent("""
        import django; django.setup()
        from bihuan.base.time import SystemClock
        from bihuan.journal.append import Appender
        from bihuan.journal.readings import append_readings
        from tests.journal.test_readings import reading
        from tests.journal.town import Noted
        for number in range(15):
            with Appender(0, SystemClock()) as lane:
                lane.append(Noted(house=number))
            append_readings([reading(s) for s in range(1, 20 + number)], seen0=1,
                            clock=SystemClock())
    """)
    running = [
        subprocess.Popen([sys.executable, "-c", script], env=process_environment) for _ in range(2)
    ]
    assert [process.wait(60) for process in running] == [0, 0]
    assert positions(0) == list(range(1, 32))
    assert len(stored()) == 2 * sum(range(19, 34))
    assert is_whole()


def test_entries_are_read_in_order_and_in_parts(county: str, clock: MovableClock) -> None:
    with Appender(FACTS_LANE, clock) as lane:
        for house in range(10):
            lane.append(Noted(house=house))
    assert [e.position for e in entries(0, after=4, limit=3)] == [5, 6, 7]
    assert [e.payload for e in tail(0, 2)] == [Noted(house=8), Noted(house=9)]
    assert SystemClock().now_us() > clock.now_us()


def test_an_old_entry_is_read_as_the_newest_type(county: str, clock: MovableClock) -> None:
    # the bytes that an earlier release stored
    payload = decode("test.street_named.v1", '{"name":"河街"}'.encode())
    assert payload == StreetNamed(name="河街", notes={"read as": 2})


def test_an_old_type_is_never_written_again() -> None:
    with pytest.raises(BadInputError, match=r"test\.street_named\.v1, want the newest version"):
        encode(StreetNamedOld(name="河街"))


def test_a_second_upcaster_or_a_taken_name_is_refused() -> None:
    with pytest.raises(BadInputError, match="one upcaster"):
        upcasts(StreetNamedOld)(lambda old: StreetNamed(name=old.name, notes={}))
    with pytest.raises(BadInputError, match="want a name that is not taken"):
        entry_type("test.noted.v1")(Noted)
    with pytest.raises(BadInputError, match="want words"):
        entry_type("Test")(Noted)


def test_an_unknown_field_or_type_is_an_error_not_a_guess() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode("test.noted.v1", b'{"house":1,"colour":"red"}')
    with pytest.raises(BadInputError, match="want a type of this release"):
        decode("test.nothing.v1", b"{}")
    with pytest.raises(BadInputError, match="want a class marked with @entry_type"):
        encode(Payload())


def test_every_table_says_what_it_is() -> None:
    kinds = {
        model._meta.label: kind_of(model) for model in apps.get_models(include_auto_created=True)
    }
    assert kinds["journal.Entry"] == kinds["journal.Series"] == "fact"
    assert kinds["journal.Parked"] == "projection"
    assert kinds["loop.DispatchLease"] == kinds["auth.User"] == "local"


def test_what_is_sealed_opens_only_with_its_key(keys: KeyRing, tmp_path: Path) -> None:
    sealed = keys.seal(5, "王桂兰")
    assert "王桂兰".encode() not in sealed
    assert keys.seal(5, "王桂兰") != sealed
    assert keys.open(sealed) == "王桂兰"
    assert KeyRing(tmp_path / "others.db").open(sealed) is None
    with pytest.raises(BadInputError, match="sealed with this person's key"):
        keys.open(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    assert keys.open(None) is None
    assert (tmp_path / "others.db").stat().st_mode & 0o777 == 0o600

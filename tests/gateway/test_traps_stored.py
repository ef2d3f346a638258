"""The table of traps of devices.md as the journal has them, for every device protocol.

late · duplicate · out of order · future · zero as no contact · datum · time zones · two equal
readings that are two. What a decoder alone decides is in `test_traps`; the datum's conversion in
`test_models_and_orders`; a resend on one line in `test_server` and, over UDP, `test_pace`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections

from bihuan.base.time import HOUR_US, MovableClock, datetime_of, us_of
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN, Options
from bihuan.gateway.decoders.watch import encode
from bihuan.gateway.intake import Intake
from bihuan.gateway.simulate import alarm_frame
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Entry
from bihuan.loop.engine import Engine
from bihuan.loop.models import Case
from bihuan.register import entries as register
from tests.county import BAND, World
from tests.gateway.build import CELL, GPS, gt06
from tests.gateway.stored import stored
from tests.gateway.test_traps import AT, PLACES

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
# by whose identity a frame sent again is known; of the others each delivery counts
EXACTLY_ONCE = ("gt06", "minifinder2")
HERE = (30.1, 119.2)


class Stores:
    """A gateway's storing; `restart` forgets all that is not durable."""

    def __init__(self, clock: MovableClock, keys: KeyRing) -> None:
        self._clock, self._keys = clock, keys
        self.restart()

    def restart(self) -> None:
        self._intake = Intake(self._clock, self._keys)

    def take(self, protocol: str, raw: bytes, options: Options = PLAIN) -> None:
        now_us = self._clock.now_us()
        decoder = PROTOCOLS[protocol].decoder(options)
        decoder.device = decoder.device or "1000000000"  # as after the login of its line
        decoded = decoder.decode(raw, datetime_of(now_us))
        self._intake.store([Arrival(protocol, raw, decoded, now_us)])


@pytest.fixture
def world(data: Path, clock: MovableClock, keys: KeyRing) -> Iterator[World]:
    yield World(clock, keys)
    connections.close_all()


@pytest.fixture
def stores(world: World, clock: MovableClock, keys: KeyRing) -> Stores:
    for protocol, frame in PLACES.items():
        decoder = PROTOCOLS[protocol].decoder(PLAIN)
        number = decoder.decode(frame, AT).device or "1000000000"
        world.add(register.DeviceAdopted(protocol=protocol, number=number, model=None))
    return Stores(clock, keys)


def signals() -> list[dict[str, object]]:
    found = Entry.objects.filter(lane=0, type="signal.received.v1").order_by("position")
    return [json.loads(bytes(body or b"")) for body in found.values_list("body", flat=True)]


@pytest.mark.parametrize("protocol", PLACES)
def test_late_position_is_kept_at_its_own_time(
    protocol: str, stores: Stores, clock: MovableClock
) -> None:
    clock.advance(days=2)
    stores.take(protocol, PLACES[protocol])
    (lat,) = stored("lat")
    assert lat.event_us == us_of(AT)


def test_fix_is_kept_with_what_the_device_says_it_was_made_by(stores: Stores) -> None:
    """Seven satellites in the frame; one without a fix tells of none, and no band of an HDOP."""
    frame = alarm_frame(BAND, "0001", HERE, (), us_of(AT))
    stores.take("watch", frame)
    (lat,), (told,) = stored("lat"), stored("fix_satellites")
    assert (told.value, told.event_us) == (7.0, lat.event_us)
    stores.take("watch", frame.replace(b"*0001*", b"*0002*").replace(b",A,", b",V,"))
    assert (len(stored("lat")), len(stored("fix_satellites"))) == (2, 1)
    assert not stored("fix_hdop")


@pytest.mark.parametrize(
    ("tail", "metres"),
    [
        (b",1,255,460,1,9529,21809,158,0,40.7]", [40.7]),  # the vendor's own example
        (b",0,1,,,0,40.7]", []),  # towers are told as none and then some: not read
        (b",1,255,460,1,9529,21809,158,1,ap,08:31:8b:ae:ef:c8,-66,12.5]", [12.5]),
        (b",1,255,460,1,9529,21809,158,0,0.0]", []),  # 0 m is no accuracy
        (b",1,255,460,1,9529,21809,158]", []),
    ],
)
def test_fix_is_kept_with_the_metres_that_the_watch_tells(
    stores: Stores, tail: bytes, metres: list[float]
) -> None:
    content = b"UD,020326,003000,A,30.100000,N,119.200000,E,0.00,0.0,0.0,6,100,60,0,0,00000010"
    content += tail[:-1]
    frame = b"[3G*%s*0001*%04X*%s]" % (BAND.encode(), len(content), content)
    stores.take("watch", frame)
    assert [one.value for one in stored("fix_accuracy")] == metres


def test_late_sos_calls_and_says_when_it_was(stores: Stores, clock: MovableClock) -> None:
    pressed_us = clock.now_us() // 1_000_000 * 1_000_000
    raw = alarm_frame(BAND, "0001", HERE, (16,), pressed_us)
    clock.advance(hours=5)
    stores.take("watch", raw)
    assert Engine(clock).run_once() == 2  # the signal, and the first notice due: one in a turn
    assert Case.objects.get().state == "awaiting_answer"
    assert [said["at_us"] for said in signals()] == [pressed_us]
    assert clock.now_us() - pressed_us >= 5 * HOUR_US


@pytest.mark.parametrize("protocol", PLACES)
def test_duplicate_after_a_restart_adds_nothing_where_the_protocol_gives_an_identity(
    protocol: str, stores: Stores, clock: MovableClock
) -> None:
    for _ in range(2):
        stores.take(protocol, PLACES[protocol])
        stores.restart()
        clock.advance(hours=23)
    assert len(stored("lat")) == (1 if protocol in EXACTLY_ONCE else 2)
    clock.advance(hours=3)  # the serial has wrapped: another frame
    stores.take(protocol, PLACES[protocol])
    assert len(stored("lat")) == (2 if protocol in EXACTLY_ONCE else 3)


def test_out_of_order_frames_keep_their_own_times(stores: Stores, clock: MovableClock) -> None:
    for n, minute in enumerate((3, 1, 2)):
        raw = alarm_frame(BAND, f"000{n}", HERE, (), clock.now_us() + minute * 60_000_000)
        stores.take("watch", raw)
    times = [one.event_us for one in stored("lat") if one.device == BAND]
    base_us = clock.now_us() // 1_000_000 * 1_000_000
    assert times == [base_us + minute * 60_000_000 for minute in (3, 1, 2)]


@pytest.mark.parametrize("protocol", PLACES)
def test_future_frame_is_kept_and_ages_nobody_else(
    protocol: str, stores: Stores, clock: MovableClock
) -> None:
    """A clock that is wrong by years: its own time stands beside the time of arrival."""
    clock.jump(days=-700)
    stores.take(protocol, PLACES[protocol])
    (lat,) = stored("lat")
    assert lat.event_us == us_of(AT)
    head = Entry.objects.filter(lane=0).order_by("-position")[0]
    assert head.recorded_us < us_of(datetime(2026, 4, 1, tzinfo=AT.tzinfo))


def test_zero_is_no_contact_and_no_reading(stores: Stores) -> None:
    stores.take("watch", encode("3G", BAND, None, "bphrt,0,0,0,170,1,70,60"))
    assert [stored(name) for name in ("heart_rate", "systolic", "diastolic")] == [[], [], []]
    assert len(stored("link")) == 1, "the line lives all the same"


def test_two_equal_readings_are_two(stores: Stores, clock: MovableClock) -> None:
    for _ in range(2):
        stores.take("watch", encode("3G", BAND, None, "heart,72"))
        clock.advance(minutes=1)
    assert [one.value for one in stored("heart_rate")] == [72, 72]


def test_local_time_is_read_by_the_zone_of_the_model(stores: Stores) -> None:
    """gt06 sends the device's own time: eight hours east it is eight hours earlier in UTC."""
    stores.take("gt06", gt06(0x12, GPS + CELL), Options(zone=timedelta(hours=8)))
    (lat,) = stored("lat")
    assert lat.event_us == us_of(AT - timedelta(hours=8))

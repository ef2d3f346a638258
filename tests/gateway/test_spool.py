"""The spool of an internet zone: kept before answered, handed over once, strangers turned away."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connections

from bihuan.base.errors import BadInputError
from bihuan.base.time import DAY_US, MovableClock, datetime_of
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN
from bihuan.gateway.decoders.watch import encode
from bihuan.gateway.intake import Intake
from bihuan.gateway.simulate import alarm_frame, location
from bihuan.gateway.spool.ends import End
from bihuan.gateway.spool.hand_over import Bell, Handover
from bihuan.gateway.spool.line import (
    Line,
    StrangerError,
    dialled,
    made_certificate,
    made_key,
    shared_key,
)
from bihuan.gateway.spool.pull import Pull
from bihuan.gateway.spool.records import packed, unpacked
from bihuan.gateway.spool.store import KEPT_US, Row, Spool, SpoolFullError
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Entry
from bihuan.register.models import RefusedFrame
from bihuan.register.spools.models import SpoolOffset
from tests.county import BAND, World
from tests.gateway.mosquitto import wait_for
from tests.gateway.stored import stored
from tests.gateway.zone import KEY, Zone

HERE = (30.1, 119.2)
database = pytest.mark.django_db(transaction=True, databases="__all__")


def arrival(clock: MovableClock, raw: bytes) -> Arrival:
    decoded = PROTOCOLS["watch"].decoder(PLAIN).decode(raw, datetime_of(clock.now_us()))
    return Arrival("watch", raw, decoded, clock.now_us())


def alarm(clock: MovableClock, index: str, *bits: int) -> Arrival:
    return arrival(clock, alarm_frame(BAND, index, HERE, bits or (16,), clock.now_us()))


def pulse(clock: MovableClock, bpm: int, index: str | None = None) -> Arrival:
    return arrival(clock, encode("3G", BAND, index, f"heart,{bpm}"))


def place(clock: MovableClock, status: int, index: str) -> Arrival:
    content = f"UD,{location(HERE, 76, status, clock.now_us())}"
    return arrival(clock, encode("3G", BAND, index, content))


@pytest.fixture
def zone(tmp_path: Path, data: Path, clock: MovableClock, keys: KeyRing) -> Iterator[Zone]:
    World(clock, keys)
    made = Zone(tmp_path / "zone", clock, keys)
    yield made
    made.spool.close()
    connections.close_all()


def sos() -> int:
    return Entry.objects.filter(lane=0, type="signal.received.v1").count()


@database
def test_spool_hands_over_what_it_kept_once(zone: Zone, clock: MovableClock) -> None:
    zone.keep(pulse(clock, 72), pulse(clock, 72), alarm(clock, "0001"))
    for _ in range(2):
        assert zone.pull() is None
        assert sos() == 1
        assert [one.value for one in stored("heart_rate")] == [72, 72]
    assert zone.spool.waiting() == 0


@database
def test_spool_tells_what_is_urgent_first(zone: Zone, clock: MovableClock) -> None:
    zone.keep(*(pulse(clock, 60 + n) for n in range(50)))
    zone.keep(alarm(clock, "0001"))
    assert zone.pull(pages=1) is None
    assert (sos(), stored("heart_rate")) == (1, [])


@database
def test_spool_says_when_a_signal_came_that_waited(zone: Zone, clock: MovableClock) -> None:
    came_us = clock.now_us()
    zone.keep(arrival(clock, encode("3G", BAND, "0001", "AL")))
    clock.advance(hours=5)
    assert zone.pull() is None
    body = Entry.objects.get(lane=0, type="signal.received.v1").body
    assert f'"at_us":{came_us}'.encode() in bytes(body or b"")


@database
@pytest.mark.parametrize("page", [False, True])
def test_core_killed_between_storing_and_moving_on_stores_once(
    zone: Zone, clock: MovableClock, monkeypatch: pytest.MonkeyPatch, page: bool
) -> None:
    """The journal has it, the offset has not: what came meanwhile does not move the page."""
    zone.keep(pulse(clock, 70) if page else alarm(clock, "0001"))
    save = SpoolOffset.save

    def killed(self: SpoolOffset, **said: Any) -> None:
        if page and self.begun is not None:
            save(self, **said)
            return
        raise OperationalError("killed")

    monkeypatch.setattr(SpoolOffset, "save", killed)
    assert isinstance(zone.pull(), OperationalError)
    monkeypatch.setattr(SpoolOffset, "save", save)
    zone.keep(pulse(clock, 71), alarm(clock, "0002"))
    clock.advance(days=3)  # much later than any protocol's serial would hold
    assert zone.pull() is None
    assert [one.value for one in stored("heart_rate")] == ([70, 71] if page else [71])
    assert sos() == (1 if page else 2)


@database
def test_core_whose_database_is_down_takes_nothing_and_loses_nothing(
    zone: Zone, clock: MovableClock, keys: KeyRing
) -> None:
    class Down(Intake):
        def store_page(self, arrivals: Any, page: bytes | None) -> None:
            raise OperationalError("down")

    up, zone.core = zone.core, partial(Down, clock, keys)
    zone.keep(pulse(clock, 72), alarm(clock, "0001"))
    assert isinstance(zone.pull(), OperationalError)
    assert zone.spool.waiting() == 2
    zone.core = up
    assert zone.pull() is None
    assert (sos(), len(stored("heart_rate"))) == (1, 1)


@database
def test_arrival_that_cannot_be_stored_holds_no_other(
    zone: Zone, clock: MovableClock, keys: KeyRing
) -> None:
    class Choosy(Intake):
        def store_page(self, arrivals: Any, page: bytes | None) -> None:
            if any(b"heart,66" in one.raw and not one.decoded.faults for one in arrivals):
                raise ValueError("not this one")
            super().store_page(arrivals, page)

    zone.core = partial(Choosy, clock, keys)
    zone.keep(pulse(clock, 65), pulse(clock, 66), pulse(clock, 67))
    assert zone.pull() is None
    assert [one.value for one in stored("heart_rate")] == [65, 67]
    assert b"heart,66" in bytes(RefusedFrame.objects.get().raw)


@database
def test_spool_decides_what_is_news_where_frames_are_in_order(
    zone: Zone, clock: MovableClock
) -> None:
    """A state bit, its end, the bit again: two presses, though the end is told last."""
    for n, status in enumerate((1 << 16, 1 << 16, 0, 1 << 16)):
        zone.keep(place(clock, status, f"{n:04}"))
        clock.advance(minutes=1)
    assert zone.pull() is None
    assert sos() == 2


@database
def test_frame_sent_again_within_a_day_is_kept_once(zone: Zone, clock: MovableClock) -> None:
    zone.keep(pulse(clock, 72, "0007"))
    zone.restart()
    clock.advance(hours=23)
    zone.keep(pulse(clock, 72, "0007"))
    clock.advance(hours=2)  # the index has wrapped
    zone.keep(pulse(clock, 72, "0007"))
    assert zone.pull() is None
    assert len(stored("heart_rate")) == 2


@database
def test_spool_that_dials_the_core_hands_over_the_same(zone: Zone, clock: MovableClock) -> None:
    """The zone may open connections inwards, and the core none outwards."""
    zone.keep(pulse(clock, 72), alarm(clock, "0001"))
    core = End(Pull(zone.core, wait_s=5.0).session, KEY)
    core.listen(("127.0.0.1", 0), made_certificate(zone.folder / "core.pem"))
    out = End(Handover(zone.folder, zone.bell, clock).session, KEY)
    out.dial(("127.0.0.1", core.port))
    wait_for(lambda: zone.spool.waiting() == 0)
    zone.keep(pulse(clock, 73))  # it is handed over at once: the core waits for it
    wait_for(lambda: zone.spool.waiting() == 0)
    out.stop()
    core.stop()
    assert [one.value for one in stored("heart_rate")] == [72, 73]
    assert sos() == 1


def test_spool_keeps_its_positions_when_everything_was_forgotten(
    tmp_path: Path, clock: MovableClock
) -> None:
    spool = Spool(tmp_path)
    row = Row(False, None, clock.now_us(), b"x")
    spool.append([row, row], DAY_US)
    spool.confirm(0, 2)
    later_us = clock.now_us() + KEPT_US
    assert spool.forget(later_us) == 0
    assert spool.forget(later_us + 1) == 2
    again = Spool(tmp_path)
    again.append([row], DAY_US)
    assert [kept.position for kept in again.page(0, 2)] == [3]
    assert again.id == spool.id
    with pytest.raises(BadInputError):
        again.page(0, 4)


def test_spool_that_is_full_drops_what_the_core_has_and_then_takes_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_bytes=200_000)
    row = Row(False, None, 1, bytes(50_000))
    spool.append([row] * 4, DAY_US)
    spool.confirm(0, 2)
    spool.append([row, row], DAY_US)
    with pytest.raises(SpoolFullError):
        spool.append([row], DAY_US)
    assert [kept.position for kept in spool.page(0, 2, 6)] == [3, 4, 5, 6]


def test_page_is_bounded_and_a_begun_one_comes_back_whole(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append([Row(False, None, 1, bytes(100_000))] * 5, DAY_US)
    assert [kept.position for kept in spool.page(0, 0)] == [1, 2]
    assert [kept.position for kept in spool.page(0, 0, 3)] == [1, 2, 3]


def test_arrival_is_whole_after_the_way(clock: MovableClock) -> None:
    for sent in (alarm(clock, "0001", 16, 21), pulse(clock, 0), place(clock, 0, "0002")):
        assert unpacked(packed(sent), b"k").decoded.as_dict() == sent.decoded.as_dict()
        assert unpacked(packed(sent), b"k").raw == sent.raw
    with pytest.raises(BadInputError):
        unpacked(b"\x93\x01\x02\x03", b"k")


@contextmanager
def listening(folder: Path) -> Iterator[tuple[End, list[Line]]]:
    met: list[Line] = []
    end = End(met.append, KEY)
    end.listen(("127.0.0.1", 0), made_certificate(folder / "c.pem"))
    yield end, met
    end.stop()


def test_stranger_without_the_key_is_turned_away_and_learns_nothing(tmp_path: Path) -> None:
    with listening(tmp_path) as (end, met):
        with pytest.raises((ConnectionError, ssl.SSLError)):
            dialled(("127.0.0.1", end.port), bytes(32))
        line = dialled(("127.0.0.1", end.port), KEY)
        line.close()
        plain = socket.create_connection(("127.0.0.1", end.port))
        plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
        plain.settimeout(5)
        with suppress(ConnectionResetError):
            assert len(plain.recv(100)) < 32, "a nonce, for whom speaks no TLS"
        plain.close()
    assert len(met) == 1


def test_dialler_finds_out_a_listener_without_the_key(tmp_path: Path) -> None:
    """It proves with another key, though it accepts anybody."""
    listener = socket.create_server(("127.0.0.1", 0))
    certificate = made_certificate(tmp_path / "c.pem")

    def pretend() -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        tls = context.wrap_socket(listener.accept()[0], server_side=True)
        tls.sendall(bytes(32))
        tls.recv(64)
        tls.sendall(bytes(32))
        tls.close()

    thread = threading.Thread(target=pretend)
    thread.start()
    with pytest.raises(StrangerError):
        dialled(("127.0.0.1", listener.getsockname()[1]), KEY)
    thread.join()
    listener.close()


def test_man_between_with_a_certificate_of_his_own_is_found_out(tmp_path: Path) -> None:
    """He passes on every byte that both sides say, and both proofs name another certificate."""
    with listening(tmp_path) as (end, met):
        between = socket.create_server(("127.0.0.1", 0))
        (tmp_path / "his").mkdir()
        his = made_certificate(tmp_path / "his" / "c.pem")

        def pass_on() -> None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(his)
            inner = context.wrap_socket(between.accept()[0], server_side=True)
            outer_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            outer_context.check_hostname, outer_context.verify_mode = False, ssl.CERT_NONE
            outer = outer_context.wrap_socket(socket.create_connection(("127.0.0.1", end.port)))
            outer.sendall(inner.recv(32))
            inner.sendall(outer.recv(32))
            outer.sendall(inner.recv(32))
            inner.sendall(outer.recv(32))
            inner.close()
            outer.close()

        thread = threading.Thread(target=pass_on)
        thread.start()
        with pytest.raises((ConnectionError, ssl.SSLError)):
            dialled(("127.0.0.1", between.getsockname()[1]), KEY)
        thread.join()
        between.close()
    assert met == []


def test_key_is_made_once_and_nobody_else_reads_it(tmp_path: Path) -> None:
    key = made_key(tmp_path / "handover.key")
    assert made_key(tmp_path / "handover.key") == key == shared_key(tmp_path / "handover.key")
    assert (tmp_path / "handover.key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "short.key").write_text("abcd")
    for name in ("short.key", "none.key"):
        with pytest.raises(BadInputError):
            shared_key(tmp_path / name)


def test_bell_wakes_who_waits() -> None:
    bell = Bell()
    seen = bell.count
    threading.Timer(0.05, bell.ring).start()
    bell.wait(seen, 10)
    assert bell.count == seen + 1

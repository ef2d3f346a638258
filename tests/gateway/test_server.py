"""The TCP server over a real socket: stored first, then answered; nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connections

from bihuan.base.time import MovableClock, datetime_of
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN
from bihuan.gateway.decoders.watch import encode
from bihuan.gateway.intake import Intake
from bihuan.gateway.simulate import alarm_frame, location
from bihuan.gateway.take import Desk
from bihuan.gateway.tcp import TcpServer
from bihuan.gateway.worker import StoreWorker
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Entry
from bihuan.journal.readings import BATCH_TYPE
from bihuan.journal.storage import alias_of
from bihuan.loop.engine import Engine
from bihuan.loop.models import Case
from bihuan.register.models import RefusedFrame
from tests.county import BAND, World

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

HERE = (30.1, 119.2)
SOS = (16,)
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[Any]]


class FailingIntake(Intake):
    """A database that is down: the first `times` stores fail, whatever they hold."""

    times = 0

    def store(self, arrivals: Any) -> None:
        if self.times:
            self.times -= 1
            raise DatabaseError("the database is down")
        super().store(arrivals)


class Gateway:
    """A gateway on a free port of loopback; `talk` is one device's connection."""

    def __init__(self, clock: MovableClock, keys: KeyRing) -> None:
        self.intake = FailingIntake(clock, keys)
        self.clock = clock

    def talk(self, *talks: Talk) -> list[Any]:
        """Run the talks one after the other, each on a connection of its own."""
        worker = StoreWorker(self.intake)
        worker.start()
        try:
            return asyncio.run(self._talk(worker, talks))
        finally:
            worker.stop()

    async def _talk(self, worker: StoreWorker, talks: tuple[Talk, ...]) -> list[Any]:
        server = TcpServer(PROTOCOLS["watch"], Desk(worker, self.clock))
        port = await server.start("127.0.0.1", 0)
        said = []
        for talk in talks:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            said.append(await asyncio.wait_for(talk(reader, writer), 20))
            writer.close()
        await server.stop()
        return said


@pytest.fixture
def gateway(data: Path, clock: MovableClock, keys: KeyRing) -> Iterator[Gateway]:
    World(clock, keys)
    yield Gateway(clock, keys)
    connections.close_all()


def sends(*frames: bytes, answers: int | None = None) -> Talk:
    """Send the frames at once and read as many answers as there are frames (or `answers`)."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"".join(frames))
        await writer.drain()
        said = b""
        for _ in range(len(frames) if answers is None else answers):
            said += await reader.readuntil(b"]")
        return said

    return talk


def alarm(clock: MovableClock, index: str, *bits: int) -> bytes:
    return alarm_frame(BAND, index, HERE, bits or SOS, clock.now_us())


def signals() -> list[str]:
    return list(
        Entry.objects.filter(lane=0, type="signal.received.v1").values_list("type", flat=True)
    )


def batches() -> int:
    return Entry.objects.using(alias_of(1)).filter(type=BATCH_TYPE).count()


def test_sos_is_in_the_journal_when_the_band_is_answered(
    gateway: Gateway, clock: MovableClock
) -> None:
    (said,) = gateway.talk(sends(alarm(clock, "0001")))
    assert said == f"[3G*{BAND}*0001*0002*AL]".encode()
    assert len(signals()) == 1
    assert Engine(clock).run_once() == 1
    assert Case.objects.get().state == "awaiting_answer"


def test_low_battery_hides_no_sos(gateway: Gateway, clock: MovableClock) -> None:
    gateway.talk(sends(alarm(clock, "0001", 0, 16)))
    while Engine(clock).run_once():
        pass
    # the SOS first, and a reminder beside it that rings no phone
    assert list(Case.objects.order_by("id").values_list("kind", flat=True)) == ["sos", "band"]
    assert len(signals()) == 2


def test_nothing_is_answered_while_the_database_is_down(
    gateway: Gateway, clock: MovableClock
) -> None:
    """Not stored, so not answered: the line is closed, and the band sends again."""
    gateway.intake.times = 1

    async def first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(alarm(clock, "0001"))
        return await reader.read()

    unanswered, answered = gateway.talk(first, sends(alarm(clock, "0001")))
    assert unanswered == b""
    assert b"AL]" in answered
    assert len(signals()) == 1


def test_same_index_on_a_new_line_adds_nothing(gateway: Gateway, clock: MovableClock) -> None:
    frame = alarm(clock, "0007")
    first, second = gateway.talk(sends(frame), sends(frame))
    assert first == second
    assert len(signals()) == 1
    assert batches() == 1


def test_same_payload_within_ten_seconds_on_one_line_is_a_resend(
    gateway: Gateway, clock: MovableClock
) -> None:
    frame = encode("3G", BAND, None, f"AL,{location(HERE, 76, 1 << 16, clock.now_us())}")
    (said,) = gateway.talk(sends(frame, frame))
    assert said.count(b"AL]") == 2, "a resend is answered too, or the band goes on"
    assert len(signals()) == 1


def test_same_payload_after_ten_seconds_is_a_new_press(
    gateway: Gateway, clock: MovableClock
) -> None:
    frame = encode("3G", BAND, None, f"AL,{location(HERE, 76, 1 << 16, clock.now_us())}")

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            writer.write(frame)
            await reader.readuntil(b"]")
            clock.advance(seconds=11)

    gateway.talk(talk)
    assert len(signals()) == 2


def test_two_equal_heart_rates_a_minute_apart_are_two_readings(
    gateway: Gateway, clock: MovableClock
) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            writer.write(encode("3G", BAND, None, "bphrt,120,80,72,165,1,78,60"))
            await reader.readuntil(b"]")
            clock.advance(minutes=1)

    gateway.talk(talk)
    assert batches() == 2


def test_status_bit_that_stays_set_is_no_new_press(gateway: Gateway, clock: MovableClock) -> None:
    """After an alarm some bands keep the bit in their position frames: that is a state."""

    def position(index: str) -> bytes:
        return encode("3G", BAND, index, f"UD,{location(HERE, 76, 1 << 16, clock.now_us())}")

    gateway.talk(
        sends(alarm(clock, "0001")),
        sends(position("0002"), encode("3G", BAND, "0003", "LK"), answers=1),
        sends(position("0004"), encode("3G", BAND, "0005", "LK"), answers=1),
    )
    assert len(signals()) == 1


def test_unknown_device_is_listed_and_its_sos_is_not_silent(
    gateway: Gateway, clock: MovableClock
) -> None:
    (said,) = gateway.talk(sends(alarm_frame("5555555555", "0001", HERE, SOS, clock.now_us())))
    assert b"AL]" in said
    refused = RefusedFrame.objects.get()
    assert (refused.device, refused.protocol) == ("5555555555", "watch")
    assert '"want":"a device that was adopted"' in refused.faults.replace(": ", ":")
    assert len(signals()) == 1


def test_malformed_frame_is_refused_with_its_bytes_and_the_line_goes_on(
    gateway: Gateway, clock: MovableClock
) -> None:
    broken = b"[3G*" + BAND.encode() + b"*ZZZZ*AL,nonsense]"
    (said,) = gateway.talk(sends(broken, alarm(clock, "0002"), answers=1))
    assert b"*0002*0002*AL]" in said
    refused = RefusedFrame.objects.get()
    assert b"ZZZZ" in bytes(refused.raw)
    assert len(signals()) == 1


def test_frame_in_many_segments_is_one_frame(gateway: Gateway, clock: MovableClock) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        for byte in alarm(clock, "0001"):
            writer.write(bytes([byte]))
            await writer.drain()
        return await reader.readuntil(b"]")

    (said,) = gateway.talk(talk)
    assert b"AL]" in said
    assert len(signals()) == 1


def test_late_sos_still_calls_and_says_late(gateway: Gateway, clock: MovableClock) -> None:
    frame = alarm(clock, "0001")
    clock.advance(hours=5)
    gateway.talk(sends(frame))
    Engine(clock).run_once()
    case = Case.objects.get()
    assert case.is_late
    assert case.state == "awaiting_answer"


def test_urgent_frame_overtakes_what_waits(clock: MovableClock) -> None:
    """A full queue refuses readings until there is room; an SOS always finds room."""
    stored: list[str] = []

    class Recording(Intake):
        def store(self, arrivals: Any) -> None:
            stored.extend(arrival.decoded.kind for arrival in arrivals)

    def arrival(frame: bytes) -> Arrival:
        decoder = PROTOCOLS["watch"].decoder(PLAIN)
        decoded = decoder.decode(frame, datetime_of(clock.now_us()))
        return Arrival("watch", frame, decoded, clock.now_us())

    worker = StoreWorker(Recording.__new__(Recording), most=2)
    for n in range(2):
        worker.submit(arrival(encode("3G", BAND, f"{n:04X}", "LK,1,2,3")))
    worker.submit(arrival(alarm(clock, "0009")))
    worker.start()
    worker.stop()
    assert stored == ["AL", "LK", "LK"]

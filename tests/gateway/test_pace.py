"""Who floods is slowed, and nobody else: measures by a movable clock, and over real sockets."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from bihuan.base.time import SECOND_US, MovableClock, datetime_of
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN
from bihuan.gateway.decoders.watch import encode
from bihuan.gateway.intake import Intake
from bihuan.gateway.pace import Pace, Paces, Rate
from bihuan.gateway.simulate import alarm_frame
from bihuan.gateway.take import Desk
from bihuan.gateway.tcp import TcpServer
from bihuan.gateway.udp import UdpServer
from bihuan.gateway.worker import QueueFullError, StoreWorker
from bihuan.journal.keys import KeyRing
from bihuan.register.acts import Registrar
from tests.county import BAND, World
from tests.gateway.stored import stored
from tests.gateway.test_h02 import text

OTHER = "1208178693"


def test_pace_gives_a_burst_and_then_a_place_each_fifth_of_a_second(clock: MovableClock) -> None:
    """5 a second, 3 at once: 3 now, the fourth after 0.2 s, the fifth after 0.4 s."""
    pace, now_us = Pace(Rate(5, 3)), clock.monotonic_us()
    assert [pace.wait_us("a", now_us) for _ in range(5)] == [0, 0, 0, 200_000, 400_000]
    assert pace.wait_us("b", now_us) == 0
    clock.advance(seconds=1)  # 5 places later two of them are paid back, and three are free
    now_us = clock.monotonic_us()
    assert [pace.wait_us("a", now_us) for _ in range(4)] == [0, 0, 0, 200_000]


def test_pace_makes_nobody_wait_longer_than_a_minute(clock: MovableClock) -> None:
    pace = Pace(Rate(1, 1))
    waits = [pace.wait_us("a", clock.monotonic_us()) for _ in range(500)]
    assert max(waits) == 60 * SECOND_US


def test_pace_forgets_the_oldest(clock: MovableClock) -> None:
    pace = Pace(Rate(1, 1), most_known=2)
    for who in "abc":
        pace.wait_us(who, clock.monotonic_us())
    assert pace.wait_us("c", clock.monotonic_us()) == SECOND_US
    assert pace.wait_us("a", clock.monotonic_us()) == 0


def test_alarm_has_a_measure_of_its_own_and_waits_5_s_at_most(clock: MovableClock) -> None:
    paces, now_us = Paces(Rate(1, 1), Rate(1, 2), Rate(1, 100)), clock.monotonic_us()
    for _ in range(50):
        paces.wait_us(1, "band", now_us, False)
    alarms = [paces.wait_us(1, "band", now_us, True) for _ in range(10)]
    assert alarms[:4] == [0, 0, SECOND_US, 2 * SECOND_US]
    assert max(alarms) == 5 * SECOND_US


def test_what_is_not_due_takes_no_place(clock: MovableClock) -> None:
    """A datagram that is dropped does not put off the next one."""
    paces, now_us = Paces(Rate(1, 1), Rate(1, 1), Rate(100, 100)), clock.monotonic_us()
    assert [paces.is_due(1, "band", now_us, False) for _ in range(10)] == [True] + [False] * 9
    assert paces.is_due(1, "band", now_us + SECOND_US, False)


class Gateway:
    """Servers of `watch` and, over UDP, `h02`; who waits moves the clock and is counted."""

    def __init__(self, clock: MovableClock, keys: KeyRing) -> None:
        self.clock, self.rested_s = clock, 0.0
        self.intake = Intake(clock, keys)
        self.most_lines, self.frame_s, self.reads_s = 100, 60.0, 60.0
        self.udp: UdpServer | None = None
        self.tcp: TcpServer | None = None

    def lines(self) -> set[asyncio.StreamWriter]:
        """The lines that are open now."""
        assert self.tcp is not None
        return self.tcp._lines

    async def rest(self, seconds: float) -> None:
        self.rested_s += seconds
        self.clock.advance(seconds=seconds)

    def run(self, talk: Callable[[int, int], Awaitable[Any]]) -> Any:
        worker = StoreWorker(self.intake)
        worker.start()
        try:
            return asyncio.run(self._run(worker, talk))
        finally:
            worker.stop()

    async def _run(self, worker: StoreWorker, talk: Callable[[int, int], Awaitable[Any]]) -> Any:
        desk = Desk(worker, self.clock, rest=self.rest)
        tcp = TcpServer(PROTOCOLS["watch"], desk, self.most_lines, self.frame_s, self.reads_s)
        self.udp = UdpServer(PROTOCOLS["h02"], desk, most_waiting=8)
        self.tcp = tcp
        ports = await tcp.start("127.0.0.1", 0), await self.udp.start("127.0.0.1", 0)
        try:
            return await asyncio.wait_for(talk(*ports), 30)
        finally:
            await tcp.stop()
            await self.udp.stop()


@pytest.fixture
def gateway(data: Path, clock: MovableClock, keys: KeyRing) -> Iterator[Gateway]:
    World(clock, keys)
    yield Gateway(clock, keys)
    connections.close_all()


pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def link(n: int, band: str = BAND) -> bytes:
    return encode("3G", band, None, f"LK,{n},0,80")


async def answers(reader: asyncio.StreamReader, count: int) -> list[bytes]:
    return [await reader.readuntil(b"]") for _ in range(count)]


def test_flooding_band_is_slowed_and_its_sos_is_not(gateway: Gateway, clock: MovableClock) -> None:
    """300 frames at once: 200 are its burst, the other 100 are one each fifth of a second: 20 s."""
    rested: list[float] = []

    async def talk(port: int, _udp: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"".join(link(n) for n in range(1, 301)))
        await answers(reader, 300)
        rested.append(gateway.rested_s)
        writer.write(alarm_frame(BAND, "0001", (30.1, 119.2), (16,), clock.now_us()))
        await answers(reader, 1)
        rested.append(gateway.rested_s)
        other, line = await asyncio.open_connection("127.0.0.1", port)
        line.write(link(1, OTHER))
        await answers(other, 1)
        rested.append(gateway.rested_s)
        line.close()
        writer.close()

    gateway.run(talk)
    assert rested == [pytest.approx(20, abs=0.5)] * 3
    assert rested[0] == rested[1] == rested[2]
    steps = [one.value for one in stored("steps")]
    assert steps == [*range(1, 301), 1_000], "the alarm frame has 1,000 steps"


def test_frame_that_is_never_whole_costs_its_line_and_no_other(gateway: Gateway) -> None:
    """Slow-loris: a byte now and then keeps nothing open."""
    gateway.frame_s = 0.3

    async def talk(port: int, _udp: int) -> bytes:
        lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
        good, good_line = await asyncio.open_connection("127.0.0.1", port)
        ended = asyncio.gather(*(reader.read() for reader, _ in lines))
        for byte in b"[3G*1208178692*0009*LK,1":
            for _, writer in lines:
                writer.write(bytes([byte]))
            await asyncio.sleep(0.02)  # the real line's own time: wait_for knows no other
        good_line.write(link(1))
        (said,) = await answers(good, 1)
        assert await ended == [b""] * 5
        for _, writer in lines:
            writer.close()
        good_line.close()
        return said

    assert gateway.run(talk) == b"[3G*1208178692*0002*LK]"


def test_sender_that_reads_no_reply_loses_its_line_and_no_other_waits(gateway: Gateway) -> None:
    """Replies pile up to a bound, then the line ends; another band is answered all the while."""
    gateway.reads_s = 0.3

    async def talk(port: int, _udp: int) -> list[bytes]:
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_024)
        deaf.setblocking(False)
        await asyncio.get_running_loop().sock_connect(deaf, ("127.0.0.1", port))
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        many = b"".join(link(n, OTHER) for n in range(1, 6_001))  # their replies: 144 kB
        await asyncio.get_running_loop().sock_sendall(deaf, many)
        said: list[bytes] = []
        while len(gateway.lines()) > 1 or not said:
            writer.write(link(len(said) + 1))
            said += await answers(reader, 1)
        deaf.close()
        writer.close()
        return said

    said = gateway.run(talk)
    assert set(said) == {b"[3G*1208178692*0002*LK]"}
    assert len(stored("steps")) < 6_000, "what it sent after its line ended is not taken in"


def test_oversized_frame_is_refused_and_the_line_goes_on(gateway: Gateway) -> None:
    async def talk(port: int, _udp: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"[3G*1208178692*FFFF*" + b"A" * 200_000 + b"]" + link(7))
        await writer.drain()
        said = await reader.readuntil(b"LK]")
        writer.close()
        return said

    assert gateway.run(talk).endswith(b"[3G*1208178692*0002*LK]")
    assert [one.value for one in stored("steps")] == [7]


def test_line_beyond_the_most_is_closed_and_those_before_are_served(gateway: Gateway) -> None:
    gateway.most_lines = 2

    async def talk(port: int, _udp: int) -> tuple[bytes, list[bytes]]:
        lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        for _, writer in lines:
            writer.write(link(1))
        said = [(await answers(reader, 1))[0] for reader, _ in lines]
        late, late_line = await asyncio.open_connection("127.0.0.1", port)
        end = await late.read()
        for writer in (late_line, *(writer for _, writer in lines)):
            writer.close()
        return end, said

    assert gateway.run(talk) == (b"", [b"[3G*1208178692*0002*LK]"] * 2)


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, _addr: Any) -> None:
        self.heard.put_nowait(data)


async def dial(port: int) -> tuple[asyncio.DatagramTransport, Datagrams]:
    loop = asyncio.get_running_loop()
    return await loop.create_datagram_endpoint(Datagrams, remote_addr=("127.0.0.1", port))


def test_udp_is_answered_after_it_is_stored_and_a_resend_adds_nothing(
    gateway: Gateway, keys: KeyRing, clock: MovableClock
) -> None:
    """devices.md: h02 speaks TCP and UDP on one port; a position is answered V4."""
    frame = text().encode()
    number = frame.split(b",")[1].decode()

    async def talk(_tcp: int, port: int) -> list[bytes]:
        line, said = await dial(port)
        heard = []
        for _ in range(2):
            line.sendto(frame)
            heard.append(await said.heard.get())
        line.close()
        return heard

    Registrar(clock, keys).adopt("h02", number)
    first, second = gateway.run(talk)
    assert first.startswith(b"*HQ,")
    assert b",V4," in first
    assert second.split(b",")[:4] == first.split(b",")[:4]
    assert len(stored("lat")) == 1


def test_udp_flood_is_dropped_beyond_its_bound_and_nothing_breaks(gateway: Gateway) -> None:
    """2,000 datagrams of strangers' bytes at once: what is not stored is not answered."""

    async def talk(_tcp: int, port: int) -> bytes:
        line, said = await dial(port)
        for n in range(2_000):
            line.sendto(f"*HQ,86501000{n:07},V1,nonsense#".encode())
        line.sendto(b"\x00" * 60_000)
        await asyncio.sleep(0.5)  # the kernel hands them over in its own time
        line.sendto(text().encode())
        heard = await said.heard.get()
        line.close()
        return heard

    gateway.run(talk)
    assert gateway.udp is not None
    assert sum(gateway.udp.dropped.values()) > 0


def test_sos_is_stored_while_a_turn_of_readings_is_under_way(clock: MovableClock) -> None:
    """The queue of readings is full and its turn does not end: an SOS waits for neither."""
    turns: list[list[str]] = []
    is_stored = threading.Event()

    class Slow:
        def store(self, arrivals: Sequence[Arrival]) -> None:
            turns.append([one.decoded.kind for one in arrivals])
            if turns[-1][0] == "AL":
                is_stored.set()
            assert is_stored.wait(10)

    worker = StoreWorker(Slow(), most=500)
    decoder = PROTOCOLS["watch"].decoder

    def arrival(raw: bytes) -> Arrival:
        decoded = decoder(PLAIN).decode(raw, datetime_of(clock.now_us()))
        return Arrival("watch", raw, decoded, clock.now_us())

    for n in range(500):
        worker.submit(arrival(link(n)))
    with pytest.raises(QueueFullError):
        worker.submit(arrival(link(500)))
    worker.start()
    worker.submit(arrival(alarm_frame(BAND, "0001", (30.1, 119.2), (16,), clock.now_us())))
    worker.stop()
    assert sorted(len(turn) for turn in turns) == [1, 100, 100, 100, 100, 100]
    assert ["AL"] in turns[:2]

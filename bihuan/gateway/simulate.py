"""A simulated wristband that speaks the real watch protocol over TCP, for the demo and tests.

It behaves as the maker's page says: LK each minute, readings every five, an alarm repeated
every ten seconds until it is acknowledged, a new connection after the line dropped.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass

from bihuan.base.time import Clock, datetime_of
from bihuan.gateway.decoders.watch import encode
from bihuan.gateway.decoders.watch_frame import splitter

LINK_S, VITALS_S, REPEAT_S, RECONNECT_S = 60.0, 300.0, 10.0, 3.0
SOS_BIT, FALL_BIT, LOW_BATTERY_BIT = 16, 21, 0


@dataclass(frozen=True, slots=True)
class Wearer:
    """Where a simulated band is and how its wearer is. battery in percent."""

    lat: float
    lon: float
    heart_rate_bpm: int = 72
    systolic_mmhg: int = 132
    diastolic_mmhg: int = 80
    battery_percent: int = 76


class Band:
    """One band. speed: how many times faster than life its rhythm is (its clock is not)."""

    def __init__(
        self, number: str, wearer: Wearer, clock: Clock, speed: float = 1.0, seed: int = 0
    ) -> None:
        self.number, self._wearer, self._clock, self._speed = number, wearer, clock, speed
        self._random = random.Random(f"{seed}-{number}")  # noqa: S311 - a simulation, repeatable
        self._index = 0
        self._alarms: asyncio.Queue[int] = asyncio.Queue()
        self._acknowledged = asyncio.Event()
        self._link: asyncio.StreamWriter | None = None

    def press(self, *bits: int) -> None:
        """The key is held for five seconds (no bits: SOS), or the band itself saw something."""
        self._alarms.put_nowait(sum(1 << bit for bit in bits or (SOS_BIT,)))

    async def run(self, host: str, port: int) -> None:
        """Keep the line up until cancelled."""
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._connected(host, port)
            await asyncio.sleep(RECONNECT_S / self._speed)

    async def _connected(self, host: str, port: int) -> None:
        reader, writer = await asyncio.open_connection(host, port)
        self._link = writer
        tasks = [
            asyncio.create_task(part)
            for part in (self._listen(reader), self._links(), self._vitals(), self._alarm())
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            writer.close()

    async def _send(self, content: str, index: str | None = None) -> None:
        assert self._link is not None
        self._link.write(encode("3G", self.number, index or self._next_index(), content))
        await self._link.drain()

    def _next_index(self) -> str:
        self._index = (self._index + 1) % 0x10000
        return f"{self._index:04X}"

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        cut = splitter()
        while data := await reader.read(1024):
            for piece in cut.feed(data):
                if piece.raw.endswith(b"*AL]"):
                    self._acknowledged.set()

    async def _links(self) -> None:
        steps = self._random.randrange(200, 900)
        while True:
            steps += self._random.randrange(0, 40)
            await self._send(f"LK,{steps},0,{self._wearer.battery_percent}")
            await asyncio.sleep(LINK_S / self._speed)

    async def _vitals(self) -> None:
        worn, spread = self._wearer, self._random.randrange
        while True:
            heart = worn.heart_rate_bpm + spread(-6, 7)
            high, low = worn.systolic_mmhg + spread(-8, 9), worn.diastolic_mmhg + spread(-5, 6)
            await self._send(f"bphrt,{high},{low},{heart},165,1,78,60")
            await self._send(f"UD,{self._location(0)}")
            await asyncio.sleep(VITALS_S / self._speed)

    async def _alarm(self) -> None:
        while True:
            status = await self._alarms.get()
            index, content = self._next_index(), f"AL,{self._location(status)}"
            self._acknowledged.clear()
            while not self._acknowledged.is_set():
                await self._send(content, index)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._acknowledged.wait(), REPEAT_S / self._speed)

    def _location(self, status: int) -> str:
        worn = self._wearer
        return location((worn.lat, worn.lon), worn.battery_percent, status, self._clock.now_us())


def location(place: tuple[float, float], battery_percent: int, status: int, now_us: int) -> str:
    """The content of a UD or AL frame: where the band is, at what time, with which status bits."""
    lat, lon = place
    return (
        f"{datetime_of(now_us):%d%m%y,%H%M%S},A,{lat:.6f},N,{lon:.7f},E,0.0,0.0,12,7,60,"
        f"{battery_percent},1000,0,{status:08X},1,1,460,0,9520,3671,13"
    )


def alarm_frame(
    number: str, index: str, place: tuple[float, float], bits: tuple[int, ...], now_us: int
) -> bytes:
    """One AL frame with these status bits set."""
    status = sum(1 << bit for bit in bits)
    return encode("3G", number, index, f"AL,{location(place, 76, status, now_us)}")

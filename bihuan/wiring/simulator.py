"""The demo's simulated devices, live: they connect to the gateway like any other.

A part of it that fails ends the process, so that its supervisor starts it anew; a press that was
not taken up stays for that.
"""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

import structlog
from asgiref.sync import sync_to_async
from django.db import close_old_connections

from bihuan.base.time import SystemClock
from bihuan.console.models import DemoPress
from bihuan.gateway.simulate import Band, Wearer
from bihuan.journal.away import FAILED
from bihuan.wiring.demo import SavedCast
from bihuan.wiring.demo_mqtt import start_sensors

LOOK_S = 0.1
log = structlog.get_logger(__name__)


def run(data: Path, cast: SavedCast, speed: float) -> None:
    """Simulate every band of the cast until asked to stop."""
    asyncio.run(_run(data, cast, speed))


async def _run(data: Path, cast: SavedCast, speed: float) -> None:
    ports = json.loads((data / "run" / "ports.json").read_text())
    clock, bands = SystemClock(), {}
    for scenario in cast.scenarios.values():
        for n, declared in enumerate(scenario.bands):
            wearer = Wearer(*declared.place, heart_rate_bpm=68 + 3 * n, battery_percent=88 - 7 * n)
            bands[declared.number] = Band(declared.number, wearer, clock, speed)
    host, port = ports["host"], ports["devices"]["watch"]
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    tasks = [asyncio.create_task(band.run(host, port)) for band in bands.values()]
    tasks.append(asyncio.create_task(presses(bands)))
    declared_sensors = [one for cast_ in cast.scenarios.values() for one in cast_.sensors]
    sensors = start_sensors(data, declared_sensors, clock, speed)
    tasks.append(asyncio.create_task(_until(stopped)))
    over, _running = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for sensor in sensors.values():
        sensor.stop()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in over:
        task.result()  # raises what ended it


async def _until(stopped: asyncio.Event) -> None:
    await stopped.wait()


async def presses(bands: dict[str, Band]) -> None:
    """Take up what was pressed on the demo page, also after its database was away or locked."""
    while True:
        try:
            await take_up(bands)
        except FAILED as error:
            log.warning("waits for its database", part="simulator", error=type(error).__name__)
            await sync_to_async(close_old_connections)()
        await asyncio.sleep(LOOK_S)


async def take_up(bands: dict[str, Band]) -> None:
    """Press what was pressed on the page. Each once: it is marked first, and pressed then."""
    async for press in DemoPress.objects.filter(is_done=False).order_by("id"):
        press.is_done = True
        await press.asave(update_fields=["is_done"])
        bands[press.number].press(*(int(bit) for bit in press.bits.split(",")))

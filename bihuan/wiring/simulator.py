"""The demo's simulated devices, live: they connect to the gateway like any other."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

from bihuan.base.time import SystemClock
from bihuan.console.models import DemoPress
from bihuan.gateway.simulate import Band, Wearer
from bihuan.wiring.demo import SavedCast
from bihuan.wiring.demo_mqtt import start_sensors

LOOK_S = 0.1


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
    tasks.append(asyncio.create_task(_presses(bands)))
    declared_sensors = [one for cast_ in cast.scenarios.values() for one in cast_.sensors]
    sensors = start_sensors(data, declared_sensors, clock, speed)
    await stopped.wait()
    for sensor in sensors.values():
        sensor.stop()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _presses(bands: dict[str, Band]) -> None:
    """Take up what was pressed on the demo page."""
    while True:
        async for press in DemoPress.objects.filter(is_done=False).order_by("id"):
            bands[press.number].press(*(int(bit) for bit in press.bits.split(",")))
            press.is_done = True
            await press.asave()
        await asyncio.sleep(LOOK_S)

"""The demo's MQTT: a broker of its own on a free port, a gateway that hears it, sensors that speak.

`serve` needs none of this: it hears the broker of the settings.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Iterable
from pathlib import Path

from bihuan.base.time import Clock
from bihuan.gateway.credentials import Credentials
from bihuan.gateway.mqtt_line.broker import GATEWAY, broker
from bihuan.gateway.simulate_mqtt import KINDS, At, Sensor
from bihuan.loop.scenario import DemoSensor
from bihuan.wiring.processes import free_port
from bihuan.wiring.supervise import Part

PLACE = "mqtt-demo.json"
RULES = {"tasmota": {"zone": "Asia/Shanghai"}}


def prepare(data: Path, host: str) -> list[Part]:
    """The broker as a part, with a gateway set up to hear it; none where one is set already."""
    if os.environ.get("BIHUAN_MQTT"):
        return []
    port = free_port(host, 1883)
    run = data / "run"
    run.mkdir(parents=True, exist_ok=True)
    (run / PLACE).write_text(json.dumps({"host": host, "port": port}))
    rules = run / "mqtt-demo-rules.json"
    rules.write_text(json.dumps(RULES))
    os.environ |= {
        "BIHUAN_MQTT": f"mqtt://{'%2F'.join(GATEWAY)}@{host}:{port}",
        "BIHUAN_MQTT_PASSWORD": Credentials(data).issue(*GATEWAY),
        "BIHUAN_MQTT_CLIENT": "bihuan-demo",
        "BIHUAN_MQTT_SYSTEMS": ",".join(KINDS),
        "BIHUAN_MQTT_RULES": str(rules),
    }
    return [Part("broker", ["broker", f"--host={host}", f"--port={port}"])]


def run_broker(host: str, port: int, data: Path) -> None:
    """Be the demo's broker until asked to stop."""
    asyncio.run(_serve(host, port, data))


async def _serve(host: str, port: int, data: Path) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    made = broker(host, port, data)
    await made.start()
    await stopped.wait()
    await made.shutdown()


def start_sensors(
    data: Path, sensors: Iterable[DemoSensor], clock: Clock, speed: float
) -> dict[str, Sensor]:
    """Connect every sensor of the cast to the demo's broker; by their numbers."""
    path = data / "run" / PLACE
    if not path.exists():
        return {}
    place, credentials = json.loads(path.read_text()), Credentials(data)
    started = {}
    for declared in sensors:
        who = (declared.protocol, declared.number)
        sensor = Sensor(KINDS[declared.protocol], declared.number, declared.measured, clock)
        at = At(place["host"], place["port"], "/".join(who), credentials.issue(*who))
        sensor.start(at, speed=speed)
        started[declared.number] = sensor
    return started

"""The demo's own broker, and the simulated sensors that speak to it, over real sockets."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connections

from bihuan.base.time import CHINA, MovableClock, SystemClock
from bihuan.gateway.credentials import Credentials
from bihuan.gateway.intake import Intake
from bihuan.gateway.mqtt.mapping import Settings
from bihuan.gateway.mqtt_line.address import Address
from bihuan.gateway.mqtt_line.broker import GATEWAY, broker, may_publish
from bihuan.gateway.mqtt_line.line import MqttLine
from bihuan.gateway.mqtt_line.open import Wanted, open_line
from bihuan.gateway.simulate_mqtt import KINDS, At, Sensor
from bihuan.gateway.worker import StoreWorker
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Entry
from bihuan.register import entries as register
from bihuan.register.models import RefusedFrame
from tests.county import World
from tests.gateway.mosquitto import free_port, wait_for
from tests.gateway.stored import stored

DEVICES = {"zigbee2mqtt": "冷库1", "tasmota": "cold-2", "thingsboard": "rain-1"}

MEASURED: dict[str, dict[str, float | str]] = {
    "zigbee2mqtt": {"temperature": 3.4, "humidity": 71, "battery": 93},
    "tasmota": {"Temperature": -18.5},
    "thingsboard": {"rain": 12.5, "level": 1.75},
}


@contextmanager
def running(data: Path) -> Iterator[int]:
    """The demo's broker in a thread of its own; its port."""
    loop, port = asyncio.new_event_loop(), free_port()
    started = threading.Event()

    async def serve() -> None:
        made = broker("127.0.0.1", port, data)
        await made.start()
        started.set()
        await stopped.wait()
        await made.shutdown()

    stopped = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert started.wait(10)
    yield port
    loop.call_soon_threadsafe(stopped.set)
    thread.join(10)
    loop.close()


@contextmanager
def hearing(port: int, token: str, data: Path, keys: KeyRing) -> Iterator[MqttLine]:
    clock = SystemClock()
    worker = StoreWorker(Intake(clock, keys))
    worker.start()
    at = Address("127.0.0.1", port, False, "bihuan-demo", "/".join(GATEWAY), token)
    zoned = {"tasmota": Settings(zone=CHINA)}
    line = open_line(Wanted(at, tuple(DEVICES), zoned), worker, clock, data / "run")
    line.start()
    try:
        wait_for(lambda: line.is_live)
        yield line
        wait_for(lambda: not line.unstored)
    finally:
        line.stop()
        worker.stop()


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_demo_broker_carries_simulated_sensors_to_the_journal(
    data: Path, clock: MovableClock, keys: KeyRing
) -> None:
    world = World(clock, keys)
    for protocol, number in DEVICES.items():
        world.add(register.DeviceAdopted(protocol=protocol, number=number, model=None))
    credentials = Credentials(data)
    with (
        running(data) as port,
        hearing(port, credentials.issue(*GATEWAY), data, keys),
    ):
        sensors = []
        for protocol, number in DEVICES.items():
            sensor = Sensor(KINDS[protocol], number, MEASURED[protocol], SystemClock())
            token = credentials.issue(protocol, number)
            sensor.start(At("127.0.0.1", port, f"{protocol}/{number}", token))
            sensors.append(sensor)
        stranger = Sensor(KINDS["tasmota"], "cold-9", {"Temperature": 99.0}, SystemClock())
        stranger.start(At("127.0.0.1", port, "tasmota/cold-2", "guessed"))
        wait_for(lambda: {"level", "battery"} <= {one.channel for one in stored()})
        wait_for(lambda: len(stored("air_temperature")) >= 2)
        sensors[0].press()
        wait_for(lambda: Entry.objects.filter(type="signal.received.v1").exists())
        stranger.stop()
        sensors[1].stop()
        wait_for(lambda: stored("link_lost"))
        for sensor in (sensors[0], sensors[2]):
            sensor.stop()
    values = {(one.device, one.channel): one.value for one in stored()}
    assert values["冷库1", "air_temperature"] == 3.4
    assert values["冷库1", "humidity"] == 71
    assert values["cold-2", "air_temperature"] == -18.5
    assert values["rain-1", "rain"] == 12.5
    assert values["rain-1", "level"] == 1.75
    assert RefusedFrame.objects.count() == 0
    connections.close_all()


@pytest.mark.parametrize(
    ("protocol", "number", "topic", "may"),
    [
        ("zigbee2mqtt", "p1", "zigbee2mqtt/p1", True),
        ("zigbee2mqtt", "p1", "zigbee2mqtt/p2", False),
        ("zigbee2mqtt", "p1", "zigbee2mqtt/bridge/state", False),
        ("tasmota", "p1", "tele/p1/SENSOR", True),
        ("tasmota", "p1", "cmnd/p2/POWER", False),
        ("tasmota", "#", "tele/x/SENSOR", False),
        ("thingsboard", "p1", "p1/v1/devices/me/telemetry", True),
        ("thingsboard", "p1", "v1/gateway/telemetry", False),
        ("mqtt", "p1", "bihuan/bihuan-gateway/mark", False),
        ("", "", "tele/p1/SENSOR", False),
    ],
)
def test_demo_broker_keeps_a_device_to_its_topics(
    protocol: str, number: str, topic: str, may: bool
) -> None:
    assert may_publish(protocol, number, topic) is may


def test_token_is_kept_as_a_hash_and_can_be_voided(data: Path) -> None:
    credentials = Credentials(data)
    first = credentials.issue("tasmota", "cold-2")
    second = credentials.issue("tasmota", "cold-2")
    assert Credentials(data).holder(first) is None, "a new token voids the old one"
    assert Credentials(data).holder(second) == ("tasmota", "cold-2")
    kept = data / "device-tokens.json"
    assert second not in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert credentials.revoke("tasmota", "cold-2")
    assert not credentials.revoke("tasmota", "cold-2")
    assert Credentials(data).holder(second) is None

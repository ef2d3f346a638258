"""The demo's broker and the gateway as processes of their own, as `demo` starts them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from django.db import connections

from bihuan.base.time import MovableClock, SystemClock
from bihuan.gateway.credentials import Credentials
from bihuan.gateway.mqtt_line.broker import GATEWAY
from bihuan.gateway.simulate_mqtt import KINDS, At, Sensor
from bihuan.journal.keys import KeyRing
from bihuan.register import entries as register
from tests.county import World
from tests.gateway.mosquitto import free_port, wait_for
from tests.gateway.stored import stored

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.both_databases,
]


@contextmanager
def process(environment: dict[str, str], *words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bihuan", *words]
    made = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield made
    finally:
        made.terminate()
        made.wait(20)


def test_gateway_process_hears_the_broker_of_its_settings(
    data: Path, clock: MovableClock, keys: KeyRing, process_environment: dict[str, str]
) -> None:
    world = World(clock, keys)
    world.add(register.DeviceAdopted(protocol="zigbee2mqtt", number="冷库1", model=None))
    credentials, port = Credentials(data), free_port()
    token, device = credentials.issue(*GATEWAY), credentials.issue("zigbee2mqtt", "冷库1")
    environment = process_environment | {
        "BIHUAN_MQTT": f"mqtt://mqtt%2Fgateway@127.0.0.1:{port}",
        "BIHUAN_MQTT_PASSWORD": token,
        "BIHUAN_MQTT_SYSTEMS": "zigbee2mqtt",
    }
    probe = Sensor(KINDS["zigbee2mqtt"], "冷库1", {"temperature": 3.25}, SystemClock())
    with ExitStack() as parts:
        parts.enter_context(process(environment, "broker", f"--port={port}"))
        parts.enter_context(process(environment, "gateway", "--listen=watch=0"))
        probe.start(At("127.0.0.1", port, "zigbee2mqtt/冷库1", device), speed=600)
        wait_for(lambda: len(stored("air_temperature")) >= 3, 40)
        probe.stop()
    assert {one.value for one in stored("air_temperature")} == {3.25}
    assert all(one.is_good for one in stored("air_temperature"))
    connections.close_all()


def test_gateway_process_names_every_setting_at_fault(
    process_environment: dict[str, str], data: Path, clock: MovableClock, keys: KeyRing
) -> None:
    World(clock, keys)
    environment = process_environment | {
        "BIHUAN_MQTT": "http://host",
        "BIHUAN_MQTT_CLIENT": "a client",
        "BIHUAN_MQTT_SYSTEMS": "zigbee2mqtt,fax",
        "BIHUAN_MQTT_RULES": "/nowhere.json",
    }
    with process(environment, "gateway", "--listen=watch=0") as made:
        said, _ = made.communicate(timeout=40)
    assert made.returncode == 2
    for name in ("BIHUAN_MQTT", "BIHUAN_MQTT_CLIENT", "BIHUAN_MQTT_SYSTEMS", "BIHUAN_MQTT_RULES"):
        assert f"{name}: got" in said
    connections.close_all()

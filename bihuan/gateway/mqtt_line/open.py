"""A line as the settings ask for it: its hubs know until when an earlier process heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from bihuan.base.time import Clock, datetime_of
from bihuan.gateway.mqtt.hubs import HUBS
from bihuan.gateway.mqtt.mapping import PLAIN, Settings
from bihuan.gateway.mqtt_line.address import Address
from bihuan.gateway.mqtt_line.alive import Alive
from bihuan.gateway.mqtt_line.line import Kept, MqttLine
from bihuan.gateway.mqtt_line.remembered import Remembered
from bihuan.gateway.mqtt_line.route import Mail, Router
from bihuan.gateway.worker import StoreWorker

# by how much a measurement may be older than its message: on its way, in a bridge, in a queue
UNDER_WAY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which broker, which systems there, and what the operator says of them."""

    at: Address
    systems: Sequence[str]
    rules: Mapping[str, Settings] = field(default_factory=dict)


def open_line(wanted: Wanted, worker: StoreWorker, clock: Clock, folder: Path) -> MqttLine:
    """A line, not started yet. folder: where it leaves until when it was up."""
    alive = Alive(folder / f"mqtt-{wanted.at.client}.alive")
    left = alive.read()
    until = None if left is None else left - UNDER_WAY
    hubs = [
        HUBS[name](replace(wanted.rules.get(name, PLAIN), heard_until=until))
        for name in wanted.systems
    ]
    router = Router(hubs)
    remembered = Remembered(folder / f"mqtt-{wanted.at.client}.sensors")
    now = datetime_of(clock.now_us())
    for topic, payload in remembered.all().items():
        router.take(Mail(topic, payload, is_retained=True, received=now))
    return MqttLine(wanted.at, router, worker, clock, Kept(alive, remembered))

"""MQTT with the real broker of docs/mqtt.md: nothing is lost, nobody gets in by a side door."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connections

from bihuan.base.time import CHINA, HOUR_US, MovableClock, SystemClock, datetime_of, us_of
from bihuan.gateway.intake import Intake
from bihuan.gateway.mqtt.mapping import Settings, ToChannel
from bihuan.gateway.mqtt_line.address import Address, read_rules
from bihuan.gateway.mqtt_line.line import MqttLine
from bihuan.gateway.mqtt_line.open import Wanted, open_line
from bihuan.gateway.worker import StoreWorker
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Entry
from bihuan.register import entries as register
from bihuan.register.models import RefusedFrame
from tests.county import World
from tests.gateway.mosquitto import PASSWORDS, Mosquitto, block, wait_for
from tests.gateway.stored import stored

pytestmark = [
    pytest.mark.mosquitto,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]
SYSTEMS = ("zigbee2mqtt", "tasmota", "thingsboard", "sparkplug", "homeassistant")
DEVICES = (("zigbee2mqtt", "冷库"), ("tasmota", "cold-1"), ("homeassistant", "冰柜"))


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    made = Mosquitto(tmp_path / "mosquitto")
    made.start()
    yield made
    made.stop()


class Intakes(Intake):
    """An intake that fails as it is told to: a database that is down, a message that is poison."""

    times = 0

    def store(self, arrivals: Any) -> None:
        if any(b"poison" in a.raw and not a.decoded.faults for a in arrivals):
            raise DatabaseError("value too long")
        if self.times:
            self.times -= 1
            raise OperationalError("the database is down")
        super().store(arrivals)


class Hearing:
    """The gateway's MQTT part, started and stopped like a process."""

    def __init__(self, broker: Mosquitto, data: Path, keys: KeyRing) -> None:
        secret = PASSWORDS["gateway"]
        self.at = Address(
            "localhost", broker.port, True, "bihuan-gateway", "gateway", secret, broker.ca
        )
        self.data, self._keys = data, keys
        self.intake = Intakes(SystemClock(), keys)

    @contextmanager
    def hearing(self, *, is_killed: bool = False) -> Iterator[MqttLine]:
        """Connected from here on. is_killed: the line just breaks, nothing is said or stored."""
        worker = StoreWorker(self.intake)
        worker.start()
        wanted = Wanted(self.at, SYSTEMS, {"tasmota": Settings(zone=CHINA)})
        line = open_line(wanted, worker, SystemClock(), self.data / "run")
        line.start()
        try:
            wait_for(lambda: line.is_live)
            yield line
            if not is_killed:
                wait_for(lambda: not line.unstored)
        finally:
            line.stop()
            worker.stop()


@pytest.fixture
def gateway(broker: Mosquitto, data: Path, clock: MovableClock, keys: KeyRing) -> Iterator[Hearing]:
    world = World(clock, keys)
    for protocol, number in DEVICES:
        device = world.add(register.DeviceAdopted(protocol=protocol, number=number, model=None))
        world.add(register.DeviceBound(device_id=device, subject_id=world.people.subject))
    yield Hearing(broker, data, keys)
    connections.close_all()


def probe(celsius: float, **more: object) -> str:
    return json.dumps({"temperature": celsius, "linkquality": 120, **more})


def celsius() -> list[tuple[float, bool]]:
    return [(one.value, one.is_good) for one in stored("air_temperature")]


def of_type(name: str) -> int:
    return Entry.objects.filter(lane=0, type=name).count()


def test_mosquitto_reading_is_stored_with_its_link(broker: Mosquitto, gateway: Hearing) -> None:
    bridge = broker.device("zigbee-bridge")
    with gateway.hearing():
        bridge.publish("zigbee2mqtt/冷库", probe(3.5))
        wait_for(celsius)
    assert celsius() == [(3.5, True)]
    assert [one.device for one in stored("link")] == ["冷库"]
    bridge.close()


def test_mosquitto_refuses_a_wrong_password(broker: Mosquitto, gateway: Hearing) -> None:
    stranger = broker.device("cold-1", password="guessed")
    assert stranger.reasons[0] in ("Not authorized", "Bad user name or password")
    stranger.close()


def test_mosquitto_is_refused_without_its_authority(broker: Mosquitto) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(
            socket.create_connection(("127.0.0.1", broker.port)), server_hostname="localhost"
        )


def test_mosquitto_acl_keeps_a_device_to_its_own_name(broker: Mosquitto, gateway: Hearing) -> None:
    """A gauge can neither speak for another device nor hear one, nor forge our mark."""
    gauge, bridge = broker.device("cold-1"), broker.device("zigbee-bridge")
    gauge.listen("#")
    with gateway.hearing() as line:
        for topic in ("zigbee2mqtt/冷库", "tele/cold-2/SENSOR", "bihuan/bihuan-gateway/mark"):
            gauge.publish(topic, probe(99.0))
        bridge.publish("zigbee2mqtt/冷库", probe(4.0))
        gauge.publish("tele/cold-1/SENSOR", json.dumps({"SI7021": {"Humidity": 61.0}}))
        wait_for(lambda: stored("humidity"))
        wait_for(celsius)
        assert line.is_live
    assert celsius() == [(4.0, True)]
    assert RefusedFrame.objects.count() == 0
    assert {topic for topic, _said in gauge.heard} <= {"spBv1.0/STATE/bihuan-gateway"}
    bridge.close()
    gauge.close()


def test_mosquitto_keeps_what_came_while_the_gateway_was_away(
    broker: Mosquitto, gateway: Hearing
) -> None:
    """Published at QoS 0: the broker raises it, as the documented setting says."""
    bridge = broker.device("zigbee-bridge")
    with gateway.hearing():
        pass
    for n in range(300):
        bridge.publish("zigbee2mqtt/冷库", probe(n / 10), qos=0)
    with gateway.hearing():
        wait_for(lambda: len(celsius()) == 300)
    assert celsius() == [(n / 10, True) for n in range(300)]
    bridge.close()


def test_mosquitto_kept_for_long_is_stored_and_not_judged(
    broker: Mosquitto, gateway: Hearing
) -> None:
    """An hour away: a value without a time is bad, one with its time is good, an SOS calls."""
    bridge = broker.device("zigbee-bridge")
    with gateway.hearing():
        pass
    seen = datetime_of(SystemClock().now_us()) - timedelta(minutes=40)
    bridge.publish("zigbee2mqtt/冷库", probe(7.0))
    bridge.publish("zigbee2mqtt/冷库", probe(8.0, last_seen=seen.isoformat()))
    bridge.publish("zigbee2mqtt/冷库", json.dumps({"action": "sos"}))
    left = gateway.data / "run" / "mqtt-bihuan-gateway.alive"
    left.write_text(str(int(left.read_text()) - HOUR_US))
    with gateway.hearing():
        wait_for(lambda: of_type("signal.received.v1"))
        bridge.publish("zigbee2mqtt/冷库", probe(9.0))
        wait_for(lambda: len(celsius()) == 3)
    assert celsius() == [(7.0, False), (8.0, True), (9.0, True)]
    assert stored("air_temperature")[1].event_us == us_of(seen)
    assert len(stored("link")) == 1, "only the live message is a sign of life"
    bridge.close()


def test_mosquitto_is_not_answered_while_the_database_is_down(
    broker: Mosquitto, gateway: Hearing
) -> None:
    bridge = broker.device("zigbee-bridge")
    with gateway.hearing(is_killed=True) as line:
        gateway.intake.times = 1_000_000
        for n in range(5):
            bridge.publish("zigbee2mqtt/冷库", probe(float(n)))
        wait_for(lambda: line.unstored == 10)  # five receipts, five parts to try again
    assert celsius() == []
    gateway.intake.times = 0
    with gateway.hearing():
        wait_for(lambda: len(celsius()) == 5)
    assert [value for value, _good in celsius()] == [0.0, 1.0, 2.0, 3.0, 4.0]
    bridge.close()


def test_mosquitto_message_that_cannot_be_stored_stops_no_other(
    broker: Mosquitto, gateway: Hearing
) -> None:
    bridge = broker.device("zigbee-bridge")
    with gateway.hearing():
        bridge.publish("zigbee2mqtt/冷库", probe(5.0, note="poison"))
        bridge.publish("zigbee2mqtt/冷库", probe(6.0))
        wait_for(lambda: RefusedFrame.objects.count() == 1, 20)
    assert celsius() == [(6.0, True)]
    assert b"poison" in bytes(RefusedFrame.objects.get().raw)
    bridge.close()


def test_mosquitto_restart_is_survived(broker: Mosquitto, gateway: Hearing) -> None:
    bridge = broker.device("zigbee-bridge")
    with gateway.hearing() as line:
        bridge.publish("zigbee2mqtt/冷库", probe(1.0))
        wait_for(lambda: len(celsius()) == 1)
        broker.stop()
        wait_for(lambda: not line.is_connected)
        broker.start()
        wait_for(lambda: line.is_live)
        again = broker.device("zigbee-bridge")
        again.publish("zigbee2mqtt/冷库", probe(2.0))
        wait_for(lambda: len(celsius()) == 2)
        again.close()
    assert celsius() == [(1.0, True), (2.0, True)]
    bridge.close()


def test_mosquitto_retained_state_says_nothing_new(broker: Mosquitto, gateway: Hearing) -> None:
    bridge = broker.device("zigbee-bridge")
    bridge.publish("zigbee2mqtt/冷库", probe(1.0), retain=True)
    with gateway.hearing():
        bridge.publish("zigbee2mqtt/冷库", probe(2.0))
        wait_for(celsius)
    assert celsius() == [(2.0, True)]
    bridge.close()


def test_mosquitto_unknown_device_is_listed_once_and_its_alarm_calls(
    broker: Mosquitto, gateway: Hearing
) -> None:
    bridge = broker.device("zigbee-bridge")
    with gateway.hearing():
        for n in range(5):
            bridge.publish("zigbee2mqtt/新探头", probe(float(n)))
        bridge.publish("zigbee2mqtt/新探头", json.dumps({"action": "sos"}))
        bridge.publish("zigbee2mqtt/新探头", json.dumps({"action": "sos"}))
        wait_for(lambda: of_type("signal.received.v1") == 2)
    refused = RefusedFrame.objects.get()
    assert (refused.protocol, refused.device) == ("zigbee2mqtt", "新探头")
    bridge.close()


def test_mosquitto_death_of_a_line_is_no_sign_of_life(broker: Mosquitto, gateway: Hearing) -> None:
    gauge = broker.device("cold-1")
    with gateway.hearing():
        gauge.publish("tele/cold-1/LWT", "Online")
        gauge.publish("tele/cold-1/LWT", "Offline")
        wait_for(lambda: stored("link_lost"))
    assert [one.is_good for one in stored("link")] == [True]
    assert [one.is_good for one in stored("link_lost")] == [False]
    gauge.close()


def test_mosquitto_node_without_a_birth_is_asked_for_one(
    broker: Mosquitto, gateway: Hearing
) -> None:
    node = broker.device("cold-1")
    node.listen("spBv1.0/kitchens/NCMD/cold-1")
    node.listen("spBv1.0/STATE/+")
    with gateway.hearing():
        wait_for(lambda: node.heard)
        node.publish("spBv1.0/kitchens/NDATA/cold-1", "\x08\x01", qos=0)
        wait_for(lambda: len(node.heard) == 2)
    (host, online), (asked, order) = node.heard
    assert (host, json.loads(online)["online"]) == ("spBv1.0/STATE/bihuan-gateway", True)
    assert asked == "spBv1.0/kitchens/NCMD/cold-1"
    assert b"Node Control/Rebirth" in order
    node.close()


def test_mosquitto_sensor_that_announces_itself_is_heard_also_after_a_restart(
    broker: Mosquitto, gateway: Hearing
) -> None:
    """What waits at the broker comes before the retained configs: they are remembered."""
    gauge = broker.device("cold-1")
    config = {
        "unique_id": "t1",
        "state_topic": "cold-1/sensor/t1/state",
        "device_class": "temperature",
        "unit_of_measurement": "°C",
        "device": {"identifiers": ["冰柜"]},
    }
    topic = "homeassistant/sensor/cold-1/t1/config"
    gauge.publish(topic, json.dumps(config), retain=True)
    with gateway.hearing():
        gauge.publish("cold-1/sensor/t1/state", "-18")
        wait_for(celsius)
    gauge.publish("cold-1/sensor/t1/state", "-19")
    with gateway.hearing():
        wait_for(lambda: len(celsius()) == 2)
    assert celsius() == [(-18.0, True), (-19.0, True)]
    assert RefusedFrame.objects.count() == 0
    gauge.publish(topic, "", retain=True)
    gauge.close()


def test_rules_of_the_docs_are_read(tmp_path: Path) -> None:
    path = tmp_path / "mqtt.json"
    path.write_text(block("json"))
    rules = read_rules(path)
    assert str(rules["tasmota"].zone) == "Asia/Shanghai"
    assert rules["thingsboard"].rule("x", "waterLevel") == ToChannel("level", "cm")

"""zigbee2mqtt: payloads after its documentation of topics and messages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bihuan.gateway.mqtt.mapping import Settings, ToChannel
from bihuan.gateway.mqtt.zigbee2mqtt import Zigbee2Mqtt
from tests.gateway.mqtt.say import NOW, fields, links, send, told, values

ROOM = "zigbee2mqtt/kitchen/room"
STATE = {"temperature": 27.34, "humidity": 44.72, "battery": 91, "voltage": 2985, "linkquality": 84}


def test_zigbee2mqtt_reads_the_documented_sensor() -> None:
    """27.34 and 44.72 are the documentation's own example; a name may have slashes."""
    heard = send(Zigbee2Mqtt(), ROOM, STATE)
    assert values(heard) == {
        ("kitchen/room", "air_temperature"): 27.34,
        ("kitchen/room", "humidity"): 44.72,
        ("kitchen/room", "battery"): 91,
    }
    assert told(heard, "kitchen/room")["battery_mv"] == 2985
    assert told(heard, "kitchen/room")["link_quality_255"] == 84
    assert all(r.is_fresh and r.is_at_receipt and r.at == NOW for r in heard.readings)
    assert not heard.faults


def test_zigbee2mqtt_takes_last_seen_as_the_time_of_measurement() -> None:
    hub = Zigbee2Mqtt()
    iso = send(hub, ROOM, {**STATE, "last_seen": "2026-03-01T07:59:58+08:00"})
    epoch_ms = send(hub, ROOM, {**STATE, "last_seen": 1772323199500})
    assert iso.readings[0].at == NOW - timedelta(seconds=2)
    assert epoch_ms.readings[0].at == NOW - timedelta(milliseconds=500)
    assert iso.readings[0].is_fresh
    assert epoch_ms.readings[0].is_fresh


def test_zigbee2mqtt_state_resent_at_the_bridges_start_is_never_fresh() -> None:
    """devices.md 3: cached state is resent on bridge start; the time stays the old one."""
    hub = Zigbee2Mqtt()
    seen = {**STATE, "last_seen": "2026-02-28T23:00:00Z"}
    old = NOW - timedelta(hours=1)
    assert send(hub, ROOM, seen, at=old).readings[0].is_fresh
    send(hub, "zigbee2mqtt/bridge/state", {"state": "online"})
    resent = send(hub, ROOM, seen)
    assert {(r.is_fresh, r.at) for r in resent.readings} == {(False, old)}
    assert resent.decoded() == ()


def test_zigbee2mqtt_cached_state_is_known_as_old_after_our_own_restart() -> None:
    """25 h of battery sensors' silence: a new hub hears the cached state, hours old."""
    heard = send(Zigbee2Mqtt(), ROOM, {**STATE, "last_seen": "2026-02-28T02:00:00Z"})
    assert not any(r.is_fresh for r in heard.readings)


def test_zigbee2mqtt_without_last_seen_the_first_state_after_a_start_has_no_time() -> None:
    hub = Zigbee2Mqtt()
    send(hub, "zigbee2mqtt/bridge/state", "online")
    resent = send(hub, ROOM, STATE, at=NOW + timedelta(seconds=5))
    real = send(hub, ROOM, STATE, at=NOW + timedelta(seconds=9))
    assert {(r.is_fresh, r.at) for r in resent.readings} == {(False, None)}
    assert {r.is_fresh for r in real.readings} == {True}


def test_zigbee2mqtt_retained_state_has_no_new_time() -> None:
    heard = send(Zigbee2Mqtt(), ROOM, STATE, is_retained=True)
    assert {(r.is_fresh, r.at, r.is_at_receipt) for r in heard.readings} == {(False, None, False)}


@pytest.mark.parametrize("written", ["offline", '{"state":"offline"}'])
def test_zigbee2mqtt_availability_is_a_link_and_no_reading(written: str) -> None:
    """Text in 1.x, JSON in 2.x."""
    heard = send(Zigbee2Mqtt(), f"{ROOM}/availability", written)
    assert links(heard) == [("kitchen/room", False)]
    assert heard.readings == ()


def test_zigbee2mqtt_a_panic_button_is_an_event_each_time() -> None:
    hub = Zigbee2Mqtt()
    for _ in range(2):
        heard = send(hub, "zigbee2mqtt/button", {"action": "emergency", "battery_low": True})
        assert [(s.kind, s.is_event) for s in heard.signals] == [
            ("sos", True),
            ("low_battery", False),
        ]
        assert [(d.kind, [s.kind for s in d.signals]) for d in heard.decoded()] == [
            ("event state", ["sos"]),
            ("state", ["low_battery"]),
        ]


def test_zigbee2mqtt_a_bad_time_costs_no_call_for_help() -> None:
    heard = send(Zigbee2Mqtt(), "zigbee2mqtt/button", {"action": "sos", "last_seen": "yesterday"})
    assert [s.kind for s in heard.signals] == ["sos"]
    assert fields(heard) == ["last_seen"]


def test_zigbee2mqtt_a_probe_is_mapped_by_data() -> None:
    probe = Settings(devices={"freezer": {"temperature": ToChannel("core_temperature", "Cel")}})
    heard = send(Zigbee2Mqtt(probe), "zigbee2mqtt/freezer", {"temperature": -18.4})
    assert values(heard) == {("freezer", "core_temperature"): -18.4}


def test_zigbee2mqtt_null_is_no_value_and_unknown_keys_are_kept() -> None:
    body = {"temperature": None, "battery": 0, "update": {"state": "idle"}, "illuminance": 4}
    heard = send(Zigbee2Mqtt(), "zigbee2mqtt/x", body)
    kept = told(heard, "x")
    assert values(heard) == {("x", "battery"): 0}  # 0 % is a battery that is empty
    assert kept["no_value"] == ["temperature"]
    assert (kept["update.state"], kept["illuminance"]) == ("idle", 4)
    assert not heard.faults


def test_zigbee2mqtt_orders_to_devices_are_not_their_states() -> None:
    heard = send(Zigbee2Mqtt(), f"{ROOM}/set", {"temperature": 30})
    assert (heard.kind, heard.readings) == ("command", ())


def test_zigbee2mqtt_an_impossible_value_is_a_fault() -> None:
    heard = send(Zigbee2Mqtt(), "zigbee2mqtt/x", {"humidity": 6553.5, "temperature": "warm"})
    assert fields(heard) == ["humidity", "temperature"]
    assert heard.readings == ()

"""Shelly Gen2+: notifications and status topics after the API documentation."""

from __future__ import annotations

from datetime import UTC, datetime

from bihuan.gateway.mqtt.shelly import Shelly
from tests.gateway.mqtt.say import NOW, fields, links, send, told, values

ID = "shellyhtg3-84fce63ad204"
FULL = {
    "src": ID,
    "dst": f"{ID}/events",
    "method": "NotifyFullStatus",
    "params": {
        "ts": 1772323190.5,
        "devicepower:0": {"id": 0, "battery": {"V": 5.67, "percent": 88}},
        "humidity:0": {"id": 0, "rh": 42.2},
        "temperature:0": {"id": 0, "tC": 19.8, "tF": 67.6},
        "sys": {"wakeup_period": 600, "unixtime": 1772323190},
        "wifi": {"rssi": -61},
    },
}


def test_shelly_reads_a_full_status_at_the_devices_time() -> None:
    heard = send(Shelly(), f"{ID}/events/rpc", FULL)
    assert values(heard) == {
        (ID, "battery"): 88,
        (ID, "humidity"): 42.2,
        (ID, "air_temperature"): 19.8,
    }
    assert {r.at for r in heard.readings} == {
        datetime(2026, 2, 28, 23, 59, 50, 500_000, tzinfo=UTC)
    }
    kept = told(heard, ID)
    assert (kept["battery_v"], kept["rssi_dbm"], kept["wakeup_period_s"]) == (5.67, -61, 600)
    assert kept["temperature:0.tF"] == 67.6


def test_shelly_going_offline_is_normal_for_one_that_sleeps() -> None:
    hub = Shelly()
    send(hub, f"{ID}/events/rpc", FULL)
    asleep = send(hub, f"{ID}/online", "false").links[0]
    dropped = send(hub, "shellyplus1-a8032abe54dc/online", "false").links[0]
    assert (asleep.is_online, asleep.is_normal) == (False, True)
    assert (dropped.is_online, dropped.is_normal) == (False, False)
    assert links(send(hub, f"{ID}/online", "true")) == [(ID, True)]


def test_shelly_on_usb_power_has_no_battery_at_0_percent() -> None:
    power = {"id": 0, "battery": {"V": 0.43, "percent": 0}, "external": {"present": True}}
    body = {**FULL, "params": {"ts": 1772323190, "devicepower:0": power}}
    heard = send(Shelly(), f"{ID}/events/rpc", body)
    assert heard.readings == ()
    assert told(heard, ID)["devicepower:0.battery.percent"] == 0


def test_shelly_time_before_its_clock_is_set_is_not_believed() -> None:
    """Just woken it counts from its boot."""
    params: dict[str, object] = {"ts": 2.31, "temperature:0": {"id": 0, "tC": 19.8}}
    body = {**FULL, "params": params}
    heard = send(Shelly(), f"{ID}/events/rpc", body)
    assert {(r.at, r.is_at_receipt) for r in heard.readings} == {(NOW, True)}


def test_shelly_a_failed_sensor_gives_no_reading() -> None:
    failed = {"id": 0, "tC": None, "tF": None, "errors": ["read"]}
    heard = send(Shelly(), f"{ID}/status/temperature:0", failed)
    assert heard.readings == ()
    assert told(heard, ID)["no_value"] == ["temperature:0.tC"]
    assert told(heard, ID)["temperature:0.errors"] == ["read"]


def test_shelly_reads_a_status_topic_and_ignores_a_relays_own_heat() -> None:
    hub = Shelly()
    room = send(hub, f"{ID}/status/temperature:0", {"id": 0, "tC": -3.5, "tF": 25.7})
    relay = send(hub, f"{ID}/status/switch:0", {"id": 0, "temperature": {"tC": 53.3}})
    assert values(room) == {(ID, "air_temperature"): -3.5}
    assert relay.readings == ()
    assert told(relay, ID)["switch:0.temperature.tC"] == 53.3


def test_shelly_an_unknown_method_is_kept_and_said() -> None:
    heard = send(Shelly(), f"{ID}/events/rpc", {"method": "NotifyNews", "params": {"a": 1}})
    assert fields(heard) == ["method"]
    assert told(heard, ID)["NotifyNews"] == {"a": 1}

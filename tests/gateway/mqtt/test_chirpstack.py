"""ChirpStack v4: events after its documentation and its message definitions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bihuan.gateway.mqtt.chirpstack import ChirpStack
from bihuan.gateway.mqtt.mapping import Settings, ToChannel
from tests.gateway.mqtt.say import fields, links, send, told, values

EUI = "70b3d57ed0061234"
TOPIC = f"application/3d0e7e1a-6a0b-4d0a-9b1c-0f5d1c2b3a49/device/{EUI}/event/"
UP = {
    "deduplicationId": "57433366-50a6-4dc2-8145-2df1bbc70d9e",
    "time": "2026-02-28T23:59:30.775023242+00:00",
    "deviceInfo": {"devEui": EUI, "deviceName": "river gauge"},
    "fPort": 2,
    "data": "AXoB",
    "object": {"level": 1.25, "rain": 0.0, "battery_v": 3.58, "turbidity": 7},
    "rxInfo": [{"gatewayId": "a", "rssi": -118}, {"gatewayId": "b", "rssi": -97, "snr": 8.5}],
}


def test_chirpstack_reads_an_uplink_at_the_time_it_was_received_by_radio() -> None:
    heard = send(ChirpStack(), f"{TOPIC}up", UP)
    assert values(heard) == {(EUI, "level"): 1.25, (EUI, "rain"): 0.0}
    assert heard.readings[0].at == datetime(2026, 2, 28, 23, 59, 30, 775023, tzinfo=UTC)
    assert heard.identity == UP["deduplicationId"]
    assert not heard.faults


def test_chirpstack_left_out_zeros_are_zeros() -> None:
    """No fCnt: the first frame. No snr at the gateway: 0 dB."""
    kept = told(send(ChirpStack(), f"{TOPIC}up", UP), EUI)
    assert (kept["fCnt"], kept["fPort"]) == (0, 2)
    assert (kept["rssi_dbm"], kept["snr_db"]) == (-97, 8.5)
    zero = {**UP, "rxInfo": [{"gatewayId": "a"}]}
    kept = told(send(ChirpStack(), f"{TOPIC}up", zero), EUI)
    assert (kept["rssi_dbm"], kept["snr_db"]) == (0, 0)


def test_chirpstack_the_same_uplink_again_is_a_duplicate() -> None:
    hub = ChirpStack()
    assert not send(hub, f"{TOPIC}up", UP).is_duplicate
    again = send(hub, f"{TOPIC}up", {**UP, "rxInfo": []})
    assert (again.is_duplicate, again.readings) == (True, ())


def test_chirpstack_two_equal_readings_that_are_two_stay_two() -> None:
    hub = ChirpStack()
    send(hub, f"{TOPIC}up", UP)
    other = send(hub, f"{TOPIC}up", {**UP, "deduplicationId": "another", "fCnt": 1})
    assert len(other.readings) == 2


def test_chirpstack_a_retained_copy_does_not_hide_the_uplink() -> None:
    hub = ChirpStack()
    retained = send(hub, f"{TOPIC}up", UP, is_retained=True)
    live = send(hub, f"{TOPIC}up", UP)
    assert not any(r.is_fresh for r in retained.readings)
    assert not live.is_duplicate
    assert all(r.is_fresh for r in live.readings)


def test_chirpstack_battery_is_not_taken_for_a_percentage_in_volts() -> None:
    heard = send(ChirpStack(), f"{TOPIC}up", UP)
    assert "battery" not in {r.channel for r in heard.readings}
    assert told(heard, EUI)["battery_v"] == 3.58
    assert told(heard, EUI)["turbidity"] == 7


@pytest.mark.parametrize(
    ("body", "battery"),
    [
        ({"batteryLevel": 75.59, "margin": 7}, 75.59),
        ({"margin": 7}, 0),
        ({"externalPowerSource": True}, None),
        ({"batteryLevelUnavailable": True}, None),
    ],
)
def test_chirpstack_status_tells_an_empty_battery_from_none(
    body: dict[str, object], battery: float | None
) -> None:
    status = {"deduplicationId": "s", "time": UP["time"], "deviceInfo": UP["deviceInfo"], **body}
    heard = send(ChirpStack(), f"{TOPIC}status", status)
    assert values(heard).get((EUI, "battery")) == battery
    assert told(heard, EUI)["margin_db"] == body.get("margin", 0)


def test_chirpstack_a_join_is_a_link_and_no_reading() -> None:
    join = {"deduplicationId": "j", "deviceInfo": UP["deviceInfo"], "devAddr": "00189440"}
    heard = send(ChirpStack(), f"{TOPIC}join", join)
    assert (links(heard), heard.readings) == ([(EUI, True)], ())


def test_chirpstack_an_uplink_without_a_codec_is_said_and_its_bytes_kept() -> None:
    raw = {key: node for key, node in UP.items() if key != "object"}
    heard = send(ChirpStack(), f"{TOPIC}up", raw)
    assert fields(heard) == ["object"]
    assert told(heard, EUI)["up.data"] == "AXoB"


def test_chirpstack_another_device_in_the_payload_is_refused() -> None:
    heard = send(ChirpStack(), f"{TOPIC}up", {**UP, "deviceInfo": {"devEui": "f" * 16}})
    assert fields(heard) == ["deviceInfo.devEui"]
    assert heard.readings == ()


def test_chirpstack_a_codecs_own_names_are_mapped_by_data() -> None:
    rules = {EUI: {"TempC_SHT": ToChannel("air_temperature", "Cel")}}
    up = {**UP, "object": {"TempC_SHT": -5.5}}
    heard = send(ChirpStack(Settings(devices=rules)), f"{TOPIC}up", up)
    assert values(heard) == {(EUI, "air_temperature"): -5.5}
    assert send(ChirpStack(), f"{TOPIC}up", {**up, "time": "soon"}).faults[0].field == "time"

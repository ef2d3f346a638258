"""Home Assistant discovery: configs after its documentation, in the forms real devices send."""

from __future__ import annotations

import json

import pytest

from bihuan.gateway.mqtt.homeassistant import HomeAssistant
from bihuan.gateway.mqtt.mapping import Settings, ToChannel
from bihuan.gateway.mqtt.payload import Body, plain
from bihuan.gateway.mqtt.template import parse
from tests.gateway.mqtt.say import fields, links, send, told, values

CONFIG = "homeassistant/sensor/0x00158d0001b79111/temperature/config"
TEMPERATURE = {
    "name": "Temperature",
    "unique_id": "room_temperature",
    "state_topic": "home/room",
    "value_template": "{{ value_json.temperature }}",
    "unit_of_measurement": "°C",
    "device_class": "temperature",
    "device": {"identifiers": ["room"], "name": "Room"},
    "expire_after": 7200,
}
SHORT = {
    "~": "home/room",
    "uniq_id": "room_temperature",
    "stat_t": "~",
    "val_tpl": "{{ value_json.temperature }}",
    "unit_of_meas": "°C",
    "dev_cla": "temperature",
    "dev": {"ids": "room"},
    "avty_t": "~/LWT",
    "pl_avail": "Online",
    "pl_not_avail": "Offline",
}


@pytest.mark.parametrize("config", [TEMPERATURE, SHORT], ids=["long", "short"])
def test_discovery_sensor_appears_and_is_read(config: dict[str, object]) -> None:
    hub = HomeAssistant()
    learned = send(hub, CONFIG, config, is_retained=True)
    assert "home/room" in learned.subscribe
    assert "home/room" in hub.topics()
    assert (learned.readings, learned.faults) == ((), ())
    assert values(send(hub, "home/room", {"temperature": 21.5})) == {
        ("room", "air_temperature"): 21.5
    }


def test_discovery_keeps_how_long_a_value_holds() -> None:
    hub = HomeAssistant()
    send(hub, CONFIG, TEMPERATURE)
    assert [e.expire_after_s for e in hub.entities()] == [7200]


def test_discovery_empty_payload_deletes_the_sensor() -> None:
    hub = HomeAssistant()
    send(hub, CONFIG, TEMPERATURE)
    deleted = send(hub, CONFIG, b"")
    assert deleted.unsubscribe == ("home/room",)
    assert told(deleted, "room") == {"deleted.room_temperature": True}
    assert hub.entities() == ()
    assert hub.topics() == ("homeassistant/+/+/config", "homeassistant/+/+/+/config")


def test_discovery_retained_state_is_not_fresh() -> None:
    hub = HomeAssistant()
    send(hub, CONFIG, TEMPERATURE)
    heard = send(hub, "home/room", {"temperature": 21.5}, is_retained=True)
    assert {(r.is_fresh, r.at) for r in heard.readings} == {(False, None)}


def test_discovery_availability_is_a_link() -> None:
    hub = HomeAssistant()
    learned = send(hub, CONFIG, SHORT)
    assert learned.subscribe == ("home/room", "home/room/LWT")
    assert links(send(hub, "home/room/LWT", "Offline")) == [("room", False)]
    assert fields(send(hub, "home/room/LWT", "offline")) == ["availability"]


@pytest.mark.parametrize(("mode", "after_one"), [("all", False), ("any", True), ("latest", True)])
def test_discovery_availability_of_several_topics(mode: str, after_one: bool) -> None:
    """One of two topics says online; the other was not heard."""
    hub = HomeAssistant()
    several = [
        {"topic": "z/bridge", "value_template": "{{ value_json.state }}"},
        {"t": "z/room"},
    ]
    send(hub, CONFIG, {**TEMPERATURE, "avty": several, "avty_mode": mode})
    assert links(send(hub, "z/bridge", {"state": "online"})) == [("room", after_one)]


def test_discovery_of_a_device_with_components() -> None:
    """Device-based discovery: shared topic and device, `{"p": "sensor"}` alone removes one."""
    hub = HomeAssistant()
    topic = "homeassistant/device/0AFFD2/config"
    device = {
        "dev": {"ids": ["0AFFD2"]},
        "o": {"name": "probe"},
        "cmps": {
            "t": {
                "p": "sensor",
                "dev_cla": "temperature",
                "unit_of_meas": "°F",
                "val_tpl": "{{ value_json['temperature'] | float | round(1) }}",
                "uniq_id": "t1",
            },
            "h": {
                "p": "sensor",
                "dev_cla": "humidity",
                "unit_of_meas": "%",
                "val_tpl": "{{ value_json.humidity }}",
                "uniq_id": "h1",
            },
            "s": {"p": "switch", "uniq_id": "s1", "cmd_t": "x"},
        },
        "stat_t": "probe/state",
    }
    learned = send(hub, topic, device)
    assert not learned.faults
    assert told(learned, topic)["s"] == "switch: does not measure"
    body = {"temperature": 50.04, "humidity": 61}
    assert values(send(hub, "probe/state", body)) == {
        ("0AFFD2", "air_temperature"): 10.0,
        ("0AFFD2", "humidity"): 61,
    }
    device["cmps"] = {"h": {"p": "sensor"}}
    send(hub, topic, device)
    assert values(send(hub, "probe/state", body)) == {("0AFFD2", "air_temperature"): 10.0}
    gone = send(hub, topic, b"")
    assert gone.unsubscribe == ("probe/state",)


def test_discovery_a_chips_own_temperature_is_not_the_rooms() -> None:
    hub = HomeAssistant()
    send(hub, CONFIG, {**TEMPERATURE, "ent_cat": "diagnostic"})
    heard = send(hub, "home/room", {"temperature": 53.3})
    assert heard.readings == ()
    assert told(heard, "room")["room_temperature"] == 53.3


def test_discovery_battery_in_volts_is_refused_as_a_percentage() -> None:
    hub = HomeAssistant()
    battery = {"device_class": "battery", "unit_of_measurement": "V", "entity_category": None}
    send(hub, CONFIG, {**TEMPERATURE, **battery})
    heard = send(hub, "home/room", {"temperature": 2.9})
    assert heard.readings == ()
    assert fields(heard) == ["room_temperature.unit_of_measurement"]


def test_discovery_a_sensor_is_mapped_to_a_probe_by_data() -> None:
    probe = {"room": {"room_temperature": ToChannel("core_temperature", "Cel")}}
    hub = HomeAssistant(Settings(devices=probe))
    send(hub, CONFIG, TEMPERATURE)
    heard = send(hub, "home/room", {"temperature": 3.5})
    assert values(heard) == {("room", "core_temperature"): 3.5}


def test_discovery_binary_sensor_is_a_signal() -> None:
    hub = HomeAssistant()
    config = {"stat_t": "b", "uniq_id": "b1", "dev_cla": "smoke", "dev": {"ids": ["b"]}}
    send(hub, "homeassistant/binary_sensor/b/config", config)
    assert [(s.device, s.kind) for s in send(hub, "b", "ON").signals] == [("b", "other")]
    assert send(hub, "b", "OFF").signals == ()
    assert fields(send(hub, "b", "maybe")) == ["b1"]


@pytest.mark.parametrize("topic", ["a/#", "+/b", "$SYS/broker", ""])
def test_discovery_a_config_cannot_make_us_listen_to_everything(topic: str) -> None:
    heard = send(HomeAssistant(), CONFIG, {**TEMPERATURE, "state_topic": topic})
    assert heard.subscribe == ()
    assert fields(heard) == ["temperature.state_topic"]


def test_discovery_without_a_value_gives_no_reading_and_no_fault() -> None:
    hub = HomeAssistant()
    send(hub, CONFIG, TEMPERATURE)
    heard = send(hub, "home/room", {"humidity": 40})
    assert (heard.readings, heard.faults) == ((), ())


@pytest.mark.parametrize(
    ("template", "payload", "want"),
    [
        ("{{ value }}", "21.5", "21.5"),
        ("{{value_json.x}}", {"x": 21.5}, 21.5),
        ("{{ value_json['x'] }}", {"x": 1}, 1),
        ('{{ value_json["a-b"].c[1] }}', {"a-b": {"c": [1, 2]}}, 2),
        (
            "{{ value_json.DS18B20.Temperature | float }}",
            {"DS18B20": {"Temperature": "4.5"}},
            "4.5",
        ),
        ("{{ value | int }}", "21.9", 21),
        ("{{ value_json.x | round(1) }}", {"x": 21.46}, 21.5),
        ("{{ value_json.tempc | is_defined }}", {"tempc": -3}, -3),
        ("{{ value_json.x }}", {}, None),
    ],
)
def test_template_forms_of_real_devices_are_read(
    template: str, payload: object, want: object
) -> None:
    raw = (payload if isinstance(payload, str) else json.dumps(payload)).encode()
    assert plain(parse(template).render(Body(raw))) == want


@pytest.mark.parametrize(
    "template",
    [
        "{{ value_json.x | float(0) }}",
        "{{ value_json.x * 0.1 }}",
        "{{ value_json.x | default(0) }}",
        "{% if value == '1' %}ON{% endif %}",
        "{{ states('sensor.x') }}",
        "{{ value }} {{ value }}",
        "{{ value_json.x | multiply(0.1) }}",
        "{{ values }}",
        "value_json.x",
        "{{ (value_json.x) }}",
        "{{ value.__class__ }}",
    ],
)
def test_template_of_any_other_form_is_refused_by_name(template: str) -> None:
    heard = send(HomeAssistant(), CONFIG, {**TEMPERATURE, "value_template": template})
    assert fields(heard) == ["temperature.value_template"]
    assert heard.faults[0].got == template
    assert heard.subscribe == ()


def test_discovery_reads_the_documentations_own_example() -> None:
    """Two configs, one state topic below the prefix, neither unique_id nor device: 23.2, 43.7."""
    hub = HomeAssistant()
    state = "homeassistant/sensor/sensorBedroom/state"
    for place, device_class, unit in (("T", "temperature", "°C"), ("H", "humidity", "%")):
        config = {
            "device_class": device_class,
            "state_topic": state,
            "unit_of_measurement": unit,
            "value_template": f"{{{{ value_json.{device_class}}}}}",
        }
        assert not send(hub, f"homeassistant/sensor/sensorBedroom{place}/config", config).faults
    assert values(send(hub, state, '{ "temperature": 23.20, "humidity": 43.70 }')) == {
        ("sensorBedroomT", "air_temperature"): 23.2,
        ("sensorBedroomH", "humidity"): 43.7,
    }

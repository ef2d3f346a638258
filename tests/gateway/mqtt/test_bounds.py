"""What every hub holds to: no bytes crash it, floods and depths are bounded and said."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.base.errors import BadInputError
from bihuan.gateway.mqtt.heard import Heard
from bihuan.gateway.mqtt.hubs import HUBS
from bihuan.gateway.mqtt.mapping import PLAIN, Settings, ToChannel, ToSignal
from bihuan.gateway.mqtt.notes import MAX_FAULTS
from tests.gateway.mqtt.say import NOW, fields, send, values
from tests.gateway.mqtt.test_sparkplug import bd_seq, message, metric, single

EUI = "70b3d57ed0061234"
# one topic of every form that a hub reads; {} is the device
TOPICS: dict[str, tuple[str, ...]] = {
    "zigbee2mqtt": ("zigbee2mqtt/{}", "zigbee2mqtt/{}/availability", "zigbee2mqtt/bridge/state"),
    "tasmota": ("tele/{}/SENSOR", "tele/{}/STATE", "tele/{}/LWT", "stat/{}/STATUS10"),
    "chirpstack": tuple(
        f"application/1/device/{EUI}/event/{event}" for event in ("up", "status", "join", "log")
    ),
    "shelly": ("{}/events/rpc", "{}/status/temperature:0", "{}/online"),
    "esphome": ("{}/sensor/x/state", "{}/status"),
    "thingsboard": ("{}/v1/devices/me/telemetry", "v1/gateway/telemetry", "v1/gateway/connect"),
    "homeassistant": ("homeassistant/sensor/{}/config", "homeassistant/device/{}/config"),
    "sparkplug": (
        "spBv1.0/g/NBIRTH/{}",
        "spBv1.0/g/NDATA/{}",
        "spBv1.0/g/DDATA/{}/d",
        "spBv1.0/g/NDEATH/{}",
        "spBv1.0/STATE/{}",
    ),
}
WORDS = (
    "temperature",
    "last_seen",
    "Time",
    "Epoch",
    "TempUnit",
    "Temperature",
    "object",
    "rxInfo",
    "rssi",
    "time",
    "deviceInfo",
    "devEui",
    "deduplicationId",
    "params",
    "method",
    "ts",
    "values",
    "temperature:0",
    "tC",
    "sys",
    "wakeup_period",
    "online",
    "state",
    "components",
    "cmps",
    "dev",
    "ids",
    "stat_t",
    "val_tpl",
    "avty",
    "p",
    "device",
    "battery",
    "batteryLevel",
)
KEYS = st.sampled_from(WORDS) | st.text(max_size=6)
NODES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=4),
    max_leaves=12,
)
PAYLOADS = st.binary(max_size=200) | NODES.map(lambda node: json.dumps(node).encode())


@pytest.mark.parametrize("name", HUBS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_hub_never_raises_on_any_topic_and_bytes(name: str, data: st.DataObject) -> None:
    hub = HUBS[name](PLAIN)
    topics = st.sampled_from(TOPICS[name]).map(lambda t: t.replace("{}", "x")) | st.text(
        max_size=30
    )
    for _ in range(3):
        heard = hub.take(
            data.draw(topics),
            data.draw(PAYLOADS),
            is_retained=data.draw(st.booleans()),
            received=NOW,
        )
        assert isinstance(heard, Heard)
        heard.decoded()
        if heard.is_retained:
            assert not any(r.is_fresh for r in heard.readings)
            assert not any(link.is_fresh for link in heard.links)


def test_every_hub_has_its_topics_tested() -> None:
    assert set(TOPICS) == set(HUBS)


@pytest.mark.parametrize("name", ["zigbee2mqtt", "tasmota", "shelly", "esphome", "sparkplug"])
def test_hub_refuses_and_says_a_flood_of_new_devices(name: str) -> None:
    hub = HUBS[name](Settings(most_devices=2, devices={"mine": {}}))
    topic = TOPICS[name][0]
    for device in ("a", "b"):
        assert "device" not in fields(send(hub, topic.replace("{}", device), {}))
    flooding = send(hub, topic.replace("{}", "c"), {})
    assert fields(flooding) == ["device"]
    assert "2 devices" in flooding.faults[0].want
    if name != "sparkplug":  # there the node's group is part of the name
        assert "device" not in fields(send(hub, topic.replace("{}", "mine"), {}))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b'{"temperature": NaN}',
        b'{"temperature": 1, "temperature": 2}',
        b'{"a": "' + b"x" * 300_000 + b'"}',
        json.dumps({"a": list(range(20_000))}).encode(),
    ],
    ids=["empty", "utf8", "depth", "levels", "nan", "twice", "size", "count"],
)
def test_hub_says_what_is_wrong_with_json_it_cannot_take(payload: bytes) -> None:
    heard = send(HUBS["tasmota"](PLAIN), "tele/x/SENSOR", payload)
    assert len(heard.faults) == 1
    assert heard.readings == ()


def test_faults_of_one_message_are_bounded_and_the_rest_counted() -> None:
    rows = [{"ts": 1, "values": {}}] * 80
    heard = send(HUBS["thingsboard"](PLAIN), "x/v1/devices/me/telemetry", rows)
    assert len(heard.faults) == MAX_FAULTS + 1
    assert heard.faults[-1].got == "30 more faults"


def test_numbers_beyond_floats_are_refused() -> None:
    heard = send(HUBS["zigbee2mqtt"](PLAIN), "zigbee2mqtt/x", b'{"temperature": 1e999}')
    assert (fields(heard), heard.readings) == (["temperature"], ())


def test_a_wrong_rule_is_refused_when_it_is_written() -> None:
    with pytest.raises(BadInputError, match="unit: got V"):
        ToChannel("battery", "V")
    with pytest.raises(BadInputError, match="channel: got heat"):
        ToChannel("heat", "Cel")
    with pytest.raises(BadInputError, match="signal: got fire"):
        ToSignal("fire")


@pytest.mark.parametrize(
    ("unit", "channel", "written", "want"),
    [
        ("°F", "air_temperature", "-40", -40),
        ("K", "air_temperature", "273.15", 0),
        ("in", "rain", "1", 25.4),
        ("cm", "level", "125", 1.25),
        ("ft", "level", "10", 3.048),
        ("kPa", "systolic", "15.9986864898", 120),
    ],
)
def test_units_are_converted_exactly(unit: str, channel: str, written: str, want: float) -> None:
    """-40 is the same in both scales; 0 °C = 273.15 K; 1 in = 25.4 mm; 1 ft = 0.3048 m;
    120 mmHg = 120 x 133.322387415 Pa.
    """
    rules = Settings(keys={"sensor/x": ToChannel(channel, unit)})
    heard = send(HUBS["esphome"](rules), "n/sensor/x/state", written)
    assert values(heard) == {("n", channel): want}


def test_a_retained_fault_is_no_sign_of_life() -> None:
    hub = HUBS["tasmota"](PLAIN)
    retained = send(hub, "tele/x/LWT", "Maybe", is_retained=True)
    live = send(hub, "tele/x/LWT", "Maybe")
    assert [(d.device, len(d.faults)) for d in retained.decoded()] == [(None, 1)]
    assert [(d.device, len(d.faults)) for d in live.decoded()] == [("x", 1)]


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_discovery_never_raises_on_states_of_what_it_learned(data: st.DataObject) -> None:
    hub = HUBS["homeassistant"](PLAIN)
    config = {
        "stat_t": "s",
        "avty_t": "s",
        "val_tpl": data.draw(
            st.sampled_from(
                [
                    "{{ value }}",
                    "{{ value_json.a[0]['b'] | float | round(2) }}",
                    "{{ value | int }}",
                ]
            )
        ),
        "uniq_id": "u",
        "dev_cla": data.draw(st.sampled_from(["temperature", "battery", "smoke"])),
        "unit_of_meas": data.draw(st.sampled_from(["°C", "%", "V"])),
    }
    kind = data.draw(st.sampled_from(["sensor", "binary_sensor"]))
    assert send(hub, f"homeassistant/{kind}/x/config", config).subscribe == ("s",)
    texts = st.sampled_from(
        [b"1e308", b"1e400", b"-0", b"nan", b"ON", b"online", b'{"a":[{"b":7}]}']
    )
    for _ in range(3):
        heard = hub.take("s", data.draw(texts | PAYLOADS), is_retained=False, received=NOW)
        assert isinstance(heard, Heard)


@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_sparkplug_never_raises_on_a_message_with_changed_bytes(data: st.DataObject) -> None:
    hub = HUBS["sparkplug"](PLAIN)
    named = metric(single(4.2), name="Temperature", alias=1, kind=9)
    whole = message(bd_seq(4), named, seq=0)
    assert not send(HUBS["sparkplug"](PLAIN), "spBv1.0/g/NBIRTH/n", whole).faults
    for verb in ("NBIRTH", "NDATA", "NDEATH", "NDATA"):
        made = bytearray(whole)
        for _ in range(data.draw(st.integers(0, 4))):
            made[data.draw(st.integers(0, len(made) - 1))] = data.draw(st.integers(0, 255))
        cut = bytes(made[: data.draw(st.integers(0, len(made)))])
        heard = hub.take(f"spBv1.0/g/{verb}/n", cut, is_retained=False, received=NOW)
        assert isinstance(heard, Heard)

"""ESPHome: bare retained states, whose meaning is data."""

from __future__ import annotations

from bihuan.gateway.mqtt.esphome import EspHome
from bihuan.gateway.mqtt.mapping import Settings, ToChannel, ToSignal
from tests.gateway.mqtt.say import fields, links, send, told, values

HUB_RULES = Settings(
    devices={
        "stove": {
            "sensor/oil": ToChannel("core_temperature", "°F"),
            "binary_sensor/help": ToSignal("sos", is_event=True),
        }
    }
)


def test_esphome_a_state_is_read_by_its_rule_and_converted() -> None:
    """356 °F is 180 °C."""
    heard = send(EspHome(HUB_RULES), "stove/sensor/oil/state", "356")
    assert values(heard) == {("stove", "core_temperature"): 180.0}
    assert heard.readings[0].is_fresh


def test_esphome_the_retained_state_at_subscription_is_not_fresh() -> None:
    heard = send(EspHome(HUB_RULES), "stove/sensor/oil/state", "356", is_retained=True)
    assert {(r.is_fresh, r.at) for r in heard.readings} == {(False, None)}


def test_esphome_without_a_rule_nothing_is_guessed_and_nothing_lost() -> None:
    """The topic says no unit."""
    heard = send(EspHome(), "stove/sensor/oil/state", "356")
    assert (heard.readings, heard.faults) == ((), ())
    assert told(heard, "stove") == {"sensor/oil": "356"}


def test_esphome_nan_is_a_sensor_without_a_value() -> None:
    heard = send(EspHome(HUB_RULES), "stove/sensor/oil/state", "nan")
    assert told(heard, "stove")["no_value"] == ["sensor/oil"]
    assert not heard.faults


def test_esphome_a_button_is_a_signal_only_when_on() -> None:
    hub = EspHome(HUB_RULES)
    pressed = send(hub, "stove/binary_sensor/help/state", "ON")
    assert [(s.kind, s.is_event) for s in pressed.signals] == [("sos", True)]
    assert send(hub, "stove/binary_sensor/help/state", "OFF").signals == ()


def test_esphome_status_is_a_link() -> None:
    hub = EspHome()
    assert links(send(hub, "stove/status", "offline")) == [("stove", False)]
    assert fields(send(hub, "stove/status", "gone")) == ["state"]

"""Tasmota: payloads after its documentation of MQTT and of the command `Time`."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bihuan.base.time import CHINA
from bihuan.gateway.mqtt.mapping import Settings, ToChannel
from bihuan.gateway.mqtt.tasmota import Tasmota
from tests.gateway.mqtt.say import NOW, fields, links, send, told, values

LOCAL = Settings(zone=CHINA)
BODY = {
    "Time": "2026-03-01T07:59:50",
    "DS18B20": {"Id": "01131B123456", "Temperature": 4.5},
    "ESP32": {"Temperature": 53.3},
    "TempUnit": "C",
}


def test_tasmota_local_time_is_read_in_the_configured_zone() -> None:
    """07:59:50 in China is 23:59:50 UTC of the day before."""
    heard = send(Tasmota(LOCAL), "tele/fridge/SENSOR", BODY)
    assert values(heard) == {("fridge", "air_temperature"): 4.5}
    assert heard.readings[0].at == datetime(2026, 2, 28, 23, 59, 50, tzinfo=UTC)
    assert not heard.faults


def test_tasmota_without_a_zone_the_receipt_counts_and_is_said() -> None:
    heard = send(Tasmota(), "tele/fridge/SENSOR", BODY)
    assert (heard.readings[0].at, heard.readings[0].is_at_receipt) == (NOW, True)
    assert fields(heard) == ["Time"]
    assert "zone" in heard.faults[0].want


def test_tasmota_reads_every_form_of_time() -> None:
    """`Time 0` with a zone, `Time 2` with Epoch, `Time 3` in s, `Time 4` in ms."""
    forms: list[dict[str, object]] = [
        {"Time": "2026-03-01T07:59:50+08:00"},
        {"Time": "2026-03-01T07:59:50", "Epoch": 1772323190},
        {"Time": 1772323190},
        {"Time": 1772323190000},
    ]
    for form in forms:
        heard = send(Tasmota(), "tele/fridge/SENSOR", {**BODY, **form})
        assert heard.readings[0].at == datetime(2026, 2, 28, 23, 59, 50, tzinfo=UTC), form
        assert not heard.faults


def test_tasmota_clock_before_its_first_sync_is_not_believed() -> None:
    heard = send(Tasmota(LOCAL), "tele/fridge/SENSOR", {**BODY, "Time": "1970-01-01T00:00:12"})
    assert heard.readings[0].at == NOW
    assert told(heard, "fridge")["is_clock_unset"] is True


def test_tasmota_the_hour_that_a_clock_change_makes_twice_is_the_nearer_one() -> None:
    """Berlin, 2026-10-25: 02:30 is 00:30 UTC and again 01:30 UTC."""
    hub = Tasmota(Settings(zone=ZoneInfo("Europe/Berlin")))
    body = {**BODY, "Time": "2026-10-25T02:30:00"}
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert send(hub, "tele/f/SENSOR", body, at=second).readings[0].at == second
    skipped = send(hub, "tele/f/SENSOR", {**BODY, "Time": "2026-03-29T02:30:00"})
    assert fields(skipped) == ["Time"]


def test_tasmota_fahrenheit_is_converted_exactly() -> None:
    """212 °F is 100 °C; the unit stands once for all sensors."""
    body = {"DS18B20": {"Temperature": 212.0}, "TempUnit": "F"}
    assert send(Tasmota(), "tele/pan/SENSOR", body).readings[0].value == 100.0


def test_tasmota_a_temperature_without_its_unit_is_refused_not_guessed() -> None:
    heard = send(Tasmota(), "tele/pan/SENSOR", {"DS18B20": {"Temperature": 38.1}})
    assert heard.readings == ()
    assert fields(heard) == ["TempUnit"]
    assert told(heard, "pan")["DS18B20.Temperature"] == 38.1


def test_tasmota_two_probes_are_never_mixed_in_one_series() -> None:
    body = {
        "DS18B20-1": {"Temperature": 3.5},
        "DS18B20-2": {"Temperature": -18.0},
        "TempUnit": "C",
    }
    heard = send(Tasmota(), "tele/box/SENSOR", body)
    assert heard.readings == ()
    assert fields(heard) == ["air_temperature"]
    assert told(heard, "box")["DS18B20-2.Temperature"] == -18.0
    mapped = Settings(
        devices={
            "box": {
                "DS18B20-1.Temperature": ToChannel("air_temperature", "Cel", "box/fridge"),
                "DS18B20-2.Temperature": ToChannel("core_temperature", "Cel", "box/freezer"),
            }
        }
    )
    assert values(send(Tasmota(mapped), "tele/box/SENSOR", body)) == {
        ("box/fridge", "air_temperature"): 3.5,
        ("box/freezer", "core_temperature"): -18.0,
    }


def test_tasmota_rssi_is_a_percentage_and_signal_is_dbm() -> None:
    body = {"Time": "2026-03-01T08:00:00", "Wifi": {"RSSI": 44, "Signal": -78}}
    kept = told(send(Tasmota(LOCAL), "tele/fridge/STATE", body), "fridge")
    assert (kept["link_quality_pct"], kept["rssi_dbm"]) == (44, -78)


def test_tasmota_will_says_the_connection_dropped_and_nothing_of_the_sensor() -> None:
    hub = Tasmota(LOCAL)
    heard = send(hub, "tele/fridge/LWT", "Offline")
    assert (links(heard), heard.readings) == ([("fridge", False)], ())
    retained = send(hub, "tele/fridge/LWT", "Online", is_retained=True)
    assert (retained.links[0].at, retained.links[0].is_fresh) == (None, False)
    assert retained.decoded() == ()


def test_tasmota_answer_to_status_10_is_read_like_a_report() -> None:
    heard = send(Tasmota(LOCAL), "stat/fridge/STATUS10", {"StatusSNS": BODY})
    assert values(heard) == {("fridge", "air_temperature"): 4.5}


def test_tasmota_retained_report_keeps_its_own_time_and_is_not_fresh() -> None:
    heard = send(Tasmota(LOCAL), "tele/fridge/SENSOR", BODY, is_retained=True)
    reading = heard.readings[0]
    assert (reading.is_fresh, reading.at) == (
        False,
        datetime(2026, 2, 28, 23, 59, 50, tzinfo=UTC),
    )

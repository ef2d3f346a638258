"""The ThingsBoard device API: bodies after its reference, over MQTT and HTTP."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bihuan.gateway.mqtt.mapping import Settings, ToChannel
from bihuan.gateway.mqtt.thingsboard import ThingsBoard
from tests.gateway.mqtt.say import NOW, fields, links, send, told, values

ME = "cold-room/v1/devices/me/telemetry"
AT = datetime(2026, 2, 28, 23, 59, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"temperature": 4.2, "humidity": "61"}, NOW),
        ({"ts": 1772323190000, "values": {"temperature": 4.2, "humidity": 61}}, AT),
        ([{"ts": 1772323190000, "values": {"temperature": 4.2}}, {"humidity": 61}], None),
    ],
)
def test_thingsboard_reads_all_three_forms(body: object, at: datetime | None) -> None:
    heard = send(ThingsBoard(), ME, body)
    assert values(heard) == {
        ("cold-room", "air_temperature"): 4.2,
        ("cold-room", "humidity"): 61,
    }
    want = {at} if at is not None else {AT, NOW}
    assert {r.at for r in heard.readings} == want
    assert not heard.faults


def test_thingsboard_http_body_is_the_same() -> None:
    body = b'{"ts": 1772323190000, "values": {"heart_rate": 72, "battery": 80}}'
    heard = ThingsBoard().take_from("band", "telemetry", body, received=NOW)
    assert values(heard) == {("band", "heart_rate"): 72, ("band", "battery"): 80}
    assert {r.at for r in heard.readings} == {AT}


def test_thingsboard_me_without_a_device_is_refused() -> None:
    """The topic alone does not say who sent it."""
    heard = send(ThingsBoard(), "v1/devices/me/telemetry", {"temperature": 4.2})
    assert (fields(heard), heard.readings) == (["device"], ())


def test_thingsboard_gateway_speaks_for_its_devices_and_one_bad_one_costs_no_other() -> None:
    body = {
        "A": [{"ts": 1772323190000, "values": {"temperature": 4.2}}],
        "B": 7,
        "C": [{"level": 1.5, "colour": "blue"}],
    }
    heard = send(ThingsBoard(), "v1/gateway/telemetry", body)
    assert values(heard) == {("A", "air_temperature"): 4.2, ("C", "level"): 1.5}
    assert fields(heard) == ["B[0]"]
    assert told(heard, "C")["colour"] == "blue"
    assert [d.device for d in heard.decoded()] == ["A", "C"]


def test_thingsboard_gateway_connect_and_disconnect_are_links() -> None:
    hub = ThingsBoard()
    assert links(send(hub, "v1/gateway/connect", {"device": "A"})) == [("A", True)]
    assert links(send(hub, "v1/gateway/disconnect", {"device": "A"})) == [("A", False)]


def test_thingsboard_seconds_in_place_of_ms_are_refused_and_the_row_kept() -> None:
    rows = [
        {"ts": 1772323190, "values": {"temperature": 4.2}},
        {"ts": 1772323190000, "values": {"temperature": 4.4}},
    ]
    heard = send(ThingsBoard(), ME, rows)
    assert values(heard) == {("cold-room", "air_temperature"): 4.4}
    assert fields(heard) == ["ts"]
    assert told(heard, "cold-room")["refused[0]"] == rows[0]


def test_thingsboard_two_equal_readings_of_one_time_are_two() -> None:
    row = {"ts": 1772323190000, "values": {"temperature": 4.2}}
    assert len(send(ThingsBoard(), ME, [row, row]).readings) == 2


def test_thingsboard_late_rows_keep_their_time_and_future_ones_are_told() -> None:
    rows = [
        {"ts": 1769900400000, "values": {"temperature": 4}},
        {"ts": 1772326800000, "values": {"temperature": 5}},
    ]
    heard = send(ThingsBoard(), ME, rows)
    assert [r.at for r in heard.readings] == [
        datetime(2026, 1, 31, 23, 0, tzinfo=UTC),
        datetime(2026, 3, 1, 1, 0, tzinfo=UTC),
    ]
    assert told(heard, "cold-room")["ahead_of_receipt_s"] == 3600


def test_thingsboard_no_attribute_of_several_rows_replaces_another() -> None:
    heard = send(ThingsBoard(), ME, [{"door": 1}, {"door": 0}])
    assert told(heard, "cold-room") == {"door": 1, "door#2": 0}


def test_thingsboard_a_heart_rate_of_0_is_no_contact() -> None:
    heard = ThingsBoard().take_from("band", "telemetry", b'{"heart_rate": 0}', received=NOW)
    assert (heard.readings, heard.faults) == ((), ())
    assert told(heard, "band")["no_contact"] == ["heart_rate"]


def test_thingsboard_another_meaning_of_a_key_is_data() -> None:
    rules = Settings(devices={"cold-room": {"temperature": ToChannel("core_temperature", "°F")}})
    heard = send(ThingsBoard(rules), ME, {"temperature": 98.6})
    assert values(heard) == {("cold-room", "core_temperature"): 37.0}

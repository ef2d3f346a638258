"""The parts of the MQTT line by themselves: order of receipts, routing, settings, what is kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connections

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock, us_of
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoded import Decoded
from bihuan.gateway.intake import Intake
from bihuan.gateway.mqtt.hubs import HUBS
from bihuan.gateway.mqtt.mapping import Settings, ToChannel, ToSignal
from bihuan.gateway.mqtt_line.address import address, read_rules, system_names
from bihuan.gateway.mqtt_line.receipts import Receipts
from bihuan.gateway.mqtt_line.route import Mail, Router, Told, matches
from bihuan.gateway.worker import StoreWorker
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Entry
from bihuan.register import entries as register
from bihuan.register.models import RefusedFrame
from tests.county import World

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def router(*names: str, **settings: Any) -> Router:
    return Router([HUBS[name](Settings(**settings)) for name in names])


def mail(topic: str, body: object, **more: Any) -> Mail:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Mail(topic, raw, more.pop("retained", False), more.pop("at", NOW), **more)


def decoded(told: Told) -> list[Decoded]:
    return [arrival.decoded for arrival in told.arrivals]


# Receipts


def test_receipts_go_out_in_the_order_of_arrival() -> None:
    acked: list[int] = []
    receipts = Receipts(acked.append)
    first, second, third = (receipts.came(n, b"x", 0, is_again=False) for n in (1, 2, 3))
    assert first
    assert second
    assert third
    receipts.expects(first, 2)
    receipts.expects(second, 0)
    receipts.expects(third, 1)
    receipts.stored(third)
    receipts.stored(first)
    assert acked == [], "the first has a part that is not stored yet"
    receipts.stored(first)
    assert acked == [1, 2, 3]


def test_receipt_of_a_broken_connection_is_never_sent_on_the_next() -> None:
    acked: list[int] = []
    receipts = Receipts(acked.append)
    old = receipts.came(1, b"x", 0, is_again=False)
    assert old
    receipts.reconnected()
    receipts.stored(old)
    assert acked == []


@pytest.mark.parametrize("stored_when", ["before the break", "after the break", "after again"])
def test_message_sent_again_is_taken_once_and_acknowledged(stored_when: str) -> None:
    acked: list[int] = []
    receipts = Receipts(acked.append)
    old = receipts.came(7, b"x", 0, is_again=False)
    assert old
    if stored_when == "before the break":
        receipts.stored(old)
        acked.clear()  # the PUBACK did not arrive
    receipts.reconnected()
    if stored_when == "after the break":
        receipts.stored(old)
    assert receipts.came(7, b"x", 0, is_again=True) is None
    if stored_when == "after again":
        assert acked == [], "not stored yet, so not acknowledged"
        receipts.stored(old)
    assert acked == [7]
    assert len(receipts) == 0


@pytest.mark.parametrize(
    ("packet_id", "content", "is_again"),
    [(8, b"x", True), (7, b"y", True), (7, b"x", False)],
)
def test_message_that_only_resembles_one_is_taken(
    packet_id: int, content: bytes, is_again: bool
) -> None:
    """Another id, another payload, or not marked as sent again: two equal readings are two."""
    receipts = Receipts(lambda _packet_id: None)
    receipts.came(7, b"x", 0, is_again=False)
    receipts.reconnected()
    assert receipts.came(packet_id, content, 0, is_again=is_again) is not None


def test_packet_id_is_free_again_once_the_broker_has_caught_up() -> None:
    receipts = Receipts(lambda _packet_id: None)
    receipts.came(7, b"x", 0, is_again=False)
    receipts.reconnected()
    receipts.caught_up()
    assert receipts.came(7, b"x", 0, is_again=True) is not None


# Routing


@pytest.mark.parametrize(
    ("topic", "wild", "is_match"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/+", True),
        ("a/b/c", "a/+", False),
        ("a", "a/#", True),
        ("a/b/c", "a/#", True),
        ("b/c", "a/#", False),
        ("$SYS/x", "#", False),
        ("$SYS/x", "+/x", False),
        ("a/", "a/+", True),
    ],
)
def test_filter_matches_as_the_protocol_says(topic: str, wild: str, is_match: bool) -> None:
    assert matches(topic.split("/"), wild.split("/")) is is_match


def test_message_goes_only_to_the_systems_that_are_read() -> None:
    both = router("zigbee2mqtt", "tasmota")
    told = both.take(mail("zigbee2mqtt/p", {"temperature": 3}))
    assert [a.protocol for a in told.arrivals] == ["zigbee2mqtt"]
    assert told.arrivals[0].raw == b'zigbee2mqtt/p\n{"temperature": 3}'


def test_message_that_nobody_reads_is_refused_once_an_hour() -> None:
    one = router("tasmota")
    counts = [
        len(one.take(mail("zigbee2mqtt/p", {}, at=NOW + timedelta(minutes=n))).arrivals)
        for n in (0, 1, 59, 60)
    ]
    assert counts == [1, 0, 0, 1]


def test_discovered_sensor_is_subscribed_read_and_let_go() -> None:
    one = router("homeassistant")
    config = {
        "unique_id": "t1",
        "state_topic": "x/temp",
        "device_class": "temperature",
        "unit_of_measurement": "°C",
        "device": {"identifiers": ["room-1"]},
    }
    topic = "homeassistant/sensor/t1/config"
    assert one.take(mail(topic, config, retained=True)).subscribe == ("x/temp",)
    (said,) = decoded(one.take(mail("x/temp", b"21.5")))
    assert (said.device, said.readings[0].value) == ("room-1", 21.5)
    assert one.take(mail(topic, b"", retained=True)).unsubscribe == ("x/temp",)
    (left,) = decoded(one.take(mail("x/temp", b"21.5")))
    assert [fault.field for fault in left.faults] == ["topic"]


def test_name_longer_than_the_register_holds_is_refused_and_still_calls() -> None:
    long = "探" * 65
    told = decoded(router("zigbee2mqtt").take(mail(f"zigbee2mqtt/{long}", {"action": "sos"})))
    assert [(d.device, [s.kind for s in d.signals]) for d in told if d.signals] == [(None, ["sos"])]
    assert all("device" in [fault.field for fault in d.faults] for d in told)


@pytest.mark.parametrize(("waited_s", "is_good"), [(None, True), (60, True), (61, False)])
def test_value_without_a_time_is_good_while_its_age_is_known(
    waited_s: int | None, is_good: bool
) -> None:
    since = None if waited_s is None else NOW - timedelta(seconds=waited_s)
    (said,) = decoded(
        router("zigbee2mqtt").take(mail("zigbee2mqtt/p", {"temperature": 3}, waited_since=since))
    )
    assert said.readings[0].is_good is is_good
    assert said.link is (True if is_good else None)


def test_what_an_earlier_process_heard_is_not_new_and_what_it_did_not_is() -> None:
    """Sent again by a bridge, or kept by the broker: only the time of measurement tells."""
    heard_until = NOW - timedelta(hours=2)
    for minutes, want in ((-1, 0), (1, 1)):
        seen = (heard_until + timedelta(minutes=minutes)).isoformat()
        one = router("zigbee2mqtt", heard_until=heard_until)
        told = one.take(mail("zigbee2mqtt/p", {"temperature": 3, "last_seen": seen}))
        assert sum(len(d.readings) for d in decoded(told)) == want


@pytest.mark.parametrize(
    ("system", "topic", "body", "has_identity"),
    [
        ("zigbee2mqtt", "zigbee2mqtt/p", {"temperature": 3}, False),
        (
            "zigbee2mqtt",
            "zigbee2mqtt/p",
            {"temperature": 3, "last_seen": NOW.isoformat()},
            True,
        ),
        ("thingsboard", "p/v1/devices/me/telemetry", {"rain": 3}, False),
        (
            "thingsboard",
            "p/v1/devices/me/telemetry",
            {"ts": us_of(NOW) // 1000, "values": {"rain": 3}},
            True,
        ),
        (
            "thingsboard",
            "p/v1/devices/me/telemetry",
            [{"ts": us_of(NOW) // 1000, "values": {"rain": 3}}, {"level": 1}],
            False,
        ),
    ],
)
def test_message_has_an_identity_where_all_its_values_have_a_time(
    system: str, topic: str, body: object, has_identity: bool
) -> None:
    (arrival,) = router(system).take(mail(topic, body)).arrivals
    assert (arrival.idem is not None) is has_identity


# Settings


def test_address_is_read_with_its_usual_port() -> None:
    at = address("mqtts://gateway@broker.example", "bihuan-gateway", "secret")
    assert (at.host, at.port, at.is_tls, at.username) == ("broker.example", 8883, True, "gateway")
    assert "secret" not in repr(at)


@pytest.mark.parametrize(
    ("url", "client", "ca", "fields"),
    [
        ("http://h", "c", "", ["BIHUAN_MQTT"]),
        ("mqtt://h:99999", "c", "", ["BIHUAN_MQTT"]),
        ("mqtt://u:secret@h", "c", "", ["BIHUAN_MQTT"]),
        ("mqtt://h", "a b", "/no", ["BIHUAN_MQTT_CLIENT", "BIHUAN_MQTT_CA"]),
        ("mqtt://h", "c" * 24, "", ["BIHUAN_MQTT_CLIENT"]),
    ],
)
def test_address_names_every_setting_at_fault(
    url: str, client: str, ca: str, fields: list[str]
) -> None:
    with pytest.raises(BadInputError) as caught:
        address(url, client, "", ca)
    assert [fault.field for fault in caught.value.faults] == fields
    assert "secret" not in str(caught.value)


def test_unknown_system_is_named() -> None:
    assert system_names("tasmota, zigbee2mqtt") == ("tasmota", "zigbee2mqtt")
    with pytest.raises(BadInputError, match="fax"):
        system_names("tasmota,fax")


def test_rules_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    keys = {
        "t": {"channel": "core_temperature", "unit": "Cel"},
        "k": {"signal": "sos", "on": ["Single"], "is_press": True},
    }
    path.write_text(json.dumps({"zigbee2mqtt": {"base": "z", "devices": {"p": keys}}}))
    rules = read_rules(path)["zigbee2mqtt"]
    assert rules.rule("p", "t") == ToChannel("core_temperature", "Cel")
    assert rules.rule("p", "k") == ToSignal("sos", ("single",), is_event=True)


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ("{", "BIHUAN_MQTT_RULES"),
        ({"fax": {}}, "BIHUAN_MQTT_SYSTEMS"),
        ({"tasmota": {"zone": "Mars/Base"}}, "tasmota.zone"),
        ({"tasmota": {"keys": {"a": {"channel": "x", "unit": "m"}}}}, "tasmota.keys.a.channel"),
        ({"tasmota": {"keys": {"a": {"channel": "level"}}}}, "tasmota.keys.a.unit"),
        ({"tasmota": {"keys": {"a": {}}}}, "tasmota.keys.a.rule"),
        ({"tasmota": {"color": 1}}, "BIHUAN_MQTT_RULES"),
    ],
)
def test_rules_that_cannot_be_are_named_by_their_place(
    tmp_path: Path, written: object, field: str
) -> None:
    path = tmp_path / "rules.json"
    path.write_text(written if isinstance(written, str) else json.dumps(written))
    with pytest.raises(BadInputError) as caught:
        read_rules(path)
    assert caught.value.faults[0].field == field


# The intake


@pytest.fixture
def world(data: Path, clock: MovableClock, keys: KeyRing) -> World:
    return World(clock, keys)


def said(intake: Intake, one: Router, body: object, *, at: datetime = NOW) -> None:
    intake.store(one.take(mail("zigbee2mqtt/p", body, at=at)).arrivals)


def signals() -> int:
    return Entry.objects.filter(lane=0, type="signal.received.v1").count()


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_state_is_news_when_it_appears_and_again_after_it_was_over(
    world: World, clock: MovableClock, keys: KeyRing
) -> None:
    world.add(register.DeviceAdopted(protocol="zigbee2mqtt", number="p", model=None))
    intake, one = Intake(clock, keys), router("zigbee2mqtt")
    counts = []
    for body in ({"smoke": True}, {"smoke": True}, {"humidity": 50}, {"smoke": True}):
        said(intake, one, body)
        counts.append(signals())
    assert counts == [1, 1, 1, 1], "a message about something else does not end the state"
    for body in ({"smoke": False}, {"smoke": True}):
        said(intake, one, body)
    assert signals() == 2
    connections.close_all()


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_press_calls_each_time(world: World, clock: MovableClock, keys: KeyRing) -> None:
    intake, one = Intake(clock, keys), router("zigbee2mqtt")
    for _ in range(2):
        said(intake, one, {"action": "sos"})
    assert signals() == 2
    connections.close_all()


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_unknown_device_is_listed_again_after_an_hour(
    world: World, clock: MovableClock, keys: KeyRing
) -> None:
    intake, one = Intake(clock, keys), router("zigbee2mqtt")
    for minutes in (0, 1, 59, 60):
        said(intake, one, {"temperature": 3}, at=NOW + timedelta(minutes=minutes))
    intake.store(one.take(mail("zigbee2mqtt/bridge/state", {"state": "online"})).arrivals)
    assert list(RefusedFrame.objects.values_list("device", flat=True)) == ["p", "p"]
    connections.close_all()


@pytest.mark.parametrize("error", [DatabaseError, OperationalError])
def test_frame_that_fails_costs_no_other_of_its_turn(
    clock: MovableClock, error: type[Exception]
) -> None:
    stored: list[bytes] = []

    class Failing(Intake):
        def store(self, arrivals: Any) -> None:
            if any(arrival.raw == b"bad" for arrival in arrivals):
                raise error
            stored.extend(arrival.raw for arrival in arrivals)

    worker = StoreWorker(Failing.__new__(Failing))
    futures = [
        worker.submit(Arrival("tasmota", raw, Decoded(None, "x"), 0))
        for raw in (b"one", b"bad", b"two")
    ]
    worker.start()
    worker.stop()
    assert stored == [b"one", b"two"]
    assert [type(future.exception()) for future in futures] == [type(None), error, type(None)]

"""ChirpStack v4: LoRaWAN uplinks, device status and joins as JSON of protobuf messages.

Protobuf's JSON leaves out zeros: no `fCnt` is 0, no `batteryLevel` is 0 %, an `rssi` that is not
there is 0 dBm. An uplink heard by several gateways, or delivered again, has one
`deduplicationId`. LoRaWAN has no connection: there is no online or offline but a join.

Source: https://www.chirpstack.io/docs/chirpstack/integrations/events.html, and the message
definitions api/proto/integration/integration.proto.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime

from bihuan.base.errors import bad
from bihuan.gateway.formats.strict_json import Json, kind
from bihuan.gateway.mqtt.heard import Heard
from bihuan.gateway.mqtt.mapping import (
    CONTRACT,
    PLAIN,
    Settings,
    ToAttribute,
    ToChannel,
)
from bihuan.gateway.mqtt.moments import CLOCK_SET, of_text
from bihuan.gateway.mqtt.notes import Notes, When
from bihuan.gateway.mqtt.payload import as_object, exact, has_value, json_object, plain
from bihuan.gateway.mqtt.roster import Roster

NAME = "chirpstack"
MOST_IDENTITIES = 20_000
_TOPIC = re.compile(r"application/([^/]+)/device/([0-9a-fA-F]{16})/event/([a-z]+)")
_KEPT = ("ack", "txack", "log", "location", "integration")


class ChirpStack:
    """The hub of one ChirpStack server; devices go by their devEui."""

    name = NAME

    def __init__(self, settings: Settings = PLAIN) -> None:
        self._settings = settings
        self._base = f"{settings.base}/" if settings.base else ""
        self._roster = Roster(settings)
        self._heard: OrderedDict[str, None] = OrderedDict()

    def topics(self) -> tuple[str, ...]:
        return (f"{self._base}application/+/device/+/event/+",)

    def take(self, topic: str, payload: bytes, *, is_retained: bool, received: datetime) -> Heard:
        notes = Notes(NAME, self._settings, is_retained=is_retained, received=received)
        return notes.read(lambda: self._route(notes, topic, payload))

    def _route(self, notes: Notes, topic: str, payload: bytes) -> None:
        match = _TOPIC.fullmatch(topic.removeprefix(self._base))
        if match is None:
            raise bad("topic", topic, "application/<id>/device/<devEui>/event/<type>")
        eui, event = match[2].lower(), match[3]
        notes.say(event)
        body = json_object(payload)
        told = as_object(body.get("deviceInfo", {}), "deviceInfo").get("devEui")
        if told is not None and str(told).lower() != eui:
            raise bad("deviceInfo.devEui", str(told), f"{eui}, as the topic says")
        identity = body.get("deduplicationId")
        if isinstance(identity, str) and identity:
            is_again = not notes.is_retained and self._is_again(f"{event}|{eui}|{identity}")
            notes.say(event, identity=identity, is_duplicate=is_again)
            if is_again:
                return
        elif event in ("up", "status", "join"):
            notes.fault("deduplicationId", kind(identity), "the id of the uplink")
        self._event(notes, notes.admit(self._roster, eui), event, body)

    def _is_again(self, identity: str) -> bool:
        if identity in self._heard:
            return True
        self._heard[identity] = None
        if len(self._heard) > MOST_IDENTITIES:
            self._heard.popitem(last=False)
        return False

    def _event(self, notes: Notes, device: str, event: str, body: Mapping[str, Json]) -> None:
        when = When(notes.moment(lambda: _time(body)))
        if event == "up":
            _uplink(notes, device, body, when)
        elif event == "status":
            _status(notes, device, body, when)
        elif event == "join":
            notes.link(device, True)
            notes.keep(device, "devAddr", plain(body.get("devAddr")))
        elif event in _KEPT:
            notes.keep(device, event, plain(body))
        else:
            notes.fault("topic", event, "an event type of ChirpStack v4")
            notes.keep(device, event, plain(body))


def _uplink(notes: Notes, device: str, body: Mapping[str, Json], when: When) -> None:
    for counter in ("fCnt", "fPort"):
        notes.keep(device, counter, plain(body[counter]) if counter in body else 0)
    _radio(notes, device, body.get("rxInfo"))
    decoded = body.get("object")
    if isinstance(decoded, dict):
        notes.values(device, decoded, when, CONTRACT)
    elif decoded is not None:
        notes.fault("object", kind(decoded), "an object")
    elif has_value(body.get("data")):
        notes.fault("object", "nothing", "a codec in the device profile that decodes `data`")
    for key, node in body.items():
        if key not in ("fCnt", "fPort", "rxInfo", "object"):
            notes.keep(device, f"up.{key}", plain(node))


def _status(notes: Notes, device: str, body: Mapping[str, Json], when: When) -> None:
    """Margin and battery; an absent level is 0 %, unless mains or "unavailable" stands there."""
    notes.value(device, "margin", body.get("margin"), when, ToAttribute("margin_db"))
    if "margin" not in body:
        notes.keep(device, "margin_db", 0)
    flags = [f for f in ("externalPowerSource", "batteryLevelUnavailable") if body.get(f) is True]
    for flag in flags:
        notes.keep(device, flag, True)
    if flags:
        return
    level = body.get("batteryLevel")
    if level is None:
        notes.keep(device, "is_battery_omitted_zero", True)
        level = _ZERO
    notes.value(device, "batteryLevel", level, when, ToChannel("battery", "%"))


_ZERO = "0"


def _radio(notes: Notes, device: str, node: Json) -> None:
    """Level and ratio at the gateway that heard it best."""
    if node is None:
        return
    if not isinstance(node, list):
        notes.fault("rxInfo", kind(node), "an array")
        return
    heard = [
        (float(exact(rx.get("rssi", _ZERO)) or 0), float(exact(rx.get("snr", _ZERO)) or 0))
        for rx in node
        if isinstance(rx, dict)
    ]
    if heard:
        rssi, snr = max(heard)
        notes.keep(device, "rssi_dbm", rssi)
        notes.keep(device, "snr_db", snr)
    notes.keep(device, "rxInfo", plain(node))


def _time(body: Mapping[str, Json]) -> datetime | None:
    node = body.get("time")
    if not has_value(node):
        return None
    if not isinstance(node, str):
        raise bad("time", kind(node), "RFC 3339")
    at = of_text(node, "time")
    if at.tzinfo is None:
        raise bad("time", node, "a time with its zone")
    if at < CLOCK_SET:
        raise bad("time", node, "a gateway whose clock is set")
    return at

"""The ThingsBoard device API, as devices and gateways speak it to us: MQTT and the HTTP body.

`v1/devices/me/telemetry` does not say who "me" is: the broker knows the device by its token and
puts it before the topic (mosquitto: one listener or bridge with a prefix per device), or the
server tells it by `take_from`. Keys mean what `mapping.CONTRACT` says, unless a rule says
otherwise. A time is ms since 1970; one that is in seconds is refused, not guessed.

Source: https://thingsboard.io/docs/reference/mqtt-api/, /http-api/ and /gateway-mqtt-api/.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from bihuan.base.errors import BadInputError, bad
from bihuan.gateway.formats.strict_json import Json, kind
from bihuan.gateway.mqtt.heard import Heard
from bihuan.gateway.mqtt.mapping import CONTRACT, PLAIN, Settings
from bihuan.gateway.mqtt.moments import CLOCK_SET, of_epoch
from bihuan.gateway.mqtt.notes import Notes, When
from bihuan.gateway.mqtt.payload import as_object, document, plain
from bihuan.gateway.mqtt.roster import Roster

NAME = "thingsboard"
MOST_ROWS = 1_000
_TOPIC = re.compile(r"(?:(?P<prefix>.+)/)?v1/(?P<who>devices/me|gateway)/(?P<kind>[a-z]+)")


class ThingsBoard:
    """The hub of devices and gateways that send to a ThingsBoard."""

    name = NAME

    def __init__(self, settings: Settings = PLAIN) -> None:
        self._settings = settings
        self._roster = Roster(settings)

    def topics(self) -> tuple[str, ...]:
        base = f"{self._settings.base}/" if self._settings.base else ""
        own = tuple(f"{base}+/v1/devices/me/{kind}" for kind in ("telemetry", "attributes"))
        kinds = ("telemetry", "attributes", "connect", "disconnect")
        return (*own, *(f"{base}v1/gateway/{kind}" for kind in kinds))

    def take(self, topic: str, payload: bytes, *, is_retained: bool, received: datetime) -> Heard:
        notes = Notes(NAME, self._settings, is_retained=is_retained, received=received)
        return notes.read(lambda: self._route(notes, topic, payload))

    def take_from(self, device: str, kind_of: str, payload: bytes, *, received: datetime) -> Heard:
        """A body of a device that is known by its token: MQTT `me`, or POST /api/v1/TOKEN/<kind>.

        kind_of  telemetry | attributes
        """
        notes = Notes(NAME, self._settings, is_retained=False, received=received)
        return notes.read(lambda: self._own(notes, device, kind_of, payload))

    def _route(self, notes: Notes, topic: str, payload: bytes) -> None:
        match = _TOPIC.fullmatch(topic)
        if match is None:
            raise bad("topic", topic, "v1/devices/me/telemetry or v1/gateway/telemetry")
        if match["who"] == "gateway":
            self._gateway(notes, match["kind"], payload)
            return
        device = (match["prefix"] or "").rpartition("/")[2]
        if not device:
            raise bad("device", "nothing", "the device of the token before v1/devices/me")
        self._own(notes, device, match["kind"], payload)

    def _own(self, notes: Notes, device: str, kind_of: str, payload: bytes) -> None:
        notes.say(kind_of)
        notes.admit(self._roster, device)
        if kind_of == "telemetry":
            _rows(notes, device, document(payload))
        elif kind_of == "attributes":
            _attributes(notes, device, document(payload))
        else:
            raise bad("topic", kind_of, "telemetry or attributes")

    def _gateway(self, notes: Notes, kind_of: str, payload: bytes) -> None:
        notes.say(f"gateway {kind_of}")
        body = as_object(document(payload), "payload")
        if kind_of in ("connect", "disconnect"):
            device = body.get("device")
            if not isinstance(device, str):
                raise bad("device", kind(device), "the device's name")
            notes.link(notes.admit(self._roster, device), kind_of == "connect")
            return
        if kind_of not in ("telemetry", "attributes"):
            raise bad("topic", kind_of, "telemetry, attributes, connect or disconnect")
        for device, node in body.items():
            try:  # one bad device of a gateway does not cost the others
                self._roster.admit(device)
                (_rows if kind_of == "telemetry" else _attributes)(notes, device, node)
            except BadInputError as error:
                notes.faults += error.faults


def _attributes(notes: Notes, device: str, node: Json) -> None:
    for key, told in as_object(node, device).items():
        notes.keep(device, f"attribute.{key}", plain(told))


def _rows(notes: Notes, device: str, node: Json) -> None:
    """One row or an array of them: `{k: v}` at receipt, or `{"ts": ms, "values": {k: v}}`."""
    rows = node if isinstance(node, list) else [node]
    if len(rows) > MOST_ROWS:
        raise bad(device, f"{len(rows)} rows", f"at most {MOST_ROWS} rows")
    for place, row in enumerate(rows):
        try:
            _row(notes, device, as_object(row, f"{device}[{place}]"))
        except BadInputError as error:  # the other rows of the message stand
            notes.faults += error.faults
            notes.keep(device, f"refused[{place}]", plain(row))


def _row(notes: Notes, device: str, row: Mapping[str, Json]) -> None:
    if "values" not in row:
        notes.values(device, row, When(), CONTRACT)
        return
    at: datetime | None = None
    if "ts" in row:
        at = of_epoch(row["ts"], "ts", 1000)
        if at < CLOCK_SET:
            raise bad("ts", kind(row["ts"]), "ms since 1970, after 2015")
    notes.values(device, as_object(row["values"], "values"), When(at), CONTRACT)
    for key in row.keys() - {"ts", "values"}:
        notes.keep(device, key, plain(row[key]))

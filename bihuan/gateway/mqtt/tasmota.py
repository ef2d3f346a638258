"""Tasmota: `tele/T/SENSOR` with a local time, `tele/T/STATE` with the link, `tele/T/LWT`.

`Time` has no zone unless the device is told to send one (command `Time`): it is read in the
zone of the settings. Without a zone the time of receipt counts, and a fault says so. `Wifi.RSSI`
is a quality in %, `Wifi.Signal` the level in dBm.

Source: https://tasmota.github.io/docs/MQTT/ and /docs/Commands/ (`Time`, SetOption8).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bihuan.base.errors import bad
from bihuan.gateway.formats.strict_json import Json, Number, kind
from bihuan.gateway.mqtt.heard import Heard
from bihuan.gateway.mqtt.mapping import (
    PLAIN,
    Rule,
    Rules,
    Settings,
    ToAttribute,
    ToChannel,
)
from bihuan.gateway.mqtt.moments import CLOCK_SET, of_epoch, of_local, of_text
from bihuan.gateway.mqtt.notes import Notes, When
from bihuan.gateway.mqtt.payload import as_object, has_value, json_object, leaves, text
from bihuan.gateway.mqtt.roster import Roster

NAME = "tasmota"
_WORDS = ("Online", "Offline")
# of the chip itself, not of a sensor
_OWN = ("ESP32.Temperature",)
_MS = 100_000_000_000  # epochs above this are in ms (command `Time 4`), not in s (`Time 3`)

STATE_KEYS: Rules = {
    "Wifi.RSSI": ToAttribute("link_quality_pct"),
    "Wifi.Signal": ToAttribute("rssi_dbm"),
}


class Tasmota:
    """The hub of all Tasmota devices with the default topic form `%prefix%/%topic%/`."""

    name = NAME

    def __init__(self, settings: Settings = PLAIN) -> None:
        self._settings = settings
        self._base = f"{settings.base}/" if settings.base else ""
        self._roster = Roster(settings)

    def topics(self) -> tuple[str, ...]:
        tele = f"{self._base}tele/+"
        return (*(f"{tele}/{kind}" for kind in ("SENSOR", "STATE", "LWT")), self._asked("+"))

    def _asked(self, device: str) -> str:
        return f"{self._base}stat/{device}/STATUS10"

    def take(self, topic: str, payload: bytes, *, is_retained: bool, received: datetime) -> Heard:
        notes = Notes(NAME, self._settings, is_retained=is_retained, received=received)
        return notes.read(lambda: self._route(notes, topic, payload))

    def _route(self, notes: Notes, topic: str, payload: bytes) -> None:
        prefix, _, rest = topic.removeprefix(self._base).partition("/")
        name, _, kind_of = rest.rpartition("/")
        if prefix not in ("tele", "stat") or not name or "/" in name:
            raise bad("topic", topic, f"{self._base}tele/<device>/<type>")
        device = notes.admit(self._roster, name)
        notes.say(kind_of)
        if kind_of == "LWT":
            notes.state(device, text(payload), _WORDS)
        elif kind_of == "SENSOR":
            self._sensor(notes, device, json_object(payload))
        elif kind_of == "STATUS10":  # the answer to `Status 10`: the same object, one level down
            body = json_object(payload)
            self._sensor(notes, device, as_object(body.get("StatusSNS"), "StatusSNS"))
        elif kind_of == "STATE":
            notes.values(device, json_object(payload), When(), STATE_KEYS)
        else:
            raise bad("topic", topic, "SENSOR, STATE, STATUS10 or LWT")

    def _sensor(self, notes: Notes, device: str, body: Mapping[str, Json]) -> None:
        when = When(notes.moment(lambda: self._time(notes, device, body)))
        unit = body.get("TempUnit")
        for key, node in leaves(body):
            last = key.rpartition(".")[2]
            rule: Rule | None = None
            if last == "Humidity":
                rule = ToChannel("humidity", "%")
            elif last == "Temperature" and key not in _OWN:
                if unit in ("C", "F"):
                    rule = ToChannel("air_temperature", str(unit))
                elif self._settings.rule(device, key) is None:
                    notes.fault("TempUnit", kind(unit), "C or F")
            notes.value(device, key, node, when, rule)

    def _time(self, notes: Notes, device: str, body: Mapping[str, Json]) -> datetime | None:
        """The time of measurement in UTC; None where the payload has none that can be used."""
        node = body.get("Epoch", body.get("Time"))
        if not has_value(node):
            return None
        if isinstance(node, Number):
            at = of_epoch(node, "Time", 1000 if node.decimal > _MS else 1)
        elif isinstance(node, str):
            at = of_text(node, "Time")
        else:
            raise bad("Time", kind(node), "local time or seconds since 1970")
        if at.replace(tzinfo=CLOCK_SET.tzinfo) < CLOCK_SET:
            notes.keep(device, "is_clock_unset", True)
            return None
        if at.tzinfo is not None:
            return at
        if self._settings.zone is None:
            raise bad("Time", at.isoformat(), "the zone of the device's clock in the settings")
        return of_local(at, self._settings.zone, notes.received, "Time")

"""Shelly Gen2 and later: RPC notifications, status topics, `online`.

Battery devices (H&T) sleep between reports: a `sys.wakeup_period` above 0 says so, and their
being offline is normal. On USB power the battery field reads 0 % and is no battery. A sensor
that failed sends null.

Source: https://shelly-api-docs.shelly.cloud/gen2/General/Notifications and
/ComponentsAndServices/{Temperature,Humidity,DevicePower,Mqtt}.
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
    Settings,
    ToAttribute,
    ToChannel,
    ToSignal,
)
from bihuan.gateway.mqtt.moments import CLOCK_SET, of_epoch
from bihuan.gateway.mqtt.notes import Notes, When
from bihuan.gateway.mqtt.payload import (
    as_object,
    exact,
    has_value,
    json_object,
    leaves,
    plain,
    text,
)
from bihuan.gateway.mqtt.roster import Roster

NAME = "shelly"
_STATUS = ("NotifyStatus", "NotifyFullStatus")

# by component type and key; the component's number stands between them (`temperature:0.tC`)
_KEYS: Mapping[tuple[str, str], Rule] = {
    ("temperature", "tC"): ToChannel("air_temperature", "Cel"),
    ("humidity", "rh"): ToChannel("humidity", "%"),
    ("devicepower", "battery.percent"): ToChannel("battery", "%"),
    ("devicepower", "battery.V"): ToAttribute("battery_v"),
    ("wifi", "rssi"): ToAttribute("rssi_dbm"),
    ("sys", "wakeup_period"): ToAttribute("wakeup_period_s"),
    ("flood", "alarm"): ToSignal("other"),
    ("smoke", "alarm"): ToSignal("other"),
}


class Shelly:
    """The hub of all Shelly devices; they go by their topic prefix, which is their id."""

    name = NAME

    def __init__(self, settings: Settings = PLAIN) -> None:
        self._settings = settings
        self._base = f"{settings.base}/" if settings.base else ""
        self._roster = Roster(settings)
        self._sleepers: set[str] = set()

    def topics(self) -> tuple[str, ...]:
        return tuple(f"{self._base}+/{end}" for end in ("events/rpc", "status/+", "online"))

    def take(self, topic: str, payload: bytes, *, is_retained: bool, received: datetime) -> Heard:
        notes = Notes(NAME, self._settings, is_retained=is_retained, received=received)
        return notes.read(lambda: self._route(notes, topic, payload))

    def _route(self, notes: Notes, topic: str, payload: bytes) -> None:
        name, _, rest = topic.removeprefix(self._base).partition("/")
        device = notes.admit(self._roster, name)
        if rest == "online":
            notes.say("online")
            self._online(notes, device, text(payload))
        elif rest == "events/rpc":
            self._rpc(notes, device, json_object(payload))
        elif rest.startswith("status/"):
            notes.say("status")
            body = {rest.removeprefix("status/"): json_object(payload)}
            self._components(notes, device, body, When())
        else:
            raise bad("topic", topic, "<id>/events/rpc, <id>/status/<component> or <id>/online")

    def _online(self, notes: Notes, device: str, written: str) -> None:
        if written not in ("true", "false"):
            raise bad("online", written, "true or false")
        is_online = written == "true"
        notes.link(device, is_online, is_normal=not is_online and device in self._sleepers)

    def _rpc(self, notes: Notes, device: str, body: Mapping[str, Json]) -> None:
        method = body.get("method")
        if not isinstance(method, str):
            raise bad("method", kind(method), "NotifyStatus, NotifyFullStatus or NotifyEvent")
        notes.say(method)
        params = as_object(body.get("params"), "params")
        notes.keep(device, "src", plain(body.get("src")))
        if method in _STATUS:
            when = When(notes.moment(lambda: _time(notes, device, params.get("ts"))))
            parts = {key: node for key, node in params.items() if key != "ts"}
            self._components(notes, device, parts, when)
        else:
            notes.keep(device, method, plain(params))
            if method != "NotifyEvent":
                notes.fault("method", method, "NotifyStatus, NotifyFullStatus or NotifyEvent")

    def _components(self, notes: Notes, device: str, parts: Mapping[str, Json], when: When) -> None:
        for part, body in parts.items():
            if not isinstance(body, dict):
                notes.value(device, part, body, when, None)
                continue
            kind_of = part.partition(":")[0]
            if kind_of == "sys":
                self._sleeps(device, body)
            is_mains = kind_of == "devicepower" and _is_mains(body)
            for key, node in leaves(body):
                rule = _KEYS.get((kind_of, key))
                if is_mains and key == "battery.percent":
                    rule = None  # reads 0 without a battery in it
                notes.value(device, f"{part}.{key}", node, when, rule)

    def _sleeps(self, device: str, body: Mapping[str, Json]) -> None:
        period = exact(body.get("wakeup_period"))
        if period is not None and period > 0:
            self._sleepers.add(device)


def _is_mains(body: Mapping[str, Json]) -> bool:
    external = body.get("external")
    return isinstance(external, dict) and external.get("present") is True


def _time(notes: Notes, device: str, node: Json) -> datetime | None:
    """The device's time; None before its clock is set, as just after it wakes."""
    if not has_value(node):
        return None
    if not isinstance(node, Number):
        raise bad("params.ts", kind(node), "seconds since 1970")
    at = of_epoch(node, "params.ts", 1)
    if at < CLOCK_SET:
        notes.keep(device, "is_clock_unset", True)
        return None
    return at

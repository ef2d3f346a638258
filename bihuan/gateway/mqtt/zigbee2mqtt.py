"""zigbee2mqtt: the state of Zigbee devices as JSON, one topic per device.

The bridge caches: it sends the whole last state with every report, and again when it starts.
Only `last_seen` (an option of the bridge) tells when the device was heard; set it to ISO_8601
and `cache_state` to false, then every value is of the time it carries. Without it the first
state after a start of the bridge is taken as cached.

Source: https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bihuan.base.errors import bad
from bihuan.gateway.formats.strict_json import Json, Number, kind
from bihuan.gateway.mqtt.heard import Heard
from bihuan.gateway.mqtt.mapping import (
    PLAIN,
    Rules,
    Settings,
    ToAttribute,
    ToChannel,
    ToSignal,
)
from bihuan.gateway.mqtt.moments import CLOCK_SET, of_epoch, of_text
from bihuan.gateway.mqtt.notes import Notes, When
from bihuan.gateway.mqtt.payload import document, has_value, json_object, text
from bihuan.gateway.mqtt.roster import Roster

NAME = "zigbee2mqtt"
RESEND = timedelta(minutes=2)  # in which a starting bridge has sent what it has cached
YOUNG = timedelta(minutes=10)  # for a device not heard before: older is a cached state
_WORDS = ("online", "offline")
_COMMANDS = ("set", "get")

KEYS: Rules = {
    "temperature": ToChannel("air_temperature", "Cel"),
    "humidity": ToChannel("humidity", "%"),
    "battery": ToChannel("battery", "%"),
    "voltage": ToAttribute("battery_mv"),
    "linkquality": ToAttribute("link_quality_255"),
    "battery_low": ToSignal("low_battery"),
    "tamper": ToSignal("tamper"),
    "vibration": ToSignal("vibration"),
    "sos": ToSignal("sos"),
    "water_leak": ToSignal("other"),
    "smoke": ToSignal("other"),
    "gas": ToSignal("other"),
    "carbon_monoxide": ToSignal("other"),
    "action": ToSignal("sos", ("sos", "emergency", "panic"), is_event=True),
}


class Zigbee2Mqtt:
    """The hub of one bridge; devices go by their friendly name."""

    name = NAME

    def __init__(self, settings: Settings = PLAIN) -> None:
        self._settings = settings
        self._base = settings.base or "zigbee2mqtt"
        self._roster = Roster(settings)
        self._seen: dict[str, datetime] = {}
        self._started: datetime | None = None
        self._since_start: set[str] = set()

    def topics(self) -> tuple[str, ...]:
        return (f"{self._base}/#",)

    def take(self, topic: str, payload: bytes, *, is_retained: bool, received: datetime) -> Heard:
        notes = Notes(NAME, self._settings, is_retained=is_retained, received=received)
        return notes.read(lambda: self._route(notes, topic, payload))

    def _route(self, notes: Notes, topic: str, payload: bytes) -> None:
        if not topic.startswith(f"{self._base}/"):
            raise bad("topic", topic, f"a topic below {self._base}/")
        name = topic.removeprefix(f"{self._base}/")
        head, _, last = name.rpartition("/")
        if name.split("/", 1)[0] == "bridge":
            self._bridge(notes, name, payload)
        elif last == "availability" and head:
            notes.say("availability")
            notes.state(notes.admit(self._roster, head), _availability(payload), _WORDS)
        elif head and (last in _COMMANDS or head.rpartition("/")[2] in _COMMANDS):
            notes.say("command")  # somebody's question or order to the device, not its answer
        elif payload:
            self._state(notes, name, payload)
        else:
            notes.say("cleared")  # a retained state was deleted: the device is gone

    def _bridge(self, notes: Notes, name: str, payload: bytes) -> None:
        notes.say(name)
        if name != "bridge/state":
            return  # lists and logs of the bridge: none of them is a measurement
        state = _availability(payload)
        notes.state("bridge", state, _WORDS)
        if state == "online" and not notes.is_retained:
            self._started = notes.received
            self._since_start.clear()

    def _state(self, notes: Notes, name: str, payload: bytes) -> None:
        notes.say("state")
        body = json_object(payload)
        device = notes.admit(self._roster, name)
        is_resent = self._is_resent(device, notes)
        seen = notes.moment(lambda: _last_seen(body.get("last_seen")))
        if seen is None:
            when = When(None, not is_resent)
        else:
            when = When(seen, self._is_news(device, seen, notes.received))
            if not notes.is_retained:
                self._seen[device] = max(seen, self._seen.get(device, seen))
        notes.keep(device, "is_cached", not when.is_fresh or notes.is_retained)
        notes.values(device, body, when, KEYS)

    def _is_news(self, device: str, seen: datetime, received: datetime) -> bool:
        """Whether the device was heard again since its last state, by the bridge's own time."""
        before = self._seen.get(device, self._settings.heard_until)
        if device in self._seen or received - seen > YOUNG:
            return before is not None and seen > before
        return True

    def _is_resent(self, device: str, notes: Notes) -> bool:
        """Whether this is the first state of a device after the bridge started."""
        if notes.is_retained or self._started is None or device in self._since_start:
            return False
        self._since_start.add(device)
        return notes.received - self._started <= RESEND


def _availability(payload: bytes) -> str:
    """The word of a state: bare text in 1.x, `{"state": ...}` in 2.x."""
    written = text(payload)
    if not written.startswith("{"):
        return written
    body = document(payload)
    state = body.get("state") if isinstance(body, dict) else None
    if not isinstance(state, str):
        raise bad("state", kind(state), " or ".join(_WORDS))
    return state


def _last_seen(node: Json) -> datetime | None:
    """When the device was last heard by the bridge: ISO 8601 with zone, or ms since 1970."""
    if not has_value(node):
        return None
    if isinstance(node, Number):
        seen = of_epoch(node, "last_seen", 1000)
    elif isinstance(node, str):
        seen = of_text(node, "last_seen")
    else:
        raise bad("last_seen", kind(node), "ISO 8601 or ms since 1970")
    if seen.tzinfo is None:
        raise bad("last_seen", str(node), "a time with its zone (last_seen: ISO_8601)")
    if seen < CLOCK_SET:
        raise bad("last_seen", seen.isoformat(), "a bridge whose clock is set")
    return seen

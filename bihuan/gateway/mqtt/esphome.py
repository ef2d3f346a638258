"""ESPHome: one bare value per topic, retained, without unit or time.

What a value means stands only in the settings (or in Home Assistant discovery, which has a hub
of its own): a key without a rule is kept as an attribute. States are retained, so what comes at
subscription is the last value of unknown age.

Source: https://esphome.io/components/mqtt.html (topic_prefix, birth and will messages).
"""

from __future__ import annotations

from datetime import datetime

from bihuan.base.errors import bad
from bihuan.gateway.mqtt.heard import Heard
from bihuan.gateway.mqtt.mapping import PLAIN, Settings
from bihuan.gateway.mqtt.notes import Notes, When
from bihuan.gateway.mqtt.payload import text
from bihuan.gateway.mqtt.roster import Roster

NAME = "esphome"
_KINDS = ("sensor", "binary_sensor", "text_sensor")
_WORDS = ("online", "offline")


class EspHome:
    """The hub of all ESPHome nodes; keys of rules are `sensor/OBJECT`."""

    name = NAME

    def __init__(self, settings: Settings = PLAIN) -> None:
        self._settings = settings
        self._base = f"{settings.base}/" if settings.base else ""
        self._roster = Roster(settings)

    def topics(self) -> tuple[str, ...]:
        states = tuple(f"{self._base}+/{kind}/+/state" for kind in _KINDS)
        return (*states, f"{self._base}+/status")

    def take(self, topic: str, payload: bytes, *, is_retained: bool, received: datetime) -> Heard:
        notes = Notes(NAME, self._settings, is_retained=is_retained, received=received)
        return notes.read(lambda: self._route(notes, topic, payload))

    def _route(self, notes: Notes, topic: str, payload: bytes) -> None:
        device, *rest = topic.removeprefix(self._base).split("/")
        if rest == ["status"]:
            notes.say("status")
            notes.state(notes.admit(self._roster, device), text(payload), _WORDS)
        elif len(rest) == 3 and rest[0] in _KINDS and rest[2] == "state":
            notes.say(rest[0])
            written = text(payload)
            key = f"{rest[0]}/{rest[1]}"
            notes.value(notes.admit(self._roster, device), key, written, When(), None)
        else:
            raise bad("topic", topic, "<node>/sensor/<object>/state or <node>/status")

"""Home Assistant discovery as a hub: sensors appear, are read by their template, and disappear.

A config is retained and describes; it measures nothing. State topics are subscribed to as
configs name them. A temperature that is diagnostic is a chip's, not a room's. Do not read a
system both here and through its own hub.

Source: https://www.home-assistant.io/integrations/mqtt/ and /integrations/sensor.mqtt/.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from bihuan.base.errors import BadInputError, bad
from bihuan.gateway.mqtt import discovery
from bihuan.gateway.mqtt.discovery import Entity
from bihuan.gateway.mqtt.heard import Heard
from bihuan.gateway.mqtt.mapping import (
    PLAIN,
    Rule,
    Settings,
    ToAttribute,
    ToChannel,
    ToSignal,
)
from bihuan.gateway.mqtt.notes import Notes, When
from bihuan.gateway.mqtt.payload import Body, plain
from bihuan.gateway.mqtt.roster import Roster

NAME = "homeassistant"
MOST_ENTITIES = 50_000
MOST_PER_TOPIC = 500  # entities that one state message is read for

_CHANNELS: Mapping[str, str] = {
    "temperature": "air_temperature",
    "humidity": "humidity",
    "battery": "battery",
    "precipitation": "rain",
}
_SIGNALS: Mapping[str, str] = {
    "battery": "low_battery",
    "tamper": "tamper",
    "vibration": "vibration",
    "smoke": "other",
    "gas": "other",
    "carbon_monoxide": "other",
    "moisture": "other",
    "safety": "other",
    "problem": "other",
}
Place = tuple[str, str]  # config topic, component key


class HomeAssistant:
    """The hub of everything that announces itself below one discovery prefix."""

    name = NAME

    def __init__(self, settings: Settings = PLAIN) -> None:
        self._settings = settings
        self._base = settings.base or "homeassistant"
        self._roster = Roster(settings)
        self._entities: dict[Place, Entity] = {}
        self._by_topic: defaultdict[str, dict[Place, None]] = defaultdict(dict)
        self._keys: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._touched: dict[str, bool] = {}  # topic -> whether it was subscribed to before
        self._available: dict[tuple[str, str], bool] = {}

    def topics(self) -> tuple[str, ...]:
        base = self._base
        return (f"{base}/+/+/config", f"{base}/+/+/+/config", *sorted(self._by_topic))

    def entities(self) -> tuple[Entity, ...]:
        """The sensors that are known now."""
        return tuple(self._entities.values())

    def take(self, topic: str, payload: bytes, *, is_retained: bool, received: datetime) -> Heard:
        notes = Notes(NAME, self._settings, is_retained=is_retained, received=received)
        self._touched.clear()
        heard = notes.read(lambda: self._route(notes, topic, payload))
        if not self._touched:
            return heard
        now = {named: named in self._by_topic for named in self._touched}
        return replace(
            heard,
            subscribe=tuple(t for t, was in self._touched.items() if now[t] and not was),
            unsubscribe=tuple(t for t, was in self._touched.items() if was and not now[t]),
        )

    def _route(self, notes: Notes, topic: str, payload: bytes) -> None:
        below = topic.removeprefix(f"{self._base}/") if topic.startswith(f"{self._base}/") else ""
        where = discovery.place(below)
        if where is not None:
            self._config(notes, topic, where, payload)
        elif topic in self._by_topic:
            self._state(notes, topic, payload)
        else:
            raise bad("topic", topic, "a config topic, or one that a config names")

    def _config(self, notes: Notes, topic: str, where: tuple[str, str], payload: bytes) -> None:
        notes.say("config")
        if not payload.strip():
            notes.say("deleted")
            self._forget(notes, self._places(topic))
            return
        config = discovery.read(*where, payload)
        notes.faults += config.faults
        if config.is_migration:
            notes.say("migrated")
            self._forget(notes, self._places(topic))
            return
        self._forget(notes, [(topic, key) for key in config.removed])
        for key, platform in (config.left or {}).items():
            notes.keep(topic, key, f"{platform}: does not measure")
        for key, entity in config.entities.items():
            try:
                self._learn(notes, (topic, key), entity)
            except BadInputError as error:
                notes.faults += error.faults

    def _learn(self, notes: Notes, place: Place, entity: Entity) -> None:
        if len(self._entities) >= MOST_ENTITIES and place not in self._entities:
            raise bad("unique_id", entity.unique_id, f"one of {MOST_ENTITIES} entities held")
        crowded = [t for t in entity.topics if len(self._by_topic.get(t, ())) >= MOST_PER_TOPIC]
        if crowded and place not in self._entities:
            raise bad("state_topic", crowded[0], f"at most {MOST_PER_TOPIC} entities on one topic")
        self._roster.admit(entity.device)
        self._drop(place)
        self._entities[place] = entity
        self._keys[place[0]][place[1]] = None
        for topic in entity.topics:
            self._touched.setdefault(topic, topic in self._by_topic)
            self._by_topic[topic][place] = None
        notes.keep(entity.device, f"entity.{entity.unique_id}", _described(entity))

    def _places(self, topic: str) -> list[Place]:
        return [(topic, key) for key in self._keys.get(topic, {})]

    def _forget(self, notes: Notes, places: Iterable[Place]) -> None:
        for place in places:
            entity = self._entities.get(place)
            if entity is not None:
                notes.keep(entity.device, f"deleted.{entity.unique_id}", True)
                self._drop(place)

    def _drop(self, place: Place) -> None:
        entity = self._entities.pop(place, None)
        if entity is None:
            return
        keys = self._keys[place[0]]
        keys.pop(place[1], None)
        if not keys:
            del self._keys[place[0]]
        for topic in dict.fromkeys(entity.topics):
            self._touched.setdefault(topic, True)
            places = self._by_topic[topic]
            places.pop(place, None)
            if not places:
                del self._by_topic[topic]
                self._available.pop((entity.device, topic), None)

    def _state(self, notes: Notes, topic: str, payload: bytes) -> None:
        notes.say("state")
        told: set[str] = set()
        body = Body(payload)
        for place in list(self._by_topic[topic]):
            entity = self._entities[place]
            try:
                if topic == entity.state_topic:
                    self._value(notes, entity, body)
                if entity.device not in told and self._availability(notes, entity, topic, body):
                    told.add(entity.device)
            except BadInputError as error:
                notes.faults += error.faults

    def _value(self, notes: Notes, entity: Entity, body: Body) -> None:
        if not body.raw:
            return  # a retained state was deleted
        node = entity.template.render(body)
        if node is None:
            return  # a report without this key leaves the sensor's state as it was
        key = entity.unique_id
        if entity.component == "binary_sensor":
            written = str(plain(node))
            if written not in (entity.on, entity.off):
                raise bad(key, written, f"{entity.on} or {entity.off}")
            node = "on" if written == entity.on else "off"
        notes.value(entity.device, key, node, When(), _rule(entity))

    def _availability(self, notes: Notes, entity: Entity, topic: str, body: Body) -> bool:
        """Whether this message says that the entity's device is there or not."""
        told = next((a for a in entity.availability if a.topic == topic), None)
        if told is None:
            return False
        written = str(plain(told.template.render(body)))
        if written not in (told.online, told.offline):
            raise bad("availability", written, f"{told.online} or {told.offline}")
        is_online = written == told.online
        for one in entity.availability:
            if one.topic == topic:
                self._available[entity.device, topic] = is_online
        known = [self._available.get((entity.device, a.topic)) for a in entity.availability]
        if entity.availability_mode == "all":
            is_online = all(known)
        elif entity.availability_mode == "any":
            is_online = any(known)
        notes.link(entity.device, is_online)
        return True


def _rule(entity: Entity) -> Rule:
    """The channel or signal by device class; without one the value is an attribute."""
    name = ToAttribute(entity.unique_id)
    if entity.component == "binary_sensor":
        kind = _SIGNALS.get(entity.device_class)
        return name if kind is None else ToSignal(kind)
    channel = _CHANNELS.get(entity.device_class)
    if channel is None or (entity.is_diagnostic and channel != "battery"):
        return name
    try:
        return ToChannel(channel, entity.unit)
    except BadInputError as error:
        raise bad(
            f"{entity.unique_id}.unit_of_measurement", entity.unit, error.faults[0].want
        ) from error


def _described(entity: Entity) -> Mapping[str, object]:
    return {
        "name": entity.name,
        "device_class": entity.device_class,
        "unit": entity.unit,
        "state_topic": entity.state_topic,
        "expire_after_s": entity.expire_after_s,
        "is_diagnostic": entity.is_diagnostic,
    }

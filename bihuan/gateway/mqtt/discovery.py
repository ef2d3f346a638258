"""Home Assistant discovery: config messages as a model of sensors, without their values.

Short keys are written out, `~` is put in, a device message is taken apart into its components.
Only `sensor` and `binary_sensor` measure; every other component is known and left.

Source: https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery (abbreviations included).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.gateway.formats.strict_json import Json, kind
from bihuan.gateway.mqtt.payload import as_object, exact, json_object
from bihuan.gateway.mqtt.template import BARE, Template, parse

MAX_BYTES = 256 * 1024
MAX_COMPONENTS = 200
MAX_TOPIC = 512
MEASURING = ("sensor", "binary_sensor")
MODES = ("latest", "all", "any")
_TOPIC = re.compile(r"([a-z_]+)/(?:([a-zA-Z0-9_-]+)/)?([a-zA-Z0-9_-]+)/config")

_LONG: Mapping[str, str] = {
    "avty": "availability",
    "avty_mode": "availability_mode",
    "avty_t": "availability_topic",
    "avty_tpl": "availability_template",
    "cmps": "components",
    "dev": "device",
    "dev_cla": "device_class",
    "e": "encoding",
    "ent_cat": "entity_category",
    "exp_aft": "expire_after",
    "json_attr_t": "json_attributes_topic",
    "migr_discvry": "migrate_discovery",
    "o": "origin",
    "obj_id": "object_id",
    "p": "platform",
    "pl_avail": "payload_available",
    "pl_not_avail": "payload_not_available",
    "pl_off": "payload_off",
    "pl_on": "payload_on",
    "stat_cla": "state_class",
    "stat_t": "state_topic",
    "t": "topic",
    "uniq_id": "unique_id",
    "unit_of_meas": "unit_of_measurement",
    "val_tpl": "value_template",
}
_LONG_DEVICE: Mapping[str, str] = {
    "cns": "connections",
    "ids": "identifiers",
    "mdl": "model",
    "mf": "manufacturer",
    "sw": "sw_version",
}
# a device message gives these once for all its components
_SHARED = (
    "~",
    "device",
    "availability",
    "availability_mode",
    "availability_template",
    "availability_topic",
    "payload_available",
    "payload_not_available",
    "state_topic",
)


@dataclass(frozen=True, slots=True)
class Availability:
    """One topic that tells whether the device is there."""

    topic: str
    template: Template
    online: str
    offline: str


@dataclass(frozen=True, slots=True)
class Entity:
    """One sensor of one device, as its config says.

    expire_after_s  how long its value holds, None = without end
    is_diagnostic   about the device itself (a chip's temperature), not about the room
    """

    component: str
    device: str
    unique_id: str
    name: str
    state_topic: str
    template: Template
    unit: str
    device_class: str
    is_diagnostic: bool
    expire_after_s: float | None
    availability: tuple[Availability, ...]
    availability_mode: str
    on: str
    off: str

    @property
    def topics(self) -> tuple[str, ...]:
        return (self.state_topic, *(told.topic for told in self.availability))


@dataclass(frozen=True, slots=True)
class Config:
    """What one config topic says.

    entities  by component key; a component that cannot be read is not among them
    removed   component keys that the message takes away
    left      component keys that are known and do not measure, with their kind
    """

    entities: Mapping[str, Entity]
    removed: tuple[str, ...] = ()
    left: Mapping[str, str] | None = None
    faults: tuple[Fault, ...] = ()
    is_migration: bool = False


def place(topic: str) -> tuple[str, str] | None:
    """The component and the object id of a config topic below the prefix; None for another."""
    match = _TOPIC.fullmatch(topic)
    return None if match is None else (match[1], match[3])


def read(component: str, object_id: str, payload: bytes) -> Config:
    """The config of a topic; raises BadInputError where it cannot be read at all."""
    body = _long(json_object(payload, MAX_BYTES), _LONG)
    if body.get("migrate_discovery") is True:
        return Config({}, is_migration=True)
    if component != "device":
        return _config({object_id: {"platform": component, **body}})
    parts = as_object(body.get("components"), "components")
    if len(parts) > MAX_COMPONENTS:
        raise bad("components", len(parts), f"at most {MAX_COMPONENTS}")
    shared = {key: body[key] for key in _SHARED if key in body}
    taken: dict[str, Mapping[str, Json]] = {}
    for key, node in parts.items():
        part = _long(as_object(node, f"components.{key}"), _LONG)
        taken[key] = part if set(part) <= {"platform"} else {**shared, **part}
    return _config(taken)


def _config(parts: Mapping[str, Mapping[str, Json]]) -> Config:
    entities: dict[str, Entity] = {}
    removed: list[str] = []
    left: dict[str, str] = {}
    faults: list[Fault] = []
    for key, part in parts.items():
        platform = part.get("platform")
        if not isinstance(platform, str):
            faults.append(Fault(f"{key}.platform", kind(platform), "the component's platform"))
        elif set(part) == {"platform"}:
            removed.append(key)
        elif platform not in MEASURING:
            left[key] = platform
        else:
            try:
                entities[key] = _entity(platform, key, part)
            except BadInputError as error:
                faults += [Fault(f"{key}.{f.field}", f.got, f.want) for f in error.faults]
    return Config(entities, tuple(removed), left, tuple(faults))


def _entity(platform: str, key: str, part: Mapping[str, Json]) -> Entity:
    base = _text(part, "~", "")
    unique = _text(part, "unique_id", key)
    mode = _text(part, "availability_mode", "latest")
    if mode not in MODES:
        raise bad("availability_mode", mode, "one of " + ", ".join(MODES))
    expires = part.get("expire_after")
    seconds = None if expires is None else exact(expires)
    if expires is not None and (seconds is None or seconds < 0):
        raise bad("expire_after", kind(expires), "seconds from 0")
    return Entity(
        component=platform,
        device=_device(part, unique),
        unique_id=unique,
        name=_text(part, "name", unique),
        state_topic=_topic(part, "state_topic", base),
        template=_template(part, "value_template"),
        unit=_text(part, "unit_of_measurement", ""),
        device_class=_text(part, "device_class", ""),
        is_diagnostic=_text(part, "entity_category", "") in ("diagnostic", "config"),
        expire_after_s=float(seconds) if seconds else None,
        availability=tuple(_availability(part, base)),
        availability_mode=mode,
        on=_text(part, "payload_on", "ON"),
        off=_text(part, "payload_off", "OFF"),
    )


def _device(part: Mapping[str, Json], unique: str) -> str:
    """The device's first identifier, or its first connection, or the entity by itself."""
    node = part.get("device")
    if not isinstance(node, dict):
        return unique
    device = _long(cast("Mapping[str, Json]", node), _LONG_DEVICE)
    ids = device.get("identifiers")
    first = ids[0] if isinstance(ids, list) and ids else ids
    if isinstance(first, str) and first:
        return first
    connections = device.get("connections")
    pair = connections[0] if isinstance(connections, list) and connections else None
    if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[1], str) and pair[1]:
        return pair[1]
    raise bad("device", "neither identifiers nor connections", "one of them")


def _availability(part: Mapping[str, Json], base: str) -> Iterator[Availability]:
    several = part.get("availability")
    if "availability_topic" in part:
        yield Availability(
            _topic(part, "availability_topic", base),
            _template(part, "availability_template"),
            _text(part, "payload_available", "online"),
            _text(part, "payload_not_available", "offline"),
        )
    elif several is not None:
        for node in several if isinstance(several, list) else [several]:
            told = _long(as_object(node, "availability"), _LONG)
            yield Availability(
                _topic(told, "topic", base),
                _template(told, "value_template"),
                _text(told, "payload_available", "online"),
                _text(told, "payload_not_available", "offline"),
            )


def _long(body: Mapping[str, Json], names: Mapping[str, str]) -> dict[str, Json]:
    """The object with its short keys written out."""
    return {names.get(key, key): node for key, node in body.items()}


def _text(body: Mapping[str, Json], key: str, default: str) -> str:
    node = body.get(key)
    if node is None:
        return default
    if not isinstance(node, str):
        if isinstance(node, bool):
            return "True" if node else "False"  # as Home Assistant makes text of it
        raise bad(key, kind(node), "text")
    return node


def _topic(body: Mapping[str, Json], key: str, base: str) -> str:
    """A topic with its base put in; one that would hear other things is refused."""
    topic = _text(body, key, "")
    if base and topic.startswith("~"):
        topic = base + topic[1:]
    elif base and topic.endswith("~"):
        topic = topic[:-1] + base
    if not topic or len(topic) > MAX_TOPIC or topic.startswith("$") or set(topic) & set("+#\0"):
        raise bad(key, ascii(topic), "one topic without wildcards")
    return topic


def _template(body: Mapping[str, Json], key: str) -> Template:
    written = _text(body, key, "")
    return parse(written) if written else BARE

"""From an MQTT message to arrivals: which hubs read it, and what is stored of it. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bihuan.base.errors import Fault, shown
from bihuan.base.time import HOUR_US, us_of
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoded import Decoded
from bihuan.gateway.mqtt import homeassistant, sparkplug
from bihuan.gateway.mqtt.heard import Heard, Hub, Publish

MOST_NUMBER = 64  # characters of a device's number in the register
LIST_AGAIN_US = HOUR_US
MOST_STRAYS = 1_000
DESCRIPTIONS = {homeassistant.NAME: ("config", "deleted", "migrated")}
# a message that waited at the broker no longer than this is taken as of its receipt
YOUNG = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as it came.

    waited_since  set where the broker may have kept it since then; None: it is live
    """

    topic: str
    payload: bytes
    is_retained: bool
    received: datetime
    waited_since: datetime | None = None

    @property
    def raw(self) -> bytes:
        """What stands in the journal for it: topic, line feed, payload."""
        return self.topic.encode("utf-8", "surrogateescape") + b"\n" + self.payload

    @property
    def is_aged(self) -> bool:
        return self.waited_since is not None and self.received - self.waited_since > YOUNG


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be done about a message: store these, send those, listen there.

    is_description  it describes sensors, which must be known before their states can be read
    """

    arrivals: tuple[Arrival, ...] = ()
    publish: tuple[Publish, ...] = ()
    subscribe: tuple[str, ...] = ()
    unsubscribe: tuple[str, ...] = ()
    is_description: bool = False


class Router:
    """Gives each message to the hubs whose subscriptions it matches."""

    def __init__(self, hubs: Sequence[Hub]) -> None:
        self._hubs = hubs
        self._filters = {hub.name: _Filters(hub.topics()) for hub in hubs}
        self._strays: dict[str, int] = {}

    @property
    def is_sparkplug_host(self) -> bool:
        """Whether nodes are to hear that their host is there."""
        return any(hub.name == sparkplug.NAME for hub in self._hubs)

    def topics(self) -> tuple[str, ...]:
        """Every subscription filter of now."""
        return tuple(dict.fromkeys(topic for hub in self._hubs for topic in hub.topics()))

    def take(self, mail: Mail) -> Told:
        """Read one message; a message that no hub reads is refused, its topic once an hour."""
        heard = [
            self._take(hub, mail) for hub in self._hubs if self._filters[hub.name].match(mail.topic)
        ]
        if not heard:
            return Told(self._stray(mail))
        subscribe = tuple(topic for one in heard for topic in one.subscribe)
        others = self.topics()
        return Told(
            arrivals=tuple(a for one in heard for a in arrivals(one, mail)),
            publish=tuple(message for one in heard for message in one.publish),
            subscribe=subscribe,
            unsubscribe=tuple(t for one in heard for t in one.unsubscribe if t not in others),
            is_description=any(one.kind in DESCRIPTIONS.get(one.system, ()) for one in heard),
        )

    def _take(self, hub: Hub, mail: Mail) -> Heard:
        heard = hub.take(
            mail.topic, mail.payload, is_retained=mail.is_retained, received=mail.received
        )
        self._filters[hub.name].change(heard.subscribe, heard.unsubscribe)
        return heard

    def _stray(self, mail: Mail) -> tuple[Arrival, ...]:
        now_us = us_of(mail.received)
        last_us = self._strays.get(mail.topic)
        if last_us is not None and now_us - last_us < LIST_AGAIN_US:
            return ()
        if len(self._strays) >= MOST_STRAYS:
            self._strays.clear()
        self._strays[mail.topic] = now_us
        fault = Fault("topic", shown(mail.topic), "a topic that a system of the settings reads")
        return (_arrival("mqtt", Decoded(None, "stray", faults=(fault,), link=None), mail),)


def arrivals(heard: Heard, mail: Mail) -> tuple[Arrival, ...]:
    """What the intake stores of a message that was read."""
    made = (_bounded(decoded) for decoded in heard.decoded(is_aged=mail.is_aged))
    return tuple(_arrival(heard.system, decoded, mail) for decoded in made)


def unstorable(arrival: Arrival, error: Exception) -> Arrival:
    """What stands in the journal for a message that itself cannot be stored: that it came."""
    fault = Fault("payload", type(error).__name__, "a message that can be stored")
    decoded = Decoded(None, arrival.decoded.kind[:32], faults=(fault,), link=None)
    return replace(arrival, decoded=decoded)


def _arrival(protocol: str, decoded: Decoded, mail: Mail) -> Arrival:
    return Arrival(protocol, mail.raw, decoded, us_of(mail.received), LIST_AGAIN_US)


def _bounded(decoded: Decoded) -> Decoded:
    """A device whose name the register cannot hold is refused; what it signals still calls."""
    if decoded.device is None or len(decoded.device) <= MOST_NUMBER:
        return decoded
    fault = Fault("device", shown(decoded.device), f"at most {MOST_NUMBER} characters")
    return replace(decoded, device=None, readings=(), faults=(*decoded.faults, fault), link=None)


class _Filters:
    """Subscription filters: those without wildcards by name, the others one by one."""

    def __init__(self, topics: Sequence[str]) -> None:
        self._exact: dict[str, None] = {}
        self._wild: dict[str, list[str]] = {}
        self.change(topics, ())

    def change(self, added: Sequence[str], removed: Sequence[str]) -> None:
        for topic in removed:
            self._exact.pop(topic, None)
        for topic in added:
            if {"+", "#"} & set(topic):
                self._wild[topic] = topic.split("/")
            else:
                self._exact[topic] = None

    def match(self, topic: str) -> bool:
        if topic in self._exact:
            return True
        levels = topic.split("/")
        return any(matches(levels, wild) for wild in self._wild.values())


def matches(levels: Sequence[str], wild: Sequence[str]) -> bool:
    """Whether a topic matches a filter, both as their levels (MQTT 3.1.1, 4.7)."""
    if levels[0].startswith("$") and wild[0] in ("+", "#"):
        return False
    for place, part in enumerate(wild):
        if part == "#":
            return True
        if place >= len(levels) or part not in ("+", levels[place]):
            return False
    return len(levels) == len(wild)

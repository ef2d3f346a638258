"""Sparkplug B as a host application: births give names to aliases, sequences show what is lost.

On an unknown alias, a gap in `seq` or data before a birth the node is asked for its births
(Rebirth). The values of a birth are the last known ones, sent again: never fresh. A node's death
is its will, written when it connected: it counts only if its `bdSeq` is the birth's, at the time
of receipt, and it takes the node's devices with it.

Source: Eclipse Sparkplug 3.0.0, chapters 4 to 6.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bihuan.base.errors import BadInputError, bad
from bihuan.base.time import EPOCH
from bihuan.gateway.formats.strict_json import Json, Number, kind
from bihuan.gateway.mqtt.heard import Heard, Publish
from bihuan.gateway.mqtt.mapping import PLAIN, Rule, Settings, ToChannel
from bihuan.gateway.mqtt.moments import CLOCK_SET, of_epoch
from bihuan.gateway.mqtt.notes import Notes, When
from bihuan.gateway.mqtt.payload import exact, json_object, plain, text
from bihuan.gateway.mqtt.roster import Roster
from bihuan.gateway.mqtt.sparkplug_payload import Metric, Payload, read, rebirth, value_of

NAME = "sparkplug"
NAMESPACE = "spBv1.0"
# A node is not asked with every message: one that leaves out a name in its births would answer
# and be asked again without end.
ASK_AGAIN = timedelta(seconds=60)
MOST_ALIASES = 5_000  # of one node and its devices
_NODE, _DEVICE = ("NBIRTH", "NDATA", "NDEATH"), ("DBIRTH", "DDATA", "DDEATH")
_COMMANDS = ("NCMD", "DCMD")
_CHANNELS = {
    "temperature": "air_temperature",
    "humidity": "humidity",
    "battery": "battery",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What a birth said of a metric."""

    name: str
    datatype: int | None
    unit: str | None


@dataclass(slots=True)
class Node:
    """One edge node since its birth; aliases are unique among it and its devices."""

    seq: int | None = None
    bd_seq: int | None = None
    is_born: bool = False
    aliases: dict[int, Known] = field(default_factory=dict)
    names: dict[tuple[str, str], Known] = field(default_factory=dict)
    devices: set[str] = field(default_factory=set)
    asked: datetime | None = None


class Sparkplug:
    """The hub of all Sparkplug nodes; devices go by GROUP/NODE and GROUP/NODE/DEVICE."""

    name = NAME

    def __init__(self, settings: Settings = PLAIN) -> None:
        self._settings = settings
        self._roster = Roster(settings)
        self._nodes: dict[str, Node] = {}

    def topics(self) -> tuple[str, ...]:
        return (f"{NAMESPACE}/#",)

    def take(self, topic: str, payload: bytes, *, is_retained: bool, received: datetime) -> Heard:
        notes = Notes(NAME, self._settings, is_retained=is_retained, received=received)
        return notes.read(lambda: self._route(notes, topic, payload))

    def _route(self, notes: Notes, topic: str, payload: bytes) -> None:
        levels = topic.split("/")
        if levels[0] != NAMESPACE or len(levels) < 3:
            raise bad("topic", topic, f"{NAMESPACE}/<group>/<type>/<node>[/<device>]")
        if levels[1] == "STATE" and len(levels) == 3:
            self._host(notes, levels[2], payload)
            return
        verb = levels[2]
        notes.say(verb)
        if verb in _COMMANDS:
            return  # somebody's order to a node
        if len(levels) != (5 if verb in _DEVICE else 4) or verb not in _NODE + _DEVICE:
            raise bad("topic", topic, f"{NAMESPACE}/<group>/<type>/<node>[/<device>]")
        if notes.is_retained:
            raise bad("retain", "true", "births, data and deaths that are not retained")
        name = notes.admit(self._roster, f"{levels[1]}/{levels[3]}")
        device = name if verb in _NODE else notes.admit(self._roster, f"{name}/{levels[4]}")
        node = self._nodes.setdefault(name, Node())
        try:
            message = read(payload)
        except BadInputError:
            self._ask(notes, name, node)  # what it said is lost: hear it anew
            raise
        self._message(notes, (name, device), node, message)

    def _message(self, notes: Notes, names: tuple[str, str], node: Node, message: Payload) -> None:
        verb, (name, device) = notes.heard.kind, names
        if verb == "NDEATH":
            _node_death(notes, name, node, message)
            return
        if verb == "NBIRTH":
            _node_birth(notes, name, node, message)
        elif self._follows(notes, name, node, message) and verb == "DBIRTH":
            node.devices.add(device)
            notes.link(device, True)
        if verb == "DDEATH":
            notes.link(device, False)
            node.devices.discard(device)
            return
        is_birth = verb.endswith("BIRTH")
        if verb == "DDATA" and device not in node.devices:
            notes.fault(device, "DDATA", "a DBIRTH before it")
            self._ask(notes, name, node)
        for metric in message.metrics:
            if is_birth and (node.is_born or verb == "NBIRTH"):
                _learn(notes, device, node, metric)
            self._metric(notes, names, node, metric, message)

    def _follows(self, notes: Notes, name: str, node: Node, message: Payload) -> bool:
        """Whether the node is born; asks for a rebirth where something is missing before this."""
        if not node.is_born:
            notes.fault(name, notes.heard.kind, "an NBIRTH before it")
            self._ask(notes, name, node)
            return False
        want = 0 if node.seq is None else (node.seq + 1) % 256
        if not _is_seq(notes, name, message, want):
            self._ask(notes, name, node)
        node.seq = want if message.seq is None else message.seq
        return True

    def _ask(self, notes: Notes, name: str, node: Node) -> None:
        if node.asked is not None and notes.received - node.asked < ASK_AGAIN:
            return
        node.asked = notes.received
        group, _, edge = name.partition("/")
        notes.publish.append(Publish(f"{NAMESPACE}/{group}/NCMD/{edge}", rebirth(notes.received)))

    def _metric(
        self,
        notes: Notes,
        names: tuple[str, str],
        node: Node,
        metric: Metric,
        message: Payload,
    ) -> None:
        name, device = names
        known = _known(node, device, metric)
        if known is None:
            notes.fault("alias", metric.alias, "an alias that a birth gave a name")
            notes.keep(device, f"alias {metric.alias}", _raw(metric))
            self._ask(notes, name, node)
            return
        try:
            content = value_of(metric, metric.datatype or known.datatype)
            when = _when(metric, message, notes.heard.kind)
            rule = _rule(known)
        except BadInputError as error:
            notes.faults += error.faults
            notes.keep(device, known.name, _raw(metric))
            return
        if content is None:
            notes.keep(device, known.name, None)
        else:
            notes.value(device, known.name, content, when, rule)

    def _host(self, notes: Notes, host: str, payload: bytes) -> None:
        """STATE of a host application: JSON since 3.0, a bare word before."""
        notes.say("STATE")
        name = f"STATE/{self._roster.admit(host)}"
        if not payload.lstrip().startswith(b"{"):
            notes.state(name, text(payload), ("ONLINE", "OFFLINE"))
            return
        body = json_object(payload)
        online = body.get("online")
        if not isinstance(online, bool):
            raise bad("online", kind(online), "true or false")
        notes.link(name, online)
        notes.keep(name, "timestamp", plain(body.get("timestamp")))


def host_state(host: str, is_online: bool, at: datetime) -> Publish:
    """Our own STATE: published online after connecting, and given as the will when connecting.

    The will carries the same timestamp as the birth that follows it (3.0.0, 6.4.26).
    """
    at_ms = (at - EPOCH) // timedelta(milliseconds=1)
    body = json.dumps({"online": is_online, "timestamp": at_ms}).encode()
    return Publish(f"{NAMESPACE}/STATE/{host}", body, qos=1, is_retained=True)


def _is_seq(notes: Notes, name: str, message: Payload, want: int) -> bool:
    """Whether the sequence goes on; encoders of proto3 leave a 0 out, which is kept in mind."""
    if message.seq is None and want == 0:
        notes.keep(name, "is_seq_omitted_zero", True)
        return True
    if message.seq != want:
        notes.fault("seq", "nothing" if message.seq is None else message.seq, str(want))
        return False
    return True


def _node_birth(notes: Notes, name: str, node: Node, message: Payload) -> None:
    """A node begins anew: nothing of its former session holds."""
    _is_seq(notes, name, message, 0)
    node.seq = 0 if message.seq is None else message.seq
    node.bd_seq = _bd_seq(notes, message)
    node.is_born = True
    node.aliases.clear()
    node.names.clear()
    node.devices.clear()  # each is there again with its own DBIRTH
    notes.link(name, True)


def _node_death(notes: Notes, name: str, node: Node, message: Payload) -> None:
    """The will of a connection; that of a former one says nothing about the present one."""
    bd_seq = _bd_seq(notes, message)
    if node.is_born and node.bd_seq is not None and bd_seq != node.bd_seq:
        notes.keep(name, "stale_death_bdSeq", bd_seq)
        return
    notes.link(name, False)
    for device in sorted(node.devices):
        notes.link(device, False)
    node.is_born = False
    node.devices.clear()


def _bd_seq(notes: Notes, message: Payload) -> int | None:
    metric = message.named("bdSeq")
    number = None if metric is None else exact(value_of(metric, metric.datatype))
    if number is None:
        notes.fault("bdSeq", "nothing", "the number of the connection")
        return None
    return int(number)


def _learn(notes: Notes, device: str, node: Node, metric: Metric) -> None:
    """Remember what a birth says of a metric."""
    if metric.name is None:
        notes.fault("name", f"alias {metric.alias}", "a name for every metric of a birth")
        return
    if max(len(node.names), len(node.aliases)) >= MOST_ALIASES:
        raise bad("metrics", "more", f"at most {MOST_ALIASES} metrics of a node")
    known = Known(metric.name, metric.datatype, metric.unit)
    node.names[device, metric.name] = known
    if metric.alias is not None:
        node.aliases[metric.alias] = known


def _known(node: Node, device: str, metric: Metric) -> Known | None:
    if metric.name is not None:
        found = node.names.get((device, metric.name))
        return found or Known(metric.name, metric.datatype, metric.unit)
    return None if metric.alias is None else node.aliases.get(metric.alias)


def _when(metric: Metric, message: Payload, verb: str) -> When:
    """When a metric was measured: its own time, else the message's; a birth's is never fresh."""
    at_ms = metric.at_ms if metric.at_ms is not None else message.at_ms
    at = None if at_ms is None else of_epoch(Number(str(at_ms)), "timestamp", 1000)
    if at is not None and at < CLOCK_SET:
        raise bad("timestamp", at.isoformat(), "a node whose clock is set")
    is_old = verb.endswith("BIRTH") or (metric.is_historical and at is None)
    return When(at, not is_old, metric.is_historical)


def _rule(known: Known) -> Rule | None:
    """The channel by the last word of the name, only where the birth says the unit."""
    channel = _CHANNELS.get(known.name.rpartition("/")[2].lower())
    if channel is None or known.unit is None:
        return None
    return ToChannel(channel, known.unit)


def _raw(metric: Metric) -> Json:
    if metric.held is None:
        return None
    held = metric.held[1]
    return Number(str(held)) if isinstance(held, int) else held.hex()

"""What a hub fills while it reads a message: each value checked once, for every system."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bihuan.base.errors import BadInputError, Fault, shown
from bihuan.gateway.decoded import CHANNELS
from bihuan.gateway.decoders.draft import Draft
from bihuan.gateway.formats.strict_json import Json, kind
from bihuan.gateway.mqtt.heard import Heard, HeardSignal, Link, Measured, Publish
from bihuan.gateway.mqtt.mapping import Rule, Rules, Settings, ToAttribute, ToChannel, ToSignal
from bihuan.gateway.mqtt.payload import exact, has_value, leaves, plain
from bihuan.gateway.mqtt.roster import Roster
from bihuan.gateway.mqtt.units import convert

MAX_FAULTS = 50
_AHEAD = timedelta(minutes=5)  # a clock this far ahead is told in attributes, never corrected


@dataclass(frozen=True, slots=True)
class When:
    """When the values of a message were measured; `at` None: the payload does not say."""

    at: datetime | None = None
    is_fresh: bool = True
    is_historical: bool = False


class Notes:
    """The facts of one message as they are read."""

    def __init__(
        self, system: str, settings: Settings, *, is_retained: bool, received: datetime
    ) -> None:
        self.heard = Heard(system, "unreadable", is_retained=is_retained)
        self.is_retained, self.received = is_retained, received
        self.readings: list[Measured] = []
        self.links: list[Link] = []
        self.signals: list[HeardSignal] = []
        self.cleared: list[tuple[str, str]] = []
        self.faults: list[Fault] = []
        self.publish: list[Publish] = []
        self.attributes: defaultdict[str, dict[str, object]] = defaultdict(dict)
        self._times: Counter[tuple[str, str]] = Counter()
        self._settings = settings

    def read(self, reading: Callable[[], None]) -> Heard:
        """Run what reads the message; what it refuses becomes faults."""
        try:
            reading()
        except BadInputError as error:
            self.faults += error.faults
        return self._done()

    def moment(self, reading: Callable[[], datetime | None]) -> datetime | None:
        """A time of measurement; one that cannot be used is a fault, and the receipt counts.

        What the message reports stands all the same: a call for help has no time to lose.
        """
        try:
            return reading()
        except BadInputError as error:
            self.faults += error.faults
            return None

    def admit(self, roster: Roster, device: str) -> str:
        """The device that the message is from; raises BadInputError where it cannot be held."""
        self.heard = replace(self.heard, device=roster.admit(device))
        return device

    def say(self, kind: str, *, identity: str | None = None, is_duplicate: bool = False) -> None:
        """The message's type, and by what a resend of it is recognised."""
        self.heard = replace(self.heard, kind=kind, identity=identity, is_duplicate=is_duplicate)

    def fault(self, field: str, got: object, want: str) -> None:
        self.faults.append(Fault(field, shown(got), want))

    def keep(self, device: str, name: str, content: object) -> None:
        """Keep what has no channel."""
        self.attributes[device][name] = content

    def link(self, device: str, is_online: bool, *, is_normal: bool = False) -> None:
        """The connection came or went; retained: it is not known when."""
        at = None if self.is_retained else self.received
        self.links.append(Link(device, is_online, at, not self.is_retained, is_normal))

    def state(self, device: str, written: str, words: tuple[str, str]) -> None:
        """A connection's state by its word for online and its word for offline."""
        if written in words:
            self.link(device, written == words[0])
        else:
            self.fault("state", written, " or ".join(words))

    def values(self, device: str, body: Mapping[str, Json], when: When, defaults: Rules) -> None:
        """Every leaf of an object, each by its own dotted path."""
        for key, node in leaves(body):
            self.value(device, key, node, when, defaults.get(key))

    def value(self, device: str, key: str, node: Json, when: When, default: Rule | None) -> None:
        """One value by the operator's rule for its key, else by the system's."""
        rule = self._settings.rule(device, key) or default
        if isinstance(rule, ToChannel):
            self._measure(rule.device or device, key, node, when, rule)
        elif isinstance(rule, ToSignal):
            self._signal(device, key, node, when, rule)
        else:
            name = rule.name if isinstance(rule, ToAttribute) else key
            self._add(device, name, plain(node))

    def _measure(self, device: str, key: str, node: Json, when: When, rule: ToChannel) -> None:
        if not has_value(node):
            self._list(device, "no_value", key)
            return
        number = exact(node)
        span = CHANNELS[rule.channel]
        value = None if number is None else convert(number, rule.unit, span.unit)
        if value is None:
            self.fault(key, kind(node), f"a number in {rule.unit}")
            return
        draft = Draft(device, "")
        at, is_fresh = self._time(device, when)
        draft.read(rule.channel, value, at)
        self.faults += draft.faults
        if "no_contact" in draft.attributes:
            self._list(device, "no_contact", rule.channel)
        for made in draft.readings:
            is_at_receipt = is_fresh and when.at is None
            self.readings.append(
                Measured(
                    device,
                    made.channel,
                    made.value,
                    made.unit,
                    at,
                    is_fresh,
                    key,
                    is_at_receipt,
                    when.is_historical,
                )
            )

    def _signal(self, device: str, key: str, node: Json, when: When, rule: ToSignal) -> None:
        written = str(plain(node)).strip().lower()
        self.keep(device, key, plain(node))
        if written in rule.on:
            at, is_fresh = self._time(device, when)
            code = key if written in ("true", "on", "1") else f"{key}={written}"
            is_at_receipt = is_fresh and when.at is None
            said = HeardSignal(device, rule.kind, code, at, is_fresh, rule.is_event, is_at_receipt)
            self.signals.append(said)
        elif not rule.is_event and has_value(node) and when.is_fresh and not self.is_retained:
            self.cleared.append((device, rule.kind))

    def _time(self, device: str, when: When) -> tuple[datetime | None, bool]:
        """When it was measured, and whether it is new; a retained message never is."""
        is_fresh = when.is_fresh and not self.is_retained
        at = when.at if when.at is not None or not is_fresh else self.received
        if at is not None and at - self.received > _AHEAD:
            self.keep(device, "ahead_of_receipt_s", (at - self.received) // timedelta(seconds=1))
        return at, is_fresh

    def _add(self, device: str, name: str, content: object) -> None:
        """Keep one of several values of a name; none of them replaces another."""
        self._times[device, name] += 1
        times = self._times[device, name]
        self.keep(device, name if times == 1 else f"{name}#{times}", content)

    def _list(self, device: str, name: str, item: str) -> None:
        listed = self.attributes[device].setdefault(name, [])
        if isinstance(listed, list) and item not in listed:
            listed.append(item)

    def _done(self) -> Heard:
        self._tell_apart()
        faults = self.faults[:MAX_FAULTS]
        if len(self.faults) > MAX_FAULTS:
            more = len(self.faults) - MAX_FAULTS
            faults.append(Fault("payload", f"{more} more faults", f"at most {MAX_FAULTS} listed"))
        return replace(
            self.heard,
            readings=tuple(self.readings),
            links=tuple(self.links),
            signals=tuple(self.signals),
            cleared=tuple(self.cleared),
            faults=tuple(faults),
            publish=tuple(self.publish),
            attributes=dict(self.attributes),
        )

    def _tell_apart(self) -> None:
        """Two sensors of one box are never mixed in one series: they need a rule each."""
        sources: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for reading in self.readings:
            sources[reading.device, reading.channel].add(reading.source)
        mixed = {place for place, named in sources.items() if len(named) > 1}
        for device, channel in sorted(mixed):
            named = ", ".join(sorted(sources[device, channel]))
            self.fault(channel, f"{device}: {named}", "a rule that gives each its own device")
        for reading in self.readings:
            if (reading.device, reading.channel) in mixed:
                self.keep(reading.device, reading.source, reading.value)
        self.readings = [r for r in self.readings if (r.device, r.channel) not in mixed]

"""What one MQTT message says, as typed facts; and what the hub of every system offers.

"The sensor measured" (`Measured`) and "the connection lives" (`Link`) are two facts: a will
proves that a connection dropped, a retained value proves nothing about now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bihuan.base.errors import Fault
from bihuan.gateway.decoded import Decoded, DeviceSignal, Reading

Attributes = Mapping[str, object]
EVENT = "event"  # begins the kind of a frame whose signals are presses, not states


@dataclass(frozen=True, slots=True)
class Measured:
    """One value of one channel of one device.

    at             when it was measured, as far as known: the payload's time, else the receipt;
                   None: a retained or cached value of unknown age
    is_fresh       a new measurement; False: retained or cached, only "the last known value"
    source         the key or component it was read from, such as `DS18B20.Temperature`
    is_at_receipt  `at` is the time of receipt, because the payload has none that can be used
    is_historical  the sender says that it was stored up and comes late (Sparkplug)
    """

    device: str
    channel: str
    value: float
    unit: str
    at: datetime | None
    is_fresh: bool
    source: str
    is_at_receipt: bool = False
    is_historical: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A connection came or went.

    at         when; None: retained, so it is not known since when
    is_normal  a device that sleeps: being offline is its way, not a fault
    """

    device: str
    is_online: bool
    at: datetime | None
    is_fresh: bool
    is_normal: bool = False


@dataclass(frozen=True, slots=True)
class HeardSignal:
    """Something that needs attention; `code` is the system's own word for it.

    is_event   a press is news each time; False: a state, of which only the appearance is news
    """

    device: str
    kind: str
    code: str
    at: datetime | None
    is_fresh: bool
    is_event: bool


@dataclass(frozen=True, slots=True)
class Publish:
    """A message to be sent."""

    topic: str
    payload: bytes
    qos: int = 0
    is_retained: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """All that one message says.

    kind          the system's own message type
    device        who the topic says it is; None where it speaks for several, or for none
    attributes    by device: everything without a channel, never dropped
    identity      the system's own id of the message, by which a resend is recognised
    is_duplicate  the hub heard this identity before; nothing of it is repeated here
    subscribe, unsubscribe   topics that `Hub.topics` gained and lost by this message
    """

    system: str
    kind: str
    device: str | None = None
    readings: tuple[Measured, ...] = ()
    links: tuple[Link, ...] = ()
    signals: tuple[HeardSignal, ...] = ()
    faults: tuple[Fault, ...] = ()
    publish: tuple[Publish, ...] = ()
    attributes: Mapping[str, Attributes] | None = None
    identity: str | None = None
    is_duplicate: bool = False
    is_retained: bool = False
    subscribe: tuple[str, ...] = ()
    unsubscribe: tuple[str, ...] = ()

    @property
    def devices(self) -> tuple[str, ...]:
        """Every device the message speaks of, in the order of mention."""
        named = [self.device] if self.device is not None else []
        named += [*(r.device for r in self.readings), *(s.device for s in self.signals)]
        named += [*(link.device for link in self.links), *(self.attributes or {})]
        return tuple(dict.fromkeys(named))

    def decoded(self) -> tuple[Decoded, ...]:
        """Frames for the intake: only what is fresh, by device, and the faults with the first.

        Signals that are events come in a frame of their own, whose kind begins with EVENT.

        A retained message says nothing that is new: of it only the faults remain, without a
        device, so that it never passes for a sign of life.
        """
        made = list(self._fresh())
        if not self.faults:
            return tuple(made)
        if made:
            made[0] = replace(made[0], faults=self.faults)
            return tuple(made)
        device = self.devices[0] if self.devices and not self.is_retained else None
        return (Decoded(device, self.kind, faults=self.faults, identity=self.identity),)

    def _fresh(self) -> Iterator[Decoded]:
        """Presses first and by themselves: their kind says that each of them is news."""
        readings: defaultdict[str, list[Reading]] = defaultdict(list)
        states: defaultdict[str, list[DeviceSignal]] = defaultdict(list)
        events: defaultdict[str, list[DeviceSignal]] = defaultdict(list)
        for r in self.readings:
            if r.is_fresh:
                readings[r.device].append(Reading(r.channel, r.value, r.unit, r.at))
        for s in self.signals:
            if s.is_fresh:
                (events if s.is_event else states)[s.device].append(DeviceSignal(s.kind, s.at))
        told = self.attributes or {}
        for device, pressed in events.items():
            identity = None if self.identity is None else f"{self.identity}|{EVENT}"
            yield Decoded(
                device,
                f"{EVENT} {self.kind}",
                signals=tuple(pressed),
                attributes=told.get(device),
                identity=identity,
            )
        for device in dict.fromkeys((*readings, *states)):
            yield Decoded(
                device,
                self.kind,
                tuple(readings.get(device, ())),
                tuple(states.get(device, ())),
                attributes=told.get(device),
                identity=self.identity,
            )


class Hub(Protocol):
    """One system's messages, read in the order of arrival; holds what must be remembered.

    `take` never raises on any topic and bytes, does no I/O and reads no clock. It is called once
    for a message: who cannot store what was heard keeps it and tries again, and acknowledges the
    message only afterwards. A message that comes again meanwhile is a duplicate rightly.
    """

    name: str

    def take(
        self, topic: str, payload: bytes, *, is_retained: bool, received: datetime
    ) -> Heard: ...

    def topics(self) -> tuple[str, ...]:
        """The subscription filters."""
        ...

"""What one MQTT message says, as typed facts; and what the hub of every system offers.

"The sensor measured" (`Measured`) and "the connection lives" (`Link`) are two facts: a will
proves that a connection dropped, a retained value proves nothing about now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    is_at_receipt: bool = False


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
    cleared       device and kind of states that are over
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
    cleared: tuple[tuple[str, str], ...] = ()
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

    def decoded(self, *, is_aged: bool = False) -> tuple[Decoded, ...]:
        """Frames for the intake: only what is fresh, by device, and the faults with the first.

        Signals that are events come in a frame of their own, whose kind begins with EVENT. What
        carries its own time has an identity: the same message again is the same measurement.

        is_aged  the broker kept the message for longer than can be told: a value without a time
                 of its own is kept and not judged by, and the message is no sign of life

        A retained message says nothing that is new: of it only the faults remain, without a
        device, so that it never passes for a sign of life.
        """
        made = list(self._fresh(is_aged=is_aged))
        if not self.faults:
            return tuple(made)
        if made:
            made[0] = replace(made[0], faults=self.faults)
            return tuple(made)
        device = self.devices[0] if self.devices and not self.is_retained else None
        return (Decoded(device, self.kind, faults=self.faults, identity=self.identity, link=None),)

    def _fresh(self, *, is_aged: bool) -> Iterator[Decoded]:
        """Presses first and by themselves: their kind says that each of them is news."""
        told = self.attributes or {}
        fresh = [s for s in self.signals if s.is_fresh]
        for device in dict.fromkeys(s.device for s in fresh if s.is_event):
            pressed = [s for s in fresh if s.is_event and s.device == device]
            yield Decoded(
                device,
                f"{EVENT} {self.kind}",
                signals=_signals(pressed, is_aged=is_aged),
                attributes=told.get(device),
                identity=self._identity(pressed, EVENT),
                link=None if is_aged else True,
            )
        for device in self._speaking():
            measured = [r for r in self.readings if r.is_fresh and r.device == device]
            states = [s for s in fresh if not s.is_event and s.device == device]
            yield Decoded(
                device,
                self.kind,
                tuple(_reading(r, is_aged=is_aged) for r in measured),
                _signals(states, is_aged=is_aged),
                attributes=told.get(device),
                identity=self._identity([*measured, *states], ""),
                link=None if is_aged else self._link(device),
                cleared=frozenset(kind for who, kind in self.cleared if who == device),
            )

    def _speaking(self) -> tuple[str, ...]:
        """The devices of which something new is said, besides presses."""
        named = [r.device for r in self.readings if r.is_fresh]
        named += [s.device for s in self.signals if s.is_fresh and not s.is_event]
        named += [device for device, _kind in self.cleared]
        named += [link.device for link in self.links if link.is_fresh and not link.is_normal]
        is_own = self.device is not None and self.device in (self.attributes or {})
        if is_own and not self.is_retained and not self.signals and not self.readings:
            named.append(str(self.device))
        return tuple(dict.fromkeys(named))

    def _link(self, device: str) -> bool | None:
        """What the message says of a device's connection; measuring proves that it lives."""
        said = [link.is_online for link in self.links if link.device == device and link.is_fresh]
        return said[-1] if said else True

    def _identity(self, said: Sequence[Measured | HeardSignal], part: str) -> str | None:
        if self.identity is not None:
            return f"{self.identity}|{part}" if part else self.identity
        is_timed = bool(said) and not any(one.is_at_receipt for one in said)
        return f"own time|{part}" if is_timed else None


def _reading(measured: Measured, *, is_aged: bool) -> Reading:
    is_good = not (is_aged and measured.is_at_receipt)
    return Reading(measured.channel, measured.value, measured.unit, measured.at, is_good)


def _signals(heard: Sequence[HeardSignal], *, is_aged: bool) -> tuple[DeviceSignal, ...]:
    """An alarm calls however old it is; when it was said is then not known."""
    return tuple(DeviceSignal(s.kind, None if is_aged and s.is_at_receipt else s.at) for s in heard)


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

"""Which key of which device is which channel: tables given as data, and a hub's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import TypeAlias

from bihuan.base.errors import bad
from bihuan.gateway.decoded import CHANNELS, SIGNALS
from bihuan.gateway.mqtt.units import fits


@dataclass(frozen=True, slots=True)
class ToChannel:
    """The key is a measurement of `channel`, written in `unit`.

    device  the name of the part, where one box carries several sensors of one channel
    """

    channel: str
    unit: str
    device: str | None = None

    def __post_init__(self) -> None:
        span = CHANNELS.get(self.channel)
        if span is None:
            raise bad("channel", self.channel, "one of " + ", ".join(CHANNELS))
        if not fits(self.unit, span.unit):
            raise bad("unit", self.unit, f"a unit that converts to {span.unit}")


@dataclass(frozen=True, slots=True)
class ToSignal:
    """The key is a signal when its value is one of `on` (compared in lower case).

    is_event  each message is news (a press), not only the change of a state
    """

    kind: str
    on: tuple[str, ...] = ("true", "on", "1")
    is_event: bool = False

    def __post_init__(self) -> None:
        if self.kind not in SIGNALS:
            raise bad("signal", self.kind, "one of " + ", ".join(SIGNALS))


@dataclass(frozen=True, slots=True)
class ToAttribute:
    """The key has no channel and is kept under this name, which says its unit."""

    name: str


Rule: TypeAlias = ToChannel | ToSignal | ToAttribute
Rules: TypeAlias = Mapping[str, Rule]

# What devices that send to Bihuan's own end points, or through a codec that the operator writes,
# mean by these names. Other units need a rule of their own: nothing in such a payload says them.
CONTRACT: Rules = {
    **{name: ToChannel(name, span.unit) for name, span in CHANNELS.items()},
    "temperature": ToChannel("air_temperature", "Cel"),
    "temperature_c": ToChannel("air_temperature", "Cel"),
    "temperature_f": ToChannel("air_temperature", "[degF]"),
    "battery_v": ToAttribute("battery_v"),
    "battery_voltage": ToAttribute("battery_v"),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator says of one system.

    base          topic prefix; "" = the system's own default
    devices       device -> key -> rule; goes before `keys`, which goes before the hub's own table
    zone          zone of clocks that send local time without one (Tasmota)
    most_devices  how many devices are held; further ones are refused and said, those named in
                  `devices` never
    heard_until   what was measured after this was not heard by an earlier process; None = unknown
    """

    base: str = ""
    devices: Mapping[str, Rules] = field(default_factory=dict)
    keys: Rules = field(default_factory=dict)
    zone: tzinfo | None = None
    most_devices: int = 10_000
    heard_until: datetime | None = None

    def rule(self, device: str, key: str) -> Rule | None:
        """The operator's rule for a key."""
        own = self.devices.get(device)
        found = own.get(key) if own is not None else None
        return found if found is not None else self.keys.get(key)


PLAIN = Settings()

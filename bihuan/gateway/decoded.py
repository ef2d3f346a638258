"""What a device frame says, as typed facts: readings, signals, a position, replies, faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from bihuan.base.errors import Fault
from bihuan.base.time import rfc3339, us_of

JsonObject = dict[str, object]


class Span(NamedTuple):
    """Unit of a channel and what its values can be; outside it a value is a fault, never cut."""

    unit: str
    low: float
    high: float
    is_vital: bool = False  # a vital sign of 0 means no contact, not a value


# The names are the ones of `bihuan decode`. The bounds say what a sensor can possibly mean, not
# what is healthy: those are limits of rules.
CHANNELS: Mapping[str, Span] = {
    "heart_rate": Span("bpm", 1, 350, is_vital=True),
    "systolic": Span("mmHg", 1, 400, is_vital=True),
    "diastolic": Span("mmHg", 1, 300, is_vital=True),
    "spo2": Span("%", 1, 100, is_vital=True),
    "temperature": Span("Cel", 10, 50, is_vital=True),
    "battery": Span("%", 0, 100),
    "steps": Span("1", 0, 10_000_000),
    "turnovers": Span("1", 0, 10_000_000),
    "core_temperature": Span("Cel", -90, 400),
    "air_temperature": Span("Cel", -90, 200),
    "humidity": Span("%", 0, 100),
    "rain": Span("mm", 0, 5_000),
    "rain_step": Span("mm", 0, 500),  # what fell since the gauge's reading before
    "rain_total": Span("mm", 0, 1_000_000),  # what fell since the gauge began to count
    "rain_1h": Span("mm", 0, 5_000),  # what the gauge itself adds up over its last hours
    "rain_3h": Span("mm", 0, 5_000),
    "rain_6h": Span("mm", 0, 5_000),
    "rain_12h": Span("mm", 0, 5_000),
    "rain_24h": Span("mm", 0, 5_000),
    "level": Span("m", -500, 9_000),
    "depth": Span("m", 0, 100),  # of water on a road or in an underpass
}

SIGNALS = (
    "sos",
    "fall",
    "low_battery",
    "off_wrist",
    "tamper",
    "vibration",
    "power_cut",
    "zone_enter",
    "zone_leave",
    "hr_high",
    "hr_low",
    "bp_high",
    "bp_low",
    "other",
)

WGS84 = "WGS-84"
GCJ02 = "GCJ-02"


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one channel; `at` None: the frame has no time, use the receipt time.

    is_good  False: it is kept, and no rule judges by it (its age is unknown)
    """

    channel: str
    value: float
    unit: str
    at: datetime | None
    is_good: bool = True


@dataclass(frozen=True, slots=True)
class DeviceSignal:
    """Something that needs attention, as the device says it."""

    kind: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Position:
    """Where the device says it is; `is_valid` False: it says itself that it has no fix.

    lat, lon     degrees in `datum`, north and east positive
    speed_kmh    km/h, None = not told
    course_deg   degrees from north, clockwise, None = not told
    """

    lat: float
    lon: float
    at: datetime | None
    is_valid: bool
    datum: str = WGS84
    speed_kmh: float | None = None
    course_deg: float | None = None

    def as_dict(self) -> JsonObject:
        return {
            "lat": self.lat,
            "lon": self.lon,
            "at": _shown(self.at),
            "valid": self.is_valid,
            "datum": self.datum,
            "speed_kmh": self.speed_kmh,
            "course_deg": self.course_deg,
        }


@dataclass(frozen=True, slots=True)
class Decoded:
    """All that one frame says.

    identity   the protocol's own serial or index, by which a resend is recognised; None = none
    kind       the protocol's own message type
    track      older positions of the same frame (a backlog), oldest first, without `position`
    link       what it says of the connection: it lives, it is gone; None = nothing
    cleared    signal kinds that it says are over; None = every kind that it does not name
    """

    device: str | None
    kind: str
    readings: tuple[Reading, ...] = ()
    signals: tuple[DeviceSignal, ...] = ()
    position: Position | None = None
    attributes: Mapping[str, object] | None = None
    replies: tuple[bytes, ...] = ()
    faults: tuple[Fault, ...] = ()
    identity: str | None = None
    track: tuple[Position, ...] = ()
    link: bool | None = True
    cleared: frozenset[str] | None = None

    def as_dict(self) -> JsonObject:
        """The object that `bihuan decode` prints."""
        attributes: JsonObject = {"type": self.kind, **(self.attributes or {})}
        if self.identity is not None:
            attributes["serial"] = self.identity
        if self.track:
            attributes["track"] = [position.as_dict() for position in self.track]
        return {
            "device": self.device,
            "readings": [
                {"channel": r.channel, "value": r.value, "unit": r.unit, "at": _shown(r.at)}
                for r in self.readings
            ],
            "signals": [{"kind": s.kind, "at": _shown(s.at)} for s in self.signals],
            "position": None if self.position is None else self.position.as_dict(),
            "attributes": attributes,
            "replies": [reply.hex() for reply in self.replies],
            "faults": [fault.as_dict() for fault in self.faults],
        }


def _shown(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(us_of(at))

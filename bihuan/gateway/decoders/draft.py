"""What a decoder fills while it reads a frame; checks each value once, for every protocol."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bihuan.base.errors import Fault, shown
from bihuan.gateway.decoded import CHANNELS, Decoded, DeviceSignal, Position, Reading

_NUMBER = re.compile(r"\s*[+-]?\d+(?:\.\d*)?\s*", re.ASCII)
SixInts = tuple[int, int, int, int, int, int]
_AHEAD = timedelta(minutes=5)  # a clock this far ahead is told in attributes, never corrected
_FASTEST_KMH = 1_609.4  # 869 knots, beyond which no receiver for civil use reports


class Draft:
    """The facts of one frame as they are read."""

    __slots__ = (
        "attributes",
        "device",
        "faults",
        "identity",
        "kind",
        "position",
        "readings",
        "replies",
        "signals",
        "track",
    )

    def __init__(self, device: str | None, kind: str, identity: str | None = None) -> None:
        self.device = device
        self.kind = kind
        self.identity = identity
        self.readings: list[Reading] = []
        self.signals: list[DeviceSignal] = []
        self.position: Position | None = None
        self.track: list[Position] = []
        self.attributes: dict[str, object] = {}
        self.replies: list[bytes] = []
        self.faults: list[Fault] = []

    def fault(self, field: str, got: object, want: str) -> None:
        self.faults.append(Fault(field, shown(got), want))

    def unsupported(self, got: object) -> None:
        """A message type that is known to exist and is not read here."""
        self.fault("type", got, "supported")

    def read(self, channel: str, value: float, at: datetime | None = None) -> None:
        """Keep a value; a vital sign of 0 is no contact, an impossible value a fault."""
        span = CHANNELS[channel]
        if span.low <= value <= span.high:
            self.readings.append(Reading(channel, value, span.unit, at))
        elif span.is_vital and value == 0:
            known = self.attributes.setdefault("no_contact", [])
            if isinstance(known, list):
                known.append(channel)
        else:
            self.fault(channel, value, f"{span.low:g} to {span.high:g} {span.unit}")

    def read_text(self, channel: str, text: str, at: datetime | None = None) -> None:
        """Keep a value written in digits; a blank is nothing, other text a fault."""
        value = number(text)
        if value is not None:
            self.read(channel, int(value) if value.is_integer() else value, at)
        elif text.strip():
            self.fault(channel, text, "a number")

    def signal(self, kind: str, at: datetime | None = None) -> None:
        """Keep a signal once, however many bits say it; at another time it is another one."""
        for known in self.signals:
            if known.kind == kind and known.at == at:
                return
        self.signals.append(DeviceSignal(kind, at))

    def other(self, code: object, at: datetime | None = None) -> None:
        """An alarm for which there is no kind: the protocol's own code says which."""
        self.signal("other", at)
        codes = self.attributes.setdefault("alarm", [])
        if isinstance(codes, list) and code not in codes:
            codes.append(code)

    def fix(self, position: Position) -> None:
        """Keep a position if it can be on Earth, without the parts that cannot be."""
        self.position = self.possible(position) or self.position

    def possible(self, position: Position) -> Position | None:
        """The position as far as it can be; what cannot be is a fault and left out."""
        lat, lon = position.lat, position.lon
        if not -90 <= lat <= 90:
            self.fault("lat", lat, "-90 to 90")
        if not -180 <= lon <= 180:
            self.fault("lon", lon, "-180 to 180")
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            return None
        speed, course = position.speed_kmh, position.course_deg
        if speed is not None and not 0 <= speed <= _FASTEST_KMH:
            self.fault("speed_kmh", speed, f"0 to {_FASTEST_KMH:g}")
            speed = None
        if course is not None and not 0 <= course <= 360:
            self.fault("course_deg", course, "0 to 360")
            course = None
        if speed is position.speed_kmh and course is position.course_deg:
            return position
        return replace(position, speed_kmh=speed, course_deg=course)

    def moment(self, parts: SixInts, zone: timedelta = timedelta(0)) -> datetime | None:
        """The UTC time of (year, month, day, hour, minute, second) in a zone, or a fault."""
        year, month, day, hour, minute, second = parts
        try:
            local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
            return local - zone if zone else local
        except (ValueError, OverflowError):
            self.fault("time", "-".join(str(part) for part in parts), "a date and time that exist")
            return None

    def done(self, received: datetime) -> Decoded:
        """The frame's facts; a device clock ahead of the receipt is told."""
        at = self.position.at if self.position is not None else None
        if at is None and self.readings:
            at = self.readings[0].at
        if at is not None and at - received > _AHEAD:
            self.attributes["ahead_of_receipt_s"] = (at - received) // timedelta(seconds=1)
        return Decoded(
            self.device,
            self.kind,
            tuple(self.readings),
            tuple(self.signals),
            self.position,
            self.attributes,
            tuple(self.replies),
            tuple(self.faults),
            self.identity,
            tuple(self.track),
        )


def number(text: str) -> float | None:
    """The value of plain decimal digits; None for anything else (`nan`, `1e5`, `1_0`, blank)."""
    return float(text) if _NUMBER.fullmatch(text) and len(text) <= 32 else None


def whole(text: str) -> int | None:
    """The value of ASCII digits alone, None for anything else."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= 18 else None


def decimal_parts(text: str) -> tuple[int, int, int] | None:
    """Three two-digit numbers written without a mark between them, such as 221015."""
    if len(text) == 6 and text.isdecimal() and text.isascii():
        return int(text[:2]), int(text[2:4]), int(text[4:])
    return None

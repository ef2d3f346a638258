"""From a decoded frame to the journal: what is stored before a device is answered.

Of a frame that is both, the signal commits first: an SOS is in the journal even where the
readings beside it cannot be written. Everything is durable when `store` returns.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bihuan.base.errors import Fault
from bihuan.base.time import DAY_US, Clock, us_of
from bihuan.gateway.decoded import WGS84, Decoded, Position
from bihuan.journal.append import Appender
from bihuan.journal.batch import QUALITY_BAD, QUALITY_GOOD
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.readings import NewReading, append_readings, seen0_now
from bihuan.journal.storage import MAIN
from bihuan.register.entries import FrameRefused, SignalReceived
from bihuan.register.models import Device, Subject

# A protocol's serial wraps (65,536 frames); within a day the same one with the same payload is
# the same frame sent again.
SERIAL_WINDOW_US = DAY_US

# Message types that are sent because something happened; in all others an alarm bit is a state,
# and only its appearance is news.
ALARM_TYPES = {
    "watch": ("AL",),
    "trv": ("AP10",),
    "gt06": ("16", "26", "27", "95", "a4"),
    "topin": ("99",),
    "h02": (),
    "minifinder2": (),
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """One frame as it came: its bytes, what it says, when it was received (µs)."""

    protocol: str
    raw: bytes
    decoded: Decoded
    received_us: int

    @property
    def idem(self) -> bytes | None:
        """Identity that the protocol gives; None where it gives none."""
        if self.decoded.identity is None:
            return None
        said = f"{self.protocol}|{self.decoded.device}|{self.decoded.identity}|".encode()
        return hashlib.sha256(said + self.raw).digest()[:16]

    @property
    def is_alarm_frame(self) -> bool:
        kind = self.decoded.kind.upper()
        return any(kind.startswith(k.upper()) for k in ALARM_TYPES.get(self.protocol, ()))


class Intake:
    """Stores arrivals. One instance per process; `store` is called by one thread."""

    def __init__(self, clock: Clock, keys: KeyRing) -> None:
        self._clock, self._keys = clock, keys
        self._alarms: dict[tuple[str, str], frozenset[str]] = {}

    def store(self, arrivals: Sequence[Arrival]) -> None:
        """Store what these frames say, signals first; raises where anything is not durable.

        A frame whose identity is already in the journal adds nothing.
        """
        seen0 = seen0_now()
        devices = [self._device(arrival) for arrival in arrivals]
        spoken = [self._news(arrival) for arrival in arrivals]
        if any(spoken) or any(
            d is None or a.decoded.faults for a, d in zip(arrivals, devices, strict=True)
        ):
            self._store_facts(arrivals, devices, spoken)
        self._store_readings(arrivals, devices, seen0)
        for arrival in arrivals:  # only now: a frame that was not stored is still news when resent
            self._remember(arrival)

    def _device(self, arrival: Arrival) -> Device | None:
        number = arrival.decoded.device
        if number is None:
            return None
        found = Device.objects.using(MAIN).filter(protocol=arrival.protocol, number=number)
        return found.first()

    def _news(self, arrival: Arrival) -> list[str]:
        """The signal kinds of a frame that are news."""
        kinds = list(dict.fromkeys(signal.kind for signal in arrival.decoded.signals))
        if arrival.is_alarm_frame:
            return kinds
        known = self._alarms.get((arrival.protocol, arrival.decoded.device or ""), frozenset())
        return [kind for kind in kinds if kind not in known]

    def _remember(self, arrival: Arrival) -> None:
        if arrival.decoded.device is not None and (
            arrival.decoded.position or arrival.decoded.signals
        ):
            kinds = frozenset(signal.kind for signal in arrival.decoded.signals)
            self._alarms[arrival.protocol, arrival.decoded.device] = kinds

    def _store_facts(
        self,
        arrivals: Sequence[Arrival],
        devices: Sequence[Device | None],
        spoken: Sequence[list[str]],
    ) -> None:
        with Appender(FACTS_LANE, self._clock) as lane:
            # SOS before everything else of this turn
            order = sorted(range(len(arrivals)), key=lambda i: "sos" not in spoken[i])
            for i in order:
                arrival, idem = arrivals[i], arrivals[i].idem
                since_us = lane.now_us - SERIAL_WINDOW_US
                if idem is not None and lane.last_with(idem, since_us) is not None:
                    continue
                refused = _faults(arrival, devices[i])
                if refused:
                    said = FrameRefused(
                        protocol=arrival.protocol,
                        device=arrival.decoded.device,
                        raw=arrival.raw,
                        faults=[fault.as_dict() for fault in refused],
                    )
                    lane.append(said, idem=None if spoken[i] else idem)
                for kind in spoken[i]:
                    lane.append(self._signal(kind, arrival, devices[i]), idem=idem)

    def _signal(self, kind: str, arrival: Arrival, device: Device | None) -> SignalReceived:
        at = next((s.at for s in arrival.decoded.signals if s.kind == kind), None)
        subject_id = device.subject_id if device is not None else None
        subject = Subject.objects.using(MAIN).filter(id=subject_id).first() if subject_id else None
        detail = json.dumps(
            {
                "protocol": arrival.protocol,
                "raw": arrival.raw.hex(),
                "decoded": arrival.decoded.as_dict(),
            },
            ensure_ascii=False,
        )
        return SignalReceived(
            kind=kind,
            subject_id=subject_id,
            device_id=device.id if device is not None else None,
            at_us=us_of(at) if at is not None else None,
            detail=self._keys.seal(subject.person_id, detail) if subject is not None else None,
            source=f"{arrival.protocol} {arrival.decoded.device or '?'}"[:128],
        )

    def _store_readings(
        self, arrivals: Sequence[Arrival], devices: Sequence[Device | None], seen0: int
    ) -> None:
        together: list[NewReading] = []
        for arrival, device in zip(arrivals, devices, strict=True):
            if device is None:
                continue
            rows = list(_readings(arrival, device))
            if rows and arrival.idem is not None:
                append_readings(
                    rows,
                    seen0=seen0,
                    clock=self._clock,
                    idem=arrival.idem,
                    window_us=SERIAL_WINDOW_US,
                )
            else:
                together += rows
        if together:
            append_readings(together, seen0=seen0, clock=self._clock)


def _faults(arrival: Arrival, device: Device | None) -> list[Fault]:
    faults = list(arrival.decoded.faults)
    if device is None and arrival.decoded.device is not None:
        faults.append(Fault("device", arrival.decoded.device, "a device that was adopted"))
    return faults


def _readings(arrival: Arrival, device: Device) -> Iterator[NewReading]:
    """The readings of a frame, and that the link lives: apart, whatever was measured."""
    decoded = arrival.decoded
    yield _row(arrival, device, ("link", "1"), (arrival.received_us, 1.0, True))
    for reading in decoded.readings:
        at_us = us_of(reading.at) if reading.at is not None else arrival.received_us
        yield _row(arrival, device, (reading.channel, reading.unit), (at_us, reading.value, True))
    positions = [*decoded.track, *([decoded.position] if decoded.position else [])]
    for position in positions:
        yield from _position(arrival, device, position)


def _position(arrival: Arrival, device: Device, position: Position) -> Iterator[NewReading]:
    at_us = us_of(position.at) if position.at is not None else arrival.received_us
    # another datum is another channel until it is converted: a mix would move people by 500 m
    suffix = "" if position.datum == WGS84 else f"_{position.datum.lower().replace('-', '')}"
    for name, value in (("lat", position.lat), ("lon", position.lon)):
        yield _row(arrival, device, (name + suffix, "deg"), (at_us, value, position.is_valid))


def _row(
    arrival: Arrival,
    device: Device,
    channel: tuple[str, str],
    value: tuple[int, float, bool],
) -> NewReading:
    at_us, number, is_good = value
    return NewReading(
        subject=device.subject_id,
        device=device.id,
        binding=device.binding_id,
        channel=channel[0],
        unit=channel[1],
        event_us=at_us,
        value=number,
        quality=QUALITY_GOOD if is_good else QUALITY_BAD,
        arrival_us=arrival.received_us,
    )

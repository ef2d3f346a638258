"""From a decoded frame to the journal: what is stored before a device is answered.

Of a frame that is both, the signal commits first: an SOS is in the journal even where the
readings beside it cannot be written. Everything is durable when `store` returns.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction

from bihuan.base.errors import Fault
from bihuan.base.time import DAY_US, Clock, us_of
from bihuan.gateway.adopted import Adopted, adopted, key_of
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.consented import kept, stopped_for
from bihuan.gateway.decoded import WGS84, Position
from bihuan.gateway.news import News
from bihuan.gateway.turns import READINGS_TURN, URGENT, USUAL
from bihuan.journal.append import Appender
from bihuan.journal.batch import QUALITY_BAD, QUALITY_GOOD
from bihuan.journal.county import opened
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.readings import MOST_ROWS, NewReading, append_readings, seen0_now
from bihuan.journal.storage import alias_of, lock_heads
from bihuan.register.areas.datum import to_wgs84
from bihuan.register.entries import FrameRefused, SignalReceived

# A protocol's serial wraps (65,536 frames); within a day the same one with the same payload is
# the same frame sent again.
SERIAL_WINDOW_US = DAY_US
FOR_GOOD_US = 1 << 61
# beside lat and lon, of the same instant; a protocol that tells nothing leaves them out
FIX_CHANNELS = (
    ("fix_satellites", "satellites", "1"),
    ("fix_hdop", "hdop", "1"),
    ("fix_accuracy", "accuracy_m", "m"),
)
PER_COMMIT = 20  # frames with an identity: about 25 ms, and no write transaction takes 50


@dataclass(frozen=True, slots=True)
class _Part:
    """Readings that become entries together: a frame with an identity, or a run of frames without.

    window_us  how long the identity stands for the same frame
    """

    rows: list[NewReading]
    idem: bytes | None
    window_us: int = FOR_GOOD_US

    def pieces(self, page: bytes | None) -> Iterator[_Part]:
        """This part, in several where a run of frames has more rows than a call may store."""
        if self.idem is not None:
            yield self
            return
        for n in range(0, len(self.rows), MOST_ROWS):
            idem = page and hashlib.sha256(page + str(n).encode()).digest()[:16]
            yield _Part(self.rows[n : n + MOST_ROWS], idem)


def _commits(parts: Sequence[_Part]) -> Iterator[list[_Part]]:
    """What is stored with one commit each, in order: at most PER_COMMIT parts, MOST_ROWS rows."""
    commit: list[_Part] = []
    rows = 0
    for part in parts:
        if commit and (len(commit) == PER_COMMIT or rows + len(part.rows) > MOST_ROWS):
            yield commit
            commit, rows = [], 0
        commit.append(part)
        rows += len(part.rows)
    if commit:
        yield commit


class Intake:
    """Stores arrivals. One instance per process; `store` is called by one thread."""

    def __init__(self, clock: Clock, keys: KeyRing) -> None:
        self._clock, self._keys = clock, keys
        self._news = News()
        self._listed: dict[tuple[str, str], int] = {}

    def store(self, arrivals: Sequence[Arrival]) -> None:
        """Store what these frames say, signals first; raises where anything is not durable.

        A frame whose identity is already in the journal adds nothing.
        """
        self.store_page(arrivals, None)

    def store_page(self, arrivals: Sequence[Arrival], page: bytes | None) -> None:
        """As `store`; page: identity of all readings of this call together, for good."""
        seen0 = seen0_now()
        known = adopted(arrival.decoded.device for arrival in arrivals)
        devices = [known.get((arrival.protocol, arrival.decoded.device)) for arrival in arrivals]
        spoken = [self._news.of(arrival) for arrival in arrivals]
        if any(spoken) or any(self._faults(a, d) for a, d in zip(arrivals, devices, strict=True)):
            self._store_facts(arrivals, devices, spoken)
        parts = self._parts(arrivals, devices, is_page=page is not None)
        pieces = [piece for part in parts for piece in part.pieces(page)]
        for commit in _commits(pieces):
            with READINGS_TURN.mine(URGENT if any(spoken) else USUAL):
                self._store_parts(commit, seen0)
        for arrival in arrivals:  # only now: a frame that was not stored is still news when resent
            self._remember(arrival)

    def _remember(self, arrival: Arrival) -> None:
        if arrival.decoded.device is None:
            return
        if self._is_unlisted(arrival):
            self._listed[arrival.protocol, arrival.decoded.device] = arrival.received_us
        self._news.remember(arrival)

    def _is_unlisted(self, arrival: Arrival) -> bool:
        """Whether an unknown device is to be listed now; a stream of messages does it seldom."""
        listed_us = self._listed.get((arrival.protocol, arrival.decoded.device or ""))
        return listed_us is None or arrival.received_us - listed_us >= arrival.list_again_us

    def _faults(self, arrival: Arrival, device: Adopted | None) -> list[Fault]:
        faults = list(arrival.decoded.faults)
        decoded = arrival.decoded
        if device is not None or decoded.device is None or not self._is_unlisted(arrival):
            return faults
        # a bridge that only says that it is there is no device to adopt
        if not arrival.list_again_us or decoded.readings or decoded.signals or decoded.attributes:
            faults.append(Fault("device", decoded.device, "a device that was adopted"))
        return faults

    def _store_facts(
        self,
        arrivals: Sequence[Arrival],
        devices: Sequence[Adopted | None],
        spoken: Sequence[tuple[str, ...]],
    ) -> None:
        with Appender(FACTS_LANE, self._clock) as lane:
            # SOS before everything else of this turn
            order = sorted(range(len(arrivals)), key=lambda i: "sos" not in spoken[i])
            for i in order:
                arrival, idem = arrivals[i], arrivals[i].idem
                since_us = 0 if arrival.key else lane.now_us - SERIAL_WINDOW_US
                if idem is not None and lane.last_with(idem, since_us) is not None:
                    continue
                refused = self._faults(arrival, devices[i])
                if refused:
                    said = FrameRefused(
                        protocol=arrival.protocol,
                        device=arrival.decoded.device,
                        raw=arrival.raw,
                        faults=[fault.as_dict() for fault in refused],
                    )
                    lane.append(said, idem=None if spoken[i] else idem)
                for kind in sorted(spoken[i], key=lambda kind: kind != "sos"):
                    lane.append(self._signal(kind, arrival, devices[i]), idem=idem)

    def _signal(self, kind: str, arrival: Arrival, device: Adopted | None) -> SignalReceived:
        at = next((s.at for s in arrival.decoded.signals if s.kind == kind), None)
        subject_id = device.subject_id if device is not None else None
        person = key_of(subject_id)
        detail = json.dumps(
            {
                "protocol": arrival.protocol,
                "raw": arrival.raw.hex(),
                "decoded": arrival.decoded.as_dict(),
                "wgs84": _wgs84(arrival.decoded.position),
            },
            ensure_ascii=False,
        )
        return SignalReceived(
            kind=kind,
            subject_id=subject_id,
            device_id=device.id if device is not None else None,
            at_us=us_of(at) if at is not None else _spooled_us(arrival),
            detail=None if person is None else self._keys.seal(person, detail),
            source=f"{arrival.protocol} {arrival.decoded.device or '?'}"[:128],
        )

    def _parts(
        self, arrivals: Sequence[Arrival], devices: Sequence[Adopted | None], *, is_page: bool
    ) -> list[_Part]:
        """What these frames measured; on a page no frame has an identity of its own."""
        now_us = self._clock.now_us()
        let_go = stopped_for((d.subject_id for d in devices if d is not None), now_us)
        parts: list[_Part] = []
        for arrival, device in zip(arrivals, devices, strict=True):
            if device is None:
                continue
            rows = kept(list(_readings(arrival, device)), now_us, let_go)
            if rows and not is_page and arrival.idem is not None:
                window_us = FOR_GOOD_US if arrival.key else SERIAL_WINDOW_US
                parts.append(_Part(rows, arrival.idem, window_us))
            elif parts and parts[-1].idem is None:
                parts[-1].rows.extend(rows)
            elif rows:
                parts.append(_Part(rows, None))
        return parts

    def _store_parts(self, parts: Sequence[_Part], seen0: int) -> None:
        """An entry or more each, in the order of their arrival, durable with one commit."""
        lanes = list(range(1, opened().reading_lanes + 1))
        with transaction.atomic(using=alias_of(lanes[0])):
            if len(parts) > 1:
                lock_heads(lanes)  # all at once, in order: two gateways cannot wait for each other
            for part in parts:
                append_readings(
                    part.rows,
                    seen0=seen0,
                    clock=self._clock,
                    idem=part.idem,
                    window_us=part.window_us,
                )


def _spooled_us(arrival: Arrival) -> int | None:
    """When a signal without a time of its own came: told where that was long ago, at a spool."""
    return arrival.received_us if arrival.key else None


def _readings(arrival: Arrival, device: Adopted) -> Iterator[NewReading]:
    """The readings of a frame, and that the link lives: apart, whatever was measured."""
    decoded = arrival.decoded
    if decoded.link is not None:
        # apart from `link`, and bad: that a connection dropped is no sign of life
        channel = "link" if decoded.link else "link_lost"
        yield _row(arrival, device, (channel, "1"), (arrival.received_us, 1.0, decoded.link))
    for reading in decoded.readings:
        at_us = us_of(reading.at) if reading.at is not None else arrival.received_us
        told = (at_us, reading.value, reading.is_good)
        yield _row(arrival, device, (reading.channel, reading.unit), told)
    positions = [*decoded.track, *([decoded.position] if decoded.position else [])]
    for position in positions:
        yield from _position(arrival, device, position)
    yield from _fix(arrival, device)


def _position(arrival: Arrival, device: Adopted, position: Position) -> Iterator[NewReading]:
    """Where it is in WGS-84, and beside it what was received in another datum."""
    at_us = us_of(position.at) if position.at is not None else arrival.received_us
    told = (position.lat, position.lon)
    places = [("", to_wgs84(*told, position.datum))]
    if position.datum != WGS84:
        places.append((f"_{position.datum.lower().replace('-', '')}", told))
    for suffix, place in places:
        for name, value in zip(("lat", "lon"), place, strict=True):
            yield _row(arrival, device, (name + suffix, "deg"), (at_us, value, position.is_valid))


def _fix(arrival: Arrival, device: Adopted) -> Iterator[NewReading]:
    """Of a fix, where the protocol tells it: satellites, how they stood (HDOP), metres."""
    position, told = arrival.decoded.position, arrival.decoded.attributes or {}
    if position is None or not position.is_valid:
        return
    at_us = us_of(position.at) if position.at is not None else arrival.received_us
    for channel, name, unit in FIX_CHANNELS:
        value = told.get(name)
        if isinstance(value, int | float) and math.isfinite(value) and value >= 0:
            yield _row(arrival, device, (channel, unit), (at_us, float(value), True))


def _wgs84(position: Position | None) -> tuple[float, float] | None:
    if position is None:
        return None
    return to_wgs84(position.lat, position.lon, position.datum)


def _row(
    arrival: Arrival,
    device: Adopted,
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

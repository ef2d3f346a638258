"""What the slots of a reading lane stand for, and which lane a series belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import connections

from bihuan.base.errors import bad
from bihuan.journal.models import Series
from bihuan.journal.payloads import Payload, entry_type
from bihuan.journal.storage import READINGS, alias_of, reading_lanes

_MIX_1, _MIX_2, _U64 = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, (1 << 64) - 1


class SeriesKey(NamedTuple):
    """Whose readings (None while the device is unbound), from which device, which binding."""

    subject: int | None
    device: int
    binding: int | None


class ChannelKey(NamedTuple):
    """A channel and the unit of its values."""

    channel: str
    unit: str


class SeriesAt(NamedTuple):
    """A series with its place."""

    lane: int
    slot: int
    key: SeriesKey


@entry_type("readings.series.v1")
class SeriesOpened(Payload, frozen=True, kw_only=True):
    """A series takes the next slot of its lane."""

    slot: int
    subject: int | None
    device: int
    binding: int | None


@entry_type("readings.channel.v1")
class ChannelOpened(Payload, frozen=True, kw_only=True):
    """A channel takes the next slot of a lane."""

    slot: int
    channel: str
    unit: str


def lane_of(key: SeriesKey, lanes: int) -> int:
    """The reading lane of a series: by subject, by device while unbound; fixed for good.

    The finaliser of splitmix64 spreads ids that differ in few bits (Steele, Lea, Flood 2014).
    """
    mixed = (key.device if key.subject is None else key.subject) & _U64
    mixed = ((mixed ^ mixed >> 30) * _MIX_1) & _U64
    mixed = ((mixed ^ mixed >> 27) * _MIX_2) & _U64
    return 1 + (mixed ^ mixed >> 31) % lanes


class Slots:
    """The series and channels of one lane, in the order of their slots; grows as asked."""

    def __init__(self, lane: int, alias: str | None = None) -> None:
        self.lane = lane
        self._alias = alias or alias_of(lane)
        self._series: list[SeriesKey] = []
        self._channels: list[ChannelKey] = []

    def series(self, slot: int) -> SeriesKey:
        """The series of a slot that an entry of this lane names."""
        if slot >= len(self._series):
            sql = "SELECT subject, device, binding FROM journal_series"
            self._series += [SeriesKey(*row) for row in self._after(sql, len(self._series))]
        return self._series[slot]

    def channel(self, slot: int) -> ChannelKey:
        """The channel of a slot that an entry of this lane names."""
        if slot >= len(self._channels):
            sql = "SELECT channel, unit FROM journal_channel"
            self._channels += [ChannelKey(*row) for row in self._after(sql, len(self._channels))]
        return self._channels[slot]

    def _after(self, sql: str, known: int) -> list[tuple[Any, ...]]:
        with connections[self._alias].cursor() as cursor:
            where = " WHERE lane = %s AND slot >= %s ORDER BY slot"
            cursor.execute(sql + where, (self.lane, known))
            return list(cursor.fetchall())


def series_of_subject(subject: int) -> list[SeriesAt]:
    """Every series that ever carried readings of a subject: what its erasure names."""
    found = Series.objects.using(alias_of(1)).filter(subject=subject).order_by("lane", "slot")
    return [SeriesAt(s.lane, s.slot, SeriesKey(s.subject, s.device, s.binding)) for s in found]


def series_of_subjects(subjects: Iterable[int]) -> list[SeriesAt]:
    """Every series that ever carried readings of these subjects."""
    wanted = set(subjects)
    if not wanted:
        return []
    found = Series.objects.using(alias_of(1)).exclude(subject=None).order_by("lane", "slot")
    return [
        SeriesAt(s.lane, s.slot, SeriesKey(s.subject, s.device, s.binding))
        for s in found
        if s.subject in wanted
    ]


def series_of_device(device: int) -> list[SeriesAt]:
    """Every series of a device, bound or not."""
    found = Series.objects.using(alias_of(1)).filter(device=device).order_by("lane", "slot")
    return [SeriesAt(s.lane, s.slot, SeriesKey(s.subject, s.device, s.binding)) for s in found]


def places_of(keys: Iterable[SeriesKey]) -> list[SeriesAt]:
    """Where these series are; a series that this journal never saw is left out."""
    wanted, lanes = set(keys), len(reading_lanes())
    found = []
    for device in sorted({key.device for key in wanted}):
        found += [at for at in series_of_device(device) if at.key in wanted]
    for at in found:
        if lane_of(at.key, lanes) != at.lane:
            raise bad("series", at, f"lane {lane_of(at.key, lanes)} of {READINGS}")
    return sorted(found)

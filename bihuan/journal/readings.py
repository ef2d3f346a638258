"""Appending readings: one entry per lane and call, all lanes in one transaction.

    append_readings(rows, seen0=seen0_now(), clock=clock)

A series and a channel get a slot of their lane when first seen, by an entry of their own in the
same transaction. A frame that the protocol identifies is passed with `idem`: resent within the
window, it adds nothing, whichever lane it would go to now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from django.db import connections, transaction

from bihuan.base.errors import bad
from bihuan.base.time import MINUTE_US, Clock
from bihuan.journal.append import typed_item
from bihuan.journal.batch import Batch, pack_groups
from bihuan.journal.county import county_hash, opened
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.series import ChannelKey, ChannelOpened, SeriesKey, SeriesOpened, lane_of
from bihuan.journal.storage import alias_of, lock_heads
from bihuan.journal.wake import wake
from bihuan.journal.writer import Item, LaneWriter, write_all

BATCH_TYPE: Final = "readings.batch.v1"
MOST_ROWS: Final = 20_000  # of one call: about 25 ms, and no write transaction takes 50
IDEM_WINDOW_US: Final = 10 * MINUTE_US
_MOST_CHANNELS: Final = 1 << 15


class NewReading(NamedTuple):
    """One reading to append. Times in µs; the value in `unit`, NaN where quality is bad."""

    subject: int | None
    device: int
    binding: int | None
    channel: str
    unit: str
    event_us: int
    value: float
    quality: int
    arrival_us: int


@dataclass(frozen=True, slots=True)
class NewReadings:
    """Readings to append, as columns: the fast form.

    series, channels  what the columns of the same name index
    rows              columns of length n; `rows.series` and `rows.channel` are such indexes
    """

    series: Sequence[SeriesKey]
    channels: Sequence[ChannelKey]
    rows: Batch


@dataclass(frozen=True, slots=True)
class AppendedReadings:
    """Where a call's readings are: lane → position; is_new False where they already were."""

    positions: dict[int, int]
    is_new: bool


class _Interned:
    """Slots known to this process. A slot never changes, so what is cached stays true."""

    def __init__(self) -> None:
        self.series: dict[SeriesKey, tuple[int, int]] = {}  # lane, slot
        self.channels: dict[tuple[int, ChannelKey], int] = {}


_interned = _Interned()


def forget_slots() -> None:
    """Read slots from the database again: another data folder is in use."""
    _interned.series.clear()
    _interned.channels.clear()


def seen0_now() -> int:
    """The position of lane 0's last entry: what bindings, limits and rules are known by now."""
    with connections[alias_of(FACTS_LANE)].cursor() as cursor:
        cursor.execute("SELECT position FROM journal_head WHERE lane = %s", (FACTS_LANE,))
        row = cursor.fetchone()
    if row is None:
        raise bad("county", "none", "a county that was created")
    return int(row[0])


def append_readings(
    readings: Sequence[NewReading] | NewReadings,
    *,
    seen0: int,
    clock: Clock,
    idem: bytes | None = None,
    window_us: int = IDEM_WINDOW_US,
) -> AppendedReadings:
    """Store readings durably; when this returns, the gateway may acknowledge them.

    seen0      lane-0 position at which device, binding and limits were looked up
    idem       identity that the protocol gives (device and serial); None: every call is new
    window_us  how long a protocol's serial stands for the same frame
    """
    new = readings if isinstance(readings, NewReadings) else columns_of(readings)
    if not 0 < len(new.rows) <= MOST_ROWS:
        raise bad("readings", len(new.rows), f"1 to {MOST_ROWS} rows in one call")
    hash_, lanes = county_hash(), opened().reading_lanes
    lane_by_key = np.fromiter(
        (at[0] if (at := _interned.series.get(key)) else lane_of(key, lanes) for key in new.series),
        np.int64,
    )
    row_lane = lane_by_key[new.rows.series]
    used = np.unique(row_lane).tolist()
    alias = alias_of(used[0])
    with transaction.atomic(using=alias):
        if idem is not None:
            _lock_idem(alias, idem)
        heads = lock_heads(used)
        now_us = clock.now_us()
        if idem is not None and (known := _known(alias, lanes, idem, now_us - window_us)):
            return AppendedReadings(known, is_new=False)
        writers = {head.lane: LaneWriter(head, now_us, hash_) for head in heads}
        slots = _Opening(alias, writers)
        rows = slots.place(new, lane_by_key, row_lane)
        positions = {
            lane: writers[lane].add(Item(BATCH_TYPE, body, root, None, seen0, idem))
            for lane, (body, root) in pack_groups(rows, row_lane, hash_).items()
        }
        write_all(list(writers.values()))
        slots.write()
        transaction.on_commit(slots.remember, using=alias)
        transaction.on_commit(wake, using=alias)
    return AppendedReadings(positions, is_new=True)


def columns_of(rows: Sequence[NewReading]) -> NewReadings:
    """Single readings as columns."""
    series: dict[SeriesKey, int] = {}
    channels: dict[ChannelKey, int] = {}
    at = [series.setdefault(SeriesKey(*row[:3]), len(series)) for row in rows]
    by = [channels.setdefault(ChannelKey(*row[3:5]), len(channels)) for row in rows]
    return NewReadings(
        series=list(series),
        channels=list(channels),
        rows=Batch(
            series=np.array(at, np.uint32),
            channel=np.array(by, np.uint16),
            quality=np.array([row.quality for row in rows], np.uint8),
            event_us=np.array([row.event_us for row in rows], np.int64),
            arrival_us=np.array([row.arrival_us for row in rows], np.int64),
            value=np.array([row.value for row in rows], np.float64),
        ),
    )


def _lock_idem(alias: str, idem: bytes) -> None:
    """Two deliveries of one frame wait for each other, even where their lanes differ."""
    if connections[alias].vendor == "postgresql":
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (idem.hex(),))


def _known(alias: str, lanes: int, idem: bytes, since_us: int) -> dict[int, int]:
    """lane → position of the entries that already hold this frame."""
    marks = ", ".join(["%s"] * lanes)
    sql = (
        "SELECT lane, max(position) FROM journal_entry"  # noqa: S608 - only marks are joined
        f" WHERE lane IN ({marks}) AND idem = %s AND recorded_us >= %s GROUP BY lane"
    )
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, (*range(1, lanes + 1), idem, since_us))
        return {int(lane): int(position) for lane, position in cursor.fetchall()}


class _Opening:
    """Finds slots under the heads' locks; opens those that are new in this transaction."""

    def __init__(self, alias: str, writers: dict[int, LaneWriter]) -> None:
        self._alias = alias
        self._writers = writers
        self._series: dict[SeriesKey, tuple[int, int]] = {}  # new: lane, slot
        self._channels: dict[tuple[int, ChannelKey], int] = {}
        self._found = _Interned()
        self._next: dict[tuple[str, int], int] = {}

    def place(
        self, new: NewReadings, lane_by_key: npt.NDArray[np.int64], row_lane: npt.NDArray[np.int64]
    ) -> Batch:
        """The rows with slots of their lanes in place of indexes."""
        known = _interned.series
        slots = np.fromiter(
            (
                at[1] if (at := known.get(key)) else self._series_slot(key, lane)
                for key, lane in zip(new.series, lane_by_key.tolist(), strict=True)
            ),
            np.uint32,
        )
        width = len(new.channels)
        pairs = row_lane * width + new.rows.channel
        table = np.zeros((int(row_lane.max()) + 1) * width, np.uint16)
        for pair in np.flatnonzero(np.bincount(pairs)).tolist():
            table[pair] = self._channel_slot(pair // width, new.channels[pair % width])
        rows = new.rows
        return Batch(
            series=slots[rows.series],
            channel=table[pairs],
            quality=rows.quality,
            event_us=rows.event_us,
            arrival_us=rows.arrival_us,
            value=rows.value,
        )

    def write(self) -> None:
        """Write the tables' rows of what was opened."""
        with connections[self._alias].cursor() as cursor:
            if self._series:
                sql = (
                    "INSERT INTO journal_series (lane, slot, subject, device, binding)"
                    " VALUES (%s, %s, %s, %s, %s)"
                )
                cursor.executemany(sql, [(*at, *key) for key, at in self._series.items()])
            if self._channels:
                sql = (
                    "INSERT INTO journal_channel (lane, slot, channel, unit)"
                    " VALUES (%s, %s, %s, %s)"
                )
                values = [(lane, slot, *key) for (lane, key), slot in self._channels.items()]
                cursor.executemany(sql, values)

    def remember(self) -> None:
        """After the commit: what was found or opened holds for good."""
        _interned.series.update(self._found.series)
        _interned.series.update(self._series)
        _interned.channels.update(self._found.channels)
        _interned.channels.update(self._channels)

    def _series_slot(self, key: SeriesKey, lane: int) -> int:
        if lane not in self._writers:
            raise bad("series", key, "at least one reading of each series named")
        if (opened_at := self._series.get(key)) is not None:
            return opened_at[1]
        if ("journal_series", lane) not in self._next:
            self._next_of("journal_series", lane)
        sql = (
            "SELECT slot FROM journal_series WHERE lane = %s AND device = %s"
            " AND coalesce(subject, -1) = %s AND coalesce(binding, -1) = %s"
        )
        subject = -1 if key.subject is None else key.subject
        binding = -1 if key.binding is None else key.binding
        found = self._one(sql, (lane, key.device, subject, binding))
        if found is not None:
            self._found.series[key] = lane, found
            return found
        slot = self._take("journal_series", lane)
        payload = SeriesOpened(slot=slot, **key._asdict())
        self._series[key] = lane, slot
        self._writers[lane].add(typed_item(payload, self._writers[lane]))
        return slot

    def _channel_slot(self, lane: int, key: ChannelKey) -> int:
        at = (lane, key)
        if (slot := _interned.channels.get(at, self._channels.get(at))) is not None:
            return slot
        sql = "SELECT slot FROM journal_channel WHERE lane = %s AND channel = %s AND unit = %s"
        found = self._one(sql, (lane, *key))
        if found is not None:
            self._found.channels[at] = found
            return found
        slot = self._channels[at] = self._take("journal_channel", lane)
        if slot >= _MOST_CHANNELS:
            raise bad("channel", key.channel, f"at most {_MOST_CHANNELS} channels in a lane")
        payload = ChannelOpened(slot=slot, **key._asdict())
        self._writers[lane].add(typed_item(payload, self._writers[lane]))
        return slot

    def _take(self, table: str, lane: int) -> int:
        slot = self._next_of(table, lane)
        self._next[table, lane] = slot + 1
        return slot

    def _next_of(self, table: str, lane: int) -> int:
        if (table, lane) not in self._next:
            sql = f"SELECT max(slot) FROM {table} WHERE lane = %s"  # noqa: S608 - one of our two tables
            last = self._one(sql, (lane,))
            self._next[table, lane] = 0 if last is None else last + 1
        return self._next[table, lane]

    def _one(self, sql: str, values: tuple[Any, ...]) -> int | None:
        with connections[self._alias].cursor() as cursor:
            cursor.execute(sql, values)
            row = cursor.fetchone()
        return None if row is None or row[0] is None else int(row[0])

"""Walks every lane and names the first entry that is not as it was written.

Checked of an entry: its position follows the one before; recorded time does not go back; the
link of the chain over its header; the body against its hash; of a batch each chunk against its
leaf. An erased chunk is accepted only where lane 0 records its erasure. Of a lane: it opens with
the county's first entry, ends where its head says, and the tables of series and channels say
what its entries say; the archive's files are as their manifests say. Memory is bounded by one
chunk of entries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import msgspec
from django.db import connections

from bihuan.base.errors import BadInputError
from bihuan.journal.archive import fault_of
from bihuan.journal.archived import manifests
from bihuan.journal.batch import erased_series, problem, take_apart
from bihuan.journal.chain import GENESIS, Hash, Header, body_hash, hash_of, link
from bihuan.journal.county import LaneOpened
from bihuan.journal.erase import LAST
from bihuan.journal.erased import erasures
from bihuan.journal.expire import expired
from bihuan.journal.models import FACTS_LANE, VIEWS_LANE, Entry, Head
from bihuan.journal.payloads import decode
from bihuan.journal.readings import BATCH_TYPE
from bihuan.journal.series import ChannelOpened, SeriesOpened
from bihuan.journal.storage import alias_of
from bihuan.journal.stored import EntryRow, stored_entries

Against = Mapping[int, Mapping[int, bytes]]


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry of a lane that is not as it was written."""

    lane: int
    position: int
    what: str


@dataclass(frozen=True, slots=True)
class LaneResult:
    """What the walk over a lane found. entries: how many were good."""

    lane: int
    entries: int
    erased_chunks: int
    broken: Broken | None

    def as_dict(self) -> dict[str, Any]:
        """For `journal verify --json`."""
        return {
            "lane": self.lane,
            "entries": self.entries,
            "erased_chunks": self.erased_chunks,
            "position": self.broken.position if self.broken else None,
            "fault": self.broken.what if self.broken else None,
        }


def verify(against: Against | None = None) -> Iterator[LaneResult]:
    """Walk every lane; one result for each.

    against  lane → position → hash, from signed heads kept elsewhere (`heads.marks`): the lane
             must still hold each of them
    """
    first, what = _opening()
    if first is None:
        yield LaneResult(FACTS_LANE, 0, 0, Broken(FACTS_LANE, 1, what))
        return
    erased: dict[tuple[int, int], int] = {}
    what = ""
    try:
        erased = expired()
        erased |= {(lane, slot): LAST for _, said in erasures() for lane, slot in said.series}
    except (BadInputError, msgspec.DecodeError) as error:
        what = f"erasures cannot be read: {error}"
    heads = {lane: _head(lane) for lane in _lanes(first)}
    for lane, head in heads.items():
        result = _Walk(lane, first, erased, (against or {}).get(lane, {})).run(head)
        if lane == FACTS_LANE and what and result.broken is None:
            result = LaneResult(lane, result.entries, 0, Broken(lane, result.entries, what))
        yield result
    for lane in _strays(set(heads)):
        broken = Broken(lane, 0, "entries or a head of a lane that the county never opened")
        yield LaneResult(lane, 0, 0, broken)


def _opening() -> tuple[LaneOpened | None, str]:
    row = next(stored_entries(FACTS_LANE, 0, 1), None)
    if row is None:
        return None, "the county's first entry is missing"
    try:
        payload = decode(row.type, row.body or b"")
        if not isinstance(payload, LaneOpened):
            return None, "the county's first entry is of another type"
        hash_of(payload.algorithm)
    except (BadInputError, msgspec.DecodeError) as error:
        return None, f"the county's first entry cannot be read: {error}"
    return payload, ""


def _lanes(first: LaneOpened) -> list[int]:
    return [FACTS_LANE, *range(1, first.reading_lanes + 1), VIEWS_LANE]


def _head(lane: int) -> Head | None:
    return Head.objects.using(alias_of(lane)).filter(lane=lane).first()


def _strays(known: set[int]) -> list[int]:
    found: set[int] = set()
    for alias in {alias_of(FACTS_LANE), alias_of(1)}:
        for model in (Entry, Head):
            found |= set(model.objects.using(alias).values_list("lane", flat=True).distinct())
    return sorted(found - known)


class _Walk:
    """One lane, entry by entry."""

    def __init__(
        self,
        lane: int,
        first: LaneOpened,
        erased: Mapping[tuple[int, int], int],
        against: Mapping[int, bytes],
    ) -> None:
        self.lane = lane
        self._first = first
        self._hash: Hash = hash_of(first.algorithm)
        self._erased = {slot: upto for (at, slot), upto in erased.items() if at == lane}
        self._against = against
        self._previous = GENESIS
        self._recorded_us = 0
        self._count = 0
        self._erased_chunks = 0
        self._tables = _Tables(lane)

    def run(self, head: Head | None) -> LaneResult:
        broken = None
        for row in stored_entries(self.lane):
            what = self._look(row)
            if what is not None:
                broken = Broken(self.lane, self._count + 1, what)
                break
            self._count += 1
        if broken is None and (what := self._end(head)) is not None:
            broken = Broken(self.lane, self._count + 1, what)
        for manifest in manifests(self.lane) if broken is None else ():
            if (what := fault_of(manifest, self.lane)) is not None:
                broken = Broken(self.lane, int(manifest["first"]), f"archive, {what}")
                break
        return LaneResult(self.lane, self._count, self._erased_chunks, broken)

    def _look(self, row: EntryRow) -> str | None:
        position = self._count + 1
        if row.position != position:
            return f"missing: the next entry stored is {row.position}"
        if row.recorded_us < self._recorded_us:
            return "recorded before the entry that it follows"
        if row.idem == b"" or (row.seen0 is not None and row.seen0 < 0):
            return "empty idempotency key or seen0 below 0"
        header = Header(*row[:6], row.body_hash)
        if link(self._hash, self._previous, header) != row.hash:
            return "the chain does not link: header, body hash or hash is not as written"
        if (wanted := self._against.get(position)) is not None and wanted != row.hash:
            return "not the entry whose hash was signed"
        self._previous, self._recorded_us = bytes(row.hash), row.recorded_us
        return self._look_inside(row)

    def _look_inside(self, row: EntryRow) -> str | None:
        if row.body is None:
            return "the body is missing"
        try:
            if row.type == BATCH_TYPE:
                return self._batch(row, bytes(row.body))
            if row.salt is None or body_hash(self._hash, row.salt, row.body) != row.body_hash:
                return "the body does not match its hash"
            return self._typed(row)
        except (BadInputError, msgspec.DecodeError, UnicodeDecodeError) as error:
            return f"the body cannot be read: {error}"

    def _batch(self, row: EntryRow, body: bytes) -> str | None:
        if row.salt is not None:
            return "a batch with a salt of its own"
        stored = take_apart(body)
        if (what := problem(stored, bytes(row.body_hash), self._hash)) is not None:
            return what
        gone = erased_series(stored)
        self._erased_chunks += len(gone)
        if unrecorded := {slot for slot in gone if self._erased.get(slot, 0) < row.position}:
            return f"series {min(unrecorded)} is erased, and lane 0 records no such erasure"
        return None

    def _typed(self, row: EntryRow) -> str | None:
        payload = decode(row.type, row.body or b"")
        if row.position == 1:
            wanted = msgspec.structs.replace(self._first, lane=self.lane)
            return None if payload == wanted else "not the county's first entry"
        return self._tables.look(payload)

    def _end(self, head: Head | None) -> str | None:
        if head is None:
            return "the lane has no head"
        if head.position != self._count:
            return f"missing: the head says {head.position} entries"
        if bytes(head.hash) != self._previous or head.recorded_us != self._recorded_us:
            return "the head says another hash or time than the last entry"
        if beyond := [position for position in self._against if position > self._count]:
            return f"missing: a head was signed at {max(beyond)}"
        return self._tables.end()


class _Tables:
    """Compares journal_series and journal_channel with the entries, row by row, in slot order."""

    def __init__(self, lane: int) -> None:
        self._series = _table_rows(
            "SELECT slot, subject, device, binding FROM journal_series", lane
        )
        self._channels = _table_rows("SELECT slot, channel, unit FROM journal_channel", lane)

    def look(self, payload: Any) -> str | None:
        """What an entry opened must be the next row of its table."""
        if isinstance(payload, SeriesOpened):
            said = (payload.slot, payload.subject, payload.device, payload.binding)
            is_same = next(self._series, None) == said
            return None if is_same else f"journal_series says otherwise of slot {payload.slot}"
        if isinstance(payload, ChannelOpened):
            is_same = next(self._channels, None) == (payload.slot, payload.channel, payload.unit)
            return None if is_same else f"journal_channel says otherwise of slot {payload.slot}"
        return None

    def end(self) -> str | None:
        """No table may hold more than the entries opened."""
        for series, channel in zip_longest(self._series, self._channels):
            name, row = ("series", series) if series is not None else ("channel", channel)
            return f"journal_{name} holds slot {row[0]}, which no entry opened"
        return None


def _table_rows(sql: str, lane: int) -> Iterator[tuple[Any, ...]]:
    after = -1
    while True:
        with connections[alias_of(lane)].cursor() as cursor:
            where = " WHERE lane = %s AND slot > %s ORDER BY slot LIMIT 1000"
            cursor.execute(sql + where, (lane, after))
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < 1000:
            return
        after = rows[-1][0]

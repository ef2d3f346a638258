"""Closed days leave for Parquet, lane by lane: the entries as they are, the readings sorted.

    archive/day=2026-03-02/lane=01/entries.parquet    verbatim, in lane order: the chain verifies
                                   readings.parquet   by series and event time
                                   manifest.json      first and last position, SHA-256 of both

A day is one of recorded time at +08:00. Each file is written beside its place, synced and
renamed, the manifest last: a day without manifest is not archived yet.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import groupby, islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connections, transaction

from bihuan.base.errors import bad
from bihuan.base.time import CHINA, Clock, datetime_of
from bihuan.journal.archived import (
    ENTRIES,
    MANIFEST,
    READINGS,
    archived_entries,
    lane_folder,
    manifests,
)
from bihuan.journal.batch import Batch, unpack
from bihuan.journal.models import FACTS_LANE, VIEWS_LANE
from bihuan.journal.readings import BATCH_TYPE
from bihuan.journal.series import Slots
from bihuan.journal.storage import alias_of, lock_head, reading_lanes
from bihuan.journal.stored import EntryRow, database_entries

_GROUP: Final = 500  # entries in a row group, about 15 MB
_DELETED_AT_ONCE: Final = 50  # secure_delete zeroes their pages: about 3 MB a transaction
_ENTRY_SCHEMA: Final = pa.schema(
    [
        ("lane", pa.int16()),
        ("position", pa.int64()),
        ("type", pa.string()),
        ("recorded_us", pa.int64()),
        ("seen0", pa.int64()),
        ("idem", pa.binary()),
        ("salt", pa.binary()),
        ("body", pa.binary()),
        ("body_hash", pa.binary()),
        ("hash", pa.binary()),
    ]
)


def day_of(recorded_us: int) -> str:
    """The county's day of a recorded time: YYYY-MM-DD at +08:00."""
    return datetime_of(recorded_us).astimezone(CHINA).date().isoformat()


def close_days(clock: Clock) -> list[Path]:
    """Archive every lane's days before today that are not archived yet; the folders written.

    Run again, it writes nothing. A day to which a wall clock set back has added is written anew.
    """
    today = day_of(clock.now_us())
    written = []
    for lane in (FACTS_LANE, *reading_lanes(), VIEWS_LANE):
        known = {manifest["day"]: manifest for manifest in manifests(lane)}
        after = max((int(manifest["last"]) for manifest in known.values()), default=0)
        rows = database_entries(lane, after)
        for day, new in groupby(rows, key=lambda row: day_of(row.recorded_us)):
            if day >= today:
                break
            earlier = known.get(day)
            old = [] if earlier is None else _archived(lane, earlier)
            written.append(_write_day(lane, day, _chained(old, new)))
    return written


def erase_archived(lane: int, slots: set[int], blank: Any, upto: int | None = None) -> None:
    """Rewrite a lane's days without these series. blank: (body, slots) → body without them.

    upto  what stands behind this position stays; None = everything goes
    """
    for manifest in manifests(lane):
        if upto is not None and int(manifest["first"]) > upto:
            continue
        changed = False
        rows = []
        for row in _archived(lane, manifest):
            is_meant = upto is None or row.position <= upto
            if is_meant and row.type == BATCH_TYPE and row.body is not None:
                body = blank(row.body, slots)
                changed = changed or body != row.body
                rows.append(row._replace(body=body))
            else:
                rows.append(row)
        if changed or fault_of(manifest, lane) is not None:
            _write_day(lane, manifest["day"], rows)


def prune(clock: Clock, keep_days: int) -> int:
    """Delete from the database the archived readings older than `keep_days`; how many entries.

    Each day's file is checked first. The chain goes on verifying: `verify` reads the archive.
    """
    if keep_days < 1:
        raise bad("keep_days", keep_days, "at least 1: resent frames are looked for there")
    before = (datetime_of(clock.now_us()) - timedelta(days=keep_days)).astimezone(CHINA)
    deleted = 0
    for lane in reading_lanes():
        for manifest in manifests(lane):
            if manifest["day"] >= before.date().isoformat():
                break
            if (what := fault_of(manifest, lane)) is not None:
                raise bad(f"archive of lane {lane}", what, "the files that its manifest names")
            deleted += _delete(lane, int(manifest["last"]))
    return deleted


def fault_of(manifest: dict[str, Any], lane: int) -> str | None:
    """What of a day's files is not as its manifest says, or None."""
    folder = lane_folder(manifest["day"], lane)
    for name, digest in manifest["files"].items():
        if not (folder / name).exists():
            return f"{folder.parent.name}: {name} is missing"
        if digest_of(folder / name) != digest:
            return f"{folder.parent.name}: {name} is not as its manifest says"
    return None


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _archived(lane: int, manifest: dict[str, Any]) -> Iterator[EntryRow]:
    first, last = int(manifest["first"]), int(manifest["last"])
    return map(EntryRow._make, archived_entries(lane, first - 1, last))


def _chained(old: Iterable[EntryRow], new: Iterable[EntryRow]) -> Iterator[EntryRow]:
    yield from old
    yield from new


def _write_day(lane: int, day: str, rows: Iterable[EntryRow]) -> Path:
    folder = lane_folder(day, lane)
    folder.mkdir(parents=True, exist_ok=True)
    bounds: list[int] = []
    batches: list[tuple[int, Batch]] = []
    with (
        _Replaced(folder / ENTRIES) as path,
        pq.ParquetWriter(path, _ENTRY_SCHEMA, compression="zstd") as writer,
    ):
        source = iter(rows)
        while group := list(islice(source, _GROUP)):
            columns = list(zip(*group, strict=True))
            arrays = [pa.array(c, f.type) for c, f in zip(columns, _ENTRY_SCHEMA, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=_ENTRY_SCHEMA))
            bounds = [bounds[0] if bounds else group[0].position, group[-1].position]
            batches += [
                (row.position, unpack(row.body))
                for row in group
                if row.type == BATCH_TYPE and row.body is not None
            ]
    names = [ENTRIES]
    if batches:
        with _Replaced(folder / READINGS) as path:
            pq.write_table(_sorted_readings(lane, batches), path, compression="zstd")
        names.append(READINGS)
    manifest = {
        "day": day,
        "lane": lane,
        "first": bounds[0],
        "last": bounds[1],
        "readings": sum(len(batch) for _, batch in batches),
        "files": {name: digest_of(folder / name) for name in names},
    }
    with _Replaced(folder / MANIFEST) as path:
        path.write_text(json.dumps(manifest, sort_keys=True, indent=1), "utf-8")
    return folder


def _sorted_readings(lane: int, batches: list[tuple[int, Batch]]) -> pa.Table:
    """One row per reading, by series, event time and arrival; columns as in `docs/journal.md`."""

    def column(name: str) -> npt.NDArray[Any]:
        return np.concatenate([getattr(batch, name) for _, batch in batches])

    position = np.concatenate([np.full(len(batch), at, np.int64) for at, batch in batches])
    series, event_us = column("series"), column("event_us")
    order = np.lexsort((position, event_us, series))
    slots = Slots(lane)
    columns: dict[str, Any] = {"series": series[order]}
    keys = {slot: slots.series(slot) for slot in np.unique(series).tolist()}
    channels = {slot: slots.channel(slot) for slot in np.unique(column("channel")).tolist()}
    for name in ("subject", "device", "binding"):
        named = {slot: getattr(key, name) for slot, key in keys.items()}
        columns[name] = _looked_up(named, series[order], pa.int64())
    for name in ("channel", "unit"):
        named = {slot: getattr(key, name) for slot, key in channels.items()}
        columns[name] = _looked_up(named, column("channel")[order], pa.string())
    columns["event_us"] = event_us[order]
    for name in ("value", "quality", "arrival_us"):
        columns[name] = column(name)[order]
    columns["position"] = position[order]
    return pa.table(columns)


def _looked_up(of: dict[int, Any], slots: npt.NDArray[Any], kind: pa.DataType) -> pa.Array:
    """What each row's slot stands for; texts as a dictionary, also where no row is left."""
    known = sorted(of)
    indexes = pa.array(np.searchsorted(np.array(known, np.int64), slots).astype(np.int32))
    names = pa.array([of[slot] for slot in known], kind)
    if kind == pa.string():
        return pa.DictionaryArray.from_arrays(indexes, names)
    return names.take(indexes)


class _Replaced:
    """A file that appears whole or not at all, and is on disk when it does."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fresh = path.with_name(f".{path.name}.{os.getpid()}")

    def __enter__(self) -> Path:
        return self._fresh

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._fresh.unlink(missing_ok=True)
            return
        sync(self._fresh)
        self._fresh.replace(self._path)
        sync(self._path.parent)


def sync(path: Path) -> None:
    """Have a file or a folder's names on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _delete(lane: int, upto: int) -> int:
    deleted, alias = 0, alias_of(lane)
    while True:
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            lock_head(lane)
            cursor.execute(
                "SELECT max(position) FROM (SELECT position FROM journal_entry"
                " WHERE lane = %s AND position <= %s ORDER BY position LIMIT %s) AS part",
                (lane, upto, _DELETED_AT_ONCE),
            )
            (last,) = cursor.fetchone()
            if last is None:
                return deleted
            sql = "DELETE FROM journal_entry WHERE lane = %s AND position <= %s"
            cursor.execute(sql, (lane, last))
            deleted += cursor.rowcount

"""Where the archive's files are, and reading entries back from them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq
from django.conf import settings

from bihuan.base.errors import bad

ENTRIES: Final = "entries.parquet"
READINGS: Final = "readings.parquet"
MANIFEST: Final = "manifest.json"


def archive_folder() -> Path:
    """Where closed days are."""
    folder: Path = settings.BIHUAN_DATA / "archive"
    return folder


def lane_folder(day: str, lane: int) -> Path:
    """Where one lane's part of a closed day is. day: YYYY-MM-DD of +08:00."""
    return archive_folder() / f"day={day}" / f"lane={lane:02d}"


def manifests(lane: int) -> list[dict[str, Any]]:
    """What is archived of a lane, oldest day first: day, first, last, files with digests."""
    paths = sorted(archive_folder().glob(f"day=*/lane={lane:02d}/{MANIFEST}"))
    found = [json.loads(path.read_text("utf-8")) for path in paths]
    return sorted(found, key=lambda manifest: int(manifest["first"]))


def archived_entries(lane: int, after: int, upto: int | None) -> Iterator[tuple[Any, ...]]:
    """Entries of a lane from the archive, in order, columns as in the table."""
    for manifest in manifests(lane):
        if manifest["last"] <= after or (upto is not None and manifest["first"] > upto):
            continue
        for entry in _rows(lane_folder(manifest["day"], lane) / ENTRIES):
            if entry[1] > after and (upto is None or entry[1] <= upto):
                yield entry


def _rows(path: Path) -> Iterator[tuple[Any, ...]]:
    if not path.exists():
        raise bad("archive", path.parent.name, f"{ENTRIES}, as its manifest says")
    with pq.ParquetFile(path) as file:
        for part in file.iter_batches(batch_size=500):
            columns = [column.to_pylist() for column in part.columns]
            yield from zip(*columns, strict=True)

"""Closed days in Parquet: verbatim, sorted beside, written once, and enough to verify from."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock
from bihuan.journal.append import Appender
from bihuan.journal.archive import close_days, day_of, prune
from bihuan.journal.erase import erase
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.read import read_batches
from bihuan.journal.readings import append_readings
from bihuan.journal.series import series_of_subject
from bihuan.journal.storage import alias_of, reading_lanes
from bihuan.journal.verify import verify
from tests.journal.test_readings import reading, stored
from tests.journal.town import Noted, Town

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def broken() -> list[tuple[int, int]]:
    return [(r.lane, r.broken.position) for r in verify() if r.broken]


def two_days(clock: MovableClock) -> None:
    """Readings on 2 and 3 March, out of order by event time; the clock then on the 4th."""
    for _ in range(2):
        for minute in (5, 1, 3):
            at_us = clock.now_us() - minute * 60_000_000
            rows = [reading(s, at_us=at_us, value=float(minute)) for s in (1, 2, 3, 4, 5)]
            append_readings(rows, seen0=1, clock=clock)
        with Appender(FACTS_LANE, clock) as lane:
            lane.append(Noted(house=1))
        clock.advance(days=1)


def fingerprints(folder: Path) -> dict[str, tuple[int, bytes]]:
    paths = sorted(p for p in (folder / "archive").rglob("*") if p.is_file())
    return {str(p): (p.stat().st_mtime_ns, p.read_bytes()) for p in paths}


def test_a_day_is_that_of_the_county() -> None:
    # 2026-03-01T16:00:00Z is midnight at +08:00
    assert day_of(1_772_380_799_999_999) == "2026-03-01"
    assert day_of(1_772_380_800_000_000) == "2026-03-02"


def test_closed_days_are_archived_and_today_is_not(
    county: str, clock: MovableClock, data: Path
) -> None:
    two_days(clock)
    append_readings([reading()], seen0=1, clock=clock)
    close_days(clock)
    days = sorted(p.name for p in (data / "archive").iterdir())
    assert days == ["day=2026-03-02", "day=2026-03-03"]
    lanes = sorted(p.name for p in (data / "archive" / "day=2026-03-02").iterdir())
    assert lanes == ["lane=00", "lane=01", "lane=02", "lane=03", "lane=04", "lane=255"]


def test_a_second_run_changes_nothing(county: str, clock: MovableClock, data: Path) -> None:
    two_days(clock)
    assert close_days(clock)
    before = fingerprints(data)
    assert close_days(clock) == []
    assert fingerprints(data) == before


def test_readings_are_sorted_by_series_and_event_time(
    county: str, clock: MovableClock, data: Path
) -> None:
    two_days(clock)
    close_days(clock)
    folder = data / "archive" / "day=2026-03-02"
    rows = [
        r for p in sorted(folder.glob("*/readings.parquet")) for r in pq.read_table(p).to_pylist()
    ]
    assert len(rows) == 15
    mine = [r for r in rows if r["subject"] == 3]
    assert [r["value"] for r in mine] == [5.0, 3.0, 1.0]  # minutes before 08:00, oldest first
    assert {(r["device"], r["binding"], r["channel"], r["unit"], r["quality"]) for r in mine} == {
        (7, 3, "heart_rate", "bpm", 0)
    }
    assert [r["arrival_us"] - r["event_us"] for r in mine] == [1_000_000] * 3
    assert mine[0]["position"] < mine[2]["position"] < mine[1]["position"]


def test_entries_are_verbatim(county: str, clock: MovableClock, data: Path) -> None:
    two_days(clock)
    close_days(clock)
    path = data / "archive" / "day=2026-03-03" / "lane=00" / "entries.parquet"
    (row,) = pq.read_table(path).to_pylist()
    entry = Entry.objects.get(lane=0, position=row["position"])
    for name in ("type", "recorded_us", "seen0"):
        assert row[name] == getattr(entry, name)
    for name in ("salt", "body", "body_hash", "hash"):
        assert row[name] == bytes(getattr(entry, name))


def test_pruned_days_still_verify_and_read(county: str, clock: MovableClock, data: Path) -> None:
    two_days(clock)
    close_days(clock)
    before = stored()
    count = Entry.objects.using(alias_of(1)).filter(lane__in=reading_lanes()).count()
    deleted = prune(clock, keep_days=1)
    left = Entry.objects.using(alias_of(1)).filter(lane__in=reading_lanes()).count()
    assert 0 < deleted == count - left
    assert broken() == []
    assert stored() == before
    append_readings([reading(s) for s in (1, 2, 3, 4, 5)], seen0=1, clock=clock)
    assert len(stored()) == len(before) + 5
    assert broken() == []
    clock.advance(days=1)
    close_days(clock)
    prune(clock, keep_days=1)
    assert broken() == []
    assert len(list(read_batches(1))) == len(list(read_batches(1, after=0)))


def test_a_changed_archive_is_named_and_never_pruned(
    county: str, clock: MovableClock, data: Path
) -> None:
    two_days(clock)
    close_days(clock)
    path = data / "archive" / "day=2026-03-02" / "lane=01" / "readings.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert broken() == [(1, 1)]
    with pytest.raises(BadInputError, match="archive of lane 1"):
        prune(clock, keep_days=1)


def test_a_day_grown_by_a_clock_set_back_is_written_anew(
    county: str, clock: MovableClock, data: Path
) -> None:
    two_days(clock)
    close_days(clock)
    clock.jump(days=-1)
    append_readings([reading(s) for s in (1, 2, 3, 4, 5)], seen0=1, clock=clock)
    clock.jump(days=1)
    folders = {path.parent.name for path in close_days(clock)}
    assert folders == {"day=2026-03-03"}
    assert broken() == []
    prune(clock, keep_days=1)
    clock.advance(days=2)
    prune(clock, keep_days=1)
    assert len(stored()) == 2 * 15 + 5
    assert broken() == []


def test_a_day_whose_only_subject_is_erased_keeps_its_columns(
    town: Town, clock: MovableClock, data: Path, keys: KeyRing
) -> None:
    append_readings([reading(5)], seen0=1, clock=clock)
    clock.advance(days=1)
    close_days(clock)
    (path,) = (data / "archive").rglob("readings.parquet")
    before = pq.ParquetFile(path).schema_arrow
    erase(5, [at.key for at in series_of_subject(5)], clock, keys)
    assert pq.ParquetFile(path).metadata.num_rows == 0
    assert pq.ParquetFile(path).schema_arrow == before
    assert broken() == []
    assert close_days(clock) == []
    prune(clock, keep_days=1)
    assert broken() == []
    assert stored() == []

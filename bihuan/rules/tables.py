"""Readings from CSV and Parquet files, every cell checked.

A cell that is empty, NaN or infinite is known to hold no value; one that cannot be read as what
its column should hold is refused with its row and column, and so nothing is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from bihuan.base.errors import BadInputError, Fault, bad, shown
from bihuan.base.time import us_of
from bihuan.rules.kernels.records import Bools, Floats, Int32s, Int64s

MOST_FAULTS = 20
NUMBER = "a number without unit, such as 36.6"
TIME = (
    "a time such as 2026-01-31T08:00:00+08:00, 2026-01-31 08:00:00 (taken as UTC), "
    "or seconds or milliseconds since 1970"
)


class Places(NamedTuple):
    """Where in the journal each reading stands: lane int16[n], position int64[n]."""

    lane: npt.NDArray[np.int16]
    position: Int64s


@dataclass(frozen=True, slots=True)
class Table:
    """Readings of several series in the order of the files, not yet sorted.

    slot       int32[n]    index into `series`
    time_us    int64[n]    event time
    value      float64[n]  NaN = no value; of positions the latitude
    longitude  float64[n]  of positions, else None
    notes      what was assumed, for the person who asked
    is_other   bool[n]     of two channels: whether a reading is of the other one, else None
    place      of readings of the journal, else None
    """

    series: tuple[str, ...]
    slot: Int32s
    time_us: Int64s
    value: Floats
    longitude: Floats | None
    notes: tuple[str, ...]
    is_other: Bools | None = None
    place: Places | None = None

    def where(self, rows: Int64s) -> Table:
        """The readings at these rows, in that order."""
        return replace(
            self,
            slot=self.slot[rows],
            time_us=self.time_us[rows],
            value=self.value[rows],
            longitude=None if self.longitude is None else self.longitude[rows],
            is_other=None if self.is_other is None else self.is_other[rows],
            place=None if (at := self.place) is None else Places(at.lane[rows], at.position[rows]),
        )


def read(
    files: Sequence[Path], columns: Mapping[str, str], channels: tuple[str, ...] = ()
) -> Table:
    """Read the named columns (time and value, or lat and lon; other; series; channel) of all files.

    With `other` each row is a reading of both channels at its time; an empty cell is none. With
    `channel` a row is a reading of the channel that it names: those of `channels` are taken, the
    second being the other one.
    """
    wanted = set(columns) - {"channel"}
    needed = {"time", "lat", "lon"} if "lat" in wanted or "lon" in wanted else {"time", "value"}
    needed |= wanted & {"other"} if "value" in needed else set()
    if not needed <= wanted or not wanted <= needed | {"series"}:
        raise bad(
            "--column",
            ", ".join(sorted(wanted)) or "nothing",
            "time and value (and other), or time, lat and lon; and series if there are several",
        )
    if not files:
        raise bad("FILE", "nothing", "a CSV or Parquet file")
    found = _joined([_one(path, columns, channels) for path in files])
    if "channel" in columns and not len(found.slot):
        raise bad(f"--column channel={columns['channel']}", "no such row", " or ".join(channels))
    return found


def _one(path: Path, columns: Mapping[str, str], channels: tuple[str, ...]) -> Table:
    table = _columns(path, columns)
    faults: list[Fault] = []
    notes: list[str] = []

    def cells(role: str, convert: Converter) -> pa.Array:
        column = table.column(columns[role])
        place = f"{path.name} column {columns[role]}"
        return convert(
            column.combine_chunks() if column.num_chunks != 1 else column.chunk(0),
            place,
            faults,
            notes,
        )

    times = cells("time", _times)
    is_position = "lat" in columns
    value = cells("lat" if is_position else "value", _latitudes if is_position else _numbers)
    longitude = cells("lon", _longitudes) if is_position else None
    other = cells("other", _numbers) if "other" in columns else None
    if faults:
        more = len(faults) - MOST_FAULTS
        rest = [Fault(path.name, f"{more} more faults", "none")] if more > 0 else []
        raise BadInputError(*faults[:MOST_FAULTS], *rest)
    if "series" in columns:
        coded = pc.dictionary_encode(table.column(columns["series"]).cast(pa.string()))
        coded = coded.combine_chunks()
        names = tuple(str(name) for name in coded.dictionary.to_pylist())
        slot = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
        if len(slot) and slot.min() < 0:
            row = int(np.argmin(slot)) + 2
            raise bad(f"{path.name} row {row} column {columns['series']}", "nothing", "a name")
    else:
        names, slot = (path.stem,), np.zeros(len(times), np.int32)
    found = Table(names, slot, times, value, longitude, tuple(notes))
    if "channel" in columns:
        return _of_channels(found, table.column(columns["channel"]), channels)
    return found if other is None else _in_pairs(found, other)


def _of_channels(table: Table, told: pa.ChunkedArray, channels: tuple[str, ...]) -> Table:
    """The rows that name one of these channels."""
    names = np.array(told.cast(pa.string()).to_pylist(), object)
    rows = np.flatnonzero(np.isin(names, channels))
    found = table.where(rows)
    return found if len(channels) < 2 else replace(found, is_other=names[rows] == channels[1])


def _in_pairs(table: Table, other: Floats) -> Table:
    """Each row as two readings of one instant, the other channel's second."""
    return replace(
        table,
        slot=np.repeat(table.slot, 2),
        time_us=np.repeat(table.time_us, 2),
        value=np.stack((table.value, other), axis=1).ravel(),
        is_other=np.tile([False, True], len(other)),
    )


def _joined(tables: list[Table]) -> Table:
    names: dict[str, int] = {}
    slots: list[Int32s] = []
    for table in tables:
        places = [names.setdefault(name, len(names)) for name in table.series]
        slots.append(np.array(places, np.int32)[table.slot])
    longitudes = [t.longitude for t in tables if t.longitude is not None]
    others = [t.is_other for t in tables if t.is_other is not None]
    return Table(
        tuple(names),
        np.concatenate(slots),
        np.concatenate([t.time_us for t in tables]),
        np.concatenate([t.value for t in tables]),
        np.concatenate(longitudes) if longitudes else None,
        tuple(dict.fromkeys(note for t in tables for note in t.notes)),
        np.concatenate(others) if others else None,
    )


def _columns(path: Path, columns: Mapping[str, str]) -> pa.Table:
    """The wanted columns; those of a CSV as text."""
    if not path.is_file():
        raise bad("FILE", path.name, "a file that exists")
    is_parquet = path.read_bytes()[:4] == b"PAR1" if path.stat().st_size else False
    try:
        if is_parquet:
            present = pq.read_schema(path).names
            _check_columns(path, columns, present)
            return pq.read_table(path, columns=list(dict.fromkeys(columns.values())))
        return _csv(path, columns)
    except pa.ArrowInvalid as error:
        raise bad(path.name, str(error), "a CSV with a header, or a Parquet file") from error


def _csv(path: Path, columns: Mapping[str, str]) -> pa.Table:
    encoding = "utf8"
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        encoding = "gb18030"  # what Chinese spreadsheets write
    ragged: list[Fault] = []

    def note_ragged(row: pacsv.InvalidRow) -> str:
        got, want = f"{row.actual_columns} cells", f"{row.expected_columns} cells"
        ragged.append(Fault(f"{path.name} row {row.number}", got, want))
        return "skip"

    with path.open("rb") as opened:
        text = pacsv.open_csv(
            opened,
            read_options=pacsv.ReadOptions(encoding=encoding, use_threads=False),
            parse_options=pacsv.ParseOptions(invalid_row_handler=note_ragged),
        )
        _check_columns(path, columns, text.schema.names)
    names = list(dict.fromkeys(columns.values()))
    ragged.clear()
    table = pacsv.read_csv(
        path,
        read_options=pacsv.ReadOptions(encoding=encoding, use_threads=False),
        parse_options=pacsv.ParseOptions(invalid_row_handler=note_ragged),
        convert_options=pacsv.ConvertOptions(
            include_columns=names,
            column_types={name: pa.string() for name in names},
            strings_can_be_null=False,
        ),
    )
    if ragged:
        raise BadInputError(*ragged[:MOST_FAULTS])
    return table


def _check_columns(path: Path, columns: Mapping[str, str], present: Sequence[str]) -> None:
    faults = [
        Fault(f"--column {role}", name, f"a column of {path.name}: {', '.join(present)}")
        for role, name in columns.items()
        if name not in present
    ]
    if faults:
        raise BadInputError(*faults)


Converter = Callable[[pa.Array, str, list[Fault], list[str]], Any]  # a column of numbers


def _numbers(cells: pa.Array, place: str, faults: list[Fault], _notes: list[str]) -> Floats:
    """float64[n]; NaN where a cell is empty."""
    if not pa.types.is_string(cells.type) and not pa.types.is_large_string(cells.type):
        try:
            return _floats(cells.cast(pa.float64(), safe=False))
        except pa.ArrowInvalid:
            cells = cells.cast(pa.string())
    trimmed = pc.utf8_trim_whitespace(cells)
    filled = pc.if_else(pc.equal(trimmed, ""), None, trimmed)
    try:
        return _floats(filled.cast(pa.float64()))
    except pa.ArrowInvalid:
        return _each(filled, float, place, NUMBER, faults)


def _floats(numbers: pa.Array) -> Floats:
    found: Floats = numbers.fill_null(np.nan).to_numpy(zero_copy_only=False)
    return found


def _latitudes(cells: pa.Array, place: str, faults: list[Fault], notes: list[str]) -> Floats:
    return _degrees(_numbers(cells, place, faults, notes), 90, place, faults)


def _longitudes(cells: pa.Array, place: str, faults: list[Fault], notes: list[str]) -> Floats:
    return _degrees(_numbers(cells, place, faults, notes), 180, place, faults)


def _degrees(degrees: Floats, most: int, place: str, faults: list[Fault]) -> Floats:
    for k in np.flatnonzero(np.isfinite(degrees) & (np.abs(degrees) > most)):
        faults.append(
            Fault(_cell(place, int(k)), str(degrees[k]), f"degrees from -{most} to {most}")
        )
    return degrees


def _times(cells: pa.Array, place: str, faults: list[Fault], notes: list[str]) -> Int64s:
    """int64[n] µs since 1970 UTC."""
    if pa.types.is_timestamp(cells.type):
        if cells.type.tz is None:
            notes.append(f"{place}: times without zone are taken as UTC")
        return _whole(cells.cast(pa.timestamp("us", cells.type.tz)).cast(pa.int64()), place, faults)
    if pa.types.is_integer(cells.type) or pa.types.is_floating(cells.type):
        return _epochs(cells.cast(pa.float64()), place, faults, notes)
    trimmed = pc.utf8_trim_whitespace(cells.cast(pa.string()))
    for zone in (None, "UTC"):
        try:
            found = trimmed.cast(pa.timestamp("us", zone)).cast(pa.int64())
        except pa.ArrowInvalid:
            continue
        if zone is None and len(found):
            notes.append(f"{place}: times without zone are taken as UTC")
        return _whole(found, place, faults)
    try:
        return _epochs(trimmed.cast(pa.float64()), place, faults, notes)
    except pa.ArrowInvalid:
        return _each(trimmed, moment_us, place, TIME, faults).astype(np.int64)


def _whole(times: pa.Array, place: str, faults: list[Fault]) -> Int64s:
    if times.null_count:
        row = int(np.argmax(times.is_null().to_numpy(zero_copy_only=False)))
        faults.append(Fault(_cell(place, row), "nothing", TIME))
        return np.zeros(len(times), np.int64)
    found: Int64s = times.to_numpy()
    return found


def _epochs(numbers: pa.Array, place: str, faults: list[Fault], notes: list[str]) -> Int64s:
    """Seconds, milliseconds or microseconds since 1970, told apart by their size."""
    seconds = _floats(numbers)
    bad_rows = np.flatnonzero(~np.isfinite(seconds))
    if len(bad_rows):
        faults.append(Fault(_cell(place, int(bad_rows[0])), "nothing", TIME))
        return np.zeros(len(seconds), np.int64)
    largest = float(np.abs(seconds).max()) if len(seconds) else 0.0
    for most, scale, words in ((1e11, 10**6, "seconds"), (1e14, 10**3, "milliseconds")):
        if largest < most:
            notes.append(f"{place}: numbers are taken as {words} since 1970")
            return np.round(seconds * scale).astype(np.int64)
    notes.append(f"{place}: numbers are taken as microseconds since 1970")
    return np.round(seconds).astype(np.int64)


def moment_us(text: str) -> int:
    moment = datetime.fromisoformat(text.replace("/", "-"))
    return us_of(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _each(
    cells: pa.Array, read_cell: Callable[[str], float], place: str, want: str, faults: list[Fault]
) -> Floats:
    """Cell by cell, to name every fault; used only when reading them all at once failed."""
    found = []
    for k, cell in enumerate(cells.to_pylist()):
        try:
            found.append(np.nan if cell is None and want == NUMBER else read_cell(cell or ""))
        except ValueError:
            faults.append(Fault(_cell(place, k), shown(cell or "nothing"), want))
            found.append(0)
    return np.array(found, np.float64 if want == NUMBER else np.int64)


def _cell(place: str, k: int) -> str:
    """Row and column of a cell; the header is row 1."""
    name, _, column = place.partition(" column ")
    return f"{name} row {k + 2} column {column}"

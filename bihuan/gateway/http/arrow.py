"""Readings as an Arrow IPC stream: columns device, channel, value, unit, at.

What comes is not trusted: the schema is checked before a batch is read, the length of a batch
before its memory is taken, each batch before its columns are used. Compressed bodies are
refused: how much they become is known only after.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bihuan.base.errors import BadInputError, Fault, bad, shown
from bihuan.gateway.http.lines import LONGEST_NUMBER, NO_TIME, Checked, checked
from bihuan.journal.readings import MOST_ROWS

Coded = tuple[list[str], "npt.NDArray[np.int64]"]  # distinct texts, and the index of each row
MOST_PAIRS: Final = 256
TEXTS: Final = ("device", "channel", "unit")
COLUMNS: Final = ("device", "channel", "value", "unit", "at")
_WORD, _SHORT, _OFFSET = struct.Struct("<i"), struct.Struct("<H"), struct.Struct("<I")
_DICTIONARY, _RECORDS = 2, 3  # MessageHeader of Arrow's Message.fbs: DictionaryBatch, RecordBatch


def from_arrow(body: bytes) -> Checked:
    """Readings of an Arrow IPC stream. Raises BadInputError for what is none of ours."""
    try:
        _bound(body)
        with pa.ipc.open_stream(body) as stream:
            _check_schema(stream.schema)
            table = _whole(stream)
    except (pa.ArrowException, ValueError, OSError) as error:
        if isinstance(error, BadInputError):
            raise
        raise bad("document", shown(error), "an Arrow IPC stream") from error
    if not table.num_rows:
        raise bad("readings", "none", f"1 to {MOST_ROWS} readings")
    column = {name: _in_one(table.column(name)) for name in COLUMNS}
    _check_nulls(column)
    coded = {name: _coded(column[name]) for name in TEXTS}
    devices, device = coded["device"]
    if not 0 < min(map(len, devices)) <= max(map(len, devices)) <= LONGEST_NUMBER:
        raise bad("device", "a name without end or none", f"1 to {LONGEST_NUMBER} characters")
    pairs, pair = _paired(coded["channel"], coded["unit"])
    line = np.arange(1, table.num_rows + 1, dtype=np.int64)
    said = (_values(column["value"]), _moments(column["at"]))
    return checked(devices, pairs, (device, pair), said, line)


def _paired(channel: Coded, unit: Coded) -> tuple[list[tuple[str, str]], npt.NDArray[np.int64]]:
    """(channel, unit) pairs, and the index of each row in them."""
    (channels, channel_at), (units, unit_at) = channel, unit
    at = channel_at * len(units) + unit_at
    if len(channels) * len(units) <= MOST_PAIRS:  # also those of no row: cheaper than to sort rows
        return [(one, other) for one in channels for other in units], at
    used, pair = np.unique(at, return_inverse=True)
    pairs = [(channels[p // len(units)], units[p % len(units)]) for p in used.tolist()]
    return pairs, pair.astype(np.int64)


def _whole(stream: Any) -> Any:
    batches, rows = [], 0
    for batch in stream:
        batch.validate(full=True)
        rows += batch.num_rows
        if rows > MOST_ROWS:
            raise bad("readings", f"{rows} and more", f"1 to {MOST_ROWS} readings in one request")
        batches.append(batch)
    if len(batches) == 1:  # as most come: no column has to be put together
        return batches[0]
    return pa.Table.from_batches(batches, stream.schema).combine_chunks()


def _in_one(column: Any) -> Any:
    """A column as one array."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)


def _check_schema(schema: Any) -> None:
    faults = [Fault(name, "a column", "none besides " + ", ".join(COLUMNS))
              for name in schema.names if name not in COLUMNS]  # fmt: skip
    for name in COLUMNS:
        places = schema.get_all_field_indices(name)
        if len(places) != 1:
            faults.append(Fault(name, f"{len(places)} columns", "one"))
        elif not _is_fit(name, schema.field(places[0]).type):
            got = str(schema.field(places[0]).type)
            faults.append(Fault(name, shown(got, 60), _WANT.get(name, "utf8, or a dictionary")))
    if faults:
        raise BadInputError(*faults)


_WANT: Final = {"value": "float64 or float32", "at": "a timestamp with its zone"}


def _is_fit(name: str, kind: Any) -> bool:
    if name == "value":
        return bool(pa.types.is_float64(kind) or pa.types.is_float32(kind))
    if name == "at":
        return bool(pa.types.is_timestamp(kind) and kind.tz)
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(inner) or pa.types.is_large_string(inner))


def _check_nulls(column: dict[str, Any]) -> None:
    faults, lines = [], []
    for name in TEXTS:
        if column[name].null_count:
            first = np.flatnonzero(column[name].is_null().to_numpy(zero_copy_only=False))[0]
            faults.append(Fault(name, f"nothing in line {first + 1}", "a text in every line"))
            lines.append(int(first) + 1)
    if faults:
        raise BadInputError(*faults)


def _coded(column: Any) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Distinct texts of a column without nulls, and the index of each row."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    texts = coded.dictionary.to_pylist()
    if None in texts:
        raise bad("dictionary", "a null among its words", "texts alone")
    return texts, coded.indices.to_numpy().astype(np.int64)


def _values(column: Any) -> npt.NDArray[np.float64]:
    if not pa.types.is_float64(column.type):
        column = column.cast(pa.float64())
    # null becomes NaN
    made: npt.NDArray[np.float64] = column.to_numpy(zero_copy_only=False)
    return made


def _moments(column: Any) -> npt.NDArray[np.int64]:
    if column.type.unit != "us":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    whole = column.view(pa.int64())
    if whole.null_count:
        whole = whole.fill_null(NO_TIME)
    made: npt.NDArray[np.int64] = whole.to_numpy()
    return made


def _bound(body: bytes) -> None:
    """Refuse compressed batches and ones of more rows than we take, before they are read."""
    reader = pa.ipc.MessageReader.open_stream(pa.BufferReader(body))
    for message in _messages(reader):
        raw = message.metadata.to_pybytes()
        at = _records(raw)
        if at is None:
            continue
        if _field(raw, at, 3) is not None:
            raise bad("document", "compressed batches", "batches without compression")
        length = _field(raw, at, 0)
        rows = 0 if length is None else int.from_bytes(raw[length : length + 8], "little")
        if rows > MOST_ROWS:
            raise bad("readings", rows, f"1 to {MOST_ROWS} readings in one request")


def _messages(reader: Any) -> Iterator[Any]:
    while True:
        try:
            yield reader.read_next_message()
        except StopIteration:
            return


def _records(raw: bytes) -> int | None:
    """Where the RecordBatch of a message stands, a dictionary's too, by FlatBuffers' rules."""
    try:
        root = _OFFSET.unpack_from(raw, 0)[0]
        kind, header = _field(raw, root, 1), _field(raw, root, 2)
        if kind is None or header is None or raw[kind] not in (_DICTIONARY, _RECORDS):
            return None
        at = int(header + _OFFSET.unpack_from(raw, header)[0])
        if raw[kind] == _RECORDS:
            return at
        words = _field(raw, at, 1)
        return None if words is None else int(words + _OFFSET.unpack_from(raw, words)[0])
    except (struct.error, IndexError) as error:
        raise bad("document", shown(error), "an Arrow IPC stream") from error


def _field(raw: bytes, table: int, slot: int) -> int | None:
    """Where a field of a table stands; None where it is left out."""
    try:
        vtable = table - _WORD.unpack_from(raw, table)[0]
        if 4 + 2 * slot + 2 > _SHORT.unpack_from(raw, vtable)[0]:
            return None
        offset = _SHORT.unpack_from(raw, vtable + 4 + 2 * slot)[0]
    except struct.error as error:
        raise bad("document", shown(error), "an Arrow IPC stream") from error
    return table + offset if offset else None

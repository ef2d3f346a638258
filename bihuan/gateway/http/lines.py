"""Readings as they are posted, made columns, every fault with its line.

A reading says device, channel, value, unit and when:

    {"device": "watch/1208178692", "channel": "heart_rate", "value": 72, "unit": "bpm",
     "at": "2026-03-02T08:00:00+08:00"}

`device` is protocol/number of an adopted device, the protocol `http` where it is left out. `at`
left out or null: when it came. `value` null: the sensor says itself that it has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bihuan.base.errors import BadInputError, Fault, bad, shown
from bihuan.base.time import us_of
from bihuan.gateway.decoded import CHANNELS, Span
from bihuan.journal.batch import QUALITY_BAD, QUALITY_GOOD
from bihuan.journal.readings import MOST_ROWS
from bihuan.journal.series import ChannelKey

KNOWN: Final[dict[str, Span]] = {
    **CHANNELS,
    "lat": Span("deg", -90, 90),
    "lon": Span("deg", -180, 180),
}
CHANNEL_KEYS: Final = [ChannelKey(name, span.unit) for name, span in KNOWN.items()]
_PLACE: Final = {key: place for place, key in enumerate(CHANNEL_KEYS)}
_LOW: Final = np.array([span.low for span in KNOWN.values()], np.float64)
_HIGH: Final = np.array([span.high for span in KNOWN.values()], np.float64)
_IS_VITAL: Final = np.array([span.is_vital for span in KNOWN.values()])
NO_TIME: Final = np.iinfo(np.int64).min
LONGEST_NUMBER: Final = 96
_SHORTEST_TIME: Final = len("2026-03-02T08:00:00Z")
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Line(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """One reading as it is posted."""

    device: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NUMBER)]
    channel: str
    unit: str
    value: float | None
    at: str | None = None


_FIELDS: Final = {
    field.name: (field.required, field.type if field.name != "at" else _Moment | None)
    for field in msgspec.structs.fields(Line)
}
_one: Final = msgspec.json.Decoder(Line)
_many: Final = msgspec.json.Decoder(list[Line])
_raw_many: Final = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass(frozen=True, slots=True)
class Columns:
    """Checked readings of one request; arrays of length n.

    devices   names, `protocol/number`, that `device` indexes
    channel   uint16, indexes CHANNEL_KEYS
    event_us  int64; NO_TIME: when it came
    value     float64; NaN: the sensor had none
    quality   uint8
    line      int64, where in the request it stands, from 1
    """

    devices: Sequence[str]
    device: npt.NDArray[np.int64]
    channel: npt.NDArray[np.uint16]
    event_us: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    quality: npt.NDArray[np.uint8]
    line: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.device)

    def where(self, kept: npt.NDArray[np.bool_]) -> Columns:
        """Only these rows."""
        names = ("device", "channel", "event_us", "value", "quality", "line")
        return Columns(self.devices, **{name: getattr(self, name)[kept] for name in names})


@dataclass(frozen=True, slots=True)
class Checked:
    """Columns of what is good, and the faults of what is not with their lines."""

    columns: Columns
    faults: list[Fault]
    lines: list[int]


def from_json(body: bytes, *, is_lines: bool) -> Checked:
    """Readings of a JSON array, or of JSON lines. Raises BadInputError for what is neither."""
    rows, event_us, faults, at, line = _decoded(body, is_lines=is_lines)
    if not 0 < len(rows) + len(set(at)) <= MOST_ROWS:
        raise bad("readings", len(rows), f"1 to {MOST_ROWS} readings in one request")
    devices: dict[str, int] = {}
    pairs: dict[tuple[str, str], int] = {}
    device = [devices.setdefault(row.device, len(devices)) for row in rows]
    pair = [pairs.setdefault((row.channel, row.unit), len(pairs)) for row in rows]
    value = np.array([row.value for row in rows], np.float64)  # None becomes NaN
    indexes = (np.array(device, np.int64), np.array(pair, np.int64))
    made = checked(list(devices), list(pairs), indexes, (value, event_us), line)
    return Checked(made.columns, faults + made.faults, at + made.lines)


def checked(
    devices: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    indexes: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
    said: tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]],
    line: npt.NDArray[np.int64],
) -> Checked:
    """Check units and values of columns.

    pairs    (channel, unit) as they were given
    indexes  of each row in `devices` and in `pairs`
    said     value (NaN: none) and event time µs (NO_TIME: none) of each row
    """
    device, pair = indexes
    value, event_us = said
    place = np.array([_PLACE.get(ChannelKey(*one), -1) for one in pairs], np.int64)
    channel = place[pair] if len(pairs) else pair
    is_known = channel >= 0
    low, high = _LOW[channel], _HIGH[channel]
    is_none = np.isnan(value)
    # a vital sign of 0 is no contact: kept as it came, and marked bad
    is_contactless = (value == 0) & _IS_VITAL[channel]
    is_bad = is_none | is_contactless
    fits = is_bad | ((value >= low) & (value <= high))
    good = is_known & fits
    faults, lines = [], []
    for row in np.flatnonzero(~good)[:MOST_ROWS].tolist():
        faults.append(_fault(pairs[pair[row]], float(value[row])))
        lines.append(int(line[row]))
    quality = np.where(is_bad, QUALITY_BAD, QUALITY_GOOD).astype(np.uint8)
    columns = Columns(devices, device, channel.astype(np.uint16), event_us, value, quality, line)
    return Checked(columns if good.all() else columns.where(good), faults, lines)


def _fault(pair: tuple[str, str], value: float) -> Fault:
    name, unit = pair
    span = KNOWN.get(name)
    if span is None:
        return Fault("channel", shown(name, 40), "one of " + ", ".join(KNOWN))
    if span.unit != unit:
        return Fault("unit", shown(unit, 40), f"{span.unit}, the unit of {name}")
    return Fault("value", f"{value:g}", f"{span.low:g} to {span.high:g} {span.unit}")


_Decoded = tuple[
    list[Line], "npt.NDArray[np.int64]", list[Fault], list[int], "npt.NDArray[np.int64]"
]


def _decoded(body: bytes, *, is_lines: bool) -> _Decoded:
    """Rows, their times, faults with their lines, and the line of each row."""
    try:
        rows = _one.decode_lines(body) if is_lines else _many.decode(body)
        event_us = _moments([row.at for row in rows])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, pa.ArrowInvalid):
        return _one_by_one(_pieces(body, is_lines=is_lines))
    return rows, event_us, [], [], np.arange(1, len(rows) + 1, dtype=np.int64)


def _moments(at: list[str | None]) -> npt.NDArray[np.int64]:
    """µs of times that all are as RFC 3339 has them; raises where one is not, or may not be."""
    texts = [text for text in at if text is not None] if None in at else at
    if texts and min(map(len, texts)) < _SHORTEST_TIME:  # type: ignore[arg-type] # none is None
        raise pa.ArrowInvalid("a time without its seconds or zone")
    moments = pa.array(at, pa.string()).cast(pa.timestamp("us", "UTC")).cast(pa.int64())
    made: npt.NDArray[np.int64] = moments.fill_null(NO_TIME).to_numpy()
    return made


def _pieces(body: bytes, *, is_lines: bool) -> Iterable[tuple[int, bytes | msgspec.Raw]]:
    if is_lines:
        numbered = enumerate(body.split(b"\n"), start=1)
        return [(n, piece) for n, piece in numbered if piece.strip()]
    try:
        return list(enumerate(_raw_many.decode(body), start=1))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise bad("document", shown(error), "a JSON array of readings") from error


def _one_by_one(pieces: Iterable[tuple[int, bytes | msgspec.Raw]]) -> _Decoded:
    rows, moments, line = list[Line](), list[int](), list[int]()
    faults, at = list[Fault](), list[int]()
    for n, piece in pieces:
        try:
            row, moment_us = _strictly(piece)
        except BadInputError as error:
            faults += error.faults
            at += [n] * len(error.faults)
        else:
            rows.append(row)
            moments.append(moment_us)
            line.append(n)
        if len(rows) + len(faults) > MOST_ROWS:
            break
    return rows, np.array(moments, np.int64), faults, at, np.array(line, np.int64)


def _strictly(piece: bytes | msgspec.Raw) -> tuple[Line, int]:
    """One reading and its time, µs; raises with every field that is wrong."""
    try:
        document: Any = msgspec.json.decode(piece)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise bad("document", shown(error), "one JSON object") from error
    if not isinstance(document, dict):
        raise bad("document", shown(document, 40), "a JSON object")
    faults = [
        Fault(shown(name, 40), "a field", f"none besides {', '.join(_FIELDS)}")
        for name in document.keys() - _FIELDS.keys()
    ]
    for name, (is_required, kind) in _FIELDS.items():
        if name not in document:
            if is_required:
                faults.append(Fault(name, "nothing", "the required field"))
            continue
        try:
            msgspec.convert(document[name], kind)
        except msgspec.ValidationError as error:
            faults.append(Fault(name, shown(document[name], 40), str(error)))
    if faults:
        raise BadInputError(*faults)
    moment: datetime | None = msgspec.convert(document.get("at"), _Moment | None)
    return msgspec.convert(document, Line), NO_TIME if moment is None else us_of(moment)

"""A batch of readings as one entry: columns, in chunks by subject that can be erased alone.

Stored form (little endian):

    "BHB1" | rows u32 | chunks u32
    chunk table   series u32[c], first row u32[c], erased u8[c], leaf hash 32 bytes[c], salt[c]
    columns       channel u16[n], quality u8[n], event µs i64[n], arrival µs i64[n], value f64[n]

Rows are in the order series, then arrival order. A chunk's leaf is the salted hash of its rows;
the body hash is the hash over (series, rows, leaf) of all chunks: a Merkle tree of two levels,
since a proof for one leaf is never sent anywhere. Erasing a chunk overwrites its rows and its
salt with zeros and leaves the leaf: the chain still verifies.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bihuan.base.errors import bad
from bihuan.journal.chain import HASH_BYTES, SALT_BYTES, Hash

MAGIC: Final = b"BHB1"
_HEAD: Final = struct.Struct("<4sII")
_ROW: Final = np.dtype(
    [
        ("channel", "<u2"),
        ("quality", "u1"),
        ("event_us", "<i8"),
        ("arrival_us", "<i8"),
        ("value", "<f8"),
    ]
)
_CHUNK: Final = np.dtype([("series", "<u4"), ("first", "<u4"), ("is_erased", "u1")])
COLUMNS: Final = ("channel", "quality", "event_us", "arrival_us", "value")

QUALITY_GOOD: Final = 0
QUALITY_BAD: Final = 1


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings of one entry, as parallel arrays of length n.

    series     uint32   slot of the series within its lane
    channel    uint16   index of the channel within its lane
    quality    uint8    0 good, 1 bad (the device said so, or the value is no number)
    event_us   int64    when it was measured, µs
    arrival_us int64    when it reached the gateway, µs
    value      float64  in the channel's unit; NaN where quality is bad
    """

    series: npt.NDArray[np.uint32]
    channel: npt.NDArray[np.uint16]
    quality: npt.NDArray[np.uint8]
    event_us: npt.NDArray[np.int64]
    arrival_us: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.series)


@dataclass(frozen=True, slots=True)
class Stored:
    """A batch body taken apart: chunk table, leaves, salts and row records."""

    chunks: npt.NDArray[np.void]
    leaves: npt.NDArray[np.uint8]
    salts: npt.NDArray[np.uint8]
    rows: npt.NDArray[np.void]

    def ends(self) -> npt.NDArray[np.int64]:
        """The row after the last of each chunk."""
        return np.append(self.chunks["first"][1:], len(self.rows)).astype(np.int64)


def pack(batch: Batch, hash_: Hash) -> tuple[bytes, bytes]:
    """(stored body, body hash) of a batch. An empty batch is refused: it says nothing."""
    if not len(batch):
        raise bad("batch", "no rows", "at least one reading")
    (packed,) = pack_groups(batch, np.zeros(len(batch), np.int64), hash_).values()
    return packed


def pack_groups(
    batch: Batch, group: npt.NDArray[np.int64], hash_: Hash
) -> dict[int, tuple[bytes, bytes]]:
    """(stored body, body hash) for each group of rows, by group: one pass for all lanes.

    group  int64[n]  which body a row goes to, at least 0
    """
    order = np.argsort(group << 32 | batch.series, kind="stable")
    series, group = batch.series[order], group[order]
    rows = np.empty(len(series), _ROW)
    columns = {}
    for name in COLUMNS:
        rows[name] = columns[name] = np.ascontiguousarray(
            getattr(batch, name)[order], _ROW[name].base
        )
    is_first = np.append(True, (series[1:] != series[:-1]) | (group[1:] != group[:-1]))
    first = np.flatnonzero(is_first)
    salts = os.urandom(SALT_BYTES * len(first))
    cuts = [*first.tolist(), len(series)]
    leaves = _leaves(rows.tobytes(), cuts, salts, hash_)
    chunks = np.zeros(len(first), _CHUNK)
    chunks["series"], chunks["first"] = series[first], first
    starts = np.flatnonzero(np.append(True, group[1:] != group[:-1])).tolist()
    packed = {}
    for start, end in zip(starts, [*starts[1:], len(series)], strict=True):
        a, b = np.searchsorted(first, (start, end)).tolist()
        own = chunks[a:b].copy()
        own["first"] -= start
        leaf = leaves[a * HASH_BYTES : b * HASH_BYTES]
        salt = salts[a * SALT_BYTES : b * SALT_BYTES]
        body = [_HEAD.pack(MAGIC, end - start, b - a), own.tobytes(), leaf, salt]
        body += [columns[name][start:end].tobytes() for name in COLUMNS]
        packed[int(group[start])] = b"".join(body), _root(end - start, own, leaf, hash_)
    return packed


def _leaves(raw: bytes, cuts: list[int], salts: bytes, hash_: Hash) -> bytes:
    """The salted hash of each chunk's rows, joined. cuts: first row of each chunk, and the end."""
    width = _ROW.itemsize
    ends = [cut * width for cut in cuts]
    return b"".join(
        [
            hash_(salts[i * SALT_BYTES : (i + 1) * SALT_BYTES] + raw[ends[i] : ends[i + 1]])
            for i in range(len(ends) - 1)
        ]
    )


def _root(n: int, chunks: npt.NDArray[np.void], leaves: bytes, hash_: Hash) -> bytes:
    series, first = chunks["series"].tobytes(), chunks["first"].tobytes()
    return hash_(struct.pack("<I", n) + series + first + leaves)


def root(stored: Stored, hash_: Hash) -> bytes:
    """The body hash: over the number of rows and each chunk's series, first row and leaf."""
    return _root(len(stored.rows), stored.chunks, stored.leaves.tobytes(), hash_)


def _assemble(stored: Stored) -> bytes:
    head = _HEAD.pack(MAGIC, len(stored.rows), len(stored.chunks))
    columns = b"".join(stored.rows[name].tobytes() for name in COLUMNS)
    return (
        head + stored.chunks.tobytes() + stored.leaves.tobytes() + stored.salts.tobytes() + columns
    )


def take_apart(body: bytes) -> Stored:
    """The parts of a stored body; raises BadInputError where the bytes are not one."""
    if len(body) < _HEAD.size:
        raise bad("batch body", body, "a header of 12 bytes")
    magic, n, c = _HEAD.unpack_from(body)
    want = _HEAD.size + c * (_CHUNK.itemsize + HASH_BYTES + SALT_BYTES) + n * _ROW.itemsize
    if magic != MAGIC or len(body) != want or not n or not c:
        raise bad("batch body", f"{magic!r}, {len(body)} bytes", f"{MAGIC!r}, {want} bytes")
    at = _HEAD.size
    chunks = np.frombuffer(body, _CHUNK, c, at)
    at += chunks.nbytes
    leaves = np.frombuffer(body, np.uint8, c * HASH_BYTES, at).reshape(c, HASH_BYTES)
    at += leaves.nbytes
    salts = np.frombuffer(body, np.uint8, c * SALT_BYTES, at).reshape(c, SALT_BYTES)
    at += salts.nbytes
    rows = np.empty(n, _ROW)
    for name in COLUMNS:
        column = np.frombuffer(body, _ROW[name], n, at)
        rows[name] = column
        at += column.nbytes
    return Stored(chunks, leaves, salts, rows)


def unpack(body: bytes) -> Batch:
    """The readings of a stored body, erased chunks left out, in the order series, arrival."""
    stored = take_apart(body)
    counts = stored.ends() - stored.chunks["first"]
    series = np.repeat(stored.chunks["series"], counts)
    kept = np.repeat(stored.chunks["is_erased"] == 0, counts)
    columns = {name: np.ascontiguousarray(stored.rows[name][kept]) for name in COLUMNS}
    return Batch(series=series[kept], **columns)


def erased_series(stored: Stored) -> set[int]:
    """The slots whose chunks in this body say that they are erased."""
    slots: list[int] = stored.chunks["series"][stored.chunks["is_erased"] != 0].tolist()
    return set(slots)


def problem(stored: Stored, want_root: bytes, hash_: Hash) -> str | None:
    """What is no longer as it was hashed, or None: the root, a leaf, a chunk half erased."""
    if root(stored, hash_) != want_root:
        return "batch body does not match its root"
    cuts = [*stored.chunks["first"].tolist(), len(stored.rows)]
    if cuts != sorted(set(cuts)) or cuts[0] != 0:
        return "batch chunks are not in order"
    leaves = _leaves(stored.rows.tobytes(), cuts, stored.salts.tobytes(), hash_)
    found = np.frombuffer(leaves, np.uint8).reshape(-1, HASH_BYTES)
    is_same = (found == stored.leaves).all(axis=1)
    mark = stored.chunks["is_erased"]
    blank_rows = np.frombuffer(stored.rows.tobytes(), np.uint8).reshape(len(stored.rows), -1) == 0
    is_blank = ~stored.salts.any(axis=1) & np.logical_and.reduceat(
        blank_rows.all(axis=1), cuts[:-1]
    )
    is_right = np.where(mark == 0, is_same, (mark == 1) & is_blank)
    if is_right.all():
        return None
    return f"chunk of series {int(stored.chunks['series'][~is_right][0])} does not match its leaf"


def is_whole(body: bytes, want_root: bytes, hash_: Hash) -> bool:
    """Whether the body still is what was hashed: every leaf that is not erased, and the root."""
    return problem(take_apart(body), want_root, hash_) is None


def erase_series(body: bytes, series: set[int]) -> bytes:
    """The body with the rows and salts of these series overwritten; the root stays the same."""
    stored = take_apart(body)
    gone = np.isin(stored.chunks["series"], list(series)) & (stored.chunks["is_erased"] == 0)
    if not gone.any():
        return body
    chunks, salts, rows = stored.chunks.copy(), stored.salts.copy(), stored.rows.copy()
    counts = stored.ends() - stored.chunks["first"]
    chunks["is_erased"][gone] = 1
    salts[gone] = 0
    rows[np.repeat(gone, counts)] = np.zeros((), _ROW)
    return _assemble(Stored(chunks, stored.leaves, salts, rows))

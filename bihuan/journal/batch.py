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
    order = np.argsort(batch.series, kind="stable")
    series = batch.series[order]
    rows = np.empty(len(series), _ROW)
    for column in COLUMNS:
        rows[column] = getattr(batch, column)[order]
    first = np.flatnonzero(np.append(True, series[1:] != series[:-1]))
    chunks = np.zeros(len(first), _CHUNK)
    chunks["series"], chunks["first"] = series[first], first
    salts = np.frombuffer(os.urandom(SALT_BYTES * len(first)), np.uint8).reshape(-1, SALT_BYTES)
    leaves = _leaves(rows, first, salts, hash_)
    stored = Stored(chunks, leaves, salts, rows)
    return _assemble(stored), root(stored, hash_)


def _leaves(
    rows: npt.NDArray[np.void],
    first: npt.NDArray[np.int64],
    salts: npt.NDArray[np.uint8],
    hash_: Hash,
) -> npt.NDArray[np.uint8]:
    """uint8[c, 32]: the salted hash of each chunk's rows."""
    raw, salt, width = rows.tobytes(), salts.tobytes(), _ROW.itemsize
    cuts = [*(first * width).tolist(), len(raw)]
    joined = b"".join(
        hash_(salt[i * SALT_BYTES : (i + 1) * SALT_BYTES] + raw[cuts[i] : cuts[i + 1]])
        for i in range(len(first))
    )
    return np.frombuffer(joined, np.uint8).reshape(-1, HASH_BYTES)


def root(stored: Stored, hash_: Hash) -> bytes:
    """The body hash: over the number of rows and each chunk's series, first row and leaf."""
    head = struct.pack("<I", len(stored.rows))
    series, first = stored.chunks["series"].tobytes(), stored.chunks["first"].tobytes()
    return hash_(head + series + first + stored.leaves.tobytes())


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


def is_whole(body: bytes, want_root: bytes, hash_: Hash) -> bool:
    """Whether the body still is what was hashed: every leaf that is not erased, and the root."""
    stored = take_apart(body)
    if root(stored, hash_) != want_root:
        return False
    found = _leaves(stored.rows, stored.chunks["first"].astype(np.int64), stored.salts, hash_)
    is_same = (found == stored.leaves).all(axis=1)
    is_erased = stored.chunks["is_erased"] != 0
    is_blank = ~stored.salts.any(axis=1)
    return bool((is_same | (is_erased & is_blank)).all())


def erase_series(body: bytes, series: set[int]) -> bytes:
    """The body with the rows and salts of these series overwritten; the root stays the same."""
    stored = take_apart(body)
    gone = np.isin(stored.chunks["series"], list(series))
    if not gone.any():
        return body
    chunks, salts, rows = stored.chunks.copy(), stored.salts.copy(), stored.rows.copy()
    counts = stored.ends() - stored.chunks["first"]
    chunks["is_erased"][gone] = 1
    salts[gone] = 0
    rows[np.repeat(gone, counts)] = np.zeros((), _ROW)
    return _assemble(Stored(chunks, stored.leaves, salts, rows))

"""The hash chain: what an entry's hash covers, and under which algorithm.

    body hash  = H(salt | stored body)              for lane-0 and view entries
               = Merkle root over subject chunks    for a batch of readings (`batch.py`)
    hash       = H(previous hash | header)          header: everything but the body itself

The chain therefore covers headers and body hashes. A body, its salt or one subject's chunk can
be destroyed, and the chain still verifies: the header says what the body hash was.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from typing import Final, NamedTuple

from bihuan.base.errors import bad

ALGORITHMS: Final = ("sha256", "sm3")
HASH_BYTES: Final = 32
SALT_BYTES: Final = 16
GENESIS: Final = bytes(HASH_BYTES)

Hash = Callable[[bytes], bytes]


class Header(NamedTuple):
    """What the chain covers of an entry. seen0 is the lane-0 position at a batch's commit."""

    lane: int
    position: int
    type: str
    recorded_us: int
    seen0: int | None
    idem: bytes | None
    body_hash: bytes


def hash_of(algorithm: str) -> Hash:
    """The hash function named in a county's first entry."""
    if algorithm not in ALGORITHMS:
        raise bad("algorithm", algorithm, " or ".join(ALGORITHMS))
    if algorithm == "sha256":
        return _sha256
    try:
        hashlib.new(algorithm, b"")
    except ValueError:
        raise bad("algorithm", algorithm, "an algorithm that this Python's OpenSSL has") from None
    return lambda content: hashlib.new(algorithm, content).digest()


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def body_hash(hash_: Hash, salt: bytes, body: bytes) -> bytes:
    """The salted hash of a body: without salt, a short body could be guessed from its hash."""
    return hash_(salt + body)


def link(hash_: Hash, previous: bytes, header: Header) -> bytes:
    """The hash of an entry that follows `previous`.

    The form is fixed for good: lane i16, position i64, recorded i64, seen0 i64 (-1: none), then
    length-prefixed type and idempotency key, then the body hash; all big endian.
    """
    name, idem = header.type.encode(), header.idem or b""
    seen0 = -1 if header.seen0 is None else header.seen0
    numbers = struct.pack(">hqqq", header.lane, header.position, header.recorded_us, seen0)
    texts = struct.pack(">H", len(name)) + name + struct.pack(">H", len(idem)) + idem
    return hash_(previous + numbers + texts + header.body_hash)

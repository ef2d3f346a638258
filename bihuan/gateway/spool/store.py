"""The spool's file: arrivals in order, durable with one commit for many, kept until confirmed.

Two queues, each with positions of its own from 1: what is urgent overtakes what waits. What the
core has is kept for three days more, so that a core restored from a backup loses nothing; when
the spool is full the oldest of that goes first, and then nothing is taken: a device that is not
answered sends again.
"""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bihuan.base.errors import bad
from bihuan.base.time import DAY_US

KEPT_US: Final = 3 * DAY_US
PAGE_BYTES: Final = 256 * 1024
PAGE_ROWS: Final = 200
MOST_BYTES: Final = 8 << 30
_WHO_BYTES: Final = 16
_FORGET_ROWS: Final = 2_000  # at once, so that no device waits for it
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS arrival (
    is_urgent INTEGER NOT NULL, position INTEGER NOT NULL, idem BLOB,
    received_us INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (is_urgent, position)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS arrival_idem ON arrival (idem, received_us) WHERE idem IS NOT NULL;
CREATE TABLE IF NOT EXISTS head (
    is_urgent INTEGER PRIMARY KEY, position INTEGER NOT NULL, confirmed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS said (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT OR IGNORE INTO head VALUES (0, 0, 0), (1, 0, 0);
"""


class SpoolFullError(RuntimeError):
    """Nothing more can be kept; whoever sends is not answered, and sends again."""


class Row(NamedTuple):
    """One arrival to keep. idem: identity that its protocol gives."""

    is_urgent: bool
    idem: bytes | None
    received_us: int
    body: bytes


class Kept(NamedTuple):
    """One arrival of a queue, at its position."""

    position: int
    body: bytes


class Spool:
    """One connection to the file in `folder`; each thread opens its own."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._most_bytes = most_bytes
        path = folder / "spool.db"
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._file = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=10
        )
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
            self._file.execute(f"PRAGMA {pragma}")
        self._file.executescript(_SCHEMA)
        named = ("INSERT OR IGNORE INTO said VALUES ('id', ?)", (uuid.uuid4().hex,))
        self._file.execute(*named)
        (self.id,) = self._file.execute("SELECT value FROM said WHERE name = 'id'").fetchone()

    def close(self) -> None:
        self._file.close()

    def append(self, rows: Sequence[Row], window_us: int) -> int:
        """Keep these, durable when it returns; one whose identity is known adds nothing.

        window_us  how long a protocol's serial stands for the same frame
        returns    how many are new
        Raises SpoolFullError, sqlite3.Error.
        """
        if self._used_bytes() > self._most_bytes:
            self.forget(1 << 62)
            if self._used_bytes() > self._most_bytes:
                raise SpoolFullError
        with self._file:
            self._file.execute("BEGIN IMMEDIATE")
            new = 0
            heads: dict[int, int] = dict(
                self._file.execute("SELECT is_urgent, position FROM head").fetchall()
            )
            for row in rows:
                if row.idem is not None and self._knows(row.idem, row.received_us - window_us):
                    continue
                at = heads[row.is_urgent] = heads[row.is_urgent] + 1
                new += 1
                self._file.execute(
                    "INSERT INTO arrival VALUES (?, ?, ?, ?, ?)",
                    (int(row.is_urgent), at, row.idem, row.received_us, row.body),
                )
            self._file.executemany(
                "UPDATE head SET position = ? WHERE is_urgent = ?",
                [(position, queue) for queue, position in heads.items()],
            )
        return new

    def knows_beside(self, idem: bytes, since_us: int) -> bool:
        """Whether an identity's first 16 bytes stand for other last ones since then."""
        who = idem[:_WHO_BYTES]
        above = (int.from_bytes(who, "big") + 1).to_bytes(_WHO_BYTES + 1, "big")[1:]
        sql = (
            "SELECT 1 FROM arrival WHERE idem >= ? AND idem < ? AND idem <> ?"
            " AND length(idem) = ? AND received_us >= ? LIMIT 1"
        )
        found = self._file.execute(sql, (who, above, idem, 2 * _WHO_BYTES, since_us)).fetchone()
        return found is not None

    def page(self, queue: int, after: int, upto: int | None = None) -> list[Kept]:
        """What follows a position: at most 200 and 256 KiB, or exactly up to `upto`.

        Raises BadInputError where the core asks for what was never kept or is forgotten.
        """
        (last,) = self._file.execute(
            "SELECT position FROM head WHERE is_urgent = ?", (queue,)
        ).fetchone()
        if not 0 <= after <= last or (upto or 0) > last:
            raise bad("position", f"{after} to {upto}", f"0 to {last}")
        found = self._file.execute(
            "SELECT position, body FROM arrival WHERE is_urgent = ? AND position > ?"
            " AND position <= ? ORDER BY position LIMIT ?",
            (queue, after, last if upto is None else upto, PAGE_ROWS),
        )
        page: list[Kept] = []
        size = 0
        for position, body in found:
            size += len(body)
            if page and size > PAGE_BYTES and upto is None:
                break
            page.append(Kept(position, body))
        return page

    def waiting(self) -> int:
        """How many arrivals the core has not confirmed."""
        (count,) = self._file.execute("SELECT sum(position - confirmed) FROM head").fetchone()
        return int(count)

    def confirm(self, queue: int, position: int) -> None:
        """The core has everything up to here: it can be forgotten when its time is over."""
        self._file.execute(
            "UPDATE head SET confirmed = max(confirmed, ?) WHERE is_urgent = ? AND position >= ?",
            (position, queue, position),
        )

    def forget(self, now_us: int) -> int:
        """Remove some of what is confirmed and older than three days; how many rows."""
        rows = 0
        for queue, confirmed in self._file.execute(
            "SELECT is_urgent, confirmed FROM head"
        ).fetchall():
            oldest = (
                "SELECT position FROM arrival WHERE is_urgent = ? AND position <= ?"
                " ORDER BY position LIMIT ?"
            )
            done = self._file.execute(
                f"DELETE FROM arrival WHERE is_urgent = ? AND position IN ({oldest})"  # noqa: S608 - our own words
                " AND received_us < ?",
                (queue, queue, confirmed, _FORGET_ROWS, now_us - KEPT_US),
            )
            rows += done.rowcount
        return rows

    def _knows(self, idem: bytes, since_us: int) -> bool:
        sql = "SELECT 1 FROM arrival WHERE idem = ? AND received_us >= ? LIMIT 1"
        return self._file.execute(sql, (idem, since_us)).fetchone() is not None

    def _used_bytes(self) -> int:
        told = [
            int(self._file.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        ]
        return (told[0] - told[1]) * told[2]

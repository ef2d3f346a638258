"""The end of one lane, held under its lock: new entries are numbered, hashed and written."""

from __future__ import annotations

from typing import Any, NamedTuple

from bihuan.base.errors import bad
from bihuan.journal.chain import Hash, Header, link
from bihuan.journal.models import Head
from bihuan.journal.storage import alias_of, insert_entries, save_heads


class Item(NamedTuple):
    """An entry before it has a position. salt is None for a batch: its chunks have their own."""

    type: str
    body: bytes
    body_hash: bytes
    salt: bytes | None = None
    seen0: int | None = None
    idem: bytes | None = None


class LaneWriter:
    """Appends to a lane whose head is locked by the transaction around it.

    recorded time is the clock's, and never before the lane's last entry, so that a wall clock
    set back leaves the order intact.
    """

    def __init__(self, head: Head, now_us: int, hash_: Hash) -> None:
        self.lane = head.lane
        self.alias = alias_of(head.lane)
        self.head = head
        self.hash = hash_
        self.now_us = head.recorded_us = max(now_us, head.recorded_us)
        self._started_at = head.position
        self._pending: list[tuple[Any, ...]] = []

    @property
    def has_appended(self) -> bool:
        """Whether the lane is longer than when its head was locked."""
        return self.head.position > self._started_at

    def add(self, item: Item) -> int:
        """Take the next position, link the chain, hold the entry; the position."""
        if item.idem == b"" or (item.seen0 is not None and item.seen0 < 0):
            # the hashed form writes "none" as these
            raise bad("entry", item.type, "an idempotency key of 1 byte or more and seen0 from 0")
        head = self.head
        head.position += 1
        name, _, digest, salt, seen0, idem = item
        header = Header(self.lane, head.position, name, self.now_us, seen0, idem, digest)
        head.hash = link(self.hash, bytes(head.hash), header)
        content = (salt, item.body, digest, head.hash)
        self._pending.append((self.lane, head.position, name, self.now_us, seen0, idem, *content))
        return int(head.position)

    def write(self) -> None:
        """Write the entries held, still inside the transaction."""
        write_all([self])


def write_all(writers: list[LaneWriter]) -> None:
    """Write the entries that these lanes of one database hold, and their heads."""
    pending = [row for writer in writers for row in writer._pending]
    if not pending:
        return
    insert_entries(writers[0].alias, pending)
    save_heads([writer.head for writer in writers if writer._pending])
    for writer in writers:
        writer._pending = []

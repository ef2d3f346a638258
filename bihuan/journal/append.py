"""Appending: the one way in which anything comes to be known.

with Appender(FACTS_LANE, clock) as lane:       # transaction, head lock, recorded time
    entry = lane.append(CaseAccepted(...))      # hashed, stored, projected
                                                # rows and head written; commit; wake
"""

from __future__ import annotations

import os
from types import TracebackType
from typing import Self, TypeVar

from django.db import transaction

from bihuan.base.time import Clock
from bihuan.journal.chain import SALT_BYTES, body_hash
from bihuan.journal.county import county_hash
from bihuan.journal.models import Entry
from bihuan.journal.payloads import Payload, encode
from bihuan.journal.project import Recorded, project
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN, alias_of, lock_head
from bihuan.journal.wake import wake
from bihuan.journal.writer import Item, LaneWriter

P = TypeVar("P", bound=Payload)


class DoneBeforeError(Exception):
    """The lane has an entry with the transaction's idempotency key; position: where it stands."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


class Appender:
    """One transaction that appends to one lane and projects what it appends.

    `now_us` is the recorded time of every entry of this transaction: the clock's, and never
    before the lane's last entry, so that a wall clock set back leaves the order intact.
    Entries and rows are written together at the end; an exception leaves nothing.
    idem  key that the first entry carries; entering raises DoneBeforeError where one has it
    """

    def __init__(self, lane: int, clock: Clock, idem: bytes | None = None) -> None:
        self.lane = lane
        self._idem = idem
        self.alias = alias_of(lane)
        self._clock = clock
        self._atomic = transaction.atomic(using=self.alias)
        self._writer: LaneWriter | None = None
        self.appended: list[Recorded[Payload]] = []
        self.rows = Rows(MAIN)
        self.now_us = self.last_recorded_us = 0

    def __enter__(self) -> Self:
        self._atomic.__enter__()
        try:
            hash_ = county_hash()
            head = lock_head(self.lane)
            self.last_recorded_us = int(head.recorded_us)
            self._writer = LaneWriter(head, self._clock.now_us(), hash_)
            if self._idem is not None and (earlier := self.last_with(self._idem)) is not None:
                raise DoneBeforeError(earlier.position)
        except BaseException:
            # the transaction must not stay open behind an error
            transaction.set_rollback(True, using=self.alias)
            self._atomic.__exit__(None, None, None)
            raise
        self.now_us = self._writer.now_us
        return self

    @property
    def writer(self) -> LaneWriter:
        """The lane's end, while this transaction holds it."""
        if self._writer is None:
            raise RuntimeError("Appender: got a use outside `with`, want one inside")
        return self._writer

    @property
    def next_position(self) -> int:
        """The position that the next entry will take: ids can be known before it is written."""
        return int(self.writer.head.position) + 1

    def append(self, payload: P, *, idem: bytes | None = None) -> Recorded[P]:
        """Append a typed payload and project it; the salt makes its hash tell nothing."""
        first, self._idem = self._idem, None
        position = self.writer.add(
            typed_item(payload, self.writer, first if idem is None else idem)
        )
        entry = Recorded(self.lane, position, self.now_us, payload)
        self.appended.append(entry)
        project(self.rows, entry)
        return entry

    def last_with(self, idem: bytes, since_us: int | None = None) -> Entry | None:
        """The newest entry of this lane with an idempotency key, here or already stored.

        since_us  only entries recorded then or later count (protocol serials wrap)
        """
        self.write_pending()
        found = Entry.objects.using(self.alias).filter(lane=self.lane, idem=idem)
        if since_us is not None:
            found = found.filter(recorded_us__gte=since_us)
        return found.order_by("-recorded_us", "-position").first()

    def write_pending(self) -> None:
        """Write the entries so far, still inside the transaction."""
        self.writer.write()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            try:
                self._finish()
            except BaseException as failure:
                self._atomic.__exit__(type(failure), failure, failure.__traceback__)
                raise
        self._atomic.__exit__(kind, error, trace)

    def _finish(self) -> None:
        self.write_pending()
        self.rows.flush()
        if self.writer.has_appended:
            transaction.on_commit(wake, using=self.alias)


def typed_item(payload: Payload, writer: LaneWriter, idem: bytes | None = None) -> Item:
    """A typed payload as an entry to be, under a fresh salt."""
    name, body = encode(payload)
    salt = os.urandom(SALT_BYTES)
    return Item(name, body, body_hash(writer.hash, salt, body), salt, None, idem)

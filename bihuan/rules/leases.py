"""Which lanes this worker may judge, where several do: PostgreSQL's advisory locks on lanes.

A lock belongs to the database session that took it. So a worker that lost its session holds no
lane any more, and what it was about to commit is refused by `confirm` in the same transaction.
On SQLite there is one worker, and every lane is its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import OperationalError, connections

from bihuan.journal.storage import MAIN

CLASS = 0x62687275  # of our locks among others' of the same database
SEAT = 0  # every worker holds this one, shared: their number is each one's share
_WORKERS = """
SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s
AND objid = %s AND objsubid = 2 AND granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class LeaseLostError(OperationalError):
    """The session that held the lane is gone, and with it the right to say anything of it."""


class Leases:
    """The lanes that one worker holds."""

    def __init__(self) -> None:
        self._session: int | None = None
        self._held: set[int] = set()

    def share(self, lanes: Sequence[int], give_up: Callable[[int], None]) -> list[int]:
        """The lanes that this worker may judge now, about as many as every other worker has.

        give_up  is called for a lane before it is let go, so that its state can be kept
        """
        if not _is_shared():
            return list(lanes)
        session = int(_ask("SELECT pg_backend_pid()"))
        if session != self._session:
            self._held.clear()
            _ask("SELECT pg_advisory_lock_shared(%s, %s)", CLASS, SEAT)
            self._session = session
        most = -(-len(lanes) // max(int(_ask(_WORKERS, CLASS, SEAT)), 1))
        for lane in sorted(self._held)[most:]:
            give_up(lane)
            _ask("SELECT pg_advisory_unlock(%s, %s)", CLASS, lane)
            self._held.discard(lane)
        for lane in lanes:
            is_wanted = lane not in self._held and len(self._held) < most
            if is_wanted and _ask("SELECT pg_try_advisory_lock(%s, %s)", CLASS, lane):
                self._held.add(lane)
        return [lane for lane in lanes if lane in self._held]

    def confirm(self, *lanes: int) -> None:
        """Inside the transaction that says something of lanes: they are still this worker's.

        Raises LeaseLostError. While the transaction's session lives its locks do.
        """
        if not _is_shared():
            return
        session = int(_ask("SELECT pg_backend_pid()"))
        if session != self._session or not self._held.issuperset(lanes):
            raise LeaseLostError(f"lanes {lanes} are not held by session {session}")


def _is_shared() -> bool:
    return connections[MAIN].vendor == "postgresql"


def _ask(sql: str, *values: int) -> int:
    with connections[MAIN].cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
    return row[0] or 0 if row is not None and isinstance(row[0], int | bool) else 0

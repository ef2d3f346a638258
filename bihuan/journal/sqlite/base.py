"""SQLite, waiting for the write lock in even steps of a millisecond.

SQLite's own wait looks again after 1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50 and then each 100 ms: a
process that waits behind several others sleeps on long after the lock is free, and who came later
takes it. An SOS must not. https://www.sqlite.org/src/file/src/main.c, `sqliteDefaultBusyCallback`.
"""

from __future__ import annotations

import time
from typing import Final

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

LOOKS_S: Final = 0.001
BUSY: Final = "database is locked"


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, but for how a transaction that will write begins.

    Raises OperationalError "database is locked" after `timeout` seconds, as SQLite does.
    """

    transaction_mode: str | None

    def _start_transaction_under_autocommit(self) -> None:
        if self.transaction_mode != "IMMEDIATE":
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # not in the stubs
            return
        timeout_s = float(self.settings_dict["OPTIONS"].get("timeout", 5))
        until_s = time.monotonic() + timeout_s
        with self.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout=0")
            try:
                while True:
                    try:
                        cursor.execute("BEGIN IMMEDIATE")
                        return
                    except OperationalError as error:
                        if BUSY not in str(error) or time.monotonic() >= until_s:
                            raise
                    time.sleep(LOOKS_S)
            finally:
                cursor.execute(f"PRAGMA busy_timeout={int(timeout_s * 1_000)}")

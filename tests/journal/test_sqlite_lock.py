"""How a transaction waits for SQLite's lock: until soon after it is free, not longer than said."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.db.utils import OperationalError

from bihuan.journal.sqlite.base import DatabaseWrapper

pytestmark = pytest.mark.django_db
WITHIN_S = 20.0
ALIAS = "locked"


def wrapper(path: Path, timeout_s: float = 5.0, mode: str = "IMMEDIATE") -> DatabaseWrapper:
    said: dict[str, Any] = connections.configure_settings(
        {
            "default": {"ENGINE": "bihuan.journal.sqlite"},
            ALIAS: {
                "ENGINE": "bihuan.journal.sqlite",
                "NAME": path,
                "OPTIONS": {"timeout": timeout_s, "transaction_mode": mode},
            },
        }
    )[ALIAS]
    made = DatabaseWrapper(said, ALIAS)
    made.inc_thread_sharing()
    return made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "one.db"
    with closing(sqlite3.connect(file)) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE said (word TEXT)")
    return file


@pytest.fixture
def holder(path: Path) -> Iterator[sqlite3.Connection]:
    """Another process's transaction, as far as the file knows."""
    made = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    made.execute("BEGIN IMMEDIATE")
    yield made
    made.close()


def busy_ms(made: DatabaseWrapper) -> int:
    with made.cursor() as cursor:
        return int(cursor.execute("PRAGMA busy_timeout").fetchone()[0])


def begin(made: DatabaseWrapper) -> None:
    made.ensure_connection()
    made._start_transaction_under_autocommit()


def test_settings_use_it_for_every_sqlite_database() -> None:
    engines = {one["ENGINE"] for one in settings.DATABASES.values()}
    assert engines in ({"bihuan.journal.sqlite"}, {"django.db.backends.postgresql"})


def test_transaction_begins_once_the_lock_is_free(path: Path, holder: sqlite3.Connection) -> None:
    made, begun = wrapper(path), threading.Event()

    def wait() -> None:
        begin(made)
        begun.set()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    assert not begun.wait(0.05), "the lock is held"
    holder.execute("ROLLBACK")
    assert begun.wait(WITHIN_S)
    thread.join(WITHIN_S)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        sqlite3.connect(path, timeout=0, isolation_level=None).execute("BEGIN IMMEDIATE")
    assert busy_ms(made) == 5_000, "what is written without a transaction waits as ever"
    made.connection.execute("ROLLBACK")
    made.close()


def test_lock_that_is_never_free_is_an_error(path: Path, holder: sqlite3.Connection) -> None:
    made = wrapper(path, timeout_s=0.02)
    with pytest.raises(OperationalError, match="database is locked"):
        begin(made)
    assert busy_ms(made) == 20
    holder.execute("ROLLBACK")
    begin(made)
    made.connection.execute("ROLLBACK")
    made.close()


def test_other_errors_and_modes_are_django_s_own(path: Path, holder: sqlite3.Connection) -> None:
    made = wrapper(path, mode="DEFERRED")
    begin(made)  # reads beside the writer
    holder.execute("ROLLBACK")
    made.transaction_mode = "IMMEDIATE"
    with pytest.raises(OperationalError, match="within a transaction"):
        made._start_transaction_under_autocommit()
    assert busy_ms(made) == 5_000
    made.close()

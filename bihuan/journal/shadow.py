"""Two further connections for a rebuild: an empty shadow of the projections, and a frozen view.

SQLite: the shadow is a file beside the data, the frozen view a deferred transaction in WAL mode.
PostgreSQL: a schema of its own by search_path, and a REPEATABLE READ READ ONLY transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend
from django.utils.connection import ConnectionDoesNotExist

from bihuan.journal.storage import MAIN
from bihuan.journal.table import quoted
from bihuan.journal.tables import Projection

SHADOW: Final = "shadow"
FROZEN: Final = "frozen"
SCHEMA: Final = "bihuan_shadow"


def shadow_path() -> Path:
    """The shadow's file on SQLite."""
    path: Path = settings.BIHUAN_DATA / "shadow.db"
    return path


@contextmanager
def shadow(models: Sequence[type[Projection]]) -> Iterator[str]:
    """An empty table for each projection, under an alias of its own; dropped at the end."""
    connection = _shadow_connection()
    try:
        with connection.schema_editor() as editor:
            for model in models:
                editor.create_model(model)
        yield SHADOW
    finally:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        _drop_alias(SHADOW)
        _remove_files()


@contextmanager
def frozen() -> Iterator[str]:
    """The main database as it is at the first read, for reading, under an alias of its own."""
    settings_dict = _copied_settings()
    is_postgres = connections[MAIN].vendor == "postgresql"
    if not is_postgres:
        settings_dict["OPTIONS"]["transaction_mode"] = "DEFERRED"
    connection = _add_alias(FROZEN, settings_dict)
    try:
        with connection.cursor() as cursor:
            mode = " ISOLATION LEVEL REPEATABLE READ READ ONLY" if is_postgres else ""
            cursor.execute(f"BEGIN{mode}")
            cursor.execute("SELECT count(*) FROM journal_head")
            cursor.fetchone()
        yield FROZEN
    finally:
        _drop_alias(FROZEN)


def _shadow_connection() -> BaseDatabaseWrapper:
    settings_dict = _copied_settings()
    if connections[MAIN].vendor == "postgresql":
        settings_dict["OPTIONS"]["options"] = f"-c search_path={SCHEMA}"
        connection = _add_alias(SHADOW, settings_dict)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
            cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        return connection
    _remove_files()
    settings_dict["NAME"] = shadow_path()
    # nothing in the shadow has to survive a crash: it is made anew
    settings_dict["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF;"
    )
    return _add_alias(SHADOW, settings_dict)


def _copied_settings() -> dict[str, Any]:
    copied: dict[str, Any] = deepcopy(connections[MAIN].settings_dict)
    copied.setdefault("OPTIONS", {})
    return copied


def _add_alias(alias: str, settings_dict: dict[str, Any]) -> BaseDatabaseWrapper:
    """A connection of this thread alone, which no setting names."""
    _drop_alias(alias)
    wrapper: BaseDatabaseWrapper = load_backend(settings_dict["ENGINE"]).DatabaseWrapper(
        settings_dict, alias
    )
    connections[alias] = wrapper
    return wrapper


def _drop_alias(alias: str) -> None:
    with suppress(ConnectionDoesNotExist):
        connections[alias].close()
        del connections[alias]


def _remove_files() -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        shadow_path().with_name(shadow_path().name + suffix).unlink(missing_ok=True)


def replace_tables(models: Sequence[type[Projection]]) -> None:
    """Put the shadow's rows in place of the live ones, inside the caller's transaction.

    Inside `attachable`: the shadow's file is attached only now, since an IMMEDIATE transaction
    would lock it against the rebuild's own connection.
    """
    is_postgres = connections[MAIN].vendor == "postgresql"
    source = SCHEMA if is_postgres else SHADOW
    with connections[MAIN].cursor() as cursor:
        if not is_postgres:
            cursor.execute(f"ATTACH DATABASE %s AS {SHADOW}", (str(shadow_path()),))
            cursor.execute("PRAGMA defer_foreign_keys=ON")
        for model in models:
            table = quoted(model._meta.db_table)
            columns = ", ".join(quoted(str(f.column)) for f in model._meta.concrete_fields)
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own models
            cursor.execute(
                f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {source}.{table}"  # noqa: S608 - as above
            )


@contextmanager
def attachable() -> Iterator[None]:
    """Lets go of the shadow's file after the transaction inside."""
    try:
        yield
    finally:
        if connections[MAIN].vendor != "postgresql":
            with connections[MAIN].cursor() as cursor:
                cursor.execute("PRAGMA database_list")
                if SHADOW in [row[1] for row in cursor.fetchall()]:
                    cursor.execute(f"DETACH DATABASE {SHADOW}")

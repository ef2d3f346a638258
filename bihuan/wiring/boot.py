"""Making a data folder ready: tables up to date, scenarios loaded."""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from bihuan.journal.away import AWAY
from bihuan.scenarios import load

RETRY_S: Final = 2.0
log = structlog.get_logger(__name__)


def wait_for_databases() -> None:
    """Return once every database answers. A machine may start its parts before PostgreSQL."""
    settings.BIHUAN_DATA.mkdir(parents=True, exist_ok=True)
    for alias in settings.DATABASES:
        while not _answers(alias):
            threading.Event().wait(RETRY_S)


def _answers(alias: str) -> bool:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    except AWAY as error:
        log.error("waits for its database", database=alias, error=str(error).partition("\n")[0])
        connections[alias].close()
        return False
    return True


@cache
def open_data() -> Path:
    """Make the data folder ready: tables up to date, scenarios loaded; its path."""
    data: Path = settings.BIHUAN_DATA
    data.mkdir(parents=True, exist_ok=True)
    (data / "run").mkdir(exist_ok=True)
    settings.SECRET_KEY = settings.MAKE_SECRET()
    load()
    for alias in settings.DATABASES:
        executor = MigrationExecutor(connections[alias])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", database=alias, verbosity=0, interactive=False)
    return data

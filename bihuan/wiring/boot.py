"""Making a data folder ready: tables up to date, scenarios loaded."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from bihuan.scenarios import load


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

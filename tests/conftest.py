"""What every test stands on: a data folder of its own, a movable clock, a fresh county.

pytest-django has read the settings before this file is imported, so the folder is put into them
here, before any connection is opened. `dev.py` runs the same tests a second time with
BIHUAN_DATABASE set.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.contenttypes.management import create_contenttypes
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate
from psycopg.conninfo import make_conninfo

DATA = Path(tempfile.mkdtemp(prefix="bihuan-test-"))
os.environ["BIHUAN_DATA"] = str(DATA)
settings.BIHUAN_DATA = DATA
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
for _alias, _file in (("default", "main.db"), ("readings", "readings.db")):
    if _alias in settings.DATABASES and not settings.BIHUAN_DATABASE:
        # the test database has the name of the real one, so that other processes find it
        settings.DATABASES[_alias]["NAME"] = DATA / _file
        settings.DATABASES[_alias].setdefault("TEST", {})["NAME"] = DATA / _file

from bihuan.base.time import MovableClock  # noqa: E402 - after the folder is set
from bihuan.journal import county as journal_county  # noqa: E402 - after the folder is set
from bihuan.journal.keys import KeyRing  # noqa: E402 - after the folder is set
from bihuan.journal.readings import forget_slots  # noqa: E402 - after the folder is set
from bihuan.journal.tables import Projection, projections  # noqa: E402 - after the folder is set
from tests.journal.town import TOWN  # noqa: E402 - after the folder is set

# a Monday, 08:00 in the county
START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
COUNTY = "青禾县"


def pytest_sessionfinish() -> None:
    shutil.rmtree(DATA, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix(request: pytest.FixtureRequest) -> None:
    """Several test processes: each has a folder of its own, and only PostgreSQL's names clash."""
    if settings.BIHUAN_DATABASE and hasattr(request.config, "workerinput"):
        worker = request.config.workerinput["workerid"]
        name = settings.DATABASES["default"]["NAME"]
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = f"test_{name}_{worker}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Between tests, empty what was filled.

    PostgreSQL gives each of 200 truncated tables and its indexes a new file, and waits for the
    disk; a test fills a dozen. Nothing here uses the content types and permissions that Django
    would write anew each time.
    """
    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    for connection in connections.all():
        connection.ops.sql_flush = partial(_deletes, connection)  # type: ignore[method-assign]


def _deletes(
    connection: BaseDatabaseWrapper, _style: object, tables: list[str], **_how: bool
) -> list[str]:
    """The statements that empty those of the tables that hold rows."""
    quoted = [connection.ops.quote_name(table) for table in tables]
    with connection.cursor() as cursor:
        filled = []
        for at in range(0, len(quoted), 50):
            asked = " UNION ALL ".join(
                f"SELECT {at + n} WHERE EXISTS (SELECT 1 FROM {one})"
                for n, one in enumerate(quoted[at : at + 50])
            )
            cursor.execute(asked)
            filled += [quoted[n] for (n,) in cursor.fetchall()]
    return [f"DELETE FROM {one}" for one in filled]


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(START)


@pytest.fixture
def data() -> Iterator[Path]:
    """The data folder, holding nothing but the databases."""
    _empty(DATA)
    journal_county.forget()
    forget_slots()
    yield DATA
    journal_county.forget()
    forget_slots()


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name.split(".db")[0] not in ("main", "readings"):
            path.unlink()


@pytest.fixture
def keys(data: Path) -> KeyRing:
    return KeyRing(data / "keys.db")


@pytest.fixture
def county(transactional_db: None, data: Path, clock: MovableClock) -> str:
    """A new county with four reading lanes, so that small tests fill them all."""
    journal_county.create(COUNTY, clock, lanes=4)
    return COUNTY


@pytest.fixture
def process_environment(data: Path) -> dict[str, str]:
    """The environment in which another process finds this test's databases."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "bihuan.wiring.settings"}
    if settings.BIHUAN_DATABASE:
        parts = connections["default"].settings_dict
        named = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
        address = {name: parts[key] for name, key in named.items() if parts[key]}
        environment["BIHUAN_DATABASE"] = make_conninfo(dbname=parts["NAME"], **address)
    return environment


@pytest.fixture
def town(county: str) -> Iterator[tuple[type[Projection], ...]]:
    """The tables of the journal's test town."""
    with connections["default"].schema_editor() as editor:
        for model in TOWN:
            editor.create_model(model)
    yield (*projections(), *TOWN)
    with connections["default"].schema_editor() as editor:
        for model in TOWN:
            editor.delete_model(model)

"""Django's settings, read from the environment once.

BIHUAN_DATA      the data folder (default ./data)
BIHUAN_DATABASE  a postgresql:// address; without it SQLite files in the data folder
BIHUAN_HOSTS     further host names of the site, separated by commas
BIHUAN_HTTPS     1 where the site is reached by HTTPS: cookies are then sent by HTTPS only
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

BIHUAN_DATA = Path(os.environ.get("BIHUAN_DATA", "data")).absolute()
BIHUAN_DATABASE = os.environ.get("BIHUAN_DATABASE", "")
HERE = Path(__file__).resolve().parent.parent


def MAKE_SECRET() -> str:  # noqa: N802 - Django keeps only capital names
    """The secret of this installation, made at its first start."""
    path = BIHUAN_DATA / "secret.key"
    if not path.exists():
        BIHUAN_DATA.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"secret.{os.getpid()}")
        fresh.write_text(secrets.token_urlsafe(50))
        fresh.chmod(0o600)
        with suppress(FileExistsError):  # the first of several processes wins
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text()


def _sqlite(name: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BIHUAN_DATA / name,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            " PRAGMA busy_timeout=5000; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;",
        },
        "TEST": {"NAME": BIHUAN_DATA / f"test-{name}"},
    }


def _postgres(address: str) -> dict[str, Any]:
    parts = conninfo_to_dict(address)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname", "bihuan"),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": str(parts.get("port", "")),
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 60,
    }


# commands that need no county (`bihuan decode`) leave no folder behind
SECRET_KEY = MAKE_SECRET() if BIHUAN_DATA.exists() else secrets.token_urlsafe(50)
DEBUG = False
DATABASES: dict[str, Any] = (
    {"default": _postgres(BIHUAN_DATABASE)}
    if BIHUAN_DATABASE
    else {"default": _sqlite("main.db"), "readings": _sqlite("readings.db")}
)
DATABASE_ROUTERS = ["bihuan.journal.storage.JournalRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "bihuan.journal",
    "bihuan.register",
    "bihuan.loop",
]

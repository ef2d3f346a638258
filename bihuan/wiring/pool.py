"""The web process's connections to PostgreSQL: a few, that requests take in turn.

Each request runs in a thread of its own, and a thread's connection ends with it: without a pool
every page pays for a new one, and two hundred boards that ask at once need two hundred, more than
the server gives. The other processes have threads that live, and keep one connection each.
"""

from __future__ import annotations

from typing import Final

from django.db import connections

MOST: Final = 24  # of the 100 that a server gives unless told otherwise
LEAST: Final = 4
WAIT_S: Final = 5  # then the page says that the database is away
# each failure waits twice as long as the one before: begun anew as often, it is found soon after
# it is back
TRIED_FOR_S: Final = 5


def pool_connections() -> None:
    """Let this process's threads share connections, before the first is made; not of SQLite."""
    found = connections.settings["default"]
    if found["ENGINE"] != "django.db.backends.postgresql":
        return
    found["CONN_MAX_AGE"] = 0
    found["OPTIONS"] = {
        **found["OPTIONS"],
        "pool": {
            "min_size": LEAST,
            "max_size": MOST,
            "timeout": WAIT_S,
            "reconnect_timeout": TRIED_FOR_S,
        },
    }

"""Errors of a database: what a process waits over, and what says nothing about an entry.

The key ring is a SQLite file of its own, so its errors are none of Django's and count as well.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from django.db import Error, InterfaceError, OperationalError

# locked, gone, not yet there: the same work is tried again, and nobody is blamed for it.
# InterfaceError is no DatabaseError: a connection found closed is told by it alone
AWAY: Final = (OperationalError, InterfaceError, sqlite3.OperationalError)
# every error of a database: a process tells it and tries again, and never ends over it
FAILED: Final = (Error, sqlite3.Error)

"""The PostgreSQL server that tests may use, and a database of their own on it.

    python -m tools.postgres name NAME      prints the address of NAME on that server
    python -m tools.postgres drop ADDRESS   removes the test databases that a killed run left

The server is that of BIHUAN_TEST_POSTGRES, else the local one by socket or on 127.0.0.1.
"""

from __future__ import annotations

import os
import sys

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

LOCAL = (
    "postgresql:///postgres",
    "postgresql://127.0.0.1/postgres",
    "postgresql://postgres@127.0.0.1/postgres",
)
_MAY_CREATE = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
# one, or one of each process of a run
_MADE = "SELECT datname FROM pg_database WHERE datname = %s OR datname ~ %s"


def server() -> tuple[str | None, str]:
    """(address, "") of a server where this person may create databases, else (None, why not)."""
    asked = os.environ.get("BIHUAN_TEST_POSTGRES")
    reasons = []
    for address in (asked,) if asked else LOCAL:
        try:
            with psycopg.connect(address, connect_timeout=3) as connection:
                row = connection.execute(_MAY_CREATE).fetchone()
                info = connection.info
                # in full, since tests hand the address on to other processes
                whole = make_conninfo(address, host=info.host, port=info.port, user=info.user)
        except psycopg.OperationalError as error:
            reasons.append(str(error).splitlines()[0])
            continue
        if row is not None and row[0]:
            return whole, ""
        reasons.append("this role may not create databases")
    where = "BIHUAN_TEST_POSTGRES" if asked else "BIHUAN_TEST_POSTGRES or a local server"
    return None, f"postgres: got {reasons[-1]}, want {where} where tests may create a database"


def named(address: str, database: str) -> str:
    """The address of another database on the same server, in the form that settings read."""
    return make_conninfo(address, dbname=database)


def drop(address: str) -> None:
    """Remove the databases that Django made for tests of `address`; absent is good too."""
    name = f"test_{conninfo_to_dict(address)['dbname']}"
    with psycopg.connect(named(address, "postgres"), autocommit=True) as connection:
        made = connection.execute(_MADE, [name, f"^{name}_gw[0-9]+$"]).fetchall()
        for (one,) in made:
            statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(statement.format(sql.Identifier(one)))


def main(words: list[str]) -> int:
    """Exit 0 good, 1 no server, 2 wrong use."""
    match words:
        case ["name", database]:
            address, reason = server()
            if address is None:
                print(reason, file=sys.stderr)
                return 1
            print(named(address, database))
            return 0
        case ["drop", address]:
            drop(address)
            return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

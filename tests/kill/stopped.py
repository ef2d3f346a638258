"""What stands between the parts and their database, and can be stopped: a proxy, or a lock."""

from __future__ import annotations

import socket
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict


class Proxy:
    """A port in front of PostgreSQL. While it is stopped nobody listens and every line is cut."""

    def __init__(self, address: str) -> None:
        parts = conninfo_to_dict(address)
        host, port = str(parts.get("host", "127.0.0.1")), str(parts.get("port", "5432"))
        is_local = host.startswith("/")
        self._to = f"{host}/.s.PGSQL.{port}" if is_local else (host, int(port))
        self._family = socket.AF_UNIX if is_local else socket.AF_INET
        self._lines: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.cut = 0
        self._serve()

    def _serve(self) -> None:
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _from = listener.accept()
                far = socket.socket(self._family, socket.SOCK_STREAM)
                far.connect(self._to)
                self._lines |= {near, far}
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while part := near.recv(65536):
                far.sendall(part)
        for line in (near, far):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """The database is gone: lines are cut, new ones refused."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        lines, self._lines = self._lines, set()
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
                self.cut += 1
            line.close()

    def start(self) -> None:
        """It is back, at the same port."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._serve()


class Lock:
    """Somebody writes to every file of the data folder and does not end: `database is locked`."""

    FILES = ("main.db", "readings.db", "keys.db")

    def __init__(self, folder: Path) -> None:
        self._folder, self._held = folder, list[sqlite3.Connection]()

    def stop(self) -> None:
        """Nobody else can write from here on."""
        for name in self.FILES:
            held = sqlite3.connect(self._folder / name, isolation_level=None, timeout=30)
            held.execute("BEGIN IMMEDIATE")
            self._held.append(held)

    def start(self) -> None:
        """The files are free again."""
        for held in self._held:
            held.execute("ROLLBACK")
            held.close()
        self._held.clear()

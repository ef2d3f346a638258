"""Per-person keys, outside journal and backups: who destroys a key erases what it sealed.

A sealed text is `person (8 bytes) | nonce (12) | AES-256-GCM ciphertext`. Journal and
projections hold sealed bytes only, so nothing has to be found and blanked when a person is
erased: without the key every copy, old backups included, is noise.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import sqlite3
import threading
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bihuan.base.errors import bad

NOBODY = 0  # whose key makes tokens: no person has this id
_PERSON_BYTES = 8
_NONCE_BYTES = 12
_SCHEMA = """
CREATE TABLE IF NOT EXISTS person_key (person INTEGER PRIMARY KEY, key BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS erased (person INTEGER PRIMARY KEY, at_us INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS erased_series (
    person INTEGER NOT NULL, subject INTEGER, device INTEGER NOT NULL, binding INTEGER
);
CREATE TABLE IF NOT EXISTS unfinished (person INTEGER PRIMARY KEY);
"""
# one statement after another: the erased win over every key, whichever file knows of them
_MERGE = (
    "INSERT OR IGNORE INTO unfinished SELECT person FROM old.erased"
    " WHERE person NOT IN (SELECT person FROM erased)",
    "INSERT OR IGNORE INTO erased SELECT person, at_us FROM old.erased",
    "INSERT INTO erased_series SELECT * FROM old.erased_series"
    " EXCEPT SELECT * FROM main.erased_series",
    "INSERT OR IGNORE INTO person_key SELECT person, key FROM old.person_key",
    "DELETE FROM person_key WHERE person IN (SELECT person FROM erased)",
)
SeriesIds = tuple[int | None, int, int | None]


class KeyRing:
    """The keys of one installation, in a file of their own.

    Opened once per process; safe between threads and processes (SQLite, synchronous=FULL).
    A key is on disk before `seal` returns, so no entry can outlive the key that it needs.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._ciphers: dict[int, AESGCM] = {}
        self._token_key: bytes | None = None
        path.parent.mkdir(parents=True, exist_ok=True)
        self._erasures = path.with_name(path.name + ".erasures")
        self._heeded = 0
        new = not path.exists()
        with closing(self._connect()) as connection:
            connection.executescript(_SCHEMA)
        if new:
            path.chmod(0o600)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=5, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA secure_delete=ON")
        return connection

    def seal(self, person: int, text: str) -> bytes:
        """Encrypt a personal text for its person; an erased person's key is never made anew."""
        return self.seal_bytes(person, text.encode())

    def seal_bytes(self, person: int, content: bytes) -> bytes:
        """The same for a file."""
        cipher = self._cipher(person, make=True)
        if cipher is None:
            raise bad("person", person, "a person who is not erased")
        head = person.to_bytes(_PERSON_BYTES, "big", signed=True)
        nonce = os.urandom(_NONCE_BYTES)
        return head + nonce + cipher.encrypt(nonce, content, head)

    def open(self, sealed: bytes | memoryview | None) -> str | None:
        """The text, or None where there is none or its person is erased."""
        content = self.open_bytes(sealed)
        return None if content is None else content.decode()

    def open_bytes(self, sealed: bytes | memoryview | None) -> bytes | None:
        """The same for a file."""
        if not sealed:
            return None
        raw = bytes(sealed)
        head, nonce = raw[:_PERSON_BYTES], raw[_PERSON_BYTES : _PERSON_BYTES + _NONCE_BYTES]
        cipher = self._cipher(person_of(raw), make=False)
        if cipher is None:
            return None
        try:
            return cipher.decrypt(nonce, raw[_PERSON_BYTES + _NONCE_BYTES :], head)
        except InvalidTag:
            raise bad("sealed text", raw[:8], "bytes sealed with this person's key") from None

    def make_ahead(self, persons: Iterable[int]) -> None:
        """Make the keys of many ids in one write, before a transaction that will need them.

        Who is erased gets none. A key that nothing is sealed with does no harm.
        """
        fresh = [(person, AESGCM.generate_key(bit_length=256)) for person in persons]
        with self._lock, closing(self._connect()) as connection:
            self._heed_other_processes()
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT OR IGNORE INTO person_key SELECT ?1, ?2"
                " WHERE NOT EXISTS (SELECT 1 FROM erased WHERE person = ?1)",
                fresh,
            )
            connection.execute("COMMIT")
            for person, _key in fresh:  # as stored: another process may have been first
                if (key := _stored(connection, person)) is not None:
                    self._ciphers.setdefault(person, AESGCM(key))

    def token(self, *parts: str) -> str:
        """What finds equal texts without telling them: a keyed hash, as 64 hexadecimal digits.

        The key is this installation's own, so a token is kept in local tables only; after a
        restore with other keys those are made anew.
        """
        with self._lock:
            if self._token_key is None:
                with closing(self._connect()) as connection:
                    self._token_key = _stored(connection, NOBODY) or _made(connection, NOBODY)
            assert self._token_key is not None, "nobody is never erased"
            text = "\0".join(parts).encode()
            return hmac.new(self._token_key, text, hashlib.sha256).hexdigest()

    def erase(self, person: int, at_us: int, series: Iterable[SeriesIds] = ()) -> None:
        """Destroy a person's key for good and note what else is to be erased, in one transaction.

        series  (subject, device, binding) of the person's readings: still to be overwritten
                until `finished`. A second time changes nothing but may name further series.
        """
        with self._lock:
            self._ciphers.pop(person, None)
            with closing(self._connect()) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("DELETE FROM person_key WHERE person = ?", (person,))
                connection.execute("INSERT OR IGNORE INTO erased VALUES (?, ?)", (person, at_us))
                connection.execute("INSERT OR IGNORE INTO unfinished VALUES (?)", (person,))
                known = set(_series_of(connection, person))
                connection.executemany(
                    "INSERT INTO erased_series VALUES (?, ?, ?, ?)",
                    [(person, *ids) for ids in series if tuple(ids) not in known],
                )
                connection.execute("COMMIT")
                truncate_log(connection)
            with self._erasures.open("ab") as file:
                file.write(b".")  # its length is what other processes look at

    def erased(self) -> dict[int, int]:
        """Every erased person and when (µs): what a restore must erase again."""
        with closing(self._connect()) as connection:
            return dict(connection.execute("SELECT person, at_us FROM erased ORDER BY person"))

    def erased_series(self, person: int) -> list[SeriesIds]:
        """(subject, device, binding) of the readings to overwrite for an erased person."""
        with closing(self._connect()) as connection:
            return _series_of(connection, person)

    def unfinished(self) -> list[int]:
        """Persons whose key is gone while their readings may not be."""
        with closing(self._connect()) as connection:
            found = connection.execute("SELECT person FROM unfinished ORDER BY person")
            return [person for (person,) in found]

    def finished(self, person: int) -> None:
        """Everything of this person is erased."""
        with closing(self._connect()) as connection:
            connection.execute("DELETE FROM unfinished WHERE person = ?", (person,))

    def backup(self, path: Path) -> None:
        """Copy the keys to a file of its own; never beside a backup of the journal."""
        with closing(self._connect()) as connection, closing(sqlite3.connect(path)) as copy:
            connection.backup(copy)
        path.chmod(0o600)

    def restore(self, path: Path) -> None:
        """Take the keys of a copy, but of nobody who is erased here or there."""
        with self._lock:
            self._ciphers.clear()
            self._token_key = None
            with closing(self._connect()) as connection:
                connection.execute("ATTACH DATABASE ? AS old", (str(path),))
                connection.execute("BEGIN IMMEDIATE")
                for sql in _MERGE:
                    connection.execute(sql)
                connection.execute("COMMIT")
                truncate_log(connection)

    def _heed_other_processes(self) -> None:
        """A key read once is kept; an erasure by any process lets go of every kept key."""
        length = self._erasures.stat().st_size if self._erasures.exists() else 0
        if length != self._heeded:
            self._heeded = length
            self._ciphers.clear()

    def _cipher(self, person: int, *, make: bool) -> AESGCM | None:
        with self._lock:
            self._heed_other_processes()
            if (cipher := self._ciphers.get(person)) is not None:
                return cipher
            with closing(self._connect()) as connection:
                key = _stored(connection, person) or (_made(connection, person) if make else None)
            if key is None:
                return None
            return self._ciphers.setdefault(person, AESGCM(key))


def person_of(sealed: bytes) -> int:
    """Whose a sealed text is; readable without the key."""
    if len(sealed) <= _PERSON_BYTES + _NONCE_BYTES:
        raise bad("sealed text", sealed, "person, nonce and ciphertext")
    return int.from_bytes(sealed[:_PERSON_BYTES], "big", signed=True)


def truncate_log(connection: sqlite3.Connection) -> None:
    """Write the log back and empty it: what was deleted must not live on in it."""
    is_busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_busy:
        raise sqlite3.OperationalError("wal_checkpoint: got a reader that stays, want none")


def _series_of(connection: sqlite3.Connection, person: int) -> list[SeriesIds]:
    sql = "SELECT subject, device, binding FROM erased_series WHERE person = ?"
    return list(connection.execute(sql, (person,)))


def _stored(connection: sqlite3.Connection, person: int) -> bytes | None:
    row = connection.execute("SELECT key FROM person_key WHERE person = ?", (person,)).fetchone()
    return row[0] if row else None


def _made(connection: sqlite3.Connection, person: int) -> bytes | None:
    """Make and store a key; None for an erased person. The first of two processes wins."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if connection.execute("SELECT 1 FROM erased WHERE person = ?", (person,)).fetchone():
            return None
        connection.execute(
            "INSERT OR IGNORE INTO person_key VALUES (?, ?)",
            (person, AESGCM.generate_key(bit_length=256)),
        )
        return _stored(connection, person)
    finally:
        connection.execute("COMMIT")

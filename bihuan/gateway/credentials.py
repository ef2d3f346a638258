"""Secrets of devices: who sends under which token. Only hashes are kept, in one file of mode 600.

A token is 32 random characters, so one plain SHA-256 of it is enough: nothing can be guessed.
Never in the journal: a secret is bound to one installation.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bihuan.base.errors import bad

NAME = "device-tokens.json"
Holder = tuple[str, str]  # protocol, number


class Credentials:
    """The tokens of one data folder. Several processes may read; a change is seen at once."""

    def __init__(self, data: Path) -> None:
        self._path = data / NAME
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._holders: dict[str, Holder] = {}

    def issue(self, protocol: str, number: str) -> str:
        """A fresh token of a device; the one it had is void."""
        if not protocol or not number:
            raise bad("device", f"{protocol} {number}", "a protocol and a number")
        token = secrets.token_urlsafe(24)
        with self._lock, self._alone():
            held = {k: v for k, v in self._read().items() if v != (protocol, number)}
            self._write(held | {_hash(token): (protocol, number)})
        return token

    def revoke(self, protocol: str, number: str) -> bool:
        """Make a device's token void; whether it had one."""
        with self._lock, self._alone():
            held = self._read()
            left = {k: v for k, v in held.items() if v != (protocol, number)}
            self._write(left)
        return len(left) < len(held)

    def holder(self, token: str) -> Holder | None:
        """Whose token it is; None for one that nobody has."""
        with self._lock:
            return self._read().get(_hash(token))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process changes the tokens meanwhile."""
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self) -> dict[str, Holder]:
        try:
            state = self._path.stat()
        except FileNotFoundError:
            return {}
        seen = (state.st_mtime_ns, state.st_ino)
        if seen != self._seen:
            held = json.loads(self._path.read_text())
            self._holders = {key: (who[0], who[1]) for key, who in held.items()}
            self._seen = seen
        return self._holders

    def _write(self, held: dict[str, Holder]) -> None:
        fresh = self._path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(held, ensure_ascii=False))
        fresh.replace(self._path)
        self._seen = None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

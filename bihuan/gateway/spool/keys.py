"""The keys of senders at a spool: the core hands them over, and the spool keeps them in a file.

A token is known by its hash alone. The secret of signatures is handed over, too, because a
signature cannot be checked without it; the file is readable by its owner only.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from bihuan.base.errors import Fault
from bihuan.gateway.http.request import RefusedError
from bihuan.register.senders.acts import Sender

FILE: Final = "senders.json"
POSTED: Final = frozenset(("readings", "signals", "camera", "warnings", "observations"))


class HandedKey(msgspec.Struct, frozen=True, array_like=True):
    """A key in force, as the spool needs it: whose things it may name is asked at the core."""

    id: int
    name: str
    digest: str
    kinds: list[str]
    rows_per_s: float
    secret: bytes


@dataclass(frozen=True, slots=True)
class HeldSender(Sender):
    """A sender whose secret was handed over."""

    held_secret: bytes = b""

    @property
    def secret(self) -> bytes:
        return self.held_secret


def handed(senders: Sequence[Sender]) -> list[HandedKey]:
    """Keys as they go to a spool; those only that may post something there."""
    return [
        HandedKey(one.id, one.name, one.digest, sorted(one.kinds), one.rows_per_s, one.secret)
        for one in senders
        if one.kinds & POSTED
    ]


class HeldKeys:
    """The keys that a spool knows, over its restarts."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._keys: list[HandedKey] | None = None
        if self._path.exists():
            self._keys = msgspec.json.decode(self._path.read_bytes(), type=list[HandedKey])

    def hold(self, keys: list[HandedKey]) -> None:
        """These and no others from now on; durable when it returns."""
        if keys == self._keys:
            return
        fresh = self._path.with_name(f"{FILE}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.encode(keys))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        self._keys = keys

    async def in_force(self) -> list[Sender]:
        """The keys as a server of posts asks for them; 503 before the core was ever here."""
        if self._keys is None:
            want = "the core to have been here once"
            raise RefusedError(503, Fault("keys", "none yet", want), {"Retry-After": "10"})
        return [
            HeldSender(
                id=one.id,
                name=one.name,
                digest=one.digest,
                kinds=frozenset(one.kinds),
                areas=(),
                devices=frozenset(),
                rows_per_s=one.rows_per_s,
                held_secret=one.secret,
            )
            for one in self._keys
        ]

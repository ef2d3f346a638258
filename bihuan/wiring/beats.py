"""Each part of `serve` says that it lives: a small file with its time and what it is doing.

The time is the monotonic one, which all processes of a machine share: a wall clock that jumps
makes nobody look dead.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from bihuan.base.time import SECOND_US, Clock, SystemClock

EVERY_US = SECOND_US


class Seen(NamedTuple):
    """When a part last said that it lives (s ago), and in which process."""

    ago_s: float
    process: int


def folder() -> Path:
    """Where the beats lie."""
    found: Path = settings.BIHUAN_DATA / "run" / "beats"
    return found


class Beat:
    """The beat of one part; `tick()` costs nothing more often than once a second."""

    def __init__(self, part: str, clock: Clock | None = None) -> None:
        self._path, self._clock = folder() / f"{part}.json", clock or SystemClock()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._next_us = 0

    def tick(self) -> None:
        """Say that the part lives."""
        now_us = self._clock.monotonic_us()
        if now_us < self._next_us:
            return
        self._next_us = now_us + EVERY_US
        fresh = self._path.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps({"monotonic_us": now_us, "process": os.getpid()}))
        fresh.replace(self._path)

    def end(self) -> None:
        """The part ends as asked: it is not missed."""
        self._path.unlink(missing_ok=True)


def seen(clock: Clock) -> dict[str, Seen]:
    """Every part that has said that it lives, by name."""
    found = {}
    for path in sorted(folder().glob("*.json")):
        said = json.loads(path.read_text())
        ago_us = clock.monotonic_us() - said["monotonic_us"]
        found[path.stem] = Seen(ago_us / SECOND_US, said["process"])
    return found

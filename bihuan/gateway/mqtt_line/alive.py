"""Until when all was heard and stored: what the broker has from then on, no process stored."""

from __future__ import annotations

import os
import threading
from datetime import datetime
from pathlib import Path

from bihuan.base.time import datetime_of


class Alive:
    """A file with that moment, for the process that comes after."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> datetime | None:
        """None where there is none, or none that can be read."""
        try:
            return datetime_of(int(self._path.read_text()))
        except (OSError, ValueError, OverflowError):
            return None

    def write(self, at_us: int) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        fresh.write_text(str(at_us))
        fresh.replace(self._path)

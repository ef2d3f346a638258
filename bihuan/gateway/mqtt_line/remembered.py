"""What sensors said of themselves, kept over a restart.

The broker first delivers what waited, and only then the retained configs: without this, states
that waited would belong to sensors that nobody has described yet.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

MOST_BYTES = 64 * 1024 * 1024  # beyond it nothing is kept: configs come again with each start


class Remembered:
    """Descriptions by topic, in one file. `note` is called by one thread, `save` by another."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._by_topic = self._read()
        self._is_saved = True

    def all(self) -> dict[str, bytes]:
        """Every description, by its topic."""
        return {topic: said.encode() for topic, said in self._by_topic.items()}

    def note(self, topic: str, payload: bytes) -> None:
        """A description came; an empty one takes it away."""
        try:
            said = payload.decode()
        except UnicodeDecodeError:
            return  # refused by its hub: it describes nothing
        if said.strip():
            self._by_topic[topic] = said
        elif topic in self._by_topic:
            del self._by_topic[topic]
        self._is_saved = False

    def save(self) -> None:
        """Write what is new; nothing where nothing is."""
        if self._is_saved:
            return
        self._is_saved = True
        written = json.dumps(self._by_topic.copy(), ensure_ascii=False).encode()
        if len(written) > MOST_BYTES:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(written)
        fresh.replace(self._path)

    def _read(self) -> dict[str, str]:
        try:
            read = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        return {str(topic): str(said) for topic, said in read.items()}

"""The files that git tracks or would track: what a stranger gets."""

from __future__ import annotations

import subprocess
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@lru_cache(maxsize=1)
def tracked() -> tuple[Path, ...]:
    """Every file of the repository that is neither ignored nor removed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = listed.stdout.decode().split("\0")
    return tuple(ROOT / name for name in sorted(set(names)) if name and (ROOT / name).is_file())


def shown(path: Path) -> str:
    """A path as a message names it."""
    return path.relative_to(ROOT).as_posix()


def texts() -> list[tuple[str, str]]:
    """(name, text) of every tracked file that is text."""
    found = []
    for path in tracked():
        raw = path.read_bytes()
        if b"\0" not in raw:
            found.append((shown(path), raw.decode("utf-8")))
    return found

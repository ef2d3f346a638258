"""Where the test data beside the repository is, and the mark of tests that need it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("BIHUAN_SHARED", Path(__file__).parents[1].parent / "shared"))
DATA = SHARED / "data"


def outside(test: object) -> object:
    """Mark a test as needing the data; where it is absent the test says so and is skipped."""
    absent = pytest.mark.skipif(
        not DATA.is_dir(),
        reason="the test data beside the repository is absent (BIHUAN_SHARED names its folder)",
    )
    return pytest.mark.outside(absent(test))


def json_lines(name: str) -> list[dict[str, object]]:
    """The records of a file of the data; none where it is absent."""
    path = DATA / name
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]

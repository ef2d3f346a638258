"""Where the test data beside the repository stands; it is never copied into it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("BIHUAN_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def needs(*parts: str) -> pytest.MarkDecorator:
    """Skip, with the reason, where the named piece of the outside data is absent."""
    there = SHARED.joinpath(*parts)
    return pytest.mark.skipif(
        not there.exists(),
        reason=f"the test data beside the repository is absent: {there} (set BIHUAN_SHARED)",
    )


def outside(test: object) -> object:
    """Mark a test as needing the data; where it is absent the test says so and is skipped."""
    return pytest.mark.outside(needs("data")(test))


def json_lines(name: str) -> list[dict[str, object]]:
    """The records of a file of the data; none where it is absent."""
    path = SHARED / "data" / name
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]

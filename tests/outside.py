"""Where the test data beside the repository stands; it is never copied into it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(
    os.environ.get("BIHUAN_SHARED", Path(__file__).resolve().parents[1] / ".." / "shared")
)


def needs(*parts: str) -> pytest.MarkDecorator:
    """Skip, with the reason, where the named piece of the outside data is absent."""
    there = SHARED.joinpath(*parts)
    return pytest.mark.skipif(
        not there.exists(),
        reason=f"the test data beside the repository is absent: {there} (set BIHUAN_SHARED)",
    )

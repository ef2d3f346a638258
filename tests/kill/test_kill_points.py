"""Killed before and after each commit of an operation: as if nothing had happened."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kill.operations import OPERATIONS
from tests.kill.test_kill import ROOT, place  # noqa: F401 - the fixture

pytestmark = pytest.mark.both_databases


@pytest.fixture
def inner(place: dict[str, str]) -> dict[str, str]:  # noqa: F811 - the fixture
    """The county in a folder below: its copies stand beside it."""
    return place | {"BIHUAN_DATA": str(Path(place["BIHUAN_DATA"]) / "d")}


def test_killed_at_every_commit_it_ends_as_without_a_kill(inner: dict[str, str]) -> None:
    """Messages may be `unknown` instead: marked, killed, and never sent again by themselves."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.kill.points"],
        cwd=ROOT,
        env=inner,
        capture_output=True,
        text=True,
        timeout=560,
        check=False,
    )
    assert done.stdout, done.stderr[-2000:]
    sys.stdout.write(done.stdout)
    counted = json.loads(done.stdout)
    assert set(counted) == set(OPERATIONS)
    assert {name: one["faults"] for name, one in counted.items() if one["faults"]} == {}
    assert all(one["points"] > 0 for one in counted.values())
    assert counted["dispatch"]["unknown"] > 0, "a kill between taking and sending was among them"

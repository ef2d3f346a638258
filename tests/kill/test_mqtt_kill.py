"""The gateway killed while a real broker delivers to it: nothing lost, nothing timed twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.mosquitto,
    pytest.mark.sqlite_only("what is killed is the connection to the broker, not the database's"),
]
ROOT = Path(__file__).resolve().parents[2]
SEED = 20260302  # another one: python -m tests.kill.mqtt KILLS SEED MOST_SECONDS


def killed(kills: int, most_s: int) -> dict[str, Any]:
    """Run the harness; its counts, printed with the seed."""
    with tempfile.TemporaryDirectory(prefix="bk-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.kill.mqtt", str(kills), str(SEED), str(most_s)],
            cwd=ROOT,
            env={**os.environ, "BIHUAN_DATA": folder},
            capture_output=True,
            text=True,
            timeout=most_s + 180,
            check=False,
        )
    assert done.stdout, done.stderr[-2000:]
    counted: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    sys.stdout.write(done.stdout)
    return counted


def test_mqtt_kills_lose_nothing() -> None:
    counted = killed(15, 15)
    assert counted["faults"] == []
    assert counted["messages"]["zigbee2mqtt"]["sent"] > 20, "there was traffic to lose"


@pytest.mark.long
def test_mqtt_five_hundred_kills_lose_nothing() -> None:
    counted = killed(500, 300)
    assert counted["faults"] == []
    assert counted["kills"] == 500

"""Killed at random moments under traffic, on both databases: nothing lost, nothing doubled."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.kill.tongues import TONGUES
from tools.postgres import named

pytestmark = pytest.mark.both_databases
ROOT = Path(__file__).resolve().parents[2]
SEED = 20260302  # another one: python -m tests.kill.harness KILLS SEED MOST_SECONDS


@pytest.fixture
def place() -> Iterator[dict[str, str]]:
    """The environment of a county of its own: a short path, because sockets are below it."""
    folder = tempfile.mkdtemp(prefix="bk-")
    environment = {**os.environ, "BIHUAN_DATA": folder}
    address = os.environ.get("BIHUAN_DATABASE", "")
    if not address:
        yield environment
    else:
        name = f"bihuan_kill_{os.getpid()}"
        _run(address, "CREATE DATABASE {}", name)
        yield environment | {"BIHUAN_DATABASE": named(address, name)}
        _run(address, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    shutil.rmtree(folder)


def _run(address: str, statement: str, name: str) -> None:
    with psycopg.connect(named(address, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


def killed(place: dict[str, str], kills: int, most_s: int) -> dict[str, Any]:
    """Run the harness; its counts, printed with the seed."""
    command = [sys.executable, "-m", "tests.kill.harness", str(kills), str(SEED), str(most_s)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=place,
        capture_output=True,
        text=True,
        timeout=most_s + 120,
        check=False,
    )
    assert done.stdout, done.stderr[-2000:]
    counted: dict[str, Any] = json.loads(done.stdout)
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, counted
    return counted


def test_kill_loses_nothing_and_doubles_nothing(place: dict[str, str]) -> None:
    counted = killed(place, 40, 420)
    assert counted["kills"] >= 40
    assert counted["frames_acknowledged"] > 40
    assert set(counted["by_protocol"]) == set(TONGUES), "each protocol was spoken"
    assert counted["twice"]["with_identity"] == 0
    assert counted["acts_answered"] > 0
    assert counted["matters"]["reported"] > 0
    assert counted["call_outs"]["ordered"] > 0
    assert counted["call_outs"]["replies"] > 0
    assert counted["call_outs"]["confirmed"] > 0


@pytest.mark.long
def test_thousand_kills_lose_nothing_and_double_nothing(place: dict[str, str]) -> None:
    counted = killed(place, 1_000, 600)
    assert counted["kills"] >= 1_000
    assert counted["frames_acknowledged"] > 1_000
    assert counted["acts_answered"] > 100

"""What conftest.py does where a service is absent, in CI, and on PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repo.tracked import ROOT

TESTS = """
import pytest

@pytest.mark.browser
def test_journey():
    pass

@pytest.mark.mosquitto
def test_broker():
    pass

@pytest.mark.long
def test_kills():
    pass

@pytest.mark.both_databases
def test_processes():
    pass

@pytest.mark.sqlite_only(reason="wal")
@pytest.mark.both_databases
def test_wal():
    pass

@pytest.mark.browser
@pytest.mark.both_databases
def test_board():
    pass

def test_plain():
    pass
"""


def pytest_in(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run these tests where no program is on the PATH."""
    file = folder / "test_these.py"
    file.write_text(TESTS, encoding="utf-8")
    kept = {k: v for k, v in os.environ.items() if not k.startswith("BIHUAN_") and k != "CI"}
    base = {"PATH": str(folder), "BIHUAN_DATA": str(folder)}
    command = [sys.executable, "-m", "pytest", "-v", "-p", "conftest", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, "-c", str(ROOT / "pyproject.toml"), str(file)],
        cwd=ROOT,
        env=kept | base | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_services_that_are_absent_are_skipped_by_name(tmp_path: Path) -> None:
    done = pytest_in(tmp_path)
    assert done.returncode == 0
    assert "chromium: got none, want one of chromium" in done.stdout
    assert "long: run by dev.py test --long" in done.stdout
    assert "test_plain PASSED" in done.stdout


def test_services_that_are_absent_are_an_error_in_ci(tmp_path: Path) -> None:
    done = pytest_in(tmp_path, CI="true")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "chromium: got none" in done.stderr
    assert "in CI nothing is skipped" in done.stderr


def test_long_tests_run_when_asked_for(tmp_path: Path) -> None:
    assert "test_kills PASSED" in pytest_in(tmp_path, BIHUAN_TEST_LONG="1").stdout


def test_on_postgresql_only_what_uses_a_database_runs(tmp_path: Path) -> None:
    done = pytest_in(tmp_path, BIHUAN_DATABASE="postgresql://127.0.0.1/bihuan_not_opened")
    assert "1 passed, 6 deselected" in done.stdout
    assert "test_processes PASSED" in done.stdout

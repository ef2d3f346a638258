"""dev.py on a stranger's machine: what it does once, and what it says when something is absent."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import dev
from tests.repo.tracked import ROOT
from tools import postgres

PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a space in its path, the requirements and nothing else."""
    folder = tmp_path / "a clone"
    (folder / "requirements").mkdir(parents=True)
    for level in ("base", "dev"):
        (folder / "requirements" / f"{level}.txt").write_text(level)
    (folder / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    monkeypatch.setattr(dev, "HERE", folder)
    monkeypatch.setattr(dev, "VENV", folder / ".venv")
    monkeypatch.setattr(dev, "PYTHON", folder / ".venv" / "bin" / "python")
    return folder


@pytest.fixture
def installed(clone: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that would have been run to install, in a clone whose .venv is there."""
    commands: list[list[str]] = []
    dev.PYTHON.parent.mkdir(parents=True)
    dev.PYTHON.touch()
    monkeypatch.setattr(dev, "install", commands.append)
    return commands


def test_environment_is_filled_once(installed: list[list[str]]) -> None:
    dev.environment("dev")
    assert len(installed) == 2
    assert "--require-hashes" in installed[0]
    dev.environment("dev")
    dev.environment("base")  # dev holds base
    assert len(installed) == 2


def test_environment_is_filled_anew_for_other_packages_only(
    clone: Path, installed: list[list[str]]
) -> None:
    dev.environment("dev")
    text = PYPROJECT.replace("line-length = 100", "line-length = 90")
    assert text != PYPROJECT
    (clone / "pyproject.toml").write_text(text, encoding="utf-8")
    dev.environment("dev")
    assert len(installed) == 2
    (clone / "requirements" / "dev.txt").write_text("another lock")
    dev.environment("dev")
    assert len(installed) == 4


def test_environment_that_was_moved_is_made_anew(
    installed: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []

    def create(folder: Path, *, with_pip: bool) -> None:
        assert with_pip
        folder.mkdir()
        made.append(folder)

    monkeypatch.setattr("venv.create", create)
    dev.environment("dev")
    assert made == []
    (dev.VENV / ".made-at").write_text("another Python in another folder")
    (dev.VENV / ".made-dev").unlink()
    dev.environment("dev")
    assert made == [dev.VENV]


def test_environment_without_ensurepip_names_the_package(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "ensurepip" else found(name)
    )
    with pytest.raises(SystemExit, match=r"apt install python3-venv"):
        dev.environment("base")
    assert not (clone / ".venv").exists()


def test_environment_of_an_old_python_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    with pytest.raises(SystemExit, match=r"want 3\.11 or newer"):
        dev.environment("base")


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("WARNING: Retrying after ProxyError('Cannot connect to proxy')", "got no answer from"),
        ("NewConnectionError: Temporary failure in name resolution", "got no answer from"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\nnoise", "pip: ERROR: THESE PACKAGES"),
    ],
)
def test_install_says_its_failure_in_one_line(printed: str, said: str) -> None:
    failing = f"import sys; print({printed!r}, file=sys.stderr); sys.exit(1)"
    with pytest.raises(SystemExit) as error:
        dev.install([sys.executable, "-c", failing])
    message = str(error.value)
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--help"], 0, "python3 dev.py demo"),
        ([], 0, "python3 dev.py demo"),
        (["tset"], 2, "command: got tset, want demo, test, check, fix, docs, run"),
    ],
)
def test_dev_command_line(words: list[str], code: int, said: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "dev.py"), *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert said in done.stdout + done.stderr


def test_postgres_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIHUAN_TEST_POSTGRES", "postgresql://127.0.0.1:1/nowhere")
    address, reason = postgres.server()
    assert address is None
    assert "Connection refused" in reason
    assert postgres.main(["name", "bihuan_x"]) == 1


def test_postgres_command_refuses_unknown_words() -> None:
    assert postgres.main(["raise", "it"]) == 2


@pytest.mark.postgres
def test_postgres_gives_a_database_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert postgres.main(["name", "bihuan_of_this_test"]) == 0
    address = capsys.readouterr().out.strip()
    assert "dbname=bihuan_of_this_test" in address
    assert postgres.main(["drop", address]) == 0
    assert postgres.main(["drop", address]) == 0


@pytest.fixture
def without_postgres(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine where no server answers: nothing listens on port 1."""
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.delenv("BIHUAN_TEST_POSTGRES", raising=False)
    monkeypatch.setattr(dev, "PYTHON", Path(sys.executable))


def test_tests_without_postgres_say_why_it_is_skipped(
    without_postgres: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev, "IS_CI", False)
    assert dev.postgres() == ""
    assert "PostgreSQL is skipped: postgres: got" in capsys.readouterr().err


def test_tests_without_postgres_fail_in_ci(
    without_postgres: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "IS_CI", True)
    with pytest.raises(SystemExit, match="want BIHUAN_TEST_POSTGRES or a local server"):
        dev.postgres()


ONCE = """
from pathlib import Path
def test_unsteady():
    seen = Path({seen!r})
    seen.write_text(seen.read_text() + "x" if seen.exists() else "x")
    assert len(seen.read_text()) {passes}
def test_steady():
    assert True
"""


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A folder that dev.py takes for its own, and what pytest is told there."""
    (tmp_path / "pytest.ini").write_text("[pytest]")
    monkeypatch.setattr(dev, "HERE", tmp_path)
    monkeypatch.setattr(dev, "PYTHON", Path(sys.executable))
    return {"BIHUAN_DATA": str(tmp_path), "PYTEST_ADDOPTS": "-p no:django"}


@pytest.mark.parametrize(
    ("passes", "words", "code", "said"),
    [
        ("== 1", dev.SIDE_BY_SIDE, 0, ""),
        ("> 1", dev.SIDE_BY_SIDE, 0, "UNSTABLE: failed beside others and passed alone: test_it.py"),
        ("> 2", dev.SIDE_BY_SIDE, 1, "1 failed beside others; their files once more, alone: test"),
        ("> 1", ["test_it.py"], 1, ""),  # a part asked for by name is run as asked
    ],
)
def test_failure_of_a_whole_run_is_tried_once_more_alone(
    passes: str, words: list[str], code: int, said: str, alone: dict[str, str]
) -> None:
    """Decision 0013: a run that passes only alone says so, and one that fails alone has failed."""
    seen = dev.HERE / "seen"
    (dev.HERE / "test_it.py").write_text(ONCE.format(seen=str(seen), passes=passes))
    told: list[str] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(dev, "say", told.append)
        assert dev.tested(words, alone) == code
    assert len(seen.read_text()) == (2 if said else 1)
    assert [line for line in told if said and line.startswith(said)] == told[-1:]


@pytest.mark.parametrize(("name", "failures"), [("test_it", dev.ALONE + 1), ("tests/kill/x", 1)])
def test_many_failures_and_kill_tests_are_not_tried_again(
    name: str, failures: int, alone: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    file = (dev.HERE / name).with_name(f"test_{Path(name).name}.py")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"def test_{n}(): assert False\n" for n in range(failures)))
    assert dev.tested(dev.SIDE_BY_SIDE, alone) == dev.FAILED
    assert "alone" not in capfd.readouterr().err


def test_ci_is_seen_by_its_variable() -> None:
    code = "import dev; print(dev.IS_CI)"
    for value, seen in (("true", "True"), ("", "False")):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "CI": value},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == seen

#!/usr/bin/env python3
"""The two commands of a fresh machine, and the few of a working day.

    python3 dev.py demo            the demo county, running
    python3 dev.py test [--long]   set up and run the tests
    python3 dev.py check           what a machine can hold of the house style
    python3 dev.py fix             let ruff and the generators mend what they can
    python3 dev.py run -- ARGS     any bihuan command
    python3 dev.py docs            write the generated parts of docs/ anew

Standard library only: this file runs before anything is installed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
OLDEST = (3, 11)


def say(text: str) -> None:
    print(f"· {text}", file=sys.stderr, flush=True)


def digest(level: str) -> str:
    """What the environment was made from: the lock files, this Python, this folder."""
    parts = [(HERE / "requirements" / f"{level}.txt").read_bytes()]
    parts += [(HERE / "pyproject.toml").read_bytes(), sys.version.encode(), str(HERE).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def environment(level: str) -> None:
    """Make .venv hold exactly the locked packages of `level` (base or dev), once."""
    if sys.version_info < OLDEST:
        sys.exit(f"python: got {sys.version.split()[0]}, want 3.11 or newer")
    levels = ["base", "dev"] if level == "base" else ["dev"]
    stamps = [VENV / f".made-{name}" for name in levels]
    if any(s.exists() and s.read_text() == digest(s.name[6:]) for s in stamps):
        return
    if not PYTHON.exists():
        say("making .venv")
        shutil.rmtree(VENV, ignore_errors=True)
        venv.create(VENV, with_pip=True)
    say(f"installing the locked packages ({level}); the first time takes a minute or two")
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    run([*pip, "--require-hashes", "-r", str(HERE / "requirements" / f"{level}.txt")])
    run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(HERE)])
    (VENV / f".made-{level}").write_text(digest(level))


def run(command: list[str], env: dict[str, str] | None = None) -> None:
    """Run a command of ours; its failure is this command's failure."""
    code = subprocess.run(command, cwd=HERE, env={**os.environ, **(env or {})}, check=False)
    if code.returncode:
        sys.exit(code.returncode)


def bihuan(arguments: list[str]) -> None:
    run([str(PYTHON), "-m", "bihuan", *arguments])


def demo(rest: list[str]) -> None:
    environment("base")
    bihuan(["demo", *rest])


def test(rest: list[str]) -> None:
    environment("dev")
    is_long = "--long" in rest
    rest = [word for word in rest if word != "--long"]
    run([str(PYTHON), "-m", "pytest", *rest], {"BIHUAN_TEST_LONG": "1"} if is_long else {})


def check(rest: list[str]) -> None:
    environment("dev")
    run([str(BIN / "ruff"), "check", "."])
    run([str(BIN / "ruff"), "format", "--check", "."])
    run([str(BIN / "lint-imports"), "--no-cache"])
    run([str(PYTHON), "-m", "mypy"])
    manage = [str(PYTHON), "-m", "bihuan", "manage"]
    run([*manage, "makemigrations", "--check", "--dry-run"])
    if rest:
        sys.exit(f"check: got {' '.join(rest)}, want no further words")


def fix(_rest: list[str]) -> None:
    environment("dev")
    run([str(BIN / "ruff"), "check", "--fix", "."])
    run([str(BIN / "ruff"), "format", "."])
    docs([])


def docs(_rest: list[str]) -> None:
    environment("dev")
    run([str(PYTHON), "-m", "docs.generate"])


def pass_on(rest: list[str]) -> None:
    environment("base")
    bihuan(rest[1:] if rest[:1] == ["--"] else rest)


COMMANDS = {"demo": demo, "test": test, "check": check, "fix": fix, "docs": docs, "run": pass_on}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=COMMANDS)
    chosen, rest = parser.parse_known_args()
    COMMANDS[chosen.command](rest)


if __name__ == "__main__":
    main()

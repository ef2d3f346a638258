#!/usr/bin/env python3
"""The two commands of a fresh machine, and the few of a working day.

    python3 dev.py demo            the demo county, running
    python3 dev.py test [--long]   set up and run the tests, on each database there is
    python3 dev.py check           what a machine can hold of the house style
    python3 dev.py fix             let ruff and the generators mend what they can
    python3 dev.py run -- ARGS     any bihuan command
    python3 dev.py docs            write the generated parts of docs/ and the English words anew

Standard library only: this file runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
OLDEST = (3, 11)
IS_CI = os.environ.get("CI") == "true"
NO_NETWORK = ("NewConnectionError", "ProxyError", "ConnectTimeout", "ReadTimeout", "SSLError")
# the whole of the tests: a file belongs to one process, and conftest.py says which come first
SIDE_BY_SIDE = [f"-n{min(os.cpu_count() or 1, 4)}", "--dist=loadfile", "--no-loadscope-reorder"]
FAILED, NOTHING_COLLECTED = 1, 5  # pytest's exit codes
ALONE = 3  # so many failures of a whole run are tried once more, alone; decision 0013
NEVER_AGAIN = ("tests/kill/", "tests/fuzz/")  # one loss in a hundred lives is a loss
INTERRUPTED = 130  # a shell's


def say(text: str) -> None:
    print(f"· {text}", file=sys.stderr, flush=True)


def home() -> str:
    """What scripts in .venv hold for good: this Python and this folder."""
    return f"{sys.version}\n{HERE}\n"


def digest(level: str) -> str:
    """What .venv was filled from: the lock file and what pyproject.toml says of the package."""
    import tomllib  # noqa: PLC0415 - absent before 3.11, whose message comes first

    settings = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))
    package = json.dumps([settings["build-system"], settings["project"]], sort_keys=True)
    parts = [(HERE / "requirements" / f"{level}.txt").read_bytes(), package.encode()]
    return hashlib.sha256(b"\0".join([*parts, home().encode()])).hexdigest()


def environment(level: str) -> None:
    """Make .venv hold exactly the locked packages of `level` (base or dev), once."""
    if sys.version_info < OLDEST:
        sys.exit(f"python: got {sys.version.split()[0]}, want 3.11 or newer")
    levels = ["base", "dev"] if level == "base" else ["dev"]
    stamps = [VENV / f".made-{name}" for name in levels]
    if any(s.exists() and s.read_text() == digest(s.name[6:]) for s in stamps):
        return
    make_venv()
    say(f"installing the locked packages ({level}); the first time takes a minute or two")
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    install([*pip, "--require-hashes", "-r", str(HERE / "requirements" / f"{level}.txt")])
    install([*pip, "--no-deps", "--no-build-isolation", "--editable", str(HERE)])
    (VENV / f".made-{level}").write_text(digest(level))


def make_venv() -> None:
    """An empty .venv of this Python in this folder; one that was moved here is made anew."""
    made_at = VENV / ".made-at"
    if PYTHON.exists() and (not made_at.exists() or made_at.read_text() == home()):
        return
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            "python: got no ensurepip, want the package that brings it"
            " (Debian and Ubuntu: apt install python3-venv)"
        )
    say("making .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    venv.create(VENV, with_pip=True)
    made_at.write_text(home())


def install(command: list[str]) -> None:
    """Run pip; of its failure, say the one line that tells what to do."""
    done = subprocess.run(command, cwd=HERE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode == 0:
        return
    if any(sign in done.stderr for sign in NO_NETWORK):
        sys.exit(
            "pip: got no answer from the package index, want a network, a proxy in HTTPS_PROXY,"
            " or a folder of wheels in PIP_FIND_LINKS together with PIP_NO_INDEX=1"
        )
    errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    sys.exit("pip: " + ("\n".join(errors) or done.stderr))


def code_of(command: list[str], env: dict[str, str] | None = None) -> int:
    """Run a command of ours to its end; its exit code."""
    with subprocess.Popen(command, cwd=HERE, env={**os.environ, **(env or {})}) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.wait()  # the terminal has told it as well: it stops by itself
            return INTERRUPTED


def run(*command: str, env: dict[str, str] | None = None) -> None:
    """Run a command of ours; its failure is this command's failure."""
    if code := code_of([*command], env):
        sys.exit(code)


def become(command: list[str]) -> None:
    """Go on as another program: signals and exit code are then its own."""
    if os.name == "nt":  # exec there returns to the shell at once
        sys.exit(subprocess.run(command, check=False).returncode)
    os.execv(command[0], command)


def demo(rest: list[str]) -> None:
    environment("base")
    become([str(PYTHON), "-m", "bihuan", "demo", *rest])


def pass_on(rest: list[str]) -> None:
    environment("base")
    become([str(PYTHON), "-m", "bihuan", *(rest[1:] if rest[:1] == ["--"] else rest)])


def test(rest: list[str]) -> None:
    """The tests on SQLite, then those that use a database on PostgreSQL (conftest.py chooses)."""
    environment("dev")
    address = postgres()
    words = [word for word in rest if word != "--long"] or SIDE_BY_SIDE
    env = {"BIHUAN_DATABASE": ""} | ({"BIHUAN_TEST_LONG": "1"} if "--long" in rest else {})
    with tempfile.TemporaryDirectory(prefix="bihuan-test-") as folder:
        env["BIHUAN_DATA"] = folder
        say("tests on SQLite")
        codes = [tested(words, env)]
        if address and INTERRUPTED not in codes:
            say("tests that use a database, on PostgreSQL")
            env["BIHUAN_DATABASE"] = address
            codes.append(tested(words, env))
            code_of([str(PYTHON), "-m", "tools.postgres", "drop", address])
    sys.exit(next((code for code in codes if code not in (0, NOTHING_COLLECTED)), 0))


def tested(words: list[str], env: dict[str, str]) -> int:
    """One run of pytest; a few failures of a whole run are tried once more with nothing beside."""
    cache = Path(env["BIHUAN_DATA"]) / "pytest"
    shutil.rmtree(cache, ignore_errors=True)
    command = [str(PYTHON), "-m", "pytest", "-o", f"cache_dir={cache}"]
    code = code_of([*command, *words], env)
    failed = cache / "v" / "cache" / "lastfailed"
    if words != SIDE_BY_SIDE or code != FAILED or not failed.exists():
        return code
    names = sorted(json.loads(failed.read_text(encoding="utf-8")))
    if len(names) > ALONE or any(name.startswith(NEVER_AGAIN) for name in names):
        return code
    say(f"{len(names)} failed beside others; their files once more, alone: {'; '.join(names)}")
    code = code_of([*command, *sorted({name.partition("::")[0] for name in names})], env)
    if code == 0:
        say(f"UNSTABLE: failed beside others and passed alone: {'; '.join(names)}")
    return code


def postgres() -> str:
    """The address of a database of this run's own; empty where there is no server."""
    command = [str(PYTHON), "-m", "tools.postgres", "name", f"bihuan_{os.getpid()}"]
    found = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    if found.returncode == 0:
        return found.stdout.strip()
    if IS_CI or os.environ.get("BIHUAN_TEST_POSTGRES"):
        sys.exit(found.stderr.strip())
    say(f"PostgreSQL is skipped: {found.stderr.strip()}")
    return ""


def check(rest: list[str]) -> None:
    if rest:
        sys.exit(f"check: got {' '.join(rest)}, want no further words")
    environment("dev")
    python = [str(PYTHON), "-m"]
    run(*python, "ruff", "check", ".")
    run(*python, "ruff", "format", "--check", ".")
    run(str(BIN / "lint-imports"), "--no-cache")
    run(*python, "mypy")
    with tempfile.TemporaryDirectory(prefix="bihuan-check-") as folder:
        env = {"BIHUAN_DATA": folder, "BIHUAN_DATABASE": ""}
        migrations = ["makemigrations", "--check", "--dry-run"]
        run(*python, "django", *migrations, "--settings", "bihuan.wiring.settings", env=env)
        run(*python, "tools.translate", "--check", env=env)
        run(*python, "docs.generate", "--check", env=env)


def fix(_rest: list[str]) -> None:
    environment("dev")
    left_over = code_of([str(PYTHON), "-m", "ruff", "check", "--fix", "."])
    run(str(PYTHON), "-m", "ruff", "format", ".")
    docs([])
    sys.exit(left_over)  # what only a person can mend


def docs(_rest: list[str]) -> None:
    environment("dev")
    with tempfile.TemporaryDirectory(prefix="bihuan-docs-") as folder:
        env = {"BIHUAN_DATA": folder, "BIHUAN_DATABASE": ""}
        run(str(PYTHON), "-m", "tools.translate", env=env)
        run(str(PYTHON), "-m", "docs.generate", env=env)


COMMANDS = {"demo": demo, "test": test, "check": check, "fix": fix, "docs": docs, "run": pass_on}


def main() -> None:
    command, rest = (sys.argv[1:2] or ["--help"])[0], sys.argv[2:]
    if command in ("-h", "--help"):
        print(__doc__)
    elif command in COMMANDS:
        COMMANDS[command](rest)
    else:
        print(f"command: got {command}, want {', '.join(COMMANDS)}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()

"""The command line: `bihuan --help`."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import django

from bihuan.base.errors import BadInputError
from bihuan.wiring.orphan import end_with_parent


def main() -> None:
    """Run a command: exit 0 good, 1 a fault was found, 2 wrong use."""
    data = _data_folder(sys.argv[1:])
    if data is not None:
        os.environ["BIHUAN_DATA"] = str(Path(data).absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.wiring.settings")
    django.setup()
    if os.environ.get("BIHUAN_SUPERVISED"):
        end_with_parent()
    commands = importlib.import_module("bihuan.wiring.commands")  # models need Django set up
    try:
        commands.build(sys.argv[1:])()
    except BadInputError as error:
        for fault in error.faults:
            sys.stderr.write(f"{fault}\n")
        sys.exit(2)


def _data_folder(arguments: list[str]) -> str | None:
    """`--data X` or `--data=X` anywhere before `--`: settings need it before anything else."""
    for n, word in enumerate(arguments):
        if word == "--":
            break
        if word == "--data" and n + 1 < len(arguments):
            return arguments[n + 1]
        if word.startswith("--data="):
            return word.removeprefix("--data=")
    return None

"""`cap check`, `fhir check`, `gbfs check` and `press`: files in, what they are worth out."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated, get_args

import typer

from bihuan.base.errors import bad
from bihuan.figures.press.read import read_press
from bihuan.gateway.formats.checks import CheckKind, check_file
from bihuan.wiring.commands.output import print_json, print_rows

FilesArgument = Annotated[list[Path], typer.Argument(help="Files to check.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


def _add_check(app: typer.Typer, kind: CheckKind, what: str) -> None:
    group = typer.Typer(help=f"{what}.", no_args_is_help=True)

    @group.command(help=f"Check {what} files: accepted, or every fault.")
    def check(files: FilesArgument, as_json: JsonOption = True) -> None:
        is_good = True
        for file in files:
            verdict = check_file(kind, file)
            print_json(verdict)
            is_good = is_good and bool(verdict["accepted"])
        sys.exit(0 if is_good else 1)

    @group.callback()
    def only_check() -> None:
        """Keeps `check` a word of its own."""

    app.add_typer(group, name=kind)


def press(
    file: Annotated[Path, typer.Argument(help="A newspaper page as text.")],
    issued: Annotated[str, typer.Option(help="The day of the page, YYYY-MM-DD.")],
    as_json: JsonOption = False,
) -> None:
    """Articles and the statistics that they state, with character offsets; nothing is invented."""
    try:
        day = date.fromisoformat(issued)
    except ValueError:
        raise bad("issued", issued, "a date such as 2026-01-31") from None
    try:
        text = file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise bad("file", f"{file.name}: {error}", "a UTF-8 text file") from None
    print_rows(read_press(text, day), as_json=as_json)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    words = {"cap": "CAP 1.2 alert", "fhir": "FHIR R4 Observation", "gbfs": "GBFS feed"}
    for kind in get_args(CheckKind):
        _add_check(app, kind, words[kind])
    app.command()(press)

"""`bihuan backtest`: a rule over past readings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bihuan.base.errors import bad
from bihuan.rules.backtest import (
    BacktestRequest,
    columns_of,
    moment_us,
    run_backtest,
    settings_of,
)
from bihuan.wiring.commands.output import print_rows


def backtest(  # noqa: PLR0913, PLR0917 - each is one option of the command line
    rule: Annotated[str, typer.Argument(help="A kind of rule with all its parameters set.")],
    files: Annotated[list[Path] | None, typer.Argument(help="CSV or Parquet files.")] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="role=name, roles: time, value, series, lat, lon.")
    ] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", help="name=value")] = None,
    start: Annotated[str | None, typer.Option("--from", help="Readings from here on.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Readings before this.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Findings of a rule over files, one a line: series, opened, cleared, why."""
    if not files:
        raise bad("FILE", "none", "CSV or Parquet files (the archive is not read yet)")
    request = BacktestRequest(
        kind=rule,
        parameters=settings_of(rule, settings or []),
        files=tuple(files),
        columns=columns_of(column or []),
        from_us=moment_us("--from", start) if start is not None else None,
        to_us=moment_us("--to", end) if end is not None else None,
    )
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task(rule, total=None)
        rows = [
            row.as_dict()
            for row in run_backtest(
                request, lambda done, total: bar.update(task, completed=done, total=total)
            )
        ]
    print_rows(rows, as_json=as_json or not sys.stdout.isatty())


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(backtest)

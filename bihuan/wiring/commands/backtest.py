"""`bihuan backtest`: a rule over past readings."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from bihuan.base.errors import bad
from bihuan.rules.archived import archived_readings
from bihuan.rules.backtest import (
    BacktestRequest,
    FindingRow,
    Progress,
    backtest_table,
    changed,
    columns_of,
    moment_us,
    run_backtest,
    settings_of,
)
from bihuan.wiring.boot import open_data
from bihuan.wiring.commands.output import print_rows
from bihuan.wiring.processes import declared_rules

Found = Callable[[Progress], Iterator[FindingRow]]


def backtest(  # noqa: PLR0913, PLR0917 - each is one option of the command line
    rule: Annotated[str, typer.Argument(help="A kind of rule, or scenario.rule over the archive.")],
    files: Annotated[list[Path] | None, typer.Argument(help="CSV or Parquet files.")] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="role=name, roles: time, value, series, lat, lon.")
    ] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", help="name=value")] = None,
    start: Annotated[str | None, typer.Option("--from", help="Readings from here on.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Readings before this.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Findings of a rule over files or the archive, one a line: series, opened, cleared, why."""
    span = (
        moment_us("--from", start) if start is not None else None,
        moment_us("--to", end) if end is not None else None,
    )
    if files:
        parameters = settings_of(rule, settings or [])
        request = BacktestRequest(rule, parameters, tuple(files), columns_of(column or []), *span)
        found: Found = partial(run_backtest, request)
    else:
        found = over_the_archive(rule, settings or [], span)
    bar = Bar(
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
            for row in found(lambda done, total: bar.update(task, completed=done, total=total))
        ]
    print_rows(rows, as_json=as_json or not sys.stdout.isatty())


def over_the_archive(name: str, settings: list[str], span: tuple[int | None, int | None]) -> Found:
    """A declared rule, `scenario.rule`, in its newest version over the closed days."""
    open_data()
    declared = {
        f"{scenario}.{rule.id}": (scenario, rule)
        for scenario, rules in declared_rules().items()
        for rule in sorted(rules, key=lambda rule: rule.version)
    }
    if name not in declared:
        raise bad("RULE", name, f"one of {', '.join(declared)}, or a kind of rule with files")
    scenario, rule = declared[name]
    request = BacktestRequest(
        rule.kind, changed(rule, settings), from_us=span[0], to_us=span[1], unit=rule.unit
    )
    return partial(backtest_table, request, archived_readings(scenario, rule))


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(backtest)

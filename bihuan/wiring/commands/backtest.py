"""`bihuan backtest`: a rule over past readings, or a changed one beside the present one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from bihuan.base.errors import bad
from bihuan.console.tuning.judged import judged_cases
from bihuan.rules.backtest import (
    BacktestRequest,
    FindingRow,
    Progress,
    backtest_table,
    changed,
    columns_of,
    moment_us,
    settings_of,
)
from bihuan.rules.compare import difference
from bihuan.rules.rule import Rule
from bihuan.rules.trial import CHINA_US, Compared, Span, Within, compared, over_archive
from bihuan.wiring import processes
from bihuan.wiring.boot import open_data
from bihuan.wiring.commands.compared import plotted, print_compared
from bihuan.wiring.commands.output import print_rows


def backtest(  # noqa: PLR0913, PLR0917 - each is one option of the command line
    rule: Annotated[str, typer.Argument(help="A kind of rule, or scenario.rule.")],
    files: Annotated[
        list[Path] | None, typer.Argument(help="CSV or Parquet; without any the archive.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="role=name, roles: time, value, series, lat, lon, other, channel."),
    ] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", help="name=value")] = None,
    start: Annotated[str | None, typer.Option("--from", help="Readings from here on.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Readings before this.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="The rule as --set has it beside the present one.")
    ] = False,
    plot: Annotated[Path | None, typer.Option(help="Findings per day, as an SVG file.")] = None,
    channel: Annotated[str, typer.Option(help="The rule's, with --column channel=NAME.")] = "",
) -> None:
    """Findings of a rule over files or the archive, one a line: series, opened, cleared, why."""
    span = (
        moment_us("--from", start) if start is not None else None,
        moment_us("--to", end) if end is not None else None,
    )
    given = tuple(files or ()), columns_of(column or []), channel
    is_plain = as_json or not sys.stdout.isatty()
    if compare:
        with _bar(rule) as told:
            both = _beside(rule, settings or [], given, span, told)
        print_compared(both, as_json=is_plain)
        rows, beside = both.present, both.changed
    else:
        with _bar(rule) as told:
            rows, beside = tuple(_alone(rule, settings or [], given, span, told)), None
        print_rows((row.as_dict() for row in rows), as_json=is_plain)
    if plot is not None:
        plot.write_text(plotted(rows, beside, rule), encoding="utf-8")


Given = tuple[tuple[Path, ...], dict[str, str], str]  # files, columns, channel


def _alone(
    name: str, settings: list[str], given: Given, span: Span, told: Progress
) -> Iterator[FindingRow]:
    files, columns, channel = given
    if files and "." not in name:
        parameters = settings_of(name, settings)
        request = BacktestRequest(name, parameters, files, columns, *span, channel=channel)
        return backtest_table(request, request.read(), told)
    scenario, present = declared(name)
    tried = changed(present, settings)
    if files:
        request = _request(tried, given, span)
        return backtest_table(request, request.read(), told)
    is_trial = bool(settings)
    keys = processes.key_ring()
    within = Within(scenario, span, keys)
    return over_archive(within, tried, is_trial=is_trial, progress=told)


def _beside(name: str, settings: list[str], given: Given, span: Span, told: Progress) -> Compared:
    if not settings:
        raise bad("--compare", "no --set", "--set name=value, what is to be other")
    scenario, present = declared(name)
    tried = changed(present, settings)
    if not given[0]:
        judged, keys = judged_cases(scenario, present.id), processes.key_ring()
        return compared(Within(scenario, span, keys), (present, tried), judged, told)
    table = _request(present, given, span).read()
    found = [
        tuple(backtest_table(_request(one, given, span), table, told)) for one in (present, tried)
    ]
    return Compared(found[0], found[1], difference(found[0], found[1], offset_us=CHINA_US))


def _request(rule: Rule, given: Given, span: Span) -> BacktestRequest:
    files, columns, channel = given
    own = (channel or rule.channel) if "channel" in columns else channel
    return BacktestRequest(
        rule.kind, rule.typed, files, columns, *span, unit=rule.unit, channel=own
    )


def declared(name: str) -> tuple[str, Rule]:
    """A scenario and its rule in the newest version, by `scenario.rule`."""
    open_data()
    found = {
        f"{scenario}.{rule.id}": (scenario, rule)
        for scenario, rules in processes.declared_rules().items()
        for rule in sorted(rules, key=lambda rule: rule.version)
    }
    if name not in found:
        raise bad("RULE", name, f"one of {', '.join(found)}, or a kind of rule with files")
    return found[name]


@contextmanager
def _bar(name: str) -> Iterator[Progress]:
    """A progress bar on stderr, where a person looks at it."""
    bar = Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(backtest)

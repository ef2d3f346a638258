"""Every command of `bihuan`, by topic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bihuan.wiring.commands import admin, backtest, checks, decode, journal, operations, run

app = typer.Typer(
    name="bihuan",
    help="Nothing reported is left unanswered. 闭环：件件有回音。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def common(
    data: Annotated[
        Path | None, typer.Option(help="The data folder (else BIHUAN_DATA, else ./data).")
    ] = None,
) -> None:
    """Options before the command. `data` was read before Django's settings were."""


run.add_to(app)
decode.add_to(app)
journal.add_to(app)
admin.add_to(app)
checks.add_to(app)
backtest.add_to(app)
operations.add_to(app)

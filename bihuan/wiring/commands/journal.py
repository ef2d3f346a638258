"""`journal verify`, `journal tail`, `rebuild`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bihuan.journal.heads import marks, read_heads
from bihuan.journal.verify import verify as walk
from bihuan.wiring.boot import open_data
from bihuan.wiring.commands.output import print_rows, say

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
group = typer.Typer(help="The append-only log.", no_args_is_help=True)


@group.command()
def verify(
    against: Annotated[
        Path | None, typer.Option(help="Signed heads kept elsewhere (heads.jsonl).")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Walk the chain; the first broken entry of each lane by lane and position."""
    open_data()
    kept = marks(read_heads(against)) if against is not None else None
    results = []
    for result in walk(kept):
        results.append(result)
    print_rows((result.as_dict() for result in results), as_json=as_json)
    broken = [result.broken for result in results if result.broken is not None]
    for one in broken:
        say(f"lane {one.lane}, position {one.position}: {one.what}")
    sys.exit(1 if broken else 0)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(group, name="journal")

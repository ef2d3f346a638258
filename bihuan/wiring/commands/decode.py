"""`bihuan decode`: frames on stdin, what they say on stdout."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bihuan.base.time import SystemClock, datetime_of
from bihuan.gateway.decode_lines import run
from bihuan.wiring.commands.output import print_json


def decode(
    protocol: Annotated[str, typer.Argument(help="watch, trv, gt06, topin, h02, minifinder2")],
    is_hex: Annotated[bool, typer.Option("--hex", help="Lines are pairs of hex digits.")] = False,
    is_text: Annotated[bool, typer.Option("--text", help="Lines are text frames.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The form it always has.")] = True,
) -> None:
    """Decode frames, one a line; state such as the device's login carries over lines."""
    if is_hex and is_text:
        raise typer.BadParameter("got --hex and --text, want one of them")
    form = "hex" if is_hex else "text" if is_text else None
    lines = (line.decode("utf-8", "surrogateescape") for line in sys.stdin.buffer)
    has_fault = False
    for row in run(protocol, lines, form, datetime_of(SystemClock().now_us())):
        print_json(row)
        has_fault = has_fault or _is_refused(row)
    sys.exit(1 if has_fault else 0)


def _is_refused(row: dict[str, object]) -> bool:
    return bool(row["faults"])


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(decode)

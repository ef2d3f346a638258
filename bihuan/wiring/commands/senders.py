"""Keys of senders: who may post what to the HTTP intake."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from bihuan.base.time import SystemClock, rfc3339
from bihuan.register.senders import acts
from bihuan.register.senders.models import SenderKey
from bihuan.wiring.boot import open_data
from bihuan.wiring.commands.output import print_rows, say

group = typer.Typer(help="Keys of those who post to the HTTP intake.", no_args_is_help=True)


@group.command()
def add(
    name: str,
    kind: Annotated[list[str], typer.Option(help=f"Several times: {', '.join(acts.KINDS)}.")],
    area: Annotated[
        list[int] | None, typer.Option(help="An area whose subjects it may name.")
    ] = None,
    device: Annotated[list[int] | None, typer.Option(help="A device, bound or not.")] = None,
    rate: Annotated[float, typer.Option(help="Readings a second on average.")] = acts.ROWS_PER_S,
) -> None:
    """Make a key; its token and its secret for signatures are shown once."""
    open_data()
    scope = acts.Scope(kinds=kind, areas=area or (), devices=device or (), rows_per_s=rate)
    issued = acts.issue(name, scope, SystemClock())
    say(f"sender {issued.id}: {name}")
    say(f"token:  {issued.token}")
    say(f"secret: {issued.secret}")


@group.command("list")
def list_senders(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Every key ever made, without its token."""
    open_data()
    rows = (
        {
            "id": key.id,
            "name": key.name,
            "kinds": json.loads(key.kinds),
            "areas": json.loads(key.areas),
            "devices": json.loads(key.devices),
            "rows_per_s": key.rows_per_s,
            "made": rfc3339(key.made_us),
            "ended": None if key.ended_us is None else rfc3339(key.ended_us),
        }
        for key in SenderKey.objects.order_by("id")
    )
    print_rows(rows, as_json=as_json)


@group.command()
def end(sender: int) -> None:
    """End a key; running gateways heed it within two seconds."""
    open_data()
    acts.end(sender, SystemClock())
    say(f"sender {sender} ended")


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(group, name="sender")

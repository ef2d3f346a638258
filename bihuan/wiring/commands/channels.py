"""`bihuan channel`: accounts of providers by which people are reached."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.loop.delivery import acts, vault
from bihuan.loop.delivery.accounts import Accounts
from bihuan.register.entries import Actor
from bihuan.wiring.boot import open_data
from bihuan.wiring.commands.output import print_rows, say
from bihuan.wiring.processes import clock

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
OPERATOR = Actor(person_id=None, role="operator", via="command")
channel_group = typer.Typer(help="Accounts by which people are reached.", no_args_is_help=True)


@channel_group.command("set-up")
def set_up(
    path: Annotated[Path, typer.Argument(help="A JSON file as docs/channels.md shows; - = stdin.")],
) -> None:
    """Set an account up, or change it. Its secrets stay on this machine."""
    open_data()
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        wanted = _wanted(text)
        acts.set_up(wanted, OPERATOR, clock())
    except (BadInputError, OSError) as error:
        say(str(error))
        raise typer.Exit(1) from None
    pushed = vault.kept(wanted.account)[vault.CALLBACK].reveal()
    say(f"set up {wanted.account}; its provider pushes to /push/{wanted.account}/{pushed}")


@channel_group.command("list")
def list_accounts(as_json: JsonOption = False) -> None:
    """The accounts, and whether each can send."""
    open_data()
    accounts = Accounts()
    accounts.refresh()
    rows = (
        {
            "account": account.name,
            "provider": account.setup.provider,
            "channel": account.setup.channel,
            "rank": account.setup.rank,
            "lines": account.setup.lines,
            "wakes": account.setup.wakes,
            "trouble": account.trouble,
        }
        for account in accounts.all()
    )
    print_rows(rows, as_json=as_json)


@channel_group.command("take-down")
def take_down(account: str, reason: Annotated[str, typer.Option(help="Why.")]) -> None:
    """Send no more by an account."""
    open_data()
    try:
        acts.take_down(account, reason, OPERATOR, clock())
    except BadInputError as error:
        say(str(error))
        raise typer.Exit(1) from None
    say(f"taken down: {account}")


def _wanted(text: str) -> acts.Wanted:
    """Raises BadInputError for what is not such a file."""
    try:
        read: Any = json.loads(text)
        known = {field.name for field in dataclasses.fields(acts.Wanted)}
        if isinstance(read, dict) and (strange := set(read) - known):
            raise BadInputError(*(Fault(name, "a value", "no such field") for name in strange))
        return msgspec.convert(read, type=acts.Wanted)
    except BadInputError:
        raise
    except (ValueError, msgspec.ValidationError) as error:
        raise bad("file", str(error)[:120], "a JSON object as docs/channels.md shows") from None

"""Daily administration: the county, time, sign-ins, and Django's own commands."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from django.core.management import execute_from_command_line

from bihuan.base.time import SystemClock
from bihuan.console.board import somebody_listens
from bihuan.journal import county as counties
from bihuan.loop.delivery.accounts import Accounts, waking_channels
from bihuan.register.acts import Registrar
from bihuan.wiring.boot import open_data
from bihuan.wiring.commands.channels import channel_group
from bihuan.wiring.commands.output import print_rows, say
from bihuan.wiring.doctor import examine
from bihuan.wiring.processes import clock, key_ring

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
county_group = typer.Typer(help="The county of this data folder.", no_args_is_help=True)
time_group = typer.Typer(help="The wall clock.", no_args_is_help=True)


@county_group.callback()
def only_create() -> None:
    """Keeps `create` a word of its own."""


@county_group.command()
def create(
    name: Annotated[str, typer.Argument(help="The county's name.")],
    latin: Annotated[str, typer.Option(help="Its name in Latin letters.")] = "",
    algorithm: Annotated[str, typer.Option(help="sha256 or sm3, for good.")] = "sha256",
    lanes: Annotated[int, typer.Option(help="Reading lanes, for good.")] = 16,
) -> None:
    """Create an empty county in drill mode."""
    open_data()
    system = SystemClock()
    counties.create(name, system, algorithm, lanes)
    Registrar(system, key_ring()).county(name, latin or name, "drill")
    say(f"created {name}")


@time_group.callback()
def only_confirm() -> None:
    """Keeps `confirm` a word of its own."""


@time_group.command()
def confirm() -> None:
    """Say that the wall clock is right after a jump; held time then follows it."""
    (open_data() / "run" / "time-confirmed").touch()
    say("confirmed; running parts take it up within a second")


def doctor(as_json: JsonOption = False) -> None:
    """上线自检: what must hold before going live; exit 1 where something does not."""
    open_data()
    accounts = Accounts()
    waking = waking_channels(accounts)
    if somebody_listens(SystemClock().now_us()):
        waking.add("board")
    findings = list(examine(clock(), waking, accounts.all()))
    rows = ({"check": f.check, "state": f.state, "detail": f.detail} for f in findings)
    print_rows(rows, as_json=as_json)
    sys.exit(1 if any(f.state == "fail" for f in findings) else 0)


def manage(context: typer.Context) -> None:
    """Django's own commands, for developers."""
    execute_from_command_line(["bihuan", *context.args])


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(county_group, name="county")
    app.add_typer(time_group, name="time")
    app.add_typer(channel_group, name="channel")
    app.command()(doctor)
    loose = {"allow_extra_args": True, "ignore_unknown_options": True}
    app.command(context_settings=loose)(manage)

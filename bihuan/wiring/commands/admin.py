"""Daily administration: the county, devices, time, and Django's own commands."""

from __future__ import annotations

from typing import Annotated

import typer
from django.core.management import execute_from_command_line

from bihuan.base.time import SystemClock
from bihuan.journal import county as counties
from bihuan.register.acts import Registrar
from bihuan.register.models import Device, RefusedFrame
from bihuan.wiring.boot import open_data
from bihuan.wiring.commands.output import print_rows, say
from bihuan.wiring.processes import key_ring

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
county_group = typer.Typer(help="The county of this data folder.", no_args_is_help=True)
device_group = typer.Typer(help="Devices.", no_args_is_help=True)
time_group = typer.Typer(help="The wall clock.", no_args_is_help=True)


@county_group.command()
def create(
    name: Annotated[str, typer.Argument(help="The county's name.")],
    latin: Annotated[str, typer.Option(help="Its name in Latin letters.")] = "",
    algorithm: Annotated[str, typer.Option(help="sha256 or sm3, for good.")] = "sha256",
    lanes: Annotated[int, typer.Option(help="Reading lanes, for good.")] = 16,
) -> None:
    """Create an empty county in drill mode."""
    open_data()
    clock = SystemClock()
    counties.create(name, clock, algorithm, lanes)
    Registrar(clock, key_ring()).county(name, latin or name, "drill")
    say(f"created {name}")


@device_group.command("list")
def list_devices(as_json: JsonOption = False) -> None:
    """Adopted devices, then numbers that are heard and not adopted."""
    open_data()
    known = [
        {"protocol": d.protocol, "number": d.number, "subject": d.subject_id, "state": "adopted"}
        for d in Device.objects.order_by("protocol", "number")
    ]
    names = {(row["protocol"], row["number"]) for row in known}
    heard = RefusedFrame.objects.exclude(device=None).values_list("protocol", "device").distinct()
    unknown = [
        {"protocol": protocol, "number": number, "subject": None, "state": "unknown"}
        for protocol, number in heard
        if (protocol, number) not in names
    ]
    print_rows([*known, *unknown], as_json=as_json)


@device_group.command()
def adopt(
    protocol: str,
    number: str,
    subject: Annotated[int | None, typer.Option(help="Bind it to this subject.")] = None,
    model: Annotated[str | None, typer.Option(help="The maker's model name.")] = None,
) -> None:
    """Adopt a device and bind it."""
    open_data()
    registrar = Registrar(SystemClock(), key_ring())
    device = registrar.adopt(protocol, number, model)
    if subject is not None:
        registrar.bind(device, subject)
    say(f"adopted {protocol} {number} as {device}")


@time_group.command()
def confirm() -> None:
    """Say that the wall clock is right after a jump; held time then follows it."""
    (open_data() / "run" / "time-confirmed").touch()
    say("confirmed; running parts take it up within a second")


def manage(context: typer.Context) -> None:
    """Django's own commands, for developers."""
    execute_from_command_line(["bihuan", *context.args])


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(county_group, name="county")
    app.add_typer(device_group, name="device")
    app.add_typer(time_group, name="time")
    loose = {"allow_extra_args": True, "ignore_unknown_options": True}
    app.command(context_settings=loose)(manage)

"""`bihuan device`: what is adopted, heard, given out and taken back."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer

from bihuan.base.errors import bad
from bihuan.base.time import SystemClock, duration_us, rfc3339
from bihuan.gateway.credentials import Credentials
from bihuan.register.devices.acts import Devices, Reason, device_rows
from bihuan.register.devices.health import follow
from bihuan.register.models import Device
from bihuan.register.records.doing import By
from bihuan.register.refusals import TakenError
from bihuan.wiring.boot import open_data
from bihuan.wiring.commands.output import print_rows, say
from bihuan.wiring.processes import key_ring

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
device_group = typer.Typer(help="Devices.", no_args_is_help=True)


@device_group.command("list")
def list_devices(
    as_json: JsonOption = False,
    silent: Annotated[str, typer.Option(help="Silent after this long without a word.")] = "24h",
) -> None:
    """Adopted devices with their health, then numbers that are heard and not adopted."""
    open_data()
    while follow():
        pass
    now_us = SystemClock().now_us()
    rows = (
        {**row, "last": None if row["last_us"] is None else rfc3339(row["last_us"])}
        for row in device_rows(now_us, duration_us(silent))
    )
    print_rows(({k: v for k, v in row.items() if k != "last_us"} for row in rows), as_json=as_json)


@device_group.command()
def adopt(
    protocol: str,
    number: str,
    subject: Annotated[int | None, typer.Option(help="Bind it to this subject.")] = None,
    model: Annotated[str | None, typer.Option(help="The maker's model name.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Adopt a device and bind it."""
    open_data()
    devices = Devices(SystemClock(), key_ring())
    device = devices.adopt(protocol, number, model, _by())
    binding = devices.bind(device, subject, _by()) if subject is not None else None
    _told(protocol, number, {"id": device, "subject": subject, "binding": binding}, as_json)


@device_group.command()
def bind(protocol: str, number: str, subject: int, as_json: JsonOption = False) -> None:
    """Give an adopted device to a subject; what it reads from now on is the subject's."""
    open_data()
    device = _device(protocol, number)
    binding = Devices(SystemClock(), key_ring()).bind(device.id, subject, _by())
    _told(protocol, number, {"id": device.id, "subject": subject, "binding": binding}, as_json)


@device_group.command()
def release(
    protocol: str,
    number: str,
    reason: Annotated[str, typer.Option(help="returned, death, lost, broken, replaced or other.")],
    as_json: JsonOption = False,
) -> None:
    """Take a device back from its subject."""
    open_data()
    device = _device(protocol, number)
    wanted: Reason = reason  # type: ignore[assignment] # the act itself refuses other words
    try:
        Devices(SystemClock(), key_ring()).release(device.id, wanted, _by())
    except TakenError as error:
        say(f"nobody has {protocol} {number}")
        raise typer.Exit(1) from error
    _told(protocol, number, {"id": device.id, "subject": None, "reason": reason}, as_json)


@device_group.command()
def token(
    protocol: str,
    number: str,
    revoke: Annotated[bool, typer.Option("--revoke", help="Make its token void.")] = False,
) -> None:
    """A fresh token for a device that sends by HTTP or to the demo's broker; shown once."""
    credentials = Credentials(open_data())
    if revoke:
        say("revoked" if credentials.revoke(protocol, number) else "it had none")
        return
    made = {"protocol": protocol, "number": number, "token": credentials.issue(protocol, number)}
    print_rows([made], as_json=True)


def _told(protocol: str, number: str, more: dict[str, object], as_json: bool) -> None:
    if as_json:
        print_rows([{"protocol": protocol, "number": number, **more}], as_json=True)
    else:
        say(f"{protocol} {number}: " + ", ".join(f"{k} {v}" for k, v in more.items()))


def _device(protocol: str, number: str) -> Device:
    found = Device.objects.filter(protocol=protocol, number=number).first()
    if found is None:
        raise bad("number", number, f"an adopted {protocol} device")
    return found


def _by() -> By:
    return By(None, "command", uuid.uuid4().hex)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(device_group, name="device")

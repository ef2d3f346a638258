"""`tls init`: the site speaks HTTPS, so that phones may take photos and be pushed to."""

from __future__ import annotations

from typing import Annotated

import typer

from bihuan.base.errors import BadInputError
from bihuan.base.time import SystemClock
from bihuan.journal import county as counties
from bihuan.wiring import certificates
from bihuan.wiring.boot import open_data
from bihuan.wiring.commands.output import say

tls_group = typer.Typer(help="The site's certificate.", no_args_is_help=True)


@tls_group.callback()
def only_init() -> None:
    """Keeps `init` a word of its own."""


@tls_group.command()
def init(
    hosts: Annotated[
        list[str], typer.Option("--host", help="A name or address of the site; several times.")
    ],
) -> None:
    """Make the site's certificate, and the county's authority where there is none."""
    data = open_data()
    title = counties.opened().county if counties.exists() else "Bihuan"
    try:
        made = certificates.make(data / "tls", hosts, title, SystemClock())
    except BadInputError as error:
        for fault in error.faults:
            say(str(fault))
        raise typer.Exit(1) from None
    say(f"site.crt: good for {', '.join(made.hosts)} until {made.until:%Y-%m-%d}")
    if made.is_new_ca:
        say("ca.crt: new; put it onto every phone (docs/tls.md)")
    say(f"SHA-256 of ca.crt: {made.fingerprint}")
    say("start `serve` anew: it then speaks HTTPS")


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(tls_group, name="tls")

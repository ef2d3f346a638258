"""`retention`: how long rows are kept, what is due, the run; `consent-age`: who agrees alone."""

from __future__ import annotations

from typing import Annotated

import typer

from bihuan.base.time import SystemClock, rfc3339
from bihuan.register.consents.age import OwnAge, every_age, set_own_age
from bihuan.register.entries import Actor
from bihuan.register.retention.acts import erase_due, over, set_retention
from bihuan.register.retention.readings import expire_due
from bihuan.register.retention.rules import Kept, every_rule
from bihuan.wiring.boot import open_data
from bihuan.wiring.commands.output import print_rows, say
from bihuan.wiring.processes import key_ring

group = typer.Typer(help="How long rows are kept.", no_args_is_help=True)
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@group.command()
def rules(as_json: JsonOption = False) -> None:
    """The period of every record type, whose figure it is, since when, where it holds."""
    open_data()
    print_rows((r._asdict() for r in every_rule(SystemClock().now_us())), as_json=as_json)


@group.command("set")
def set_rule(
    kind: Annotated[str, typer.Argument(help="SCENARIO.TYPE")],
    days: Annotated[int, typer.Argument(help="Days after the last change; 0 = for good.")],
    source: Annotated[str, typer.Option(help="Whose figure it is.")],
    effective_from: Annotated[str, typer.Option(help="A date such as 2026-03-02.")],
    region: Annotated[str, typer.Option(help="Where it holds.")],
) -> None:
    """Say how long rows of a kind are kept."""
    open_data()
    by = Actor(person_id=None, role="operator", via="command line")
    rule = Kept(kind, days or None, source, effective_from, region)
    set_retention(rule, SystemClock(), by)
    say(f"set {kind}: {days or 'for good'}")


@group.command("list")
def list_over(as_json: JsonOption = False) -> None:
    """The dry list: rows whose time is over; what is held stays."""
    open_data()
    found = over(SystemClock().now_us())
    rows = ({**one._asdict(), "changed_us": rfc3339(one.changed_us)} for one in found)
    print_rows(rows, as_json=as_json)


@group.command()
def run() -> None:
    """Erase what is over and not held, as the keeper does each minute."""
    open_data()
    done = erase_due(SystemClock(), key_ring())
    say("nothing is due" if done is None else f"erased {done.erased}; held {len(done.held)}")
    for one in expire_due(SystemClock()):
        say(f"overwrote readings of {one.kind}: {len(one.series)} series, {one.keep_days} days")


ages = typer.Typer(help="From which age own consents count.", no_args_is_help=True)


@ages.command("list")
def list_ages(as_json: JsonOption = False) -> None:
    """Every figure with its source: the proposal [K], then what was set, by its first day."""
    open_data()
    print_rows((one._asdict() for one in every_age()), as_json=as_json)


@ages.command("set")
def set_age(
    years: Annotated[int, typer.Argument(help="Years of age from which own consents count.")],
    source: Annotated[str, typer.Option(help="Whose figure it is.")],
    effective_from: Annotated[str, typer.Option(help="A date such as 2026-03-02, not past.")],
    region: Annotated[str, typer.Option(help="Where it holds.")],
) -> None:
    """Say from which age a person's own consent counts, from a day on."""
    open_data()
    by = Actor(person_id=None, role="operator", via="command line")
    set_own_age(OwnAge(years, source, effective_from, region), SystemClock(), by)
    say(f"own consents count from {years} years on, as of {effective_from}")


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(ages, name="consent-age")
    app.add_typer(group, name="retention")

"""`bihuan exchange`: other platforms by files, where no line joins the two networks."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.loop.exchange.acts import MOST_ORDERS, Exchange, Taken, mapping_of
from bihuan.loop.exchange.entries import Mapping
from bihuan.loop.exchange.models import Partner
from bihuan.register.entries import Actor
from bihuan.wiring.boot import open_data
from bihuan.wiring.commands.output import print_rows, say
from bihuan.wiring.processes import clock, key_ring

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
OPERATOR = Actor(person_id=None, role="operator", via="command")
exchange_group = typer.Typer(help="Work orders of other platforms.", no_args_is_help=True)


@exchange_group.command("set-up")
def set_up(
    name: str,
    title: str,
    mapping: Annotated[Path, typer.Argument(help="A JSON file as docs/exchange.md shows.")],
) -> None:
    """Make a platform known, or give it another mapping."""
    open_data()
    try:
        said = msgspec.json.decode(mapping.read_bytes(), type=Mapping)
    except msgspec.MsgspecError as error:
        raise bad("mapping", str(error), "a mapping as docs/exchange.md shows") from None
    Exchange(clock(), key_ring()).set_up(name, title, said, OPERATOR)
    say(f"set up {name}")


@exchange_group.command("list")
def list_partners(as_json: JsonOption = False) -> None:
    """Platforms that are set up."""
    open_data()
    rows = ({"name": p.id, "title": p.title} for p in Partner.objects.order_by("id"))
    print_rows(rows, as_json=as_json)


@exchange_group.command("import")
def import_orders(partner: str, file: Path, as_json: JsonOption = False) -> None:
    """Take in orders from CSV or JSON lines; a rerun changes nothing. Exit 1: some refused."""
    open_data()
    exchange, refused = Exchange(clock(), key_ring()), 0
    orders = list(_orders(file))
    for first in range(0, len(orders), MOST_ORDERS):
        taken = exchange.receive(partner, orders[first : first + MOST_ORDERS])
        print_rows((_shown(one, first) for one in taken), as_json=as_json)
        refused += sum(one.what == "refused" for one in taken)
    if refused:
        say(f"{refused} of {len(orders)} refused")
        raise typer.Exit(1)


def _shown(one: Taken, before: int) -> dict[str, Any]:
    return {
        "row": before + one.row,
        "number": one.number,
        "what": one.what,
        "case": one.case_id,
        "faults": [{"field": f.field, "got": f.got, "want": f.want} for f in one.faults],
    }


def _orders(file: Path) -> Iterator[dict[str, Any]]:
    content = file.read_bytes()
    if file.suffix == ".csv":
        yield from csv.DictReader(_text(content).splitlines())
        return
    for n, line in enumerate(_text(content).splitlines(), 1):
        try:
            order = json.loads(line)
        except ValueError:
            order = None
        if not isinstance(order, dict):
            raise BadInputError(Fault(f"line {n}", line[:40], "a JSON object"))
        yield order


def _text(content: bytes) -> str:
    for coding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(coding)
        except UnicodeDecodeError:
            continue
    raise bad("file", "bytes of neither", "UTF-8 or GB 18030")


@exchange_group.command("replies")
def replies(
    partner: str,
    after: Annotated[str, typer.Option(help="The cursor that the last run ended with.")] = "",
) -> None:
    """What became of a platform's orders since a cursor, as JSON lines with a cursor each."""
    open_data()
    found = Exchange(clock(), key_ring()).replies(partner, after)
    rows = (
        {"number": r.number, "state": r.state, "answer": r.answer, "cursor": r.cursor}
        for r in found
    )
    print_rows(rows, as_json=True)


@exchange_group.command("sent")
def sent(
    partner: str,
    after: Annotated[int, typer.Option(help="The cursor that the last run ended with.")] = 0,
) -> None:
    """Orders of ours that a platform has not answered, as JSON lines under its own names."""
    open_data()
    said = mapping_of(partner)
    rows = (
        {
            said.number: one["number"],
            said.kind: one["kind"],
            said.area: one["area"],
            said.text: one["text"],
            "cursor": one["position"],
        }
        for one in Exchange(clock(), key_ring()).sent(partner, after)
    )
    print_rows(rows, as_json=True)


@exchange_group.command("answers")
def answers(
    partner: str,
    file: Path,
    state: Annotated[str, typer.Option(help="The field or column with their word.")] = "state",
    text: Annotated[str, typer.Option(help="The one with what they say besides.")] = "text",
    as_json: JsonOption = False,
) -> None:
    """Take in what became of orders of ours, from CSV or JSON lines; a rerun changes nothing."""
    open_data()
    exchange, said, refused = Exchange(clock(), key_ring()), mapping_of(partner), 0
    shown: list[dict[str, Any]] = []
    for n, row in enumerate(_orders(file), 1):
        number, faults = str(row.get(said.number) or ""), []
        try:
            word, more = str(row.get(state) or ""), str(row.get(text) or "")
            what: str = exchange.answer(partner, number, word, more)
        except BadInputError as error:
            what, faults = "refused", [f.as_dict() for f in error.faults]
            refused += 1
        shown.append({"row": n, "number": number, "what": what, "faults": faults})
    print_rows(shown, as_json=as_json)
    if refused:
        say(f"{refused} refused")
        raise typer.Exit(1)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(exchange_group, name="exchange")

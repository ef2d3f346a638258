"""`import` and `export`: registers and ledgers as Excel or CSV."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bihuan.base.errors import bad
from bihuan.base.time import SystemClock
from bihuan.register.entries import Actor
from bihuan.register.imports.export import Exporter, Wanted
from bihuan.register.imports.kinds import kind_names, kind_of
from bihuan.register.imports.models import Import
from bihuan.register.imports.preview import Preview
from bihuan.register.imports.publish import Publisher, publish
from bihuan.register.imports.staging import Desk, counts_of, drop, faults_of
from bihuan.wiring.boot import open_data
from bihuan.wiring.commands.output import print_json, print_rows, say
from bihuan.wiring.processes import key_ring

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
BY = Actor(person_id=None, role="operator", via="command line")


def import_(
    kind: Annotated[str, typer.Argument(help="persons, areas, … or SCENARIO.TYPE; `list` = all.")],
    file: Annotated[Path | None, typer.Argument(help="A .xlsx or .csv file.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look only; nothing changes.")] = False,
    good: Annotated[bool, typer.Option("--good", help="Import exactly the good rows.")] = False,
    column: Annotated[
        list[str] | None, typer.Option(help="HEADING=FIELD, kept for the next file of the kind.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Look at a file, tell every fault by cell, publish it; a rerun changes nothing.

    Exit 1 where a row is faulty: then nothing is imported, unless --good says otherwise.
    """
    open_data()
    if kind == "list" or file is None:
        names = [kind_of(name) for name in kind_names()]
        print_rows(({"kind": k.name, "title": k.title[0]} for k in names), as_json=as_json)
        return
    if not file.is_file():
        raise bad("file", file.name, "a file that is there")
    clock, keys = SystemClock(), key_ring()
    desk, content, told = Desk(clock, keys, BY), file.read_bytes(), _told(column or [])
    if dry_run:
        sys.exit(_tell(desk.look(kind, file.name, content, told), as_json=as_json))
    staged = desk.stage(kind, file.name, content, told)
    counts, faults = counts_of(staged), faults_of(staged, keys)
    for fault in faults:
        print_json(fault._asdict()) if as_json else say(_line(fault._asdict()))
    is_faulty = bool(faults)
    if not staged.is_readable or (is_faulty and not good) or not counts["new"] + counts["changed"]:
        drop(staged.id)
        done = refused = 0
    else:
        import_id = publish(staged.id, "good" if is_faulty else "all", clock, BY)
        Publisher(clock, keys).run()
        held = Import.objects.get(id=import_id)
        done, refused = held.done, held.refused
    said = {**counts, "done": done, "refused": refused}
    print_json(said) if as_json else say("，".join(f"{k} {v}" for k, v in said.items()))
    sys.exit(1 if is_faulty or refused else 0)


def export(
    kind: Annotated[str, typer.Argument(help="persons, areas, … or SCENARIO.TYPE; `list` = all.")],
    to: Annotated[Path | None, typer.Option(help="A .xlsx or .csv file to write.")] = None,
    where: Annotated[
        list[str] | None, typer.Option(help="FIELD=TEXT: only rows that say so.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Rows out, with their definition on top. Without --to: CSV on stdout."""
    open_data()
    if kind == "list":
        names = [kind_of(name) for name in kind_names()]
        print_rows(({"kind": k.name, "title": k.title[0]} for k in names), as_json=as_json)
        return
    exporter = Exporter(SystemClock(), key_ring(), BY, None)
    filters = _told(where or [])
    form = "xlsx" if to is not None and to.suffix == ".xlsx" else "csv"
    made = exporter.export(Wanted(kind, form, filters))  # type: ignore[arg-type]  # one of both
    if as_json:
        for row in exporter.rows(kind_of(kind), filters, is_open=made.is_open):
            print_json(row)
    elif to is not None:
        to.write_bytes(made.content)
    else:
        sys.stdout.buffer.write(made.content)
    say(f"{made.rows} rows")


def _told(words: list[str]) -> dict[str, str]:
    found = {}
    for word in words:
        name, sign, said = word.partition("=")
        if not sign:
            raise bad("option", word, "NAME=TEXT")
        found[name] = said
    return found


def _tell(seen: Preview, *, as_json: bool) -> int:
    """Print a preview; the exit code."""
    faults = seen.every_fault()
    for fault in faults:
        print_json(fault._asdict()) if as_json else say(_line(fault._asdict()))
    states = ("new", "changed", "same", "faulty")
    said = {state: seen.count(state) for state in states}  # type: ignore[arg-type]  # the states
    said["faults"] = len(faults)
    print_json(said) if as_json else say("，".join(f"{k} {v}" for k, v in said.items()))
    for heading in seen.left:
        say(f"not imported: column {heading}")
    return 1 if faults else 0


def _line(fault: dict[str, object]) -> str:
    return "{sheet}!{cell} {column}: got {got}, want {want}".format(**fault)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("import")(import_)
    app.command()(export)

"""`backup`, `restore`, `erase`, `archive`: what an operator does with the whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bihuan.base.errors import bad
from bihuan.base.time import SystemClock
from bihuan.journal import archive as archiving
from bihuan.journal import backup as backups
from bihuan.journal.erase import erase as erase_person
from bihuan.journal.series import SeriesKey, series_of_subject
from bihuan.register.models import Person, Subject
from bihuan.wiring.boot import open_data
from bihuan.wiring.commands.output import say
from bihuan.wiring.processes import key_ring


def backup(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    keys: Annotated[
        Path | None, typer.Option(help="Also copy the personal keys, to this file elsewhere.")
    ] = None,
) -> None:
    """Copy journal, projections, archive and sealed files; the keys only where asked."""
    open_data()
    backups.backup(folder, SystemClock())
    if keys is not None:
        backups.backup_keys(keys, key_ring())
    say(f"copied to {folder.name}" + ("" if keys is not None else "; without the keys"))


def restore(
    folder: Annotated[Path, typer.Argument(help="A folder that `backup` wrote.")],
    keys: Annotated[Path | None, typer.Option(help="A file of `backup --keys`.")] = None,
) -> None:
    """Put a backup in place; everybody erased since is erased again. Stop `serve` first."""
    open_data()
    clock, ring = SystemClock(), key_ring()
    if keys is not None:
        backups.restore_keys(keys, clock, ring)
    again = backups.restore(folder, clock, ring)
    say(f"restored; {len(again)} persons erased again")


def erase(
    person: Annotated[int, typer.Argument(help="The id of a person in the register.")],
    is_sure: Annotated[
        bool, typer.Option("--yes", prompt="Erased is erased for good. Go on?", help="Do not ask.")
    ] = False,
) -> None:
    """Erase a person: key, readings, archive. The chain still verifies."""
    open_data()
    if not is_sure:
        raise typer.Abort
    if not Person.objects.filter(id=person).exists():
        raise bad("person", person, "a registered person")
    series: list[SeriesKey] = []
    for subject in Subject.objects.filter(person_id=person):
        series += [at.key for at in series_of_subject(subject.id)]
    erase_person(person, series, SystemClock(), key_ring())
    say(f"erased {person}, with {len(series)} series of readings")


def archive(
    prune: Annotated[
        int | None, typer.Option(help="Let go of archived days older than this many.")
    ] = None,
) -> None:
    """Write closed days to Parquet; a second run changes nothing."""
    open_data()
    written = archiving.close_days(SystemClock())
    say(f"{len(written)} lane-days written")
    if prune is not None:
        say(f"{archiving.prune(SystemClock(), prune)} entries let go of")


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (backup, restore, erase, archive):
        app.command()(command)

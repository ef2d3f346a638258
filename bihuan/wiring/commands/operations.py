"""`backup`, `restore`, `erase`, `archive`: what an operator does with the whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings

from bihuan.base.errors import bad
from bihuan.base.time import SystemClock
from bihuan.console.signin import whose
from bihuan.journal import archive as archiving
from bihuan.journal import backup as backups
from bihuan.journal.erase import erase as erase_person
from bihuan.journal.series import SeriesKey, series_of_subject
from bihuan.loop.delivery import numbers
from bihuan.register.models import Person, Subject
from bihuan.register.parties import blind
from bihuan.register.rights import known_as
from bihuan.register.search.index import forget_rows
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
    _remember(is_with_keys=keys is not None)
    say(f"copied to {folder.name}" + ("" if keys is not None else "; without the keys"))


def _remember(*, is_with_keys: bool) -> None:
    """Where the settings page finds how old the last backup is; not where it lies."""
    said = {"at_us": SystemClock().now_us(), "is_with_keys": is_with_keys}
    (settings.BIHUAN_DATA / "backup.json").write_text(json.dumps(said))


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
    blind.reindex(ring)  # by the keys at hand, and without who is erased
    numbers.forget_all()
    for person in again:
        forget(person)
    say(f"restored; {len(again)} persons erased again")


def forget(person_id: int) -> None:
    """Remove what local tables keep of an erased person: sign-ins, hashes to find it by."""
    whose.forget(person_id)
    blind.forget(person_id)
    numbers.forget([person_id])
    subjects = Subject.objects.filter(person_id=person_id).values_list("id", flat=True)
    forget_rows([("person", person_id), *(("subject", one) for one in subjects)])


def erase(
    person: Annotated[int, typer.Argument(help="The id of a person in the register.")],
    is_sure: Annotated[
        bool, typer.Option("--yes", prompt="Erased is erased for good. Go on?", help="Do not ask.")
    ] = False,
) -> None:
    """Erase a person: key, readings, archive, sign-in. The chain still verifies."""
    open_data()
    if not is_sure:
        raise typer.Abort
    if not Person.objects.filter(id=person).exists():
        raise bad("person", person, "a registered person")
    clock, ring, ids = SystemClock(), key_ring(), sorted(known_as(person))
    for one in ids:  # under every id that was merged into one
        series: list[SeriesKey] = []
        for subject in Subject.objects.filter(person_id=one):
            series += [at.key for at in series_of_subject(subject.id)]
        erase_person(one, series, clock, ring)
        forget(one)
    named = ", ".join(map(str, ids))
    say(f"erased {named}: readings, sign-ins, passkeys and sessions too")


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

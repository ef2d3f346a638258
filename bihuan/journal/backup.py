"""A consistent copy of journal, projections and archive, taken while the county works.

    folder/manifest.json          what, when, heads, SHA-256 of every file; written last
    folder/main.db, readings.db   SQLite: both as of one moment, by SQLite's own backup
    folder/tables/NAME.copy       PostgreSQL: each table by COPY in one REPEATABLE READ snapshot
    folder/archive/…              closed days
    folder/heads.jsonl            signed heads

COPY and not pg_dump: one code path, no client tools, any server version. Keys are never in it:
`backup_keys` copies them elsewhere, so that neither copy alone tells who anybody is. A restore
erases again everybody who was erased since.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from bihuan.base.errors import bad
from bihuan.base.time import Clock, rfc3339
from bihuan.journal import county
from bihuan.journal.archive import digest_of, sync
from bihuan.journal.archived import archive_folder
from bihuan.journal.erase import reapply
from bihuan.journal.heads import FILE as HEADS
from bihuan.journal.heads import KEY_FILE
from bihuan.journal.keys import KeyRing
from bihuan.journal.readings import forget_slots
from bihuan.journal.storage import MAIN, READINGS
from bihuan.journal.table import quoted

MANIFEST: Final = "manifest.json"
_TABLES: Final = "tables"


def backup(folder: Path, clock: Clock) -> dict[str, Any]:
    """Copy everything but the keys into a new folder; its manifest."""
    if folder.exists() and any(folder.iterdir()):
        raise bad("backup folder", folder, "a folder that is new or empty")
    folder.mkdir(parents=True, exist_ok=True)
    if is_postgres():
        _copy_tables_out(folder / _TABLES)
    else:
        _copy_files_out(folder)
    for name, own in _folders().items():
        if own.exists():  # their files are written by rename: every one is whole
            ignored = shutil.ignore_patterns(".*", "*.new")
            shutil.copytree(own, folder / name, ignore=ignored)
    if (heads := settings.BIHUAN_DATA / HEADS).exists():
        shutil.copy2(heads, folder / HEADS)
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in paths:
        sync(path)
    manifest = {
        "at": rfc3339(clock.now_us()),
        "county": county.opened().county,
        "database": "postgresql" if is_postgres() else "sqlite",
        "migrations": _migrations(),
        "files": {path.relative_to(folder).as_posix(): digest_of(path) for path in paths},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False), "utf-8")
    sync(folder / MANIFEST)
    sync(folder)
    return manifest


def _folders() -> dict[str, Path]:
    """What is kept as files: the archive, and photos sealed with their persons' keys."""
    return {"archive": archive_folder(), "proofs": settings.BIHUAN_DATA / "proofs"}


def check_backup(folder: Path) -> dict[str, Any]:
    """The manifest of a backup whose files are all as they were written; raises otherwise."""
    path = folder / MANIFEST
    if not path.exists():
        raise bad("backup", folder, f"a folder with {MANIFEST}")
    manifest: dict[str, Any] = json.loads(path.read_text("utf-8"))
    for name, digest in manifest["files"].items():
        if not (folder / name).is_file() or digest_of(folder / name) != digest:
            raise bad("backup", name, "the file as it was written")
    wanted = "postgresql" if is_postgres() else "sqlite"
    if manifest["database"] != wanted:
        raise bad("backup", manifest["database"], f"one of {wanted}, as this installation")
    return manifest


def restore(folder: Path, clock: Clock, keys: KeyRing) -> list[int]:
    """Put a backup in place of what is here, then erase again; the persons concerned.

    Every process of this installation must be stopped. Keys and later signed heads stay. If it
    is interrupted, run it again: the erasures come last and are noted as unfinished first.
    """
    manifest = check_backup(folder)
    for person, at_us in keys.erased().items():
        keys.erase(person, at_us)
    if is_postgres():
        if manifest["migrations"] != _migrations():
            raise bad("backup", "tables of another release", "a database migrated to that release")
        _copy_tables_in(folder / _TABLES)
    else:
        _copy_files_in(folder)
    for name, own in _folders().items():
        shutil.rmtree(own, ignore_errors=True)
        if (folder / name).exists():
            shutil.copytree(folder / name, own)
    heads = settings.BIHUAN_DATA / HEADS
    if (folder / HEADS).exists() and not heads.exists():
        shutil.copy2(folder / HEADS, heads)
    county.forget()
    forget_slots()
    return reapply(clock, keys)


def backup_keys(path: Path, keys: KeyRing) -> None:
    """Copy the personal keys to a file, and the heads' signing key beside it (`.heads`)."""
    keys.backup(path)
    signing = settings.BIHUAN_DATA / KEY_FILE
    if signing.exists():
        shutil.copy2(signing, path.with_name(path.name + ".heads"))


def restore_keys(path: Path, clock: Clock, keys: KeyRing) -> list[int]:
    """Take keys of a copy but for everybody erased here or there; then erase them again."""
    if not path.is_file():
        raise bad("keys", path, "a file of `backup_keys`")
    keys.restore(path)
    signing = path.with_name(path.name + ".heads")
    if signing.exists() and not (settings.BIHUAN_DATA / KEY_FILE).exists():
        shutil.copy2(signing, settings.BIHUAN_DATA / KEY_FILE)
    return reapply(clock, keys) if county.exists() else []


def is_postgres() -> bool:
    """Whether this installation's database is PostgreSQL."""
    return connections[MAIN].vendor == "postgresql"


def _migrations() -> list[str]:
    applied = MigrationRecorder(connections[MAIN]).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied)


def _database_path(alias: str) -> Path:
    return Path(connections[alias].settings_dict["NAME"])


def _copy_files_out(folder: Path) -> None:
    """Both databases as of one moment: nobody writes while both snapshots begin."""
    with ExitStack() as stack:
        sources = {}
        for alias in (MAIN, READINGS):
            source = sqlite3.connect(_database_path(alias), timeout=5, isolation_level=None)
            sources[alias] = stack.enter_context(closing(source))
        with transaction.atomic(using=MAIN), transaction.atomic(using=READINGS):
            for source in sources.values():
                source.execute("BEGIN")
                source.execute("SELECT count(*) FROM journal_head").fetchone()
        for alias, source in sources.items():
            copy = stack.enter_context(closing(sqlite3.connect(folder / _file_of(alias))))
            source.backup(copy)


def _file_of(alias: str) -> str:
    return "main.db" if alias == MAIN else "readings.db"


def _copy_files_in(folder: Path) -> None:
    for alias in (MAIN, READINGS):
        target = _database_path(alias)
        connections[alias].close()
        fresh = target.with_name(f".{target.name}.restored")
        shutil.copy2(folder / _file_of(alias), fresh)
        sync(fresh)
        for suffix in ("-wal", "-shm"):  # of the old file: they would be replayed into the new
            target.with_name(target.name + suffix).unlink(missing_ok=True)
        fresh.replace(target)
        sync(target.parent)


def _models() -> list[type[Model]]:
    found = apps.get_models(include_auto_created=True)
    return sorted(
        (m for m in found if m._meta.managed and not m._meta.proxy), key=lambda m: m._meta.db_table
    )


def _copy_tables_out(folder: Path) -> None:
    folder.mkdir()
    with transaction.atomic(using=MAIN), connections[MAIN].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for model in _models():
            columns = _columns(model)
            sql = f"COPY {quoted(model._meta.db_table)} ({columns}) TO STDOUT (FORMAT binary)"
            path = folder / f"{model._meta.db_table}.copy"
            with path.open("wb") as file, cursor.copy(sql) as copy:
                for part in copy:
                    file.write(part)


def _copy_tables_in(folder: Path) -> None:
    with transaction.atomic(using=MAIN), connections[MAIN].cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        names = ", ".join(quoted(model._meta.db_table) for model in _models())
        cursor.execute(f"TRUNCATE {names} CASCADE")
        for model in _models():
            columns = _columns(model)
            sql = f"COPY {quoted(model._meta.db_table)} ({columns}) FROM STDIN (FORMAT binary)"
            path = folder / f"{model._meta.db_table}.copy"
            with path.open("rb") as file, cursor.copy(sql) as copy:
                while part := file.read(1 << 20):
                    copy.write(part)
        for sql in connections[MAIN].ops.sequence_reset_sql(no_style(), _models()):
            cursor.execute(sql)


def _columns(model: type[Model]) -> str:
    return ", ".join(quoted(str(field.column)) for field in model._meta.concrete_fields)

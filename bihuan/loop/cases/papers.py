"""The verb that puts documents on a case: any file, sealed, known by its digest."""

from __future__ import annotations

from bihuan.base.errors import bad
from bihuan.loop.acting import Doing, Verb, can
from bihuan.loop.cases import entries


def _attach(doing: Doing) -> None:
    files = doing.command.files
    if not files:
        raise bad("files", "none", "at least one file")
    for file in files:
        doing.say(
            entries.DocumentAttached(
                case_id=doing.case.id,
                by=doing.by,
                digest=file.digest,
                media_type=file.media_type,
                size_bytes=file.size_bytes,
                name=doing.seal(file.name),
                sha256=doing.seal(file.sha256) if file.sha256 else None,
            )
        )


can("attach", Verb(_attach))

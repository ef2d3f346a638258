"""Keeping a looked-at file until somebody publishes it: rows sealed, many a transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction

from bihuan.base.errors import bad
from bihuan.base.time import DAY_US, Clock
from bihuan.journal.keys import KeyRing
from bihuan.journal.storage import MAIN
from bihuan.register.entries import Actor
from bihuan.register.imports import by_hand
from bihuan.register.imports import every as _every  # noqa: F401 - makes the kinds known
from bihuan.register.imports.headings import LEAVE_OUT
from bihuan.register.imports.kinds import Kind, Work, edit_paths, kind_of
from bihuan.register.imports.models import HeadingKnown, Staged, StagedRow
from bihuan.register.imports.preview import Line, Preview, look
from bihuan.register.imports.sheet import CellFault, read
from bihuan.register.rights import Rights

AT_ONCE: Final = 200
MOST_FAULTS: Final = 5_000  # shown of one file; the count is of all
KEPT_US: Final = 2 * DAY_US


class Desk:
    """Looks at files and stages them, for one person (or the platform: may is None)."""

    def __init__(self, clock: Clock, keys: KeyRing, by: Actor, may: Rights | None = None) -> None:
        self._clock, self._keys, self._by, self._may = clock, keys, by, may

    def look(
        self, kind_name: str, filename: str, content: bytes, told: Mapping[str, str] | None = None
    ) -> Preview:
        """What a file would do; nothing is written. told: headings mapped by hand."""
        return look(*self._asked(kind_name, filename, content, told or {}))

    def stage(
        self, kind_name: str, filename: str, content: bytes, told: Mapping[str, str] | None = None
    ) -> Staged:
        """Look, and keep what is new or changed to be published. What was told is remembered."""
        kind, sheets, work, known = self._asked(kind_name, filename, content, told or {})
        seen = look(kind, sheets, work, known)
        for heading, name in (told or {}).items():
            HeadingKnown.objects.update_or_create(
                kind=kind.name, heading=heading[:64], defaults={"field": name}
            )
        staged = self._staged(kind, hashlib.sha256(content).hexdigest(), seen)
        rows = [line for line in seen.lines if line.state in ("new", "changed")]
        rows.sort(key=lambda line: line.depth)
        for n in range(0, len(rows), AT_ONCE):
            sealed = [self._row(staged.id, line) for line in rows[n : n + AT_ONCE]]
            StagedRow.objects.using(MAIN).bulk_create(sealed)
        by_hand.keep(staged.id, key_of(staged.id), by_hand.Kept(filename, content), self._keys)
        Staged.objects.using(MAIN).filter(pk=staged.id).update(is_whole=True)
        staged.is_whole = True
        return staged

    def columns(self, staged: Staged) -> list[by_hand.Column]:
        """The columns of a staged file, to be mapped by hand; [] where the file is gone."""
        file = by_hand.kept(staged.id, self._keys)
        if file is None:
            return []
        kind, sheets, _work, known = self._asked(staged.kind, file.filename, file.content, {})
        return by_hand.columns_of(sheets, kind, known)

    def stage_again(self, staged: Staged, told: Mapping[str, str]) -> Staged:
        """Look at a staged file anew with these headings mapped; it takes the place of the old.

        Raises BadInputError where it is published already, or gone.
        """
        file = by_hand.kept(staged.id, self._keys)
        if file is None or staged.import_id is not None:
            raise bad("staged", staged.id, "a file that waits to be published")
        fresh = self.stage(staged.kind, file.filename, file.content, told)
        drop(staged.id)
        return fresh

    def _asked(
        self, kind_name: str, filename: str, content: bytes, told: Mapping[str, str]
    ) -> tuple[Kind, Any, Work, dict[str, str]]:
        kind = kind_of(kind_name)
        may = None if self._may is None else edit_paths(self._may, kind)
        if may == []:
            raise bad("kind", kind_name, "a kind that you may edit")
        held = HeadingKnown.objects.using(MAIN).filter(kind=kind.name)
        names = {field.name for field in kind.fields} | {LEAVE_OUT}
        known = {h: f for h, f in held.values_list("heading", "field") if f in names}
        work = Work(
            self._clock,
            self._keys,
            self._by,
            is_dry=True,
            may=may,
            scenario=kind.scenario,
        )
        return kind, read(filename, content), work, {**known, **told}

    def _staged(self, kind: Kind, digest: str, seen: Preview) -> Staged:
        counts = {state: seen.count(state) for state in ("new", "changed", "same", "faulty")}
        faults = seen.every_fault()
        counts["faults"] = len(faults)
        staged = Staged.objects.using(MAIN).create(
            kind=kind.name,
            digest=digest,
            by_id=self._by.person_id,
            role=self._by.role,
            made_us=self._clock.now_us(),
            counts=json.dumps(counts),
            faults=b"",
            left=json.dumps(seen.left, ensure_ascii=False),
            columns=json.dumps(seen.columns, ensure_ascii=False),
            is_readable=seen.is_readable,
        )
        # what was got may be a name or a telephone: sealed, as the rows are
        text = json.dumps([list(fault) for fault in faults[:MOST_FAULTS]], ensure_ascii=False)
        staged.faults = self._keys.seal(key_of(staged.id), text)
        staged.save(using=MAIN, update_fields=["faults"])
        return staged

    def _row(self, staged_id: int, line: Line) -> StagedRow:
        said = json.dumps(line.said, ensure_ascii=False)
        sealed = self._keys.seal(key_of(staged_id), said)
        return StagedRow(staged_id=staged_id, sheet=line.sheet[:64], row=line.row, said=sealed)


def key_of(staged_id: int) -> int:
    """Whose key seals a staged file: no person's, whose ids are positive."""
    return -staged_id


def faults_of(staged: Staged, keys: KeyRing) -> list[CellFault]:
    """What was wrong with a staged file, cell by cell; at most `MOST_FAULTS`."""
    return [CellFault(*one) for one in json.loads(keys.open(staged.faults) or "[]")]


def counts_of(staged: Staged) -> dict[str, int]:
    """How many rows are new, changed, same and faulty, and how many faults there are."""
    found: dict[str, int] = json.loads(staged.counts)
    return found


def drop(staged_id: int) -> None:
    """Forget a staged file that is not published, or whose rows are done."""
    while True:
        with transaction.atomic(using=MAIN):
            rows = StagedRow.objects.using(MAIN).filter(staged_id=staged_id)
            ids = list(rows.order_by("id").values_list("id", flat=True)[: 5 * AT_ONCE])
            StagedRow.objects.using(MAIN).filter(pk__in=ids).delete()
        if not ids:
            break
    Staged.objects.using(MAIN).filter(pk=staged_id).delete()
    by_hand.forget(staged_id)


def drop_old(now_us: int) -> int:
    """Forget what was staged two days ago and is not being done; how many files."""
    old = Staged.objects.using(MAIN).filter(made_us__lt=now_us - KEPT_US)
    ids = [s.id for s in old if s.import_id is None or s.finished_us is not None]
    for staged_id in ids:
        drop(staged_id)
    return len(ids)

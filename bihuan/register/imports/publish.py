"""Publishing: one short entry decides, then the rows follow in slices that hold nobody up.

A slice is one transaction of at most `SLICE_S` of work, and after it the writer rests twice as
long: an SOS between two slices waits for one of them at most. After a crash the rows that are
left are done by whoever runs next; a row that is there already is not done twice.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Final

from django.db import transaction

from bihuan.base.errors import BadInputError, bad
from bihuan.base.ids import row_id
from bihuan.base.time import Clock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Head
from bihuan.journal.storage import MAIN
from bihuan.register.entries import Actor
from bihuan.register.imports.entries import ImportFinished, ImportPublished, Which
from bihuan.register.imports.kinds import Said, StepOf, Work, edit_paths, kind_of
from bihuan.register.imports.models import Staged, StagedRow
from bihuan.register.imports.staging import counts_of
from bihuan.register.refusals import BrokenError, ForbiddenError, TakenError
from bihuan.register.rights import Rights, for_user

SLICE_S: Final = 0.012
REST: Final = 2.0  # rests twice as long as it worked: the lock is free two thirds of the time
FETCHED: Final = 50
KEYS_AHEAD: Final = 200
KEYS_LEFT: Final = 40


def publish(
    staged_id: int, which: Which, clock: Clock, by: Actor, may: Rights | None = None
) -> int:
    """Decide that a staged file holds; the import's id. Its rows follow by `Publisher`.

    which  `all` is refused where a row is faulty; `good` leaves exactly the faulty rows out
    Raises BadInputError; a second time returns the first id.
    """
    with Appender(FACTS_LANE, clock) as lane:
        held = Staged.objects.using(MAIN).select_for_update().filter(pk=staged_id).first()
        if held is None or held.by_id != by.person_id:
            raise bad("staged", staged_id, "a file that you looked at in the last two days")
        if held.import_id is not None:
            return int(held.import_id)
        counts = counts_of(held)
        rows = counts["new"] + counts["changed"]
        if not held.is_readable or not held.is_whole:
            raise bad("staged", staged_id, "a file whose headings are understood")
        if which == "all" and counts["faulty"]:
            raise bad("which", f"{counts['faulty']} faulty rows", "no fault, or only the good rows")
        if rows == 0:
            raise bad("rows", "0 new or changed", "rows that change something")
        if may is not None and not edit_paths(may, kind_of(held.kind)):
            raise bad("kind", held.kind, "a kind that you may edit")
        said = ImportPublished(
            kind=held.kind,
            digest=held.digest,
            rows=rows,
            left_out=counts["faulty"],
            which=which,
            by=by,
        )
        import_id = lane.append(said).id()
        Staged.objects.using(MAIN).filter(pk=staged_id).update(import_id=import_id)
    return import_id


class Publisher:
    """Does the rows of published imports. One runs at a time, in the keeper or the command."""

    def __init__(
        self, clock: Clock, keys: KeyRing, rest: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock, self._keys, self._rest = clock, keys, rest
        self.longest_s = 0.0
        self._keyed_to = 0

    def run_once(self) -> int:
        """One slice of the oldest published import; how many rows were tried, 0 = nothing waits."""
        held = Staged.objects.using(MAIN).exclude(import_id=None).filter(finished_us=None)
        staged = held.order_by("import_id").first()
        if staged is None:
            return 0
        rows = StagedRow.objects.using(MAIN).filter(staged_id=staged.id, refused=None)
        waiting = list(rows.order_by("id")[:FETCHED])
        if not waiting:
            self._finish(staged)
            return 1
        return self._slice(staged, waiting)

    def run(self) -> None:
        """Until nothing waits."""
        while self.run_once():
            pass

    def _slice(self, staged: Staged, waiting: list[StagedRow]) -> int:
        by = Actor(person_id=staged.by_id, role=staged.role, via=f"import:{staged.import_id}"[:32])
        kind, done, started_s = kind_of(staged.kind), 0, time.perf_counter()
        # rights as they are now: who lost them since publishing changes nothing any more
        held = None if by.person_id is None else for_user(by.person_id, self._clock.now_us())
        may = None if held is None else edit_paths(held, kind)
        # opened before the lock is taken: a key is read from its own file
        said = [json.loads(self._keys.open(row.said) or "{}") for row in waiting]
        self._make_keys_ahead()
        with transaction.atomic(using=MAIN):
            locked_s = time.perf_counter()
            for row, values in zip(waiting, said, strict=True):
                work = Work(self._clock, self._keys, by, may=may, scenario=kind.scenario)
                self._one(kind.step, work, values, row)
                done += 1
                if time.perf_counter() - locked_s > SLICE_S:
                    break
        took_s = time.perf_counter() - started_s
        self.longest_s = max(self.longest_s, time.perf_counter() - locked_s)
        self._rest(took_s * REST)
        return done

    def _make_keys_ahead(self) -> None:
        """Keys of the ids that the next entries will take: a key costs a write of its own file,
        which must not happen while the lane is held."""
        head = Head.objects.using(MAIN).get(lane=FACTS_LANE).position
        if self._keyed_to - head < KEYS_LEFT:
            first = max(head, self._keyed_to) + 1
            self._keyed_to = first + KEYS_AHEAD
            self._keys.make_ahead(row_id(n) for n in range(first, self._keyed_to + 1))

    def _one(self, step: StepOf, work: Work, values: Said, row: StagedRow) -> None:
        try:
            with transaction.atomic(using=MAIN):
                step(work, values).do()
        except (BadInputError, ForbiddenError, TakenError, BrokenError) as error:
            why = error.faults if isinstance(error, BadInputError) else ()
            text = json.dumps([f.as_dict() for f in why] or [{"got": str(error)}])
            StagedRow.objects.using(MAIN).filter(pk=row.id).update(refused=text)
            return
        StagedRow.objects.using(MAIN).filter(pk=row.id).delete()

    def _finish(self, staged: Staged) -> None:
        assert staged.import_id is not None, "only published ones are done"
        refused = StagedRow.objects.using(MAIN).filter(staged_id=staged.id).count()
        counts = counts_of(staged)
        with Appender(FACTS_LANE, self._clock) as lane:
            done = counts["new"] + counts["changed"] - refused
            said = ImportFinished(import_id=staged.import_id, done=done, refused=refused)
            lane.append(said)
            Staged.objects.using(MAIN).filter(pk=staged.id).update(finished_us=lane.now_us)

"""The guards of the scenarios, asked before an act of a typed row is done."""

from __future__ import annotations

from bihuan.base.errors import Fault
from bihuan.journal.storage import MAIN
from bihuan.loop.book.county import CountyBook
from bihuan.loop.book.seen import Seen
from bihuan.loop.models import Case
from bihuan.loop.scenario import installed
from bihuan.register.models import Subject
from bihuan.register.records.guards import guarded_by
from bihuan.register.records.models import Record

EVERYWHERE = ("",)  # a guard judges; what it says names no more than who acts is shown anyway


def faults_of(row_id: int, act: str, now_us: int) -> list[Fault]:
    """What the scenario's own guards say against an act of a row."""
    guards = [one for scenario in installed().values() for one in scenario.guards]
    if not any(act in one.acts for one in guards):
        return []  # nearly every act: nothing is read
    for table in (Record, Subject):
        row = table.objects.using(MAIN).filter(id=row_id).values("scenario", "kind").first()
        if row is not None:
            break
    else:
        return []
    scenario = installed().get(row["scenario"])
    asked = [
        one
        for one in (scenario.guards if scenario is not None else ())
        if one.row == row["kind"] and act in one.acts
    ]
    if not asked:
        return []
    seen = Seen(row["scenario"], EVERYWHERE, frozenset(), Case.objects.none())
    book = CountyBook(seen, now_us, "zh")
    return [Fault(*found) for one in asked for found in one.check(book, row_id, act)]


guarded_by(faults_of)

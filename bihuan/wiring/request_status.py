"""What became of a signal, as its sender may hear it: open or closed."""

from __future__ import annotations

from bihuan.journal.models import FACTS_LANE
from bihuan.journal.read import entries_upto
from bihuan.journal.storage import MAIN
from bihuan.loop.entries import CaseJoined, CaseOpened
from bihuan.loop.models import Case

MOST_LOOKED_AT = 2_000  # a signal is decided within seconds; after so many others it had no case


def status_of(position: int) -> str:
    """`closed` once its case is closed; `open` before, and where nobody made a case of it."""
    for entry in entries_upto(FACTS_LANE, position, position + MOST_LOOKED_AT):
        said = entry.payload
        if not isinstance(said, CaseOpened | CaseJoined):
            continue
        if said.signal == position and said.cause == "signal":
            case_id = entry.id() if isinstance(said, CaseOpened) else said.case_id
            case = Case.objects.using(MAIN).filter(id=case_id).first()
            return "closed" if case is not None and case.state == "closed" else "open"
    return "open"

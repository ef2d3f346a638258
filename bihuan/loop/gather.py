"""What a turn of the engine will read, read at once: a statement a table, not one a row.

Only speed depends on this: who decides asks `Rows` for everything again, and finds it held.
"""

from __future__ import annotations

from collections.abc import Iterable

from bihuan.journal.models import Parked
from bihuan.journal.rows import Rows
from bihuan.loop.cases.models import Holding
from bihuan.loop.models import Callee, Case, CaseClock, Delivery, Pursuit, Step
from bihuan.register.entries import SignalReceived
from bihuan.register.models import Contact, Reach, Subject


def gather_pursuits(rows: Rows, ids: list[int]) -> None:
    """Pursuits with their cases, steps and callees."""
    rows.gather(Pursuit, ids)
    found = [rows.get(Pursuit, one) for one in ids]
    cases = [pursuit.case_id for pursuit in found if pursuit is not None]
    _gather_cases(rows, cases)
    rows.gather_where(Step, "pursuit_id", ids)
    rows.gather_where(Callee, "pursuit_id", ids)


def gather_clocks(rows: Rows, ids: list[int]) -> None:
    """Clocks with their cases, the other clocks, who holds it and what was sent."""
    rows.gather(CaseClock, ids)
    found = [rows.get(CaseClock, one) for one in ids]
    cases = [clock.case_id for clock in found if clock is not None]
    held = _gather_cases(rows, cases)
    rows.gather(Holding, [case.holding_id for case in held if case.holding_id is not None])
    for table in (CaseClock, Pursuit, Delivery):
        rows.gather_where(table, "case_id", cases)


def gather_signals(rows: Rows, said: list[SignalReceived]) -> None:
    """Subjects with their open cases, contacts and how to reach these."""
    subjects = [one.subject_id for one in said if one.subject_id is not None]
    rows.gather(Subject, subjects)
    rows.gather_where(Case, "subject_id", subjects)
    rows.gather_where(Contact, "subject_id", subjects)
    people = {
        contact.person_id
        for subject in dict.fromkeys(subjects)
        for contact in rows.where(Contact, subject_id=subject)
    }
    rows.gather_where(Reach, "person_id", people)


def _gather_cases(rows: Rows, ids: Iterable[int]) -> list[Case]:
    wanted = list(dict.fromkeys(ids))
    rows.gather(Case, wanted)
    rows.gather_where(Parked, "stream", wanted)
    found = [rows.get(Case, one) for one in wanted]
    return [case for case in found if case is not None]

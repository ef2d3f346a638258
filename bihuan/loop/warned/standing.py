"""What became of a warning, followed through what superseded it."""

from __future__ import annotations

from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case
from bihuan.loop.warned.models import CaseWarning
from bihuan.register.warnings.models import OfficialWarning


def newest(rows: Rows, warning_id: int) -> OfficialWarning | None:
    """The warning, or what stands in its place after updates; None where there is none."""
    found = rows.get(OfficialWarning, warning_id)
    seen = set()
    while found is not None and found.state == "superseded" and found.ended_by is not None:
        if found.id in seen:
            return found
        seen.add(found.id)
        later = rows.get(OfficialWarning, found.ended_by)
        if later is None:
            return found
        found = later
    return found


def cancelled_by(rows: Rows, warning_id: int) -> OfficialWarning | None:
    """The issuer's message that lifted it; None while it stands or where its time only ran out."""
    last = newest(rows, warning_id)
    if last is None or last.state != "cancelled" or last.ended_by is None:
        return None
    return rows.get(OfficialWarning, last.ended_by)


def first_of(warning_id: int) -> int:
    """The message with which a warning began, before its updates: an upgrade is the same event."""
    found = {warning_id}
    while True:
        older = OfficialWarning.objects.using(MAIN).filter(ended_by=warning_id, state="superseded")
        before = older.order_by("sent_us", "id").values_list("id", flat=True).first()
        if before is None or before in found:
            return warning_id
        found.add(before)
        warning_id = before


def warnings_of(rows: Rows, case_id: int) -> list[OfficialWarning]:
    """The station's messages on a case, oldest first."""
    found = [rows.get(OfficialWarning, one.warning_id) for one in _of_case(rows, case_id)]
    return [one for one in found if one is not None]


def open_cases_of(rows: Rows, scenario: str, kind: str, warning_ids: list[int]) -> list[Case]:
    """The open cases on which one of these warnings stands, the first one first.

    There are several where an update spread to more places: each place has its own.
    """
    found: dict[int, Case] = {}
    for warning_id in warning_ids:
        for one in rows.where(CaseWarning, warning_id=warning_id):
            case = rows.get(Case, one.case_id)
            is_same = case is not None and (case.scenario, case.kind) == (scenario, kind)
            if case is not None and is_same and case.state != "closed":
                found[case.id] = case
    return [found[case_id] for case_id in sorted(found)]


def _of_case(rows: Rows, case_id: int) -> list[CaseWarning]:
    return rows.where(CaseWarning, case_id=case_id)

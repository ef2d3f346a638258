"""Whom an act reaches outside the register: a call-out that it orders, a person whom it tells.

Said in the act's own transaction; the loop makes messages of it.
"""

from __future__ import annotations

from bihuan.register.entries import Actor
from bihuan.register.records import entries
from bihuan.register.records.doing import Doing
from bihuan.register.records.facts import facts_of
from bihuan.register.records.rows import Row, fields_of, read
from bihuan.register.refusals import BrokenError
from bihuan.register.scheme import RecordAct, Value


def call_out(doing: Doing, row: Row, declared: RecordAct, actor: Actor) -> None:
    """Say whom the act calls out, where it does."""
    if declared.calls is None or declared.uncalled is None:
        return
    wanted = declared.calls(facts_of(doing.rows, row, doing.now_us))
    if wanted is None:
        return
    whom = [(role, row.area_id if area is None else area) for role, area in wanted.whom]
    said = entries.RowCalledOut(
        row_id=row.id,
        act=declared.name,
        whom=list(dict.fromkeys(whom)),
        zh=wanted.zh,
        en=wanted.en,
        warning_id=wanted.warning,
        uncalled=declared.uncalled,
        by=actor,
    )
    doing.append(said)


def tell(doing: Doing, row: Row, declared: RecordAct) -> None:
    """Say whom the act tells, where it does and somebody is known.

    Who filed the row is on a post and hears by the scenario's notices.
    """
    if declared.tells is None:
        return
    wanted = declared.tells(facts_of(doing.rows, row, doing.now_us))
    if wanted is None:
        return
    named = {one for one in (wanted.to, wanted.report) if one is not None}
    if missing := sorted(named - fields_of(row).keys()):
        raise BrokenError(f"{declared.name}.tells: got {missing}, want fields of the row")
    held = doing.whole(row)
    person = _whole(held.get(wanted.to))
    case = _whole(held.get(wanted.report)) if wanted.report is not None else None
    if (person is None and case is None) or person in _filers(row):
        return
    said = entries.RowTold(
        row_id=row.id,
        act=declared.name,
        person_id=person,
        case_id=case if person is None else None,
        title=wanted.title,
        text=wanted.text,
    )
    doing.append(said)


def _filers(row: Row) -> list[int]:
    return list(read(row.done).get("register", {"by": []})["by"])


def _whole(said: Value) -> int | None:
    return said if isinstance(said, int) and not isinstance(said, bool) else None

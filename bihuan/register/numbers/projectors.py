"""Numbers that rang become rows, and the one question asked of them."""

from __future__ import annotations

from bihuan.base.time import DAY_US
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.register.numbers import entries, models

FRESH_US = 30 * DAY_US


def has_rung(rows: Rows, person_id: int, now_us: int, within_us: int = FRESH_US) -> bool:
    """Whether a number of this person rang or was answered within `within_us` before now_us."""
    rang = rows.where(models.NumberRang, person_id=person_id)
    return any(now_us - one.rang_us <= within_us for one in rang)


@projects(entries.NumberRang)
def number_rang(rows: Rows, entry: Recorded[entries.NumberRang]) -> None:
    said = entry.payload
    before = rows.get(models.NumberRang, said.reach_id)
    answered_us = before.answered_us if before is not None else None
    rows.put(
        models.NumberRang,
        id=said.reach_id,
        person_id=said.person_id,
        rang_us=entry.recorded_us,
        answered_us=entry.recorded_us if said.is_answered else answered_us,
    )
